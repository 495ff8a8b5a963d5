import { framePayload, type StoredFrame } from '../../shared/media/frame-ring.ts'
import type { EngineDeps } from './ports.ts'
import { StreamMember } from './stream-member.ts'

export type ViewerOptions = {
  /** Children this viewer serves while it watches; 4 by default, 0 only watches. */
  readonly slots?: number
}

/**
 * Watches one stream, and forwards it. Verified frames come as `frame` events; a Player (browser) decodes and shows
 * them, and reports what was shown, which becomes `tick` events.
 */
export class Viewer extends StreamMember {
  #playedMs = 0
  #ticks = 0

  constructor(deps: EngineDeps, options: ViewerOptions = {}) {
    super(deps, 'viewer', options.slots ?? 4)
  }

  /** Media time that was shown just now, ms; every full second becomes a `tick`. */
  reportPlayed(ms: number): void {
    if (!(ms > 0)) return
    this.#playedMs += ms
    while (this.#playedMs >= 1_000) {
      this.#playedMs -= 1_000
      this.#ticks += 1
      this.emit('tick', { count: this.#ticks })
    }
  }

  protected override onFrame(frame: StoredFrame): void {
    const { header } = frame
    const { track, seq, epoch, timestampUs, durationUs, isKey, isEncrypted, temporalLayer } = header
    this.emit('frame', {
      track,
      seq,
      epoch,
      timestampUs,
      durationUs,
      isKey,
      isEncrypted,
      temporalLayer,
      payload: framePayload(frame),
      receivedAtMs: this.deps.clock.nowMs(),
    })
  }
}
