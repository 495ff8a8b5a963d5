/** `0x` and two lower-case digits a byte. */
export function hexText(bytes: Uint8Array): string {
  let text = '0x'
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

/** The inverse; undefined for anything that `hexText` does not write. */
export function parseHex(text: string): Uint8Array | undefined {
  if (!/^0x(?:[0-9a-f]{2})*$/.test(text)) return undefined
  const bytes = new Uint8Array(text.length / 2 - 1)
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = Number.parseInt(text.slice(2 + 2 * index, 4 + 2 * index), 16)
  }
  return bytes
}
