import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseUtc, UTC_MAX_MS, utcText } from './utc-time.ts'

test('W-REC-1 times are written as Date writes them', () => {
  expect(UTC_MAX_MS).toBe(Date.parse('9999-12-31T23:59:59.999Z'))
  const moments = [
    '1970-01-01',
    '1972-02-29',
    '1999-12-31',
    '2000-02-29',
    '2000-03-01',
    '2100-02-28',
    '2100-03-01',
    '2400-02-29',
  ]
  for (const ms of [0, UTC_MAX_MS, ...moments.map(Date.parse)]) {
    expect(utcText(ms)).toBe(new Date(ms).toISOString())
    expect(parseUtc(utcText(ms))).toBe(ms)
  }
  fc.assert(
    fc.property(fc.integer({ min: 0, max: UTC_MAX_MS }), ms => {
      expect(utcText(ms)).toBe(new Date(ms).toISOString())
      expect(parseUtc(utcText(ms))).toBe(ms)
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  '',
  '2025-02-29T00:00:00.000Z',
  '2025-13-01T00:00:00.000Z',
  '2025-00-01T00:00:00.000Z',
  '2025-01-01T24:00:00.000Z',
  '2025-01-01T00:00:60.000Z',
  '2025-01-01T00:00:00Z',
  '2025-01-01 00:00:00.000Z',
  '1969-12-31T23:59:59.999Z',
])('W-REC-1 %j is no time', text => {
  expect(parseUtc(text)).toBeUndefined()
})
