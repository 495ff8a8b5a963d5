import type { AudioTrack, Track, VideoTrack } from '../../../shared/protocol/manifest.ts'
import { EngineError } from '../engine-error.ts'
import type { EncodedFrame } from '../events.ts'
import { CaptureMeter } from './capture-meter.ts'
import type { CaptureOptions, CaptureProducer, CaptureStats } from './capture-types.ts'
import { captureObstacle } from './media-errors.ts'
import { PictureEncoder } from './picture-encoder.ts'
import { opusConfig, SoundEncoder } from './sound-encoder.ts'
import { thumbnail } from './thumbnail.ts'
import { readPictures, readSound } from './track-reader.ts'
import {
  encodedSize,
  type PictureSize,
  probeVideoCodec,
  type VideoCodec,
  type VideoWish,
} from './video-codec.ts'

export { listDevices, openSource } from './capture-source.ts'
export type {
  CaptureOptions,
  CaptureProducer,
  CaptureSource,
  CaptureStats,
  MediaDevice,
  OpenedSource,
} from './capture-types.ts'

const VIDEO_TRACK = 1
const AUDIO_TRACK = 2
/** A camera that gives no picture by then gets the size it claims. */
const FIRST_PICTURE_MS = 3_000

type VideoPlan = { readonly codec: VideoCodec; readonly wish: VideoWish; readonly bounds: PictureSize }

/** Probes codecs; tracks are known when it resolves. Throws EngineError: insecure-origin, no-webcodecs, unsupported-codec, no-camera (no live track). */
export async function createCaptureProducer(
  stream: MediaStream,
  options: CaptureOptions = {},
): Promise<CaptureProducer> {
  const obstacle = captureObstacle()
  if (obstacle !== undefined) throw obstacle
  const isLive = (track: MediaStreamTrack) => track.readyState === 'live'
  const videoInput = stream.getVideoTracks().find(isLive)
  const audioInput = stream.getAudioTracks().find(isLive)
  if (videoInput === undefined && audioInput === undefined) {
    throw new EngineError(
      'no-camera',
      'The source gives neither picture nor sound any more. Choose it again.',
    )
  }
  const inputs = new CaptureInputs(videoInput, audioInput)
  try {
    const video = videoInput === undefined ? undefined : await planVideo(videoInput, inputs, options)
    const audio = audioInput === undefined ? undefined : await planAudio(audioInput, options)
    return new StreamProducer(stream, inputs, video, audio, options)
  } catch (error) {
    inputs.close()
    throw error
  }
}

/** Reads the tracks from the start, so that size and preview are known before going live. */
class CaptureInputs {
  onPicture: ((picture: VideoFrame, nowMs: number) => void) | undefined
  onSound: ((sound: AudioData, nowMs: number) => void) | undefined
  #latest: VideoFrame | undefined
  #onFirst: (() => void) | undefined
  readonly #stop: (() => void)[] = []

  constructor(video: MediaStreamTrack | undefined, audio: MediaStreamTrack | undefined) {
    if (video !== undefined)
      this.#stop.push(readPictures(video, (picture, nowMs) => this.#take(picture, nowMs)))
    if (audio === undefined) return
    this.#stop.push(
      readSound(audio, (sound, nowMs) => {
        if (this.onSound === undefined) sound.close()
        else this.onSound(sound, nowMs)
      }),
    )
  }

  get latest(): VideoFrame | undefined {
    return this.#latest
  }

  /** Resolves with the first picture's size, or undefined when none comes in time. */
  async firstSize(): Promise<PictureSize | undefined> {
    if (this.#latest === undefined) {
      await new Promise<void>(resolve => {
        this.#onFirst = resolve
        setTimeout(resolve, FIRST_PICTURE_MS)
      })
    }
    const first = this.#latest
    return first === undefined ? undefined : { width: first.displayWidth, height: first.displayHeight }
  }

  close(): void {
    for (const stop of this.#stop.splice(0)) stop()
    this.onPicture = undefined
    this.onSound = undefined
    this.#latest?.close()
    this.#latest = undefined
  }

  #take(picture: VideoFrame, nowMs: number): void {
    this.#latest?.close()
    this.#latest = picture.clone()
    this.#onFirst?.()
    this.#onFirst = undefined
    if (this.onPicture === undefined) picture.close()
    else this.onPicture(picture, nowMs)
  }
}

async function planVideo(
  input: MediaStreamTrack,
  inputs: CaptureInputs,
  options: CaptureOptions,
): Promise<VideoPlan> {
  const settings = input.getSettings()
  const bounds = { width: options.maxWidth ?? 1280, height: options.maxHeight ?? 720 }
  const claimed = { width: settings.width ?? bounds.width, height: settings.height ?? bounds.height }
  const size = encodedSize((await inputs.firstSize()) ?? claimed, bounds)
  const wish: VideoWish = {
    ...size,
    // Not `settings.frameRate`: Chromium says there what it measured lately, and a camera that started slowly on a
    // busy machine would be held to 2 pictures a second for good.
    frameRate: options.frameRate ?? 30,
    bitrate: options.videoBitrate ?? 2_500_000,
  }
  return { codec: await probeVideoCodec(wish), wish, bounds }
}

async function planAudio(input: MediaStreamTrack, options: CaptureOptions): Promise<AudioTrack> {
  const channels = Math.min(2, input.getSettings().channelCount ?? 2)
  const bitrate = options.audioBitrate ?? 96_000
  const support = await AudioEncoder.isConfigSupported(opusConfig(48_000, channels, bitrate)).catch(
    () => undefined,
  )
  if (support?.supported !== true) {
    throw new EngineError(
      'unsupported-codec',
      'This browser cannot encode sound as Opus. Use a current Chrome, Edge, Firefox or Safari, or choose a source without sound.',
    )
  }
  return { kind: 'audio', id: AUDIO_TRACK, codec: 'opus', sampleRate: 48_000, channels, bitrate }
}

class StreamProducer implements CaptureProducer {
  readonly preview: MediaStream
  readonly tracks: readonly Track[]
  readonly #inputs: CaptureInputs
  readonly #video: VideoPlan | undefined
  readonly #audio: AudioTrack | undefined
  readonly #options: CaptureOptions
  readonly #meter = new CaptureMeter()
  readonly #unsubscribe = new AbortController()
  #pictures: PictureEncoder | undefined
  #sounds: SoundEncoder | undefined
  #isAudioMuted = false
  #isVideoMuted = false
  #hasStarted = false
  #isClosed = false

  constructor(
    stream: MediaStream,
    inputs: CaptureInputs,
    video: VideoPlan | undefined,
    audio: AudioTrack | undefined,
    options: CaptureOptions,
  ) {
    this.preview = stream
    this.#inputs = inputs
    this.#video = video
    this.#audio = audio
    this.#options = options
    this.tracks = [...(video === undefined ? [] : [trackOf(video)]), ...(audio === undefined ? [] : [audio])]
  }

  start(sink: (frame: EncodedFrame) => void, onEnd: (error?: EngineError) => void): void {
    if (this.#isClosed || this.#hasStarted) {
      throw new EngineError('already-started', 'This capture was started before. Open the source again.')
    }
    this.#hasStarted = true
    const startedAtMs = performance.now()
    const end = (error?: EngineError) => {
      if (this.#isClosed) return
      void this.close()
      onEnd(error)
    }
    const fail = (cause: unknown) =>
      end(
        new EngineError(
          'unsupported-codec',
          'The browser stopped encoding. Close other programs that use the camera or the graphics card, then go live again.',
          { cause },
        ),
      )
    if (this.#video !== undefined) {
      const { keyFrameEveryMs = 1_000, transformFrame } = this.#options
      const encoder = new PictureEncoder(
        { ...this.#video, track: VIDEO_TRACK, keyFrameEveryMs, transformFrame },
        {
          onFrame: (frame, encodeMs) => {
            this.#meter.picture(frame, encodeMs, performance.now())
            sink(frame)
          },
          onDropped: () => this.#meter.dropped(),
          onFailed: fail,
        },
        startedAtMs,
      )
      this.#pictures = encoder
      this.#inputs.onPicture = (picture, nowMs) => encoder.encode(picture, nowMs)
    }
    if (this.#audio !== undefined) {
      const { channels, bitrate } = this.#audio
      const encoder = new SoundEncoder(
        { track: AUDIO_TRACK, channels, bitrate },
        {
          onPacket: frame => {
            this.#meter.packet(frame, performance.now())
            sink(frame)
          },
          onLevel: rms => this.#meter.level(rms),
          onFailed: fail,
        },
        startedAtMs,
      )
      this.#sounds = encoder
      this.#inputs.onSound = (sound, nowMs) => encoder.encode(sound, nowMs)
    }
    this.#watchEnd(end)
  }

  setAudioMuted(isMuted: boolean): void {
    this.#isAudioMuted = isMuted
    // A disabled track goes on with silence, or with black pictures (W3C mediacapture-main, 4.3.1).
    for (const track of this.preview.getAudioTracks()) track.enabled = !isMuted
  }

  setVideoMuted(isMuted: boolean): void {
    this.#isVideoMuted = isMuted
    for (const track of this.preview.getVideoTracks()) track.enabled = !isMuted
  }

  get isAudioMuted(): boolean {
    return this.#isAudioMuted
  }

  get isVideoMuted(): boolean {
    return this.#isVideoMuted
  }

  stats(): CaptureStats {
    return { ...this.#meter.stats(performance.now()), videoCodec: this.#video?.codec.config.codec }
  }

  async capturePicture(): Promise<Uint8Array | undefined> {
    const latest = this.#inputs.latest
    return latest === undefined ? undefined : await thumbnail(latest)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#unsubscribe.abort()
    this.#inputs.close()
    this.#pictures?.close()
    this.#sounds?.close()
  }

  #watchEnd(end: (error?: EngineError) => void): void {
    const { signal } = this.#unsubscribe
    for (const track of this.preview.getTracks()) {
      track.addEventListener('ended', () => end(endReason(track)), { signal })
      if (track.readyState === 'ended') queueMicrotask(() => end(endReason(track)))
    }
  }
}

function trackOf(plan: VideoPlan): VideoTrack {
  const { width, height, frameRate, bitrate } = plan.wish
  const { codec, temporalLayers } = {
    codec: plan.codec.config.codec,
    temporalLayers: plan.codec.temporalLayers,
  }
  return { kind: 'video', id: VIDEO_TRACK, codec, width, height, frameRate, bitrate, temporalLayers }
}

/** A shared screen, a file and the pattern end because they were told to; a device ends because it went away. */
function endReason(track: MediaStreamTrack): EngineError | undefined {
  const settings = track.getSettings()
  if (settings.groupId === undefined || 'displaySurface' in settings) return undefined
  const device = track.kind === 'video' ? 'camera' : 'microphone'
  return new EngineError(
    'no-camera',
    `The ${device} was disconnected, or another program took it. Connect it again or choose another source, then go live again.`,
  )
}
