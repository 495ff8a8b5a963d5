import { expect, it } from 'vitest'
import { type PipeReading, PipeWatch } from './pipe-watch.ts'

/** One reading a second; what is told, with the second it was told in. */
function watch(seconds: number, reading: (second: number) => Partial<PipeReading>): string[] {
  const pipe = new PipeWatch()
  const told: string[] = []
  for (let second = 0; second <= seconds; second++) {
    const nowMs = 1_000 * second
    const base = { nowMs, lastFrameAtMs: nowMs, delayMs: 0, isFull: false }
    for (const { kind } of pipe.check({ ...base, ...reading(second) })) told.push(`${second} ${kind}`)
  }
  return told
}

it('H-PIPE-4 a source in time is left in peace', () => {
  expect(watch(60, second => ({ isFull: second % 3 === 0, delayMs: Math.min(second, 5) * 200 }))).toEqual([])
})

it('H-PIPE-4 slower than real time: told once a spell, after the first ten seconds', () => {
  expect(watch(60, second => ({ delayMs: second * 100 }))).toEqual(['20 slow-source'])
})

it('H-PIPE-5 silent for five seconds: told once a spell', () => {
  expect(watch(30, second => ({ lastFrameAtMs: second < 15 ? 0 : 15_000 }))).toEqual([
    '5 silent-source',
    '20 silent-source',
  ])
})

it('H-PIPE-6 a pipe that stays full: told once', () => {
  expect(watch(60, () => ({ isFull: true }))).toEqual(['5 full-pipe'])
})
