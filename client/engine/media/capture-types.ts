import type { FrameProducer } from '../events.ts'

/** Where picture and sound come from. */
export type CaptureSource =
  /** Device ids as `listDevices` names them; absent: the browser's default, `false`: without it. */
  | {
      readonly kind: 'camera'
      readonly videoDeviceId?: string | false
      readonly audioDeviceId?: string | false
    }
  /** Asks which screen, window or tab; sound comes along where the browser offers it. */
  | { readonly kind: 'screen' }
  /** A video file of the user's choice, played in real time, again from its start at its end if `isLooping`. */
  | { readonly kind: 'file'; readonly file: Blob; readonly isLooping?: boolean }
  /** A moving picture with a clock (text and time-code.ts strip) and a tone. Default 1280 × 720, 30 frames/s. */
  | {
      readonly kind: 'test-pattern'
      readonly width?: number
      readonly height?: number
      readonly frameRate?: number
    }

export type OpenedSource = {
  /** For a preview `<video muted>` and for createCaptureProducer. */
  readonly stream: MediaStream
  /** Stops devices and timers. Idempotent. */
  close(): void
}

export type MediaDevice = { readonly id: string; readonly label: string }

export type CaptureOptions = {
  /** Longest picture, px; larger ones are scaled down keeping their shape. Default 1280 × 720. */
  readonly maxWidth?: number
  readonly maxHeight?: number
  /** At most this many pictures a second. Default 30. */
  readonly frameRate?: number
  /** bit/s, default 2,500,000. */
  readonly videoBitrate?: number
  /** bit/s, default 96,000. */
  readonly audioBitrate?: number
  /** Distance of key frames in ms, default 1,000 (DESIGN §6: a group is 1 s). */
  readonly keyFrameEveryMs?: number
  /** Called for each captured picture before it is encoded; takes ownership of its argument. Tests stamp time codes. */
  readonly transformFrame?: (frame: VideoFrame) => VideoFrame
}

export type CaptureStats = {
  readonly encodedFrames: number
  /** Not encoded because the encoder was still busy. */
  readonly droppedFrames: number
  readonly keyFrames: number
  readonly audioPackets: number
  /** Over the last second. */
  readonly framesPerSecond: number
  /** bit/s over the last second, both tracks. */
  readonly bitrate: number
  /** Median of recent pictures, handed to the encoder → encoded, ms. */
  readonly encodeMs: number
  /** RMS of the sound captured last, 0..1. */
  readonly audioLevel: number
  readonly videoCodec: string | undefined
}

/** Encodes once for everybody. Closing it does not stop the source. */
export interface CaptureProducer extends FrameProducer {
  /** The stream given to createCaptureProducer, for a preview. */
  readonly preview: MediaStream
  /** Silence is sent: timestamps go on. */
  setAudioMuted(isMuted: boolean): void
  /** Black pictures are sent. */
  setVideoMuted(isMuted: boolean): void
  readonly isAudioMuted: boolean
  readonly isVideoMuted: boolean
  stats(): CaptureStats
  /** The current picture, 320 px wide, WebP or JPEG, at most PICTURE_MAX_BYTES; undefined before the first one or without video. */
  capturePicture(): Promise<Uint8Array | undefined>
}
