import { CaptureClock } from '../../../shared/media/capture-clock.ts'
import type { EncodedFrame } from '../events.ts'
import { encodedSize, type PictureSize, resized, type VideoCodec, type VideoWish } from './video-codec.ts'

export type PictureEncoderOptions = {
  readonly track: number
  readonly codec: VideoCodec
  readonly wish: VideoWish
  readonly bounds: PictureSize
  readonly keyFrameEveryMs: number
  readonly transformFrame: ((frame: VideoFrame) => VideoFrame) | undefined
}
export type PictureEncoderListener = {
  onFrame(frame: EncodedFrame, encodeMs: number): void
  onDropped(): void
  /** It cannot go on. */
  onFailed(error: unknown): void
}

/** More waiting than this is latency that nobody gets back: drop instead. */
const QUEUE_MAX = 2
/** A still screen gives no pictures; newcomers need a key frame all the same. */
const REPEAT_AFTER_MS = 400
const FAILURES_MAX = 3

/** One VideoEncoder, its timestamps and its key frames. Times are performance.now(). */
export class PictureEncoder {
  readonly #options: PictureEncoderOptions
  readonly #listener: PictureEncoderListener
  readonly #startedAtMs: number
  readonly #clock = new CaptureClock()
  readonly #encodingSinceMs = new Map<number, number>()
  readonly #timer: ReturnType<typeof setInterval>
  #codec: VideoCodec
  #encoder: VideoEncoder
  #size: PictureSize
  #last: VideoFrame | undefined
  #lastAtMs = 0
  #lastUs = Number.NEGATIVE_INFINITY
  #keyUs = Number.NEGATIVE_INFINITY
  #failures = 0
  #isClosed = false

  constructor(options: PictureEncoderOptions, listener: PictureEncoderListener, startedAtMs: number) {
    this.#options = options
    this.#listener = listener
    this.#startedAtMs = startedAtMs
    this.#codec = options.codec
    this.#size = { width: options.wish.width, height: options.wish.height }
    this.#encoder = this.#open()
    this.#timer = setInterval(() => this.#repeat(), REPEAT_AFTER_MS / 2)
  }

  /** Takes ownership of the picture. */
  encode(picture: VideoFrame, nowMs: number): void {
    const nowUs = (nowMs - this.#startedAtMs) * 1000
    this.#clock.observe(picture.timestamp, nowUs)
    const minDistanceUs = 750_000 / this.#options.wish.frameRate
    const timestampUs = this.#clock.map(picture.timestamp) ?? nowUs
    if (this.#isClosed || timestampUs < 0 || timestampUs - this.#lastUs < minDistanceUs) {
      picture.close()
      return
    }
    const transformed = this.#options.transformFrame?.(picture) ?? picture
    this.#last?.close()
    this.#last = transformed
    this.#encodeLast(timestampUs, nowMs)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#timer)
    this.#last?.close()
    this.#last = undefined
    if (this.#encoder.state !== 'closed') this.#encoder.close()
  }

  #repeat(): void {
    const nowMs = performance.now()
    if (this.#last === undefined || nowMs - this.#lastAtMs < REPEAT_AFTER_MS) return
    this.#encodeLast(Math.round((nowMs - this.#startedAtMs) * 1000), nowMs)
  }

  #encodeLast(timestampUs: number, nowMs: number): void {
    if (this.#last === undefined || timestampUs <= this.#lastUs) return
    if (this.#encoder.encodeQueueSize >= QUEUE_MAX) {
      this.#listener.onDropped()
      return
    }
    this.#fit(this.#last)
    const keyFrame = timestampUs - this.#keyUs >= this.#options.keyFrameEveryMs * 1000 - this.#frameUs / 2
    if (keyFrame) this.#keyUs = timestampUs
    this.#lastUs = timestampUs
    this.#lastAtMs = nowMs
    this.#encodingSinceMs.set(timestampUs, nowMs)
    const picture = new VideoFrame(this.#last, { timestamp: timestampUs })
    try {
      this.#encoder.encode(picture, { keyFrame })
    } catch (error) {
      this.#fail(error)
    } finally {
      picture.close()
    }
  }

  get #frameUs(): number {
    return Math.round(1e6 / this.#options.wish.frameRate)
  }

  /** A window that is resized, a phone that is turned: the encoder follows at a key frame. */
  #fit(picture: VideoFrame): void {
    const size = encodedSize(
      { width: picture.displayWidth, height: picture.displayHeight },
      this.#options.bounds,
    )
    if (size.width === this.#size.width && size.height === this.#size.height) return
    this.#size = size
    this.#codec = resized(this.#codec, { ...this.#options.wish, ...size })
    this.#encoder.configure(this.#codec.config)
    this.#keyUs = Number.NEGATIVE_INFINITY
  }

  #open(): VideoEncoder {
    const encoder = new VideoEncoder({
      output: (chunk, metadata) => {
        if (encoder === this.#encoder && !this.#isClosed) this.#onChunk(chunk, metadata)
      },
      error: error => {
        if (encoder === this.#encoder) this.#fail(error)
      },
    })
    encoder.configure(this.#codec.config)
    return encoder
  }

  #onChunk(chunk: EncodedVideoChunk, metadata: EncodedVideoChunkMetadata | undefined): void {
    const nowMs = performance.now()
    const payload = new Uint8Array(chunk.byteLength)
    chunk.copyTo(payload)
    const sinceMs = this.#encodingSinceMs.get(chunk.timestamp) ?? nowMs
    for (const timestampUs of this.#encodingSinceMs.keys()) {
      if (timestampUs > chunk.timestamp) break
      this.#encodingSinceMs.delete(timestampUs)
    }
    this.#failures = 0
    const frame: EncodedFrame = {
      track: this.#options.track,
      timestampUs: chunk.timestamp,
      durationUs: this.#frameUs,
      isKey: chunk.type === 'key',
      temporalLayer: metadata?.svc?.temporalLayerId ?? 0,
      payload,
    }
    this.#listener.onFrame(frame, nowMs - sinceMs)
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return
    if (this.#encoder.state !== 'closed') this.#encoder.close()
    this.#failures++
    if (this.#failures > FAILURES_MAX) {
      this.#listener.onFailed(error)
      return
    }
    this.#keyUs = Number.NEGATIVE_INFINITY
    this.#encodingSinceMs.clear()
    this.#encoder = this.#open()
  }
}
