/** Reports of the sound card's position carry a few ms of noise; a tenth of each difference is believed. */
const TRUST = 0.1
/** A difference above this is no noise: the sound was moved. */
const SNAP_US = 30_000

/** Media time as a function of monotonic time: runs by itself, and follows the sound card while that reports. */
export class PlayoutClock {
  #positionUs = 0
  #atMs = 0
  #speed = 1
  #capUs = Number.POSITIVE_INFINITY

  /** Media seconds a second. */
  get speed(): number {
    return this.#speed
  }

  positionUs(nowMs: number): number {
    return Math.min(this.#capUs, this.#runningUs(nowMs))
  }

  set(positionUs: number, nowMs: number): void {
    this.#capUs = Number.POSITIVE_INFINITY
    this.#positionUs = positionUs
    this.#atMs = nowMs
  }

  setSpeed(speed: number, nowMs: number): void {
    this.#positionUs = this.#runningUs(nowMs)
    this.#atMs = nowMs
    this.#speed = speed
  }

  /** The sound ran dry: time stands still at `positionUs` until it is set or observed again. */
  hold(positionUs: number): void {
    this.#capUs = positionUs
  }

  /** The sound card will play, or played, `positionUs` at `atMs`. */
  observe(positionUs: number, atMs: number, nowMs: number): void {
    if (this.#capUs !== Number.POSITIVE_INFINITY) this.set(positionUs, atMs)
    const difference = positionUs - this.positionUs(atMs)
    const step = Math.abs(difference) > SNAP_US ? difference : difference * TRUST
    this.set(this.positionUs(nowMs) + step, nowMs)
  }

  #runningUs(nowMs: number): number {
    return this.#positionUs + (nowMs - this.#atMs) * 1000 * this.#speed
  }
}
