/** A bucket of one second's submissions: bursts up to that, then that many a second. */
export class SubmissionRate {
  readonly #perSecond: number
  readonly #nowMs: () => number
  #tokens: number
  #atMs: number

  constructor(perSecond: number, nowMs: () => number) {
    this.#perSecond = perSecond
    this.#nowMs = nowMs
    this.#tokens = perSecond
    this.#atMs = nowMs()
  }

  /** False: over the rate; nothing is taken. */
  take(): boolean {
    const nowMs = this.#nowMs()
    this.#tokens = Math.min(this.#perSecond, this.#tokens + ((nowMs - this.#atMs) / 1_000) * this.#perSecond)
    this.#atMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
