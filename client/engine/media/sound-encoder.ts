import { CaptureClock } from '../../../shared/media/capture-clock.ts'
import type { EncodedFrame } from '../events.ts'

export type SoundEncoderOptions = {
  readonly track: number
  readonly channels: number
  readonly bitrate: number
}
export type SoundEncoderListener = {
  onPacket(frame: EncodedFrame): void
  onLevel(rms: number): void
  onFailed(error: unknown): void
}

/** DESIGN §8: one packet a frame. */
const PACKET_US = 20_000
/** A device whose timestamps are ahead of its samples by this much lost some; less is noise (Web Audio: ±10 ms). */
const LOST_US = 50_000
/** Timestamps and samples may drift apart: what is forgotten of their difference with each 10 ms. */
const FORGET = 0.01
const FAILURES_MAX = 3

/** For isConfigSupported, and for use. */
export function opusConfig(sampleRate: number, channels: number, bitrate: number): AudioEncoderConfig {
  return {
    codec: 'opus',
    sampleRate,
    numberOfChannels: channels,
    bitrate,
    opus: { frameDuration: PACKET_US },
  }
}

/** One Opus encoder. Time is counted in samples, which the capture clock then maps onto the stream's. */
export class SoundEncoder {
  readonly #options: SoundEncoderOptions
  readonly #listener: SoundEncoderListener
  readonly #startedAtMs: number
  readonly #clock = new CaptureClock()
  #encoder: AudioEncoder | undefined
  #sampleRate = 0
  /** Device time: of the next sample to come in, and of the next packet to come out. */
  #inUs = 0
  #outUs = 0
  /** Between the device's timestamps and the samples counted. */
  #differenceUs: number | undefined
  #failures = 0
  #isClosed = false

  constructor(options: SoundEncoderOptions, listener: SoundEncoderListener, startedAtMs: number) {
    this.#options = options
    this.#listener = listener
    this.#startedAtMs = startedAtMs
  }

  /** Takes ownership of the sound. */
  encode(sound: AudioData, nowMs: number): void {
    if (this.#isClosed) {
      sound.close()
      return
    }
    if (this.#encoder === undefined || sound.sampleRate !== this.#sampleRate) this.#open(sound.sampleRate)
    this.#countLost(sound.timestamp)
    this.#inUs += (sound.numberOfFrames * 1e6) / sound.sampleRate
    this.#clock.observe(this.#inUs, (nowMs - this.#startedAtMs) * 1000)
    const planes = this.#planes(sound)
    const format = 'f32-planar'
    const { sampleRate, numberOfFrames, timestamp } = sound
    sound.close()
    const numberOfChannels = this.#options.channels
    const prepared = new AudioData({
      format,
      sampleRate,
      numberOfFrames,
      numberOfChannels,
      timestamp,
      data: planes,
    })
    try {
      this.#encoder?.encode(prepared)
    } catch (error) {
      this.#fail(error)
    } finally {
      prepared.close()
    }
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#encoder !== undefined && this.#encoder.state !== 'closed') this.#encoder.close()
  }

  #countLost(timestampUs: number): void {
    const difference = timestampUs - this.#inUs
    const lostUs = difference - (this.#differenceUs ?? difference)
    if (lostUs > LOST_US) {
      this.#inUs += lostUs
      this.#outUs += lostUs
    } else if (lostUs < -LOST_US) this.#differenceUs = difference
    else this.#differenceUs = difference - lostUs * (1 - FORGET)
  }

  /** As many channels as were announced: a device may change its mind. */
  #planes(sound: AudioData): Float32Array<ArrayBuffer> {
    const { numberOfFrames, numberOfChannels } = sound
    const planes = new Float32Array(numberOfFrames * this.#options.channels)
    let energy = 0
    for (let channel = 0; channel < this.#options.channels; channel++) {
      const plane = planes.subarray(channel * numberOfFrames, (channel + 1) * numberOfFrames)
      sound.copyTo(plane, { planeIndex: Math.min(channel, numberOfChannels - 1), format: 'f32-planar' })
      for (const sample of plane) energy += sample * sample
    }
    this.#listener.onLevel(Math.sqrt(energy / Math.max(1, planes.length)))
    return planes
  }

  #open(sampleRate: number): void {
    if (this.#encoder !== undefined && this.#encoder.state !== 'closed') this.#encoder.close()
    this.#sampleRate = sampleRate
    this.#outUs = this.#inUs
    const encoder = new AudioEncoder({
      output: chunk => {
        if (encoder === this.#encoder && !this.#isClosed) this.#onChunk(chunk)
      },
      error: error => {
        if (encoder === this.#encoder) this.#fail(error)
      },
    })
    encoder.configure(opusConfig(sampleRate, this.#options.channels, this.#options.bitrate))
    this.#encoder = encoder
  }

  #onChunk(chunk: EncodedAudioChunk): void {
    const timestampUs = this.#clock.map(this.#outUs)
    this.#outUs += PACKET_US
    this.#failures = 0
    if (timestampUs === undefined || timestampUs < 0) return
    const payload = new Uint8Array(chunk.byteLength)
    chunk.copyTo(payload)
    const durationUs = PACKET_US
    this.#listener.onPacket({
      track: this.#options.track,
      timestampUs,
      durationUs,
      isKey: true,
      temporalLayer: 0,
      payload,
    })
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return
    this.#failures++
    if (this.#failures > FAILURES_MAX) this.#listener.onFailed(error)
    else this.#open(this.#sampleRate)
  }
}
