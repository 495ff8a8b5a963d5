import { array, assert, boolean, constantFrom, integer, property, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { METER_SILENCE_MAX_MS, type MediaPrice, Meter, type MeterOptions } from './meter.ts'

/** A player on a meter: media time and monotonic time move as told. */
class Player {
  nowMs = 1_000
  positionUs = 5e6
  readonly ticks: MediaPrice[] = []
  readonly meter: Meter

  constructor(options: MeterOptions = {}) {
    this.meter = new Meter(options)
    this.meter.advance(this.positionUs, this.nowMs, true)
  }

  play(ms: number, isRendering = true, speed = 1, stepMs = 10): void {
    for (let at = 0; at < ms; at += stepMs) {
      this.nowMs += stepMs
      this.positionUs += stepMs * 1000 * speed
      this.#report(isRendering)
    }
  }

  /** Media time stands still while the clock runs. */
  stall(ms: number): void {
    for (let at = 0; at < ms; at += 10) {
      this.nowMs += 10
      this.#report(true)
    }
  }

  seek(positionUs: number): void {
    this.positionUs = positionUs
    this.meter.jump()
    this.#report(true)
  }

  sleep(ms: number, doesMediaMove: boolean): void {
    this.nowMs += ms
    if (doesMediaMove) this.positionUs += ms * 1000
    this.#report(true)
  }

  #report(isRendering: boolean): void {
    this.ticks.push(...this.meter.advance(this.positionUs, this.nowMs, isRendering))
  }
}

const EPOCH_US = 4e6
const priced =
  (prices: readonly (bigint | undefined)[], base = 0) =>
  (positionUs: number): MediaPrice | undefined => {
    const epoch = Math.floor(positionUs / EPOCH_US)
    const price = prices[Math.min(epoch, prices.length - 1)]
    return price === undefined ? undefined : { epoch: base + epoch, price }
  }

const ms = (max: number) => integer({ min: 0, max: max / 10 }).map(tens => tens * 10)

describe('meter', () => {
  test('M-TICK-1 1,000 ms of media rendered is a tick', () => {
    assert(
      property(ms(20_000), played => {
        const player = new Player()
        player.play(played)
        expect(player.ticks.length).toBe(Math.floor(played / 1_000))
      }),
    )
  })

  test('M-TICK-2 ticks never exceed the media that was rendered, nor the time that passed', () => {
    const move = record({ ms: ms(3_000), speed: constantFrom(0, 0.9, 1, 1.1, 3, -1), isRendering: boolean() })
    assert(
      property(array(move, { maxLength: 30 }), moves => {
        const player = new Player()
        let rendered = 0
        for (const { ms: long, speed, isRendering } of moves) {
          player.play(long, isRendering, speed)
          if (isRendering) rendered += long * Math.min(1.15, Math.max(0, speed))
        }
        expect(player.ticks.length).toBeLessThanOrEqual(Math.floor(rendered / 1_000 + 1e-9))
      }),
    )
  })

  test('M-PAUSE a pause of any length adds nothing', () => {
    assert(
      property(ms(5_000), ms(60_000), ms(5_000), (before, paused, after) => {
        const player = new Player()
        player.play(before)
        player.nowMs += paused
        player.meter.jump()
        player.meter.advance(player.positionUs, player.nowMs, true)
        player.play(after)
        expect(player.ticks.length).toBe(Math.floor((before + after) / 1_000))
      }),
    )
  })

  test('M-STALL waiting for media adds nothing', () => {
    assert(
      property(array(record({ play: ms(1_500), stall: ms(5_000) }), { maxLength: 10 }), turns => {
        const player = new Player()
        for (const turn of turns) {
          player.play(turn.play)
          player.stall(turn.stall)
        }
        const played = turns.reduce((sum, turn) => sum + turn.play, 0)
        expect(player.ticks.length).toBe(Math.floor(played / 1_000))
      }),
    )
  })

  test('M-HIDDEN hidden and muted media is not counted, nor the step in which it became so', () => {
    assert(
      property(ms(5_000), ms(30_000), ms(5_000), (before, hidden, after) => {
        const player = new Player()
        player.play(before)
        player.play(hidden, false)
        player.play(after)
        const seen = before + after
        expect(player.meter.renderedMs).toBeLessThanOrEqual(seen)
        expect(player.meter.renderedMs).toBeGreaterThanOrEqual(seen - 10)
      }),
    )
  })

  test('M-PREVIEW media of a free epoch makes no tick; the first paid epoch counts from its start', () => {
    assert(
      property(integer({ min: 0, max: 5 }), ms(40_000), (free, played) => {
        const prices = [...Array.from({ length: free + 1 }, () => undefined), 7n]
        const player = new Player({ priceOf: priced(prices) })
        player.play(played)
        const paidUs = Math.max(0, player.positionUs - Math.max(5e6, (free + 1) * EPOCH_US))
        expect(player.ticks.every(({ price }) => price === 7n)).toBe(true)
        expect(player.ticks.length).toBeLessThanOrEqual(Math.floor(paidUs / 1e6))
        expect(player.ticks.length).toBeGreaterThanOrEqual(Math.floor(paidUs / 1e6 - 0.011))
      }),
    )
  })

  test('M-LIVE back to live: what was skipped is not counted', () => {
    assert(
      property(ms(5_000), integer({ min: 0, max: 600 }), ms(5_000), (before, skippedS, after) => {
        const player = new Player()
        player.play(before)
        player.seek(player.positionUs + skippedS * 1e6)
        player.play(after)
        expect(player.ticks.length).toBe(Math.floor((before + after) / 1_000))
      }),
    )
  })

  test('M-CLOCK a position or a clock that jumps adds at most the time that passed, never less than nothing', () => {
    assert(
      property(
        integer({ min: -3_600, max: 3_600 }),
        integer({ min: -3_600, max: 3_600 }),
        (mediaS, clockS) => {
          const player = new Player()
          player.play(900)
          player.positionUs += mediaS * 1e6
          player.nowMs += clockS * 1_000
          player.play(10)
          const most =
            clockS * 1_000 + 10 <= METER_SILENCE_MAX_MS ? Math.max(0, clockS * 1_000 + 10) * 1.15 : 0
          expect(player.meter.renderedMs).toBeGreaterThanOrEqual(900)
          expect(player.meter.renderedMs).toBeLessThanOrEqual(900 + most + 1e-6)
        },
      ),
    )
  })

  test('M-SLEEP the sleep of the machine costs nothing, whether or not media time went on', () => {
    assert(
      property(integer({ min: METER_SILENCE_MAX_MS + 1, max: 36e6 }), boolean(), (slept, doesMediaMove) => {
        const player = new Player()
        player.play(990)
        player.sleep(slept, doesMediaMove)
        expect(player.ticks.length).toBe(0)
        player.play(10)
        expect(player.ticks.length).toBe(1)
      }),
    )
  })

  test('M-ONCE media that is played again is not counted again', () => {
    const seek = record({ toS: integer({ min: 5, max: 40 }), playS: integer({ min: 0, max: 10 }) })
    assert(
      property(array(seek, { maxLength: 90 }), seeks => {
        const player = new Player()
        const seconds = new Set<number>()
        for (const { toS, playS } of seeks) {
          player.seek(toS * 1e6)
          player.play(playS * 1_000, true, 1, 100)
          for (let at = toS; at < toS + playS; at++) seconds.add(at)
        }
        expect(player.meter.renderedMs).toBeCloseTo(seconds.size * 1_000, 3)
      }),
      { numRuns: 50 },
    )
  })

  test('M-ONCE a creator whose media time begins again in a later epoch is counted anew', () => {
    let base = 0
    const player = new Player({ priceOf: position => priced([3n], base)(position) })
    player.play(20_000)
    base = 100
    player.seek(5e6)
    player.play(20_000)
    expect(player.ticks.length).toBe(40)
  })

  test('M-PRICE a tick costs the price of its epoch; where two meet, the lower', () => {
    const price = integer({ min: 0, max: 50 }).map(BigInt)
    assert(
      property(array(price, { minLength: 12, maxLength: 12 }), ms(1_000), (prices, startMs) => {
        const player = new Player({ priceOf: priced(prices) })
        player.seek(5e6 + startMs * 1_000)
        player.play(30_000)
        player.ticks.forEach((tick, index) => {
          const fromUs = 5e6 + startMs * 1_000 + index * 1e6
          const one = prices[Math.floor(fromUs / EPOCH_US)] ?? 0n
          const other = prices[Math.floor((fromUs + 1e6) / EPOCH_US)] ?? 0n
          expect(tick.price).toBe(one < other ? one : other)
        })
        expect(player.ticks.length).toBe(30)
      }),
      { numRuns: 50 },
    )
  })
})
