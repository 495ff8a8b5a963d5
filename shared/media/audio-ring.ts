import { bestLag, LAG_MAX, LAG_MIN, OVERLAP } from './time-stretch.ts'

/** 5.5 s at 48,000 samples/s: the longest jitter buffer (1 s) and the lag at which play-out skips (2 s), with room. */
const CAPACITY = 1 << 18
const MASK = CAPACITY - 1
/** Timestamps may wander by this much between packets without a hole in the sound: half a packet. */
const HOLE_US = 10_000
/** Within this, speed is changed by resampling: half a percent is not heard as pitch (DESIGN §8). */
const RESAMPLE_MAX = 0.005
const SPEED_MAX = 0.1
/** Sound begins within 2.5 ms at 48,000 samples/s, so that it does not click. */
const FADE = 120
/** Where sound breaks off, its last period is repeated, fading over 60 ms: most late packets come within it. */
const TAIL = 2_880
/** Samples that the interpolation looks ahead. */
const AHEAD = 2

/** `waiting`: for sound that is held but not due. `dry`: no sound is held and the position stands; `free`: it moves on all the same. */
export type RingState = 'stopped' | 'sounding' | 'waiting' | 'dry' | 'free'

/** From sample `index` on, media time counts from `timestampUs`. */
type Marker = { readonly index: number; readonly timestampUs: number; readonly isHole: boolean }

/**
 * Decoded sound between the decoder and the sound card, for at most two channels. It plays at the speed it is told:
 * up to ±0.5 % by resampling, what is beyond by leaving out or repeating single periods of the wave (time-stretch.ts).
 * Where packets are missing it plays silence of their length. When it runs dry it holds its position, or runs on
 * silently if told to. Sample indices are absolute; the ring holds the last CAPACITY of them.
 */
export class AudioRing {
  readonly #rate: number
  readonly #left = new Float32Array(CAPACITY)
  readonly #right = new Float32Array(CAPACITY)
  readonly #markers: Marker[] = []
  #end = 0
  /** Next sample to play. */
  #cursor = 0
  #fraction = 0
  /** Where the sound that now plays began. */
  #runStart = 0
  #isSounding = false
  #positionUs: number | undefined
  #speed = 1
  /** Samples to leave out (positive) or to repeat (negative). */
  #debt = 0
  #blend: { readonly shift: number; done: number } | undefined
  #gain = 0
  #tail: { readonly from: number; readonly period: number; played: number } | undefined
  #isFree = false
  #isWaiting = false
  #silentSamples = 0

  /** `rate`: samples/s of what is pushed and pulled. */
  constructor(rate: number) {
    this.#rate = rate
  }

  /** Media time of the next sample pulled; undefined before the first `seek`. */
  get positionUs(): number | undefined {
    return this.#positionUs
  }

  get state(): RingState {
    if (this.#positionUs === undefined) return 'stopped'
    if (this.#isSounding) return 'sounding'
    if (this.#isWaiting) return 'waiting'
    return this.#isFree ? 'free' : 'dry'
  }

  /** Samples of silence played in place of sound since the first `seek`. */
  get silentSamples(): number {
    return this.#silentSamples
  }

  /** Sound held after the position, µs. */
  get bufferedUs(): number {
    return (Math.max(0, this.#end - this.#cursor) * 1e6) / this.#rate
  }

  /** 0.9 to 1.1 media seconds a second. */
  setSpeed(speed: number): void {
    this.#speed = Math.max(1 - SPEED_MAX, Math.min(1 + SPEED_MAX, speed))
    if (Math.abs(this.#speed - 1) <= RESAMPLE_MAX) this.#debt = 0
  }

  /** Goes on at `positionUs`. `isFree`: the position moves on even while there is no sound. */
  seek(positionUs: number, isFree: boolean): void {
    this.#silence()
    this.#positionUs = positionUs
    this.#isFree = isFree
    this.#debt = 0
    this.#cursor = Math.max(0, this.#end - CAPACITY)
  }

  /** Silence until the next `seek`. */
  stop(): void {
    this.#silence()
    this.#positionUs = undefined
  }

  /** Planes of equal length; a single one is mono. A packet not after the newest one is ignored. */
  push(timestampUs: number, planes: readonly Float32Array[]): void {
    const left = planes[0]
    const right = planes[1] ?? left
    if (left === undefined || right === undefined || left.length === 0 || left.length > CAPACITY / 2) return
    const newest = this.#markers.at(-1)
    if (newest !== undefined && timestampUs <= newest.timestampUs) return
    const isHole = newest === undefined || timestampUs - this.#timeAt(newest, this.#end) > HOLE_US
    this.#markers.push({ index: this.#end, timestampUs, isHole })
    for (let index = 0; index < left.length; index++) {
      this.#left[(this.#end + index) & MASK] = left[index] ?? 0
      this.#right[(this.#end + index) & MASK] = right[index] ?? 0
    }
    this.#end += left.length
    const oldest = this.#end - CAPACITY
    while ((this.#markers[1]?.index ?? Number.POSITIVE_INFINITY) <= oldest) this.#markers.shift()
    if (this.#cursor < oldest) {
      this.#silence()
      this.#cursor = oldest
    }
  }

  /** Fills both planes, which are equally long. Before the first `seek`: silence. */
  pull(left: Float32Array, right: Float32Array): void {
    let done = 0
    while (done < left.length) {
      if (this.#isSounding) done = this.#pullSound(left, right, done)
      else done = this.#pullSilence(left, right, done)
    }
    if (this.#isSounding) this.#positionUs = this.#soundTime()
  }

  #pullSound(left: Float32Array, right: Float32Array, from: number): number {
    const limit =
      this.#markers.find(marker => marker.isHole && marker.index > this.#cursor)?.index ?? this.#end
    const resampled = Math.max(1 - RESAMPLE_MAX, Math.min(1 + RESAMPLE_MAX, this.#speed))
    let at = from
    while (at < left.length && this.#cursor + AHEAD < limit) {
      if (this.#blend === undefined && Math.abs(this.#debt) >= LAG_MIN) this.#stretch(limit)
      if (this.#gain < 1) this.#gain = Math.min(1, this.#gain + 1 / FADE)
      left[at] = this.#tailSample(this.#left) * (1 - this.#gain) + this.#sample(this.#left) * this.#gain
      right[at] = this.#tailSample(this.#right) * (1 - this.#gain) + this.#sample(this.#right) * this.#gain
      at++
      if (this.#gain === 1) this.#tail = undefined
      else if (this.#tail !== undefined) this.#tail.played++
      this.#debt += this.#speed - resampled
      this.#fraction += resampled
      const whole = Math.floor(this.#fraction)
      this.#fraction -= whole
      this.#cursor += whole
      const blend = this.#blend
      if (blend === undefined) continue
      blend.done += whole
      if (blend.done < OVERLAP) continue
      this.#cursor += blend.shift
      this.#debt -= blend.shift
      this.#blend = undefined
    }
    if (this.#cursor + AHEAD >= limit) this.#silence()
    return at
  }

  #stretch(limit: number): void {
    const direction = this.#debt > 0 ? 1 : -1
    const first = direction > 0 ? this.#cursor : this.#cursor - LAG_MAX
    const last = this.#cursor + OVERLAP + AHEAD + (direction > 0 ? LAG_MAX : 0)
    // Both places must lie in the sound that now plays: no room now, try again at the next sample.
    if (first < this.#runStart || first < this.#end - CAPACITY || last >= limit) {
      this.#debt = direction * LAG_MIN
      return
    }
    this.#blend = { shift: direction * bestLag(this.#left, MASK, this.#cursor, direction), done: 0 }
  }

  #sample(plane: Float32Array): number {
    const here = interpolate(plane, this.#cursor, this.#fraction)
    const blend = this.#blend
    if (blend === undefined) return here
    const there = interpolate(plane, this.#cursor + blend.shift, this.#fraction)
    return here + ((there - here) * (blend.done + this.#fraction)) / OVERLAP
  }

  /** Returns the index after the silence written; sound may have begun by then. */
  #pullSilence(left: Float32Array, right: Float32Array, from: number): number {
    const position = this.#positionUs
    const due = position === undefined ? undefined : this.#nextSound(position)
    if (position !== undefined) {
      this.#isWaiting = due !== undefined
      if (due !== undefined && due.atUs <= position) {
        this.#begin(due.index)
        return from
      }
    }
    const room = left.length - from
    const wait =
      due === undefined || position === undefined ? room : ((due.atUs - position) * this.#rate) / 1e6
    const count = Math.min(room, Math.ceil(wait))
    for (let at = from; at < from + count; at++) {
      left[at] = this.#tailSample(this.#left)
      right[at] = this.#tailSample(this.#right)
      if (this.#tail !== undefined) this.#tail.played++
    }
    if (position !== undefined) {
      this.#silentSamples += count
      if (due !== undefined || this.#isFree)
        this.#positionUs = position + (count * this.#speed * 1e6) / this.#rate
    }
    return from + count
  }

  /** The first sample held, not before the cursor, that is due at `positionUs` or later. */
  #nextSound(positionUs: number): { readonly index: number; readonly atUs: number } | undefined {
    for (const [at, marker] of this.#markers.entries()) {
      const end = (this.#markers[at + 1]?.index ?? this.#end) - AHEAD
      const due = marker.index + Math.ceil(((positionUs - marker.timestampUs) * this.#rate) / 1e6)
      const index = Math.max(marker.index, this.#cursor, due)
      if (index >= end) continue
      // At the position itself, as near as samples go: 21 µs.
      return { index, atUs: index === due ? positionUs : this.#timeAt(marker, index) }
    }
    return undefined
  }

  #begin(index: number): void {
    this.#cursor = index
    this.#runStart = index
    this.#gain = 0
    this.#isSounding = true
    this.#isFree = false
  }

  #silence(): void {
    if (this.#isSounding) {
      this.#positionUs = this.#soundTime()
      const from = this.#cursor
      const isLongEnough = from - this.#runStart >= LAG_MAX + OVERLAP
      const period = isLongEnough ? bestLag(this.#left, MASK, from - OVERLAP, -1) : LAG_MIN
      // Nobody pulled for so long that the place was written over: there is nothing to repeat.
      const isHeld = from - LAG_MAX - OVERLAP >= this.#end - CAPACITY
      this.#tail = isHeld && from - this.#runStart >= LAG_MIN ? { from, period, played: 0 } : undefined
    }
    this.#isSounding = false
    this.#blend = undefined
    this.#fraction = 0
  }

  #tailSample(plane: Float32Array): number {
    const tail = this.#tail
    if (tail === undefined || tail.played >= TAIL) return 0
    const index = tail.from - tail.period + (tail.played % tail.period)
    return (plane[index & MASK] ?? 0) * (1 - tail.played / TAIL)
  }

  #timeAt(marker: Marker, index: number): number {
    return marker.timestampUs + ((index - marker.index) * 1e6) / this.#rate
  }

  #soundTime(): number {
    let current = this.#markers[0]
    for (const marker of this.#markers) {
      if (marker.index > this.#cursor) break
      current = marker
    }
    return current === undefined
      ? (this.#positionUs ?? 0)
      : this.#timeAt(current, this.#cursor + this.#fraction)
  }
}

/** Catmull-Rom through four samples: for changes of pitch of half a percent its error lies below 16-bit noise under 8 kHz. */
function interpolate(plane: Float32Array, index: number, fraction: number): number {
  const here = plane[index & MASK] ?? 0
  if (fraction === 0) return here
  const before = plane[(index - 1) & MASK] ?? 0
  const after = plane[(index + 1) & MASK] ?? 0
  const beyond = plane[(index + 2) & MASK] ?? 0
  const a = 3 * (here - after) + beyond - before
  const b = 2 * before - 5 * here + 4 * after - beyond
  return here + 0.5 * fraction * (after - before + fraction * (b + fraction * a))
}
