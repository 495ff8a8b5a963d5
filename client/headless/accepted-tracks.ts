import type { AudioTrack, VideoTrack } from '../../shared/protocol/manifest.ts'
import { type AvcConfig, parseAvcConfig } from './annex-b.ts'
import { nameOf, reencodeAudioLine, reencodeLine } from './ffmpeg-line.ts'
import type { Media } from './media-source.ts'
import { SourceError, type SourceNotice } from './source-error.ts'
import { peekVideo, REORDER_MAX_FRAMES, scanVideo, type VideoScan } from './video-scan.ts'

export const VIDEO_TRACK_ID = 0
export const AUDIO_TRACK_ID = 1

/** How packets of the picture become frames; what each codec needs is its own. */
export type VideoCoding =
  | { readonly codec: 'avc'; readonly config: AvcConfig }
  | { readonly codec: 'vp8' | 'vp9' | 'av1' }

export type AcceptedVideo = {
  readonly track: VideoTrack
  readonly coding: VideoCoding
  readonly scan: VideoScan
}
export type AcceptedAudio = { readonly track: AudioTrack; readonly codec: 'opus' | 'aac' }

/** Baseline (with Constrained), Main and High: what every browser with H.264 decodes. */
const AVC_PROFILES: ReadonlySet<number> = new Set([66, 77, 100])
const AVC_BASELINE = 66
const FALLBACK_FRAME_RATE = 30
/** Above stereo the channel mapping stands in the OpusHead, so the decoder needs it (RFC 7845, 5.1.1). */
const OPUS_CHANNELS_WITHOUT_HEAD = 2
const AUDIO_STATS_PACKETS = 500

/** Throws SourceError('unsupported-codec' | 'corrupt'). */
export async function acceptVideo(
  media: Media,
  notify: (notice: SourceNotice) => void,
): Promise<AcceptedVideo> {
  const { video, name } = media
  const [codec, config] = await Promise.all([video.getCodec(), video.getDecoderConfig()])
  const refuse = (what: string): SourceError =>
    new SourceError(
      'unsupported-codec',
      `The picture of ${nameOf(name)} is ${what}, which browsers do not all decode. Convert it with\n  ` +
        reencodeLine(name, FALLBACK_FRAME_RATE),
    )
  if (config === null || (codec !== 'avc' && codec !== 'vp8' && codec !== 'vp9' && codec !== 'av1')) {
    throw refuse(codec ?? String(await video.getInternalCodecId()))
  }
  let coding: VideoCoding
  if (codec === 'avc') {
    if (config.description === undefined) throw refuse('H.264 without its decoder configuration')
    coding = { codec, config: parseAvcConfig(bytesOf(config.description)) }
    if (!AVC_PROFILES.has(coding.config.profile)) {
      throw refuse(`H.264 of a profile for studios (${config.codec}: 4:2:2, 4:4:4 or 10 bits)`)
    }
  } else {
    coding = { codec }
  }
  const mayReorder = coding.codec === 'avc' && coding.config.profile !== AVC_BASELINE
  const scan = name.kind === 'file' ? await scanVideo(video) : await peekVideo(video, mayReorder)
  if (scan.reorderDepth > REORDER_MAX_FRAMES) throw refuse('out of order by more than 16 frames')
  if ((await video.getRotation()) !== 0) {
    notify({
      kind: 'rotated',
      message:
        'The picture is stored lying on its side and would be shown so. ffmpeg turns it upright:\n  ' +
        reencodeLine(name, scan.frameRate || FALLBACK_FRAME_RATE),
    })
  }
  const track: VideoTrack = {
    kind: 'video',
    id: VIDEO_TRACK_ID,
    codec: config.codec,
    width: config.codedWidth ?? (await video.getCodedWidth()),
    height: config.codedHeight ?? (await video.getCodedHeight()),
    frameRate: Math.round((scan.frameRate || FALLBACK_FRAME_RATE) * 1000) / 1000,
    bitrate: scan.bitrate,
    temporalLayers: 1,
  }
  return { track, coding, scan }
}

/** Undefined for a source without sound, or whose sound has to stay out: then the notice says so. */
export async function acceptAudio(
  media: Media,
  notify: (notice: SourceNotice) => void,
): Promise<AcceptedAudio | undefined> {
  const { audio, name, video } = media
  if (audio === undefined) return undefined
  const [codec, config] = await Promise.all([audio.getCodec(), audio.getDecoderConfig()])
  const line = reencodeAudioLine(name, (await video.getCodec()) ?? '')
  if (config === null || (codec !== 'opus' && codec !== 'aac')) {
    const what = codec ?? String(await audio.getInternalCodecId())
    notify({
      kind: 'audio-left-out',
      message: `The sound is ${what}, which browsers do not all decode: it stays out. Change it to Opus with\n  ${line}`,
    })
    return undefined
  }
  if (codec === 'aac') {
    notify({
      kind: 'audio-limited',
      message:
        'The sound is AAC: viewers in Chrome, Edge and Safari hear it; Chromium builds without licensed codecs and ' +
        `Firefox on systems without an AAC decoder show the picture without sound. Opus is heard by all:\n  ${line}`,
    })
  }
  const needsDescription = codec === 'aac' || config.numberOfChannels > OPUS_CHANNELS_WITHOUT_HEAD
  const bitrate =
    name.kind === 'file' ? (await audio.computePacketStats(AUDIO_STATS_PACKETS)).averageBitrate : 0
  const track: AudioTrack = {
    kind: 'audio',
    id: AUDIO_TRACK_ID,
    codec: config.codec,
    sampleRate: config.sampleRate,
    channels: config.numberOfChannels,
    bitrate: Math.round(bitrate),
    ...(needsDescription && config.description !== undefined
      ? { description: bytesOf(config.description) }
      : {}),
  }
  return { track, codec }
}

function bytesOf(source: AllowSharedBufferSource): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source)
}
