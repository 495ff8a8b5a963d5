import { U16_MAX, U32_MAX } from './big-endian.ts'
import { bytesUpTo, integer, text, track } from './field-checks.ts'
import { TrackRecord } from './generated/records.ts'
import { CODEC_MAX_CHARS, TRACK_DESCRIPTION_MAX_BYTES } from './limits.ts'
import { WireError } from './wire-error.ts'

export type VideoTrack = {
  readonly kind: 'video'
  readonly id: number
  readonly codec: string
  readonly width: number
  readonly height: number
  /** Frames per second, kept to a thousandth. */
  readonly frameRate: number
  /** bit/s */
  readonly bitrate: number
  /** 1..4: frames carry layers 0 to one less. */
  readonly temporalLayers: number
  /** WebCodecs decoder description; absent when parameter sets are in band (annexb). */
  readonly description?: Uint8Array
}
export type AudioTrack = {
  readonly kind: 'audio'
  readonly id: number
  readonly codec: string
  readonly sampleRate: number
  readonly channels: number
  /** bit/s */
  readonly bitrate: number
  readonly description?: Uint8Array
}
export type Track = VideoTrack | AudioTrack

const TEMPORAL_LAYERS_MAX = 4
const FRAME_RATE_MAX_MILLI = 1_000_000
const SAMPLE_RATE_MAX = 384_000
const CHANNELS_MAX = 32
const CODEC_TEXT = /^[\x21-\x7e]+$/

export function trackToRecord(value: Track): TrackRecord {
  const isVideo = value.kind === 'video'
  return {
    id: value.id,
    kind: isVideo ? TrackRecord.Kind.VIDEO : TrackRecord.Kind.AUDIO,
    codec: value.codec,
    width: isVideo ? value.width : 0,
    height: isVideo ? value.height : 0,
    frameRateMilli: isVideo ? Math.round(value.frameRate * 1_000) : 0,
    bitrate: value.bitrate,
    sampleRate: isVideo ? 0 : value.sampleRate,
    channels: isVideo ? 0 : value.channels,
    description: value.description ?? new Uint8Array(),
    temporalLayers: isVideo ? value.temporalLayers : 0,
  }
}

/** Throws WireError. */
export function trackFromRecord(record: TrackRecord): Track {
  if (!CODEC_TEXT.test(text('codec', record.codec, CODEC_MAX_CHARS)))
    throw new WireError('bad-field', 'codec')
  const description = bytesUpTo('track description', record.description, TRACK_DESCRIPTION_MAX_BYTES)
  const both = {
    id: track(record.id),
    codec: record.codec,
    bitrate: integer('bitrate', record.bitrate, U32_MAX),
    ...(description.length > 0 && { description }),
  }
  if (record.kind === TrackRecord.Kind.AUDIO) {
    return {
      kind: 'audio',
      ...both,
      sampleRate: integer('sample rate', record.sampleRate, SAMPLE_RATE_MAX, 1),
      channels: integer('channels', record.channels, CHANNELS_MAX, 1),
    }
  }
  return {
    kind: 'video',
    ...both,
    width: integer('width', record.width, U16_MAX, 1),
    height: integer('height', record.height, U16_MAX, 1),
    frameRate: integer('frame rate', record.frameRateMilli, FRAME_RATE_MAX_MILLI, 1) / 1_000,
    temporalLayers: integer('temporal layers', record.temporalLayers, TEMPORAL_LAYERS_MAX, 1),
  }
}
