import type { VideoTrack } from '../../../shared/protocol/manifest.ts'
import type { ReceivedFrame } from '../events.ts'

export type PictureDecoderListener = {
  onPicture(picture: VideoFrame, durationUs: number): void
  /** It has to be given a key frame next. */
  onFailed(error: unknown): void
  /** It cannot decode this track at all. */
  onUnsupported(): void
}

/** After this many failures without one picture between them, the track is called undecodable. */
const FAILURES_MAX = 3

/** One VideoDecoder at a time, replaced when it fails. */
export class PictureDecoder {
  readonly #config: VideoDecoderConfig
  readonly #listener: PictureDecoderListener
  readonly #durations = new Map<number, number>()
  #decoder: VideoDecoder | undefined
  #failures = 0
  #isClosed = false

  constructor(track: VideoTrack, listener: PictureDecoderListener) {
    this.#config = {
      codec: track.codec,
      optimizeForLatency: true,
      ...(track.description !== undefined && { description: track.description.slice() }),
    }
    this.#listener = listener
    this.#decoder = this.#open()
  }

  decode(frame: ReceivedFrame): void {
    const { isKey, timestampUs, durationUs, payload } = frame
    this.#durations.set(timestampUs, durationUs)
    try {
      this.#decoder?.decode(
        new EncodedVideoChunk({
          type: isKey ? 'key' : 'delta',
          timestamp: timestampUs,
          duration: durationUs,
          data: payload,
        }),
      )
    } catch (error) {
      void this.#fail(error)
    }
  }

  /** What is being decoded is thrown away. */
  reset(): void {
    this.#durations.clear()
    if (this.#decoder?.state !== 'configured') return
    this.#decoder.reset()
    this.#decoder.configure(this.#config)
  }

  close(): void {
    this.#isClosed = true
    this.#drop()
  }

  #drop(): void {
    const decoder = this.#decoder
    this.#decoder = undefined
    if (decoder !== undefined && decoder.state !== 'closed') decoder.close()
  }

  #open(): VideoDecoder | undefined {
    const decoder = new VideoDecoder({
      output: picture => {
        if (decoder !== this.#decoder) {
          picture.close()
          return
        }
        this.#failures = 0
        const durationUs = this.#durations.get(picture.timestamp) ?? picture.duration ?? 0
        for (const timestampUs of this.#durations.keys()) {
          if (timestampUs > picture.timestamp) break
          this.#durations.delete(timestampUs)
        }
        this.#listener.onPicture(picture, durationUs)
      },
      error: error => {
        if (decoder === this.#decoder) void this.#fail(error)
      },
    })
    try {
      decoder.configure(this.#config)
      return decoder
    } catch (error) {
      // A codec string or description that is no such thing.
      queueMicrotask(() => void this.#fail(error))
      return undefined
    }
  }

  async #fail(error: unknown): Promise<void> {
    this.#drop()
    this.#durations.clear()
    this.#failures++
    const support = await VideoDecoder.isConfigSupported(this.#config).catch(() => undefined)
    if (this.#isClosed) return
    if (support?.supported !== true || this.#failures > FAILURES_MAX) {
      this.#isClosed = true
      this.#listener.onUnsupported()
      return
    }
    this.#decoder = this.#open()
    this.#listener.onFailed(error)
  }
}
