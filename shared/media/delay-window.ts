/** What counts as recent. Long enough for a p99 to mean something, short enough to forget a burst. */
const WINDOW_MS = 10_000
/** 10 s of 30 pictures or 50 packets a second, with room for faster ones. */
const CAPACITY = 1_024
const QUANTILE = 0.99
/** A p99 does not change faster than this is worth sorting for. */
const REFRESH_MS = 100

/**
 * Delays of one track over the last 10 s: from a frame's timestamp to the moment it was ready to be played. The two
 * ends are read from different clocks, so only differences mean anything; drift between them moves the minimum along.
 */
export class DelayWindow {
  readonly #atMs = new Float64Array(CAPACITY)
  readonly #delayMs = new Float64Array(CAPACITY)
  #head = 0
  #length = 0
  #sorted = new Float64Array(0)
  #refreshAtMs = Number.NEGATIVE_INFINITY

  add(atMs: number, delayMs: number): void {
    if (this.#length === CAPACITY) this.#shift()
    const index = (this.#head + this.#length) % CAPACITY
    this.#atMs[index] = atMs
    this.#delayMs[index] = delayMs
    this.#length++
    this.#dropBefore(atMs - WINDOW_MS)
    const lowest = this.#sorted[0]
    if (lowest === undefined || delayMs < lowest || atMs >= this.#refreshAtMs) this.#refresh(atMs)
  }

  /** Nothing older than 10 s is kept, even if nothing new comes. */
  expire(nowMs: number): void {
    if (this.#length === 0 || (this.#atMs[this.#head] ?? 0) >= nowMs - WINDOW_MS - 1_000) return
    this.#dropBefore(nowMs - WINDOW_MS)
    this.#refresh(nowMs)
  }

  clear(): void {
    this.#length = 0
    this.#sorted = new Float64Array(0)
  }

  /** Undefined while empty. */
  get leastMs(): number | undefined {
    return this.#sorted[0]
  }

  /** p99 above the least delay, ms; 0 while empty. */
  get jitterMs(): number {
    const least = this.#sorted[0]
    const high = this.#sorted[Math.ceil(this.#sorted.length * QUANTILE) - 1]
    return least === undefined || high === undefined ? 0 : high - least
  }

  /** ms between the oldest and the newest delay held. */
  get spanMs(): number {
    if (this.#length === 0) return 0
    const newest = this.#atMs[(this.#head + this.#length - 1) % CAPACITY] ?? 0
    return newest - (this.#atMs[this.#head] ?? 0)
  }

  #dropBefore(atMs: number): void {
    while (this.#length > 0 && (this.#atMs[this.#head] ?? 0) < atMs) this.#shift()
  }

  #shift(): void {
    this.#head = (this.#head + 1) % CAPACITY
    this.#length--
  }

  #refresh(atMs: number): void {
    this.#refreshAtMs = atMs + REFRESH_MS
    const sorted = new Float64Array(this.#length)
    for (let index = 0; index < this.#length; index++) {
      sorted[index] = this.#delayMs[(this.#head + index) % CAPACITY] ?? 0
    }
    this.#sorted = sorted.sort()
  }
}
