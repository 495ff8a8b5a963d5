import { WireError } from './wire-error.ts'

/** Code units per `String.fromCharCode` call: its arguments go on the stack. */
const CHUNK = 4_096
const LONE_SURROGATE = /\p{Surrogate}/u

/** True iff UTF-8 can write `text`: no half of a surrogate pair stands alone. */
export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text)
}

/** Throws WireError('bad-field') for a lone surrogate. */
export function utf8Encode(text: string): Uint8Array {
  if (!isWellFormed(text)) throw new WireError('bad-field', 'text with half a character')
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f))
    else if (code < 0x1_0000)
      bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f))
    else {
      bytes.push(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 0x3f),
        0x80 | ((code >> 6) & 0x3f),
        0x80 | (code & 0x3f),
      )
    }
  }
  return Uint8Array.from(bytes)
}

/** Throws WireError('bad-field') for anything RFC 3629 forbids: overlong forms, surrogates, past U+10FFFF, cut off. */
export function utf8Decode(bytes: Uint8Array): string {
  let text = ''
  let units: number[] = []
  let offset = 0
  while (offset < bytes.length) {
    const lead = bytes[offset++] ?? 0
    if (lead < 0x80) units.push(lead)
    else {
      const more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1
      let code = lead & (0x3f >> more)
      for (let index = 0; index < more; index++) {
        const next = bytes[offset++] ?? 0
        if (next >> 6 !== 0b10) throw new WireError('bad-field', 'text is not UTF-8')
        code = (code << 6) | (next & 0x3f)
      }
      const least = more === 3 ? 0x1_0000 : more === 2 ? 0x800 : 0x80
      if (
        lead < 0xc0 ||
        lead > 0xf4 ||
        code < least ||
        code > 0x10_ffff ||
        (code >= 0xd800 && code <= 0xdfff)
      ) {
        throw new WireError('bad-field', 'text is not UTF-8')
      }
      if (code < 0x1_0000) units.push(code)
      else units.push(0xd800 + ((code - 0x1_0000) >> 10), 0xdc00 + ((code - 0x1_0000) & 0x3ff))
    }
    if (units.length >= CHUNK) {
      text += String.fromCharCode(...units)
      units = []
    }
  }
  return text + String.fromCharCode(...units)
}
