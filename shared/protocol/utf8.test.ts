import fc from 'fast-check'
import { expect, test } from 'vitest'
import { refusalOf } from './testing/refusal.ts'
import { isWellFormed, utf8Decode, utf8Encode } from './utf8.ts'

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

test('W-PB-5 text is written and read as TextEncoder and TextDecoder do', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), text => {
      const bytes = new TextEncoder().encode(text)
      expect(utf8Encode(text)).toEqual(bytes)
      expect(utf8Decode(bytes)).toBe(text)
    }),
  )
})

test('W-PB-5 text longer than one call may carry comes back whole', () => {
  const text = '𝄞é'.repeat(10_000)
  expect(utf8Decode(utf8Encode(text))).toBe(text)
})

test('W-PB-5 bytes that the platform’s strict decoder refuses are refused, and no others', () => {
  const spiteful = fc.constantFrom(
    0x00,
    0x41,
    0x7f,
    0x80,
    0xbf,
    0xc0,
    0xc1,
    0xc2,
    0xe0,
    0xed,
    0xa0,
    0x9f,
    0xf0,
    0xf4,
    0x8f,
    0x90,
    0xf5,
    0xff,
  )
  fc.assert(
    fc.property(fc.array(spiteful, { maxLength: 8 }), values => {
      const bytes = Uint8Array.from(values)
      let expected: string | undefined
      try {
        expected = strict.decode(bytes)
      } catch {
        expected = undefined
      }
      if (expected === undefined) expect(refusalOf(() => utf8Decode(bytes))).toBe('bad-field')
      else expect(utf8Decode(bytes)).toBe(expected)
    }),
    { numRuns: 5_000 },
  )
})

test('W-PB-5 half a surrogate pair is no text', () => {
  expect(isWellFormed('a\ud800')).toBe(false)
  expect(isWellFormed('a\ud834\udd1e')).toBe(true)
  expect(refusalOf(() => utf8Encode('\udc00'))).toBe('bad-field')
})
