import { expect, it } from 'vitest'
import { Pacer } from './pacer.ts'

function clock() {
  const time = { nowMs: 50 }
  const pacer = (slackMs: number) =>
    new Pacer(
      {
        nowMs: () => time.nowMs,
        sleep: ms => {
          time.nowMs += ms
          return Promise.resolve()
        },
      },
      { slackMs },
    )
  return { time, pacer }
}
const { signal } = new AbortController()

it('H-PACE-1 media time runs along the clock from the first frame, whatever its time', async () => {
  const { time, pacer } = clock()
  const paced = pacer(500)
  await paced.until(7_000, signal)
  expect(time.nowMs).toBe(50)
  await paced.until(1_007_000, signal)
  expect(time.nowMs).toBeCloseTo(1_050, 5)
})

it('H-PACE-4 within the slack it catches up; beyond it the schedule moves', async () => {
  const { time, pacer } = clock()
  const paced = pacer(500)
  await paced.until(0, signal)
  time.nowMs += 400
  await paced.until(100_000, signal)
  expect(time.nowMs).toBe(450)
  await paced.until(500_000, signal)
  expect(time.nowMs).toBeCloseTo(550, 5)
  time.nowMs += 2_000
  await paced.until(600_000, signal)
  await paced.until(700_000, signal)
  expect(time.nowMs).toBeCloseTo(2_650, 5)
  expect(paced.delayMs).toBeCloseTo(1_900, 5)
})

it('H-PACE-5 an aborted wait ends at once', async () => {
  const { pacer } = clock()
  await expect(pacer(0).until(0, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop')
})
