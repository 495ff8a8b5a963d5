import { LIVE_MAX_BEHIND_MS } from '../protocol/limits.ts'

/**
 * Where "live" is, by signed evidence and one's own monotonic clock alone (docs/spec/overlay.md, DESIGN §6): every
 * verified head or frame says that stream time had reached `timestampUs` when it arrived, so the live edge is at
 * least that plus what has passed since. A recording verifies frame by frame, but it cannot keep up with the edge.
 */
export class LiveAnchor {
  /** Stream time µs at monotonic time 0, by the most advanced evidence so far. */
  #originUs: number | undefined

  /** A signed head or frame with this timestamp arrived at `nowMs`. */
  witness(timestampUs: number, nowMs: number): void {
    const originUs = timestampUs - nowMs * 1000
    if (this.#originUs === undefined || originUs > this.#originUs) this.#originUs = originUs
  }

  get isKnown(): boolean {
    return this.#originUs !== undefined
  }

  /** Stream time of the live edge, µs; 0 before any evidence. */
  edgeUs(nowMs: number): number {
    return this.#originUs === undefined ? 0 : Math.max(0, this.#originUs + nowMs * 1000)
  }

  /** How far a frame is behind the edge, ms; 0 before any evidence. */
  behindMs(timestampUs: number, nowMs: number): number {
    return this.#originUs === undefined ? 0 : Math.max(0, (this.edgeUs(nowMs) - timestampUs) / 1000)
  }

  isLive(timestampUs: number, nowMs: number): boolean {
    return this.behindMs(timestampUs, nowMs) <= LIVE_MAX_BEHIND_MS
  }
}
