import { randomFillSync } from 'node:crypto'
import type { EncodedFrame } from '../client/engine/events.ts'
import type { Track } from '../shared/protocol/manifest.ts'

export const FRAME_RATE = 30
/** A key frame is about this many times a delta frame at the sizes and bitrates of live video. */
const KEY_FRAME_FACTOR = 4

/** A video track as a 1-second group of pictures at 30 frames/s, without a codec: random bytes of a real stream's sizes. */
export class SyntheticStream {
  readonly track: Track
  readonly #deltaBytes: number
  #index = 0

  constructor(kbps: number) {
    this.track = {
      kind: 'video',
      id: 0,
      codec: 'avc1.42001f',
      width: 1280,
      height: 720,
      frameRate: FRAME_RATE,
      bitrate: kbps * 1000,
      temporalLayers: 1,
    }
    this.#deltaBytes = Math.round((kbps * 1000) / 8 / (FRAME_RATE - 1 + KEY_FRAME_FACTOR))
  }

  next(): EncodedFrame {
    const index = this.#index++
    const isKey = index % FRAME_RATE === 0
    const payload = randomFillSync(
      new Uint8Array(isKey ? this.#deltaBytes * KEY_FRAME_FACTOR : this.#deltaBytes),
    )
    return {
      track: 0,
      timestampUs: Math.round((index * 1_000_000) / FRAME_RATE),
      durationUs: Math.round(1_000_000 / FRAME_RATE),
      isKey,
      temporalLayer: 0,
      payload,
    }
  }
}
