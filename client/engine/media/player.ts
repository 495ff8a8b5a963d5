import type { Track } from '../../../shared/protocol/manifest.ts'
import type { EngineError } from '../engine-error.ts'
import type { ReceivedFrame } from '../events.ts'
import { TypedEmitter } from '../typed-emitter.ts'

export type PlayerOptions = {
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
  /** Media received ahead of what is shown, ms. */
  readonly bufferMs: number
  /** What the jitter buffer aims at, ms. */
  readonly targetMs: number
  /** How much later than the least possible delay the picture is shown, ms. */
  readonly behindMs: number
  /** Sound replaced by silence, ms in total. */
  readonly concealedMs: number
  /** RMS of the sound now played, 0..1. */
  readonly audioLevel: number
  /** 'audio' when the sound card's clock leads, else 'monotonic'. */
  readonly clock: 'audio' | 'monotonic'
  readonly width: number
  readonly height: number
}

export type PlayerEvents = {
  state: PlayerState
  /** Another 1,000 ms of media were actually rendered; `count` since the start. */
  tick: { readonly count: number }
  /** A picture was drawn. `atMs` by performance.now(). */
  shown: { readonly timestampUs: number; readonly atMs: number }
  /** The browser plays sound only after a click: call `resumeSound` from it. */
  gesture: { readonly isNeeded: boolean }
  /** Unsupported codec (final for its track), or a decoder failed (goes on at the next key frame). */
  error: EngineError
}

/** Decodes and plays what a Viewer receives: `viewer.on('frame', frame => player.push(frame))`. */
export class Player {
  readonly #events = new TypedEmitter<PlayerEvents>()

  constructor(options: PlayerOptions) {
    throw new Error(`not built: ${options.canvas.id}`)
  }

  on<Name extends keyof PlayerEvents>(
    name: Name,
    listener: (payload: PlayerEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener)
  }

  /** From the manifest; again when a new revision changes them. One video and one audio track are played. Throws EngineError('no-webcodecs'). */
  setTracks(tracks: readonly Track[]): void {
    throw new Error(`not built: ${tracks.length}`)
  }

  /** Any order within a track; tracks that are not played are ignored. */
  push(frame: ReceivedFrame): void {
    throw new Error(`not built: ${frame.seq}`)
  }

  /** Goes on at the live edge. */
  play(): void {
    throw new Error('not built')
  }

  pause(): void {
    throw new Error('not built')
  }

  /** 0..1 */
  setVolume(volume: number): void {
    throw new Error(`not built: ${volume}`)
  }

  setMuted(isMuted: boolean): void {
    throw new Error(`not built: ${isMuted}`)
  }

  /** True while the browser withholds sound for want of a click. */
  get needsGesture(): boolean {
    throw new Error('not built')
  }

  /** Call from a click or key handler. */
  resumeSound(): Promise<void> {
    throw new Error('not built')
  }

  get stats(): PlayerStats {
    throw new Error('not built')
  }

  /** Idempotent. */
  close(): Promise<void> {
    throw new Error('not built')
  }
}
