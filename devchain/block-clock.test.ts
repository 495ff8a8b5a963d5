import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { BlockClock } from './block-clock.ts'
import { SubmissionRate } from './submission-rate.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function clockOf(buildMs: number) {
  const startedAt: number[] = []
  const from = performance.now()
  const clock = new BlockClock(
    {
      produce: async () => {
        startedAt.push(performance.now() - from)
        await new Promise(resolve => setTimeout(resolve, buildMs))
      },
    },
    1_000,
  )
  clock.resume()
  return { clock, startedAt }
}

it('DC-CLOCK-1 a block each interval, however long it takes to make below that', async () => {
  const { clock, startedAt } = clockOf(300)
  await vi.advanceTimersByTimeAsync(3_500)
  expect(startedAt).toEqual([1_000, 2_000, 3_000])
  clock.pause()
})

it('DC-CLOCK-2 never two at a time: one that takes longer puts off the next', async () => {
  const { clock, startedAt } = clockOf(1_500)
  await vi.advanceTimersByTimeAsync(5_000)
  // A timer of nothing still takes a millisecond.
  expect(startedAt.map(at => Math.round(at / 10) * 10)).toEqual([1_000, 2_500, 4_000])
  clock.pause()
})

it('DC-CLOCK-3 delayed once, then as before; paused until resumed, also while a block is being made', async () => {
  const { clock, startedAt } = clockOf(300)
  await vi.advanceTimersByTimeAsync(1_100)
  clock.delay(5_000)
  await vi.advanceTimersByTimeAsync(6_500)
  expect(startedAt).toEqual([1_000, 6_100, 7_100])
  clock.pause()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(startedAt).toHaveLength(3)
  clock.resume()
  await vi.advanceTimersByTimeAsync(1_100)
  expect(startedAt).toHaveLength(4)
  clock.pause()
})

it('DC-RATE-2 a second’s worth at once, then that many a second', () => {
  let nowMs = 0
  const rate = new SubmissionRate(4, () => nowMs)
  const taken = () => Array.from({ length: 8 }, () => rate.take()).filter(Boolean).length
  expect(taken()).toBe(4)
  nowMs = 500
  expect(taken()).toBe(2)
  nowMs = 60_000
  expect(taken()).toBe(4)
})
