import { once } from 'node:events'
import { Writable } from 'node:stream'
import {
  AppendOnlyStreamTarget,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  Mp4OutputFormat,
  Output,
  WebMOutputFormat,
} from 'mediabunny'
import { DecodeOrder } from '../../shared/media/decode-order.ts'
import type { AudioTrack, Track, VideoTrack } from '../../shared/protocol/manifest.ts'
import type { ReceivedFrame } from '../engine/events.ts'
import { OptionError } from './option-error.ts'

/** What is missing is waited for so long, by the stream's own time; then the file goes on without it. */
const PATIENCE_US = 2_000_000

type Container = 'webm' | 'mp4'
type Lane = {
  readonly order: DecodeOrder<ReceivedFrame>
  readonly write: (frame: ReceivedFrame, isFirst: boolean) => Promise<void>
  hasWritten: boolean
}

/** WebM where the codecs belong in it, else fragmented MP4 (H.264, AAC): both can be read while they grow. */
export function containerOf(tracks: readonly Track[]): Container {
  const isWebM = tracks.every(({ codec }) => /^(vp8|vp09|vp9|av01|opus)/.test(codec))
  return isWebM ? 'webm' : 'mp4'
}

/** Writes the first video and audio track of a stream, as they came, to a file or pipe. */
export class StreamWriter {
  readonly container: Container
  readonly #output: Output
  readonly #lanes = new Map<number, Lane>()
  readonly #into: Writable
  /** From stream time to the file's, which begins at 0. */
  #originUs: number | undefined
  #newestUs = 0
  #tail: Promise<void> = Promise.resolve()
  #failure: unknown
  #framesWritten = 0

  private constructor(tracks: readonly Track[], into: Writable) {
    this.container = containerOf(tracks)
    this.#into = into
    const format =
      this.container === 'webm'
        ? new WebMOutputFormat({ appendOnly: true })
        : new Mp4OutputFormat({ fastStart: 'fragmented' })
    this.#output = new Output({ format, target: new AppendOnlyStreamTarget(Writable.toWeb(into)) })
    const video = tracks.find(track => track.kind === 'video')
    const audio = tracks.find(track => track.kind === 'audio')
    if (video !== undefined) this.#addVideo(video)
    if (audio !== undefined) this.#addAudio(audio)
  }

  /** Throws OptionError for a codec that neither container holds. */
  static async open(tracks: readonly Track[], into: Writable): Promise<StreamWriter> {
    const writer = new StreamWriter(tracks, into)
    await writer.#output.start()
    return writer
  }

  get framesWritten(): number {
    return this.#framesWritten
  }

  /** Any order; encrypted frames must have been opened. Throws what writing failed with (a closed pipe, a full disk). */
  push(frame: ReceivedFrame): void {
    if (this.#failure !== undefined) throw this.#failure
    const lane = this.#lanes.get(frame.track)
    if (lane === undefined || frame.isEncrypted) return
    lane.order.push(frame)
    this.#newestUs = Math.max(this.#newestUs, frame.timestampUs)
    this.#tail = this.#tail
      .then(() => this.#drain(this.#newestUs - PATIENCE_US))
      .catch(error => {
        this.#failure ??= error
      })
  }

  /** Completes the file. Throws what writing failed with. */
  async close(): Promise<void> {
    await this.#tail
    if (this.#failure !== undefined) {
      await this.#output.cancel().catch(() => undefined)
      throw this.#failure
    }
    await this.#drain(Number.POSITIVE_INFINITY)
    await this.#output.finalize()
    if (!this.#into.closed) await once(this.#into, 'close')
  }

  async #drain(dueUs: number): Promise<void> {
    for (const lane of this.#lanes.values()) {
      for (let frame = lane.order.take(dueUs); frame !== undefined; frame = lane.order.take(dueUs)) {
        this.#originUs ??= frame.timestampUs
        // Sound from before the first picture has no place in the file.
        if (frame.timestampUs < this.#originUs) continue
        await lane.write(frame, !lane.hasWritten)
        lane.hasWritten = true
        this.#framesWritten += 1
      }
    }
  }

  #packet(frame: ReceivedFrame): EncodedPacket {
    const { payload, isKey, timestampUs, durationUs } = frame
    const at = (timestampUs - (this.#originUs ?? 0)) / 1e6
    return new EncodedPacket(payload, isKey ? 'key' : 'delta', at, durationUs / 1e6)
  }

  #addVideo(track: VideoTrack): void {
    const codec = videoCodec(track.codec)
    const source = new EncodedVideoPacketSource(codec)
    this.#output.addVideoTrack(source, { frameRate: track.frameRate })
    const decoderConfig = {
      codec: track.codec,
      codedWidth: track.width,
      codedHeight: track.height,
      ...(track.description !== undefined && { description: track.description }),
    }
    this.#lanes.set(track.id, {
      order: new DecodeOrder({ dependency: 'group', temporalLayers: track.temporalLayers }),
      write: (frame, isFirst) => source.add(this.#packet(frame), isFirst ? { decoderConfig } : undefined),
      hasWritten: false,
    })
  }

  #addAudio(track: AudioTrack): void {
    const codec = audioCodec(track.codec)
    const source = new EncodedAudioPacketSource(codec)
    this.#output.addAudioTrack(source)
    const decoderConfig = {
      codec: track.codec,
      sampleRate: track.sampleRate,
      numberOfChannels: track.channels,
      ...(track.description !== undefined && { description: track.description }),
    }
    this.#lanes.set(track.id, {
      order: new DecodeOrder({ dependency: 'each', temporalLayers: 1 }),
      write: (frame, isFirst) => source.add(this.#packet(frame), isFirst ? { decoderConfig } : undefined),
      hasWritten: false,
    })
  }
}

function videoCodec(codec: string): 'avc' | 'vp8' | 'vp9' | 'av1' {
  if (codec.startsWith('avc')) return 'avc'
  if (codec.startsWith('vp8')) return 'vp8'
  if (codec.startsWith('vp09') || codec.startsWith('vp9')) return 'vp9'
  if (codec.startsWith('av01')) return 'av1'
  throw new OptionError(`The stream's picture is ${codec}, which this program cannot write to a file.`)
}

function audioCodec(codec: string): 'opus' | 'aac' {
  if (codec === 'opus') return 'opus'
  if (codec.startsWith('mp4a')) return 'aac'
  throw new OptionError(`The stream's sound is ${codec}, which this program cannot write to a file.`)
}
