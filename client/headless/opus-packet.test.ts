import { expect, it } from 'vitest'
import { opusDurationUs } from './opus-packet.ts'

it.each([
  ['SILK 60 ms', [3 << 3], 60_000],
  ['hybrid 20 ms', [13 << 3], 20_000],
  ['CELT 2.5 ms', [16 << 3], 2_500],
  ['CELT 20 ms', [31 << 3], 20_000],
  ['two frames of 20 ms', [(31 << 3) | 1], 40_000],
  ['two frames of unlike size', [(31 << 3) | 2], 40_000],
  ['three frames of 20 ms', [(31 << 3) | 3, 3], 60_000],
  ['an empty packet', [], 0],
])('H-FILE-4 the table of contents tells the length: %s (RFC 6716, 3.1)', (_name, bytes, durationUs) => {
  expect(opusDurationUs(Uint8Array.from(bytes))).toBe(durationUs)
})
