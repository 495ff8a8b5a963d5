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
