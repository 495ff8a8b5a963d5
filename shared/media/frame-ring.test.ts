import { expect, test } from 'vitest'
import type { FrameHeader } from '../protocol/frame.ts'
import { FrameRing, framePayload } from './frame-ring.ts'

function header(seq: number, over: Partial<FrameHeader> = {}): FrameHeader {
  return {
    tag: new Uint8Array(8),
    track: 0,
    seq,
    epoch: 0,
    timestampUs: seq * 100_000,
    durationUs: 100_000,
    isKey: seq % 10 === 0,
    isEncrypted: false,
    temporalLayer: 0,
    length: 10,
    partHashes: new Uint8Array(16),
    signature: new Uint8Array(64),
    ...over,
  }
}
const insertWhole = (ring: FrameRing, seq: number, bytes = 100) =>
  ring.insert(header(seq), new Uint8Array(bytes), new Uint8Array(10))

test('O-RING-1 whole groups of pictures leave from the old end, and what left is known as too old', () => {
  const ring = new FrameRing({ maxAgeUs: 3_000_000, maxBytes: 1e9 })
  for (let seq = 0; seq < 100; seq++) insertWhole(ring, seq)
  expect(ring.get(0, 59)).toBeUndefined()
  expect(ring.get(0, 60)).toBeDefined()
  expect(ring.isOlderThanRing(0, 59)).toBe(true)
  expect(ring.isOlderThanRing(0, 60)).toBe(false)
  expect(ring.newestKey(0)?.header.seq).toBe(90)
  expect(ring.since(0, 95).map(frame => frame.header.seq)).toEqual([95, 96, 97, 98, 99])
})

test('O-RING-2 two groups stay whatever the bounds say, for a newcomer to start from', () => {
  const ring = new FrameRing({ maxAgeUs: 0, maxBytes: 1_500 })
  for (let seq = 0; seq < 50; seq++) insertWhole(ring, seq)
  expect(ring.newestKey(0)?.header.seq).toBe(40)
  expect(ring.get(0, 30)).toBeDefined()
})

test('O-RING-3 a creator that sends no key frames cannot take memory past twice the bound', () => {
  const ring = new FrameRing({ maxAgeUs: 1e12, maxBytes: 10_000 })
  for (let seq = 1; seq < 5_000; seq++)
    ring.insert(header(seq, { isKey: false }), new Uint8Array(100), new Uint8Array(0))
  expect(ring.bytes).toBeLessThanOrEqual(20_000)
})

test('O-RING-4 a frame in parts is complete once, with its payload in order; a second copy of a part changes nothing', () => {
  const ring = new FrameRing({ maxAgeUs: 1e9, maxBytes: 1e9 })
  const frame = ring.insert(header(7, { partHashes: new Uint8Array(32), length: 5 }), new Uint8Array(50))
  expect(ring.addPart(frame, 1, new Uint8Array(9), new Uint8Array([4, 5]))).toBe(true)
  expect(ring.addPart(frame, 1, new Uint8Array(9), new Uint8Array([6, 6]))).toBe(false)
  expect(frame.missing).toBe(1)
  expect(ring.newestCompleteSeq(0)).toBeUndefined()
  expect(ring.addPart(frame, 0, new Uint8Array(9), new Uint8Array([1, 2, 3]))).toBe(true)
  expect([...framePayload(frame)]).toEqual([1, 2, 3, 4, 5])
  expect(ring.newestCompleteSeq(0)).toBe(7)
  expect(ring.bytes).toBe(68)
})
