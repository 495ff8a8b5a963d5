import { expect, test } from 'vitest'
import { LiveAnchor } from './live-anchor.ts'

test('O-LIVE-1 the edge moves with the clock from the most advanced evidence', () => {
  const anchor = new LiveAnchor()
  expect(anchor.isLive(0, 1_000_000)).toBe(true)
  anchor.witness(60_000_000, 1_000)
  expect(anchor.edgeUs(3_000)).toBe(62_000_000)
  anchor.witness(60_500_000, 3_000)
  expect(anchor.edgeUs(3_000)).toBe(62_000_000)
  anchor.witness(64_000_000, 3_000)
  expect(anchor.edgeUs(3_000)).toBe(64_000_000)
})

test('O-LIVE-2 a recording that plays at the right speed stays behind for good', () => {
  const anchor = new LiveAnchor()
  anchor.witness(86_400_000_000, 0)
  for (let now = 0; now < 60_000; now += 1_000) {
    anchor.witness(now * 1_000, now)
    expect(anchor.isLive(now * 1_000, now)).toBe(false)
  }
  expect(anchor.isLive(86_400_000_000 + 60_000_000 - 11_000_000, 60_000)).toBe(true)
})

test('O-LIVE-3 clocks that drift apart stay together by the announcements, however long the stream', () => {
  const anchor = new LiveAnchor()
  // The creator's clock is 0.1 % slow: 36 s in the ten hours.
  for (let now = 0; now < 36_000_000; now += 10_000) {
    const streamUs = now * 999
    anchor.announced()
    anchor.witness(streamUs, now)
    expect(anchor.behindMs(streamUs, now)).toBeLessThan(100)
  }
})

test('O-LIVE-4 without newer announcements the edge does not wait for a recording', () => {
  const anchor = new LiveAnchor()
  anchor.announced()
  anchor.witness(3_600_000_000, 0)
  for (let now = 0; now < 600_000; now += 1_000) anchor.witness(now * 1_000, now)
  expect(anchor.isLive(600_000_000, 600_000)).toBe(false)
})
