/** Epochs are settled once media this many epochs later has come: everything of them was played by then, or never is. */
const SETTLED_AFTER = 2
const TICK_MS = 1_000

type Granted = { readonly ms: number; ticks: number }

/** One viewer's own count of what it was granted and what it showed of that, media ms. */
export class GrantedMedia {
  readonly #open = new Map<number, Granted>()
  #newest = -1
  #grantedMs = 0
  #playedMs = 0
  #unplayedMs = 0

  get newestEpoch(): number {
    return this.#newest
  }

  /** Granted and, until now, not shown. */
  get unplayedMs(): number {
    return Math.max(0, this.#grantedMs - this.#playedMs)
  }

  /** `ms`: of that epoch, less for one that was already running. Once an epoch counts. */
  granted(epoch: number, ms: number): void {
    if (epoch <= this.#newest) return
    this.#newest = epoch
    this.#grantedMs += ms
    this.#open.set(epoch, { ms, ticks: 0 })
  }

  played(epoch: number): void {
    this.#playedMs += TICK_MS
    const granted = this.#open.get(epoch)
    if (granted !== undefined) granted.ticks += 1
  }

  /** Media of this epoch has come. Answers the whole seconds, in ms, of earlier ones that could not be shown. */
  settle(epoch: number): number {
    for (const [one, { ms, ticks }] of this.#open) {
      if (one + SETTLED_AFTER > epoch) continue
      this.#open.delete(one)
      // Ticks straddle epochs: what one lacks another has too much.
      this.#unplayedMs += ms - ticks * TICK_MS
    }
    const whole = Math.floor(this.#unplayedMs / TICK_MS) * TICK_MS
    if (whole <= TICK_MS) return 0
    const claim = whole - TICK_MS
    this.#unplayedMs -= claim
    return claim
  }
}
