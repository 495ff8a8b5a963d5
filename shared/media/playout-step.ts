import type { Meter } from '../pay/meter.ts'
import type { RingState } from './audio-ring.ts'
import type { MediaKind } from './latency-plan.ts'
import type { PlayoutFrame } from './playout-frame.ts'

export type PlayoutOptions = {
  /** One for all that is played of a stream, so that nothing counts twice; absent: its own, every tick free. */
  readonly meter?: Meter
  /** Absent: no picture is played. `temporalLayers` from the manifest. */
  readonly video?: { readonly temporalLayers: number }
  /** Absent: no sound is played, and monotonic time is the master. */
  readonly audio?: object
}

export type PlayoutEvent<Frame extends PlayoutFrame> =
  | { readonly kind: 'frame'; readonly media: MediaKind; readonly frame: Frame }
  /** What a `decode` effect asked for came out of the decoder. */
  | {
      readonly kind: 'decoded'
      readonly media: MediaKind
      readonly timestampUs: number
      readonly durationUs: number
    }
  | { readonly kind: 'decoder-failed'; readonly media: MediaKind }
  /** The sound card runs (it did not before): its position is set next. */
  | { readonly kind: 'sound-ready' }
  /** The sound card stopped: refused by the browser, or unplugged. */
  | { readonly kind: 'sound-lost' }
  /**
   * What is handed to the sound card now will be heard at `heardAtMs`; it is the media at `positionUs` (absent before
   * the first `seek-sound`). `seek` echoes the newest `seek-sound` that was carried out.
   */
  | {
      readonly kind: 'sound'
      readonly seek: number
      readonly positionUs?: number
      readonly heardAtMs: number
      readonly state: RingState
    }
  /** Whether sound reaches ears and pictures reach eyes: what does neither is not counted by the meter. */
  | { readonly kind: 'presented'; readonly isAudible: boolean; readonly isVisible: boolean }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  /** At each screen refresh, and where there is none at least every 50 ms. */
  | { readonly kind: 'poll' }

export type PlayoutEffect<Frame extends PlayoutFrame> =
  | { readonly kind: 'decode'; readonly media: MediaKind; readonly frame: Frame }
  /** Throw away what is in the decoder: a key frame comes next. */
  | { readonly kind: 'reset-decoder'; readonly media: MediaKind }
  | { readonly kind: 'show'; readonly timestampUs: number }
  /** This decoded picture will not be shown. */
  | { readonly kind: 'discard'; readonly timestampUs: number }
  /** Let `positionUs` be heard at `atMs`. `isFree`: silence moves the position on too. */
  | {
      readonly kind: 'seek-sound'
      readonly seek: number
      readonly positionUs: number
      readonly atMs: number
      readonly isFree: boolean
    }
  | { readonly kind: 'set-speed'; readonly speed: number }
  | { readonly kind: 'stop-sound' }
  /** One more second was played; `price` in planck, of its epoch. */
  | { readonly kind: 'tick'; readonly count: number; readonly epoch: number; readonly price: bigint }

export type PlayoutPhase =
  | { readonly kind: 'empty' }
  /** A newcomer's backlog is still coming in: the live edge is not known yet. */
  | {
      readonly kind: 'starting'
      readonly sinceMs: number
      readonly leastMs: number
      readonly leastAtMs: number
    }
  | { readonly kind: 'playing' }
  | { readonly kind: 'paused' }

export type PlayoutView = {
  readonly phase: PlayoutPhase['kind']
  readonly clock: 'audio' | 'monotonic'
  /** Nothing left to show or play. */
  readonly isStalled: boolean
  readonly targetMs: number
  readonly bufferMs: number
  readonly behindMs: number
  readonly skewMs: number | undefined
  readonly droppedFrames: number
  readonly renderedMs: number
}
