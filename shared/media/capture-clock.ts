/** Least offset over this many one-second buckets: longer than any pause between unhurried deliveries. */
const BUCKETS = 5
const BUCKET_US = 1_000_000
/** Ten times the worst crystal (200 ppm). */
const SLEW = 0.002
/** A start-up transient is walked off faster: 1 ms a packet. */
const SLEW_FAST = 0.05
const FAST_ABOVE_US = 4_000
/** More than any queue holds: the device was suspended or replaced. */
const JUMP_ABOVE_US = 500_000
/** Or the page stood still and is handed a heap of late packets, the last of them in time again. */
const JUMP_LATER_AFTER_US = 1_000_000

/**
 * Maps one capture clock (camera, sound card, canvas: each has its own origin and its own rate) onto the stream's
 * timeline. The least time between capture and delivery over the last seconds is taken as constant; the mapping
 * follows it slowly, so that 200 ppm between a sound card and the machine do not become 720 ms in an hour.
 */
export class CaptureClock {
  readonly #buckets: number[] = []
  #bucketStartUs = 0
  #offsetUs: number | undefined
  #lastNowUs = 0
  #lastMappedUs = Number.NEGATIVE_INFINITY
  #late: { readonly sinceUs: number; leastUs: number } | undefined

  /** `captureUs`: end of what was captured, by its own clock; `nowUs`: when it was handed over, on the stream's timeline. */
  observe(captureUs: number, nowUs: number): void {
    const offset = nowUs - captureUs
    if (this.#offsetUs === undefined || this.#offsetUs - offset > JUMP_ABOVE_US) {
      this.#anchor(offset, nowUs)
      return
    }
    if (offset - this.#offsetUs > JUMP_ABOVE_US) {
      this.#late ??= { sinceUs: nowUs, leastUs: offset }
      this.#late.leastUs = Math.min(this.#late.leastUs, offset)
      if (nowUs - this.#late.sinceUs >= JUMP_LATER_AFTER_US) this.#anchor(this.#late.leastUs, nowUs)
      return
    }
    this.#late = undefined
    if (nowUs - this.#bucketStartUs >= BUCKET_US) {
      this.#bucketStartUs = nowUs
      this.#buckets.push(offset)
      if (this.#buckets.length > BUCKETS) this.#buckets.shift()
    } else {
      const last = this.#buckets.length - 1
      this.#buckets[last] = Math.min(this.#buckets[last] ?? offset, offset)
    }
    const error = Math.min(...this.#buckets) - this.#offsetUs
    const step = (nowUs - this.#lastNowUs) * (Math.abs(error) > FAST_ABOVE_US ? SLEW_FAST : SLEW)
    this.#lastNowUs = nowUs
    this.#offsetUs += Math.max(-step, Math.min(step, error))
  }

  /** µs on the stream's timeline, never going back; undefined before the first `observe`. */
  map(captureUs: number): number | undefined {
    if (this.#offsetUs === undefined) return undefined
    this.#lastMappedUs = Math.max(this.#lastMappedUs + 1, Math.round(captureUs + this.#offsetUs))
    return this.#lastMappedUs
  }

  #anchor(offsetUs: number, nowUs: number): void {
    this.#late = undefined
    this.#buckets.length = 0
    this.#buckets.push(offsetUs)
    this.#bucketStartUs = nowUs
    this.#offsetUs = offsetUs
    this.#lastNowUs = nowUs
  }
}
