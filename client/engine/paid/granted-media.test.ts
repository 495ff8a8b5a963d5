import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GrantedMedia } from './granted-media.ts'

test('S-VIEW-1 what was granted and shown to the end is claimed by nobody', () => {
  const media = new GrantedMedia()
  let claimed = 0
  for (let epoch = 0; epoch < 100; epoch++) {
    media.granted(epoch, 4_000)
    claimed += media.settle(epoch)
    for (let second = 0; second < 4; second++) media.played(epoch)
  }
  expect(claimed).toBe(0)
  expect(media.unplayedMs).toBe(0)
})

test('S-VIEW-2 what could not be shown is claimed once, but for the second that may straddle', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 4, maxLength: 60 }), seconds => {
      const media = new GrantedMedia()
      let claimed = 0
      for (const [epoch, shown] of seconds.entries()) {
        media.granted(epoch, 4_000)
        claimed += media.settle(epoch)
        for (let second = 0; second < shown; second++) media.played(epoch)
      }
      claimed += media.settle(seconds.length + 2)
      const lost = seconds.reduce((total, shown) => total + (4 - shown) * 1_000, 0)
      expect(claimed).toBe(Math.max(0, lost - 1_000))
    }),
  )
})

test('S-VIEW-3 an epoch counts once, from the moment of its grant on', () => {
  const media = new GrantedMedia()
  media.granted(7, 1_500)
  media.granted(7, 4_000)
  expect(media.unplayedMs).toBe(1_500)
  media.granted(8, 4_000)
  media.played(8)
  expect(media.unplayedMs).toBe(4_500)
  expect(media.newestEpoch).toBe(8)
})
