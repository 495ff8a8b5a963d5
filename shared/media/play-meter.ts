/** DESIGN §1: a tick is one second of media actually played. */
export const TICK_MS = 1_000
/** Media never runs faster than 1.1; what advances more was a jump, and was not played. */
const SPEED_MAX = 1.15

/** Counts media that was rendered: what was skipped, stalled, paused or not presented does not count. */
export class PlayMeter {
  #renderedMs = 0
  #lastUs: number | undefined
  #lastMs = 0

  /** Media rendered so far, ms. */
  get renderedMs(): number {
    return this.#renderedMs
  }

  get ticks(): number {
    return Math.floor(this.#renderedMs / TICK_MS)
  }

  /** Where play-out stands; `isRendering`: whether the media up to here was seen or heard. */
  advance(positionUs: number, nowMs: number, isRendering: boolean): void {
    const mediaMs = (positionUs - (this.#lastUs ?? positionUs)) / 1000
    const elapsedMs = nowMs - this.#lastMs
    this.#lastUs = positionUs
    this.#lastMs = nowMs
    if (isRendering && mediaMs > 0) this.#renderedMs += Math.min(mediaMs, elapsedMs * SPEED_MAX)
  }

  /** Play-out goes on elsewhere: what lies between was not played. */
  jump(): void {
    this.#lastUs = undefined
  }
}
