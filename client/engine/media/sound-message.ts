import type { RingState } from '../../../shared/media/audio-ring.ts'

/** From the page to the AudioWorklet. */
export type SoundCommand =
  | { readonly kind: 'sound'; readonly timestampUs: number; readonly planes: readonly Float32Array[] }
  /** Context frame `atFrame` plays `positionUs`. */
  | {
      readonly kind: 'seek'
      readonly seek: number
      readonly positionUs: number
      readonly atFrame: number
      readonly isFree: boolean
    }
  | { readonly kind: 'speed'; readonly speed: number }
  | { readonly kind: 'stop' }

/** From the AudioWorklet to the page, about every 21 ms. */
export type SoundReport = {
  readonly seek: number
  /** Context frame that plays `positionUs`; the next one to be rendered. */
  readonly frame: number
  readonly positionUs?: number
  readonly state: RingState
  /** RMS of the left channel since the last report, 0..1. */
  readonly level: number
  /** Silence played in place of sound, in total. */
  readonly silentMs: number
}
