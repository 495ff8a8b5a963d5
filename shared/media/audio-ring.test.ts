import { describe, expect, test } from 'vitest'
import { AudioRing } from './audio-ring.ts'

const RATE = 48_000
const PACKET = 960
const PACKET_US = 20_000

const sine = (hz: number) => (index: number) => 0.5 * Math.sin((2 * Math.PI * hz * index) / RATE)

/** Packets `from` to `to` (exclusive) of a wave that goes on through all of them. */
function push(
  ring: AudioRing,
  from: number,
  to: number,
  wave: (index: number) => number,
  skip: readonly number[] = [],
): void {
  for (let packet = from; packet < to; packet++) {
    if (skip.includes(packet)) continue
    const plane = Float32Array.from({ length: PACKET }, (_, index) => wave(packet * PACKET + index))
    ring.push(packet * PACKET_US, [plane])
  }
}

function pull(ring: AudioRing, count: number): Float32Array {
  const left = new Float32Array(count)
  ring.pull(left, new Float32Array(count))
  return left
}

/** As sound cards do: 128 at a time. */
function pullInBlocks(ring: AudioRing, count: number, before?: () => void): Float32Array {
  const all = new Float32Array(count)
  for (let at = 0; at < count; at += 128) {
    before?.()
    all.set(pull(ring, Math.min(128, count - at)), at)
  }
  return all
}

const largestStep = (samples: Float32Array): number =>
  samples.reduce(
    (most, sample, index) => Math.max(most, Math.abs(sample - (samples[index - 1] ?? sample))),
    0,
  )

/** Rising zero crossings a second. */
function pitch(samples: Float32Array): number {
  let crossings = 0
  for (let index = 1; index < samples.length; index++) {
    if ((samples[index - 1] ?? 0) < 0 && (samples[index] ?? 0) >= 0) crossings++
  }
  return (crossings * RATE) / samples.length
}

describe('sound between decoder and sound card', () => {
  test('P-CONCEAL-1 at normal speed what goes in comes out, sample by sample, after it has faded in', () => {
    const ring = new AudioRing(RATE)
    push(ring, 0, 10, sine(440))
    ring.seek(0, false)
    const out = pullInBlocks(ring, 9 * PACKET)
    const expected = Float32Array.from({ length: 9 * PACKET }, (_, index) => sine(440)(index))
    expect(out.slice(120)).toEqual(expected.slice(120))
    expect(Math.abs(out[1] ?? 1)).toBeLessThan(Math.abs(expected[1] ?? 0))
    expect(ring.positionUs).toBeCloseTo(9 * PACKET_US, 0)
    expect(ring.state).toBe('sounding')
  })

  test('P-CONCEAL-1 a missing packet takes its time, without a click, and the rest comes when it is due', () => {
    const ring = new AudioRing(RATE)
    push(ring, 0, 12, sine(437), [5, 6])
    ring.seek(0, false)
    const out = pullInBlocks(ring, 12 * PACKET - 8)
    // The steepest step of the wave itself is 0.0286; a break would be up to 1.
    expect(largestStep(out)).toBeLessThan(0.06)
    const later = 9 * PACKET
    expect(out[later + 7]).toBeCloseTo(sine(437)(later + 7), 1)
    expect(ring.silentSamples / PACKET).toBeCloseTo(2, 1)
  })

  test('P-CLOCK-3 run dry, it holds its place and goes on there; free, it moves on and drops what is late', () => {
    const held = new AudioRing(RATE)
    push(held, 0, 3, sine(440))
    held.seek(0, false)
    const out = pullInBlocks(held, 20 * PACKET)
    expect(held.state).toBe('dry')
    expect(held.positionUs).toBeCloseTo(3 * PACKET_US, -3)
    expect(largestStep(out)).toBeLessThan(0.06)
    expect(Math.max(...out.slice(-PACKET))).toBe(0)
    push(held, 3, 6, sine(440))
    pullInBlocks(held, PACKET)
    expect(held.state).toBe('sounding')
    expect(held.positionUs).toBeCloseTo(4 * PACKET_US, -3)

    const free = new AudioRing(RATE)
    free.seek(0, true)
    pullInBlocks(free, 10 * PACKET)
    expect(free.state).toBe('free')
    expect(free.positionUs).toBeCloseTo(10 * PACKET_US, -2)
    push(free, 8, 14, sine(440))
    expect(pull(free, 480)[479]).toBeCloseTo(sine(440)(10 * PACKET + 479), 3)
  })

  test('P-SPEED-1 within half a percent it is resampled: pitch follows speed', () => {
    for (const speed of [0.995, 1.005]) {
      const ring = new AudioRing(RATE)
      push(ring, 0, 120, sine(1000))
      ring.seek(0, false)
      ring.setSpeed(speed)
      const out = pullInBlocks(ring, 2 * RATE)
      expect(ring.positionUs).toBeCloseTo(2e6 * speed, -2)
      expect(pitch(out)).toBeCloseTo(1000 * speed, -0.5)
      expect(largestStep(out)).toBeLessThan(0.07)
    }
  })

  test('P-SPEED-1 beyond, time is stretched: speed changes by a tenth, pitch does not', () => {
    for (const speed of [0.9, 1.1]) {
      const ring = new AudioRing(RATE)
      const wave = sine(311)
      let packet = 0
      ring.seek(0, false)
      ring.setSpeed(speed)
      const feed = () => {
        for (; packet * PACKET_US < (ring.positionUs ?? 0) + 80_000; packet++)
          push(ring, packet, packet + 1, wave)
      }
      const out = pullInBlocks(ring, 4 * RATE, feed)
      expect((ring.positionUs ?? 0) / 4e6).toBeCloseTo(speed, 1)
      expect(Math.abs((ring.positionUs ?? 0) / 4e6 - speed)).toBeLessThan(0.01)
      expect(Math.abs(pitch(out) / 311 - 1)).toBeLessThan(0.012)
      expect(largestStep(out)).toBeLessThan(0.06)
    }
  })

  test('P-CONCEAL-1 more than it can hold drops the oldest; stray input changes nothing', () => {
    const ring = new AudioRing(RATE)
    expect(ring.state).toBe('stopped')
    expect(Math.max(...pull(ring, 128))).toBe(0)
    ring.seek(0, false)
    push(ring, 0, 400, sine(440))
    expect(ring.bufferedUs).toBeLessThan(5.5e6)
    pullInBlocks(ring, 400 * PACKET)
    expect(ring.positionUs).toBeCloseTo(400 * PACKET_US, -3)
    const before = ring.bufferedUs
    ring.push(1, [new Float32Array(PACKET)])
    ring.push(9e9, [])
    ring.push(9e9, [new Float32Array(0)])
    expect(ring.bufferedUs).toBe(before)
  })
})
