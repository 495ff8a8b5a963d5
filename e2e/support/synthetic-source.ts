import { randomFillSync } from 'node:crypto'
import type { EncodedFrame } from '../../client/engine/events.ts'
import type { Track } from '../../shared/protocol/manifest.ts'

const FRAME_RATE = 30
const FRAME_US = Math.round(1_000_000 / FRAME_RATE)
/** Three parts, and one message. */
const KEY_BYTES = 40_000
const DELTA_BYTES = 2_000

export const SYNTHETIC_TRACK: Track = {
  kind: 'video',
  id: 0,
  codec: 'vp8',
  width: 320,
  height: 180,
  frameRate: FRAME_RATE,
  bitrate: 800_000,
  temporalLayers: 1,
}

/** Frames of a live stream's rhythm without a codec: what is in them is noise, so no two are alike. */
export class SyntheticSource {
  readonly #push: (frame: EncodedFrame) => void
  #timer: ReturnType<typeof setInterval> | undefined
  #index = 0
  #timestampUs = 0

  constructor(push: (frame: EncodedFrame) => void) {
    this.#push = push
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#next(), FRAME_US / 1_000)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** As after a sleep of the creator's machine: media time goes on so much later, with a key frame. */
  skip(ms: number): void {
    this.#timestampUs += ms * 1_000
    this.#index = Math.ceil(this.#index / FRAME_RATE) * FRAME_RATE
  }

  #next(): void {
    const isKey = this.#index % FRAME_RATE === 0
    this.#index += 1
    this.#timestampUs += FRAME_US
    this.#push({
      track: SYNTHETIC_TRACK.id,
      timestampUs: this.#timestampUs,
      durationUs: FRAME_US,
      isKey,
      temporalLayer: 0,
      payload: randomFillSync(new Uint8Array(isKey ? KEY_BYTES : DELTA_BYTES)),
    })
  }
}
