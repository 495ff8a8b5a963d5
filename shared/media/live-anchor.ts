import { LIVE_MAX_BEHIND_MS } from '../protocol/limits.ts'

/** A minute of them, at one each 10 s. */
const ANNOUNCEMENTS_REMEMBERED = 6

/**
 * Where "live" is, by signed evidence and one's own monotonic clock alone (docs/spec/overlay.md, DESIGN §6): every
 * verified head or frame says that stream time had reached `timestampUs` when it arrived, so the live edge is at
 * least that plus what has passed since. A recording verifies frame by frame, but it cannot keep up with the edge.
 */
export class LiveAnchor {
  /** Stream time µs at monotonic time 0, by the most advanced evidence since each of the last announcements. */
  readonly #originsUs: number[] = []

  /**
   * A newer announcement than any before was verified. Evidence older than the last few leaves: two machines' clocks
   * drift apart (100 ppm are 12 s in 33 hours), and a creator that once ran ahead would look late for ever. Whoever
   * replays a recording cannot bring this about: it takes announcements that the creator has not signed.
   */
  announced(): void {
    this.#originsUs.push(Number.NEGATIVE_INFINITY)
    if (this.#originsUs.length > ANNOUNCEMENTS_REMEMBERED) this.#originsUs.shift()
  }

  /** A signed head or frame with this timestamp arrived at `nowMs`. */
  witness(timestampUs: number, nowMs: number): void {
    const originUs = timestampUs - nowMs * 1000
    const newest = Math.max(0, this.#originsUs.length - 1)
    this.#originsUs[newest] = Math.max(this.#originsUs[newest] ?? Number.NEGATIVE_INFINITY, originUs)
  }

  get isKnown(): boolean {
    return this.#originUs > Number.NEGATIVE_INFINITY
  }

  /** Stream time of the live edge, µs; 0 before any evidence. */
  edgeUs(nowMs: number): number {
    return this.isKnown ? Math.max(0, this.#originUs + nowMs * 1000) : 0
  }

  get #originUs(): number {
    let originUs = Number.NEGATIVE_INFINITY
    for (const one of this.#originsUs) if (one > originUs) originUs = one
    return originUs
  }

  /** How far a frame is behind the edge, ms; 0 before any evidence. */
  behindMs(timestampUs: number, nowMs: number): number {
    return !this.isKnown ? 0 : Math.max(0, (this.edgeUs(nowMs) - timestampUs) / 1000)
  }

  isLive(timestampUs: number, nowMs: number): boolean {
    return this.behindMs(timestampUs, nowMs) <= LIVE_MAX_BEHIND_MS
  }
}
