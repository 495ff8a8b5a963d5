import type { MeterOptions } from '../../../shared/pay/meter.ts'
import type { EngineError } from '../engine-error.ts'

export type PlayerOptions = MeterOptions & {
  /** Pictures are drawn here; its width and height follow the stream. */
  readonly canvas: HTMLCanvasElement
  /** False: frames are taken and dropped, nothing is decoded (a page that only relays). Default true. */
  readonly isRendering?: boolean
  /** 0..1, default 1. */
  readonly volume?: number
  readonly isMuted?: boolean
}

export type PlayerState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'playing' }
  /** Nothing left to show: media is late. */
  | { readonly kind: 'stalled' }
  | { readonly kind: 'paused' }
  | { readonly kind: 'closed' }

export type PlayerStats = {
  readonly state: PlayerState['kind']
  /** Pictures shown in the last second. */
  readonly shownFps: number
  readonly shownFrames: number
  readonly decodedFrames: number
  /** Pictures that arrived but were never shown: too late, or undecodable. */
  readonly droppedFrames: number
  /** Picture minus sound, ms: positive when the picture is ahead; undefined without both. */
  readonly avSkewMs: number | undefined
  /** Media received ahead of what is played, ms. */
  readonly bufferMs: number
  /** What the jitter buffer aims at, ms. */
  readonly targetMs: number
  /** How much later than the least possible delay the picture (or sound, if alone) is presented, ms. */
  readonly behindMs: number
  /** Sound replaced by silence, ms in total. */
  readonly concealedMs: number
  /** RMS of the sound now played, 0..1, before volume. */
  readonly audioLevel: number
  /** 'audio' when the sound card's clock leads, else 'monotonic'. */
  readonly clock: 'audio' | 'monotonic'
  /** Of the picture last shown, px; 0 before the first. */
  readonly width: number
  readonly height: number
}

export type PlayerEvents = {
  state: PlayerState
  /** Another 1,000 ms of media were actually rendered; `count` since the start, `price` in planck, of its epoch. */
  tick: { readonly count: number; readonly epoch: number; readonly price: bigint }
  /** A picture was drawn. `atMs` by performance.now(). */
  shown: { readonly timestampUs: number; readonly atMs: number }
  /** The browser plays sound only after a click: call `resumeSound` from it. */
  gesture: { readonly isNeeded: boolean }
  /** unsupported-codec (final for its track), or decode-failed (it goes on at the next key frame). */
  error: EngineError
}
