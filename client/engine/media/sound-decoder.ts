import type { AudioTrack } from '../../../shared/protocol/manifest.ts'
import type { ReceivedFrame } from '../events.ts'

export type SoundDecoderListener = {
  /** One or two planes, each with a buffer of its own. */
  onSound(timestampUs: number, durationUs: number, planes: Float32Array[]): void
  onFailed(error: unknown): void
  onUnsupported(): void
}

const FAILURES_MAX = 3

/** One AudioDecoder at a time, replaced when it fails. */
export class SoundDecoder {
  readonly #config: AudioDecoderConfig
  readonly #listener: SoundDecoderListener
  #decoder: AudioDecoder | undefined
  #failures = 0
  #isClosed = false

  constructor(track: AudioTrack, listener: SoundDecoderListener) {
    this.#config = {
      codec: track.codec,
      sampleRate: track.sampleRate,
      numberOfChannels: track.channels,
      ...(track.description !== undefined && { description: track.description.slice() }),
    }
    this.#listener = listener
    this.#decoder = this.#open()
  }

  decode(frame: ReceivedFrame): void {
    const { timestampUs, durationUs, payload } = frame
    try {
      this.#decoder?.decode(
        new EncodedAudioChunk({ type: 'key', timestamp: timestampUs, duration: durationUs, data: payload }),
      )
    } catch (error) {
      void this.#fail(error)
    }
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

  #open(): AudioDecoder | undefined {
    const decoder = new AudioDecoder({
      output: sound => {
        if (decoder === this.#decoder) {
          this.#failures = 0
          this.#listener.onSound(sound.timestamp, sound.duration, planesOf(sound))
        }
        sound.close()
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
    this.#failures++
    const support = await AudioDecoder.isConfigSupported(this.#config).catch(() => undefined)
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

/** The first two channels; surround sound has its front left and right there. */
function planesOf(sound: AudioData): Float32Array[] {
  const planes: Float32Array[] = []
  for (let planeIndex = 0; planeIndex < Math.min(2, sound.numberOfChannels); planeIndex++) {
    const plane = new Float32Array(sound.numberOfFrames)
    sound.copyTo(plane, { planeIndex, format: 'f32-planar' })
    planes.push(plane)
  }
  return planes
}
