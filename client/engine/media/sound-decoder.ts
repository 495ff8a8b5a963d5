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
  /** Packets in the decoder, oldest first. */
  readonly #pending: { readonly timestampUs: number; readonly durationUs: number }[] = []
  #decoder: AudioDecoder | undefined
  #hasBegun = false
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
    if (this.#decoder === undefined) return
    this.#pending.push({ timestampUs, durationUs })
    try {
      this.#decoder.decode(
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
          this.#onSound(sound)
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

  /**
   * One packet in, one sound out. A browser counts the timestamps it puts out in samples from the first one on, so that
   * they know nothing of lost packets and of clocks that drift: the packet's own is taken.
   */
  #onSound(sound: AudioData): void {
    // Some codecs give nothing for their very first packets.
    const isBefore = (packet: { timestampUs: number; durationUs: number } | undefined) =>
      packet !== undefined && packet.timestampUs + packet.durationUs / 2 < sound.timestamp
    while (!this.#hasBegun && this.#pending.length > 1 && isBefore(this.#pending[0])) this.#pending.shift()
    this.#hasBegun = true
    const packet = this.#pending.shift()
    if (packet !== undefined) this.#listener.onSound(packet.timestampUs, sound.duration, planesOf(sound))
  }

  async #fail(error: unknown): Promise<void> {
    this.#drop()
    this.#pending.length = 0
    this.#hasBegun = false
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
