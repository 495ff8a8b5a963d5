import { EngineError } from '../engine-error.ts'

export type PictureSize = { readonly width: number; readonly height: number }
export type VideoWish = PictureSize & { readonly frameRate: number; readonly bitrate: number }
export type VideoCodec = { readonly config: VideoEncoderConfig; readonly temporalLayers: number }

type Level = {
  readonly blocks: number
  readonly blocksPerSecond: number
  readonly h264: string
  readonly vp9: string
}

/** H.264 table A-1 (macroblocks); VP9 levels that cover the same sizes. */
const LEVELS: readonly Level[] = [
  { blocks: 3_600, blocksPerSecond: 108_000, h264: '1f', vp9: '31' },
  { blocks: 8_192, blocksPerSecond: 245_760, h264: '28', vp9: '40' },
  { blocks: 8_704, blocksPerSecond: 522_240, h264: '2a', vp9: '41' },
  { blocks: 36_864, blocksPerSecond: 983_040, h264: '33', vp9: '51' },
]
const HIGHEST: Level = { blocks: 36_864, blocksPerSecond: 2_073_600, h264: '34', vp9: '52' }

/** The largest size of the same shape within the bounds; encoders of 4:2:0 want even numbers. */
export function encodedSize(source: PictureSize, bounds: PictureSize): PictureSize {
  const scale = Math.min(1, bounds.width / source.width, bounds.height / source.height)
  const even = (length: number) => Math.max(2, 2 * Math.floor((length * scale) / 2 + 1e-6))
  return { width: even(source.width), height: even(source.height) }
}

/** H.264, which most devices decode in hardware, then VP9, then VP8; two temporal layers where they can be had. */
export async function probeVideoCodec(wish: VideoWish): Promise<VideoCodec> {
  for (const codec of codecNames(wish)) {
    for (const temporalLayers of [2, 1]) {
      const config = videoConfig(codec, temporalLayers, wish)
      const support = await VideoEncoder.isConfigSupported(config).catch(() => undefined)
      if (support?.supported === true) return { config, temporalLayers }
    }
  }
  throw new EngineError(
    'unsupported-codec',
    `This browser cannot encode ${wish.width} × ${wish.height} pictures as H.264, VP9 or VP8. Choose a smaller picture, or use a current Chrome, Edge, Firefox or Safari.`,
  )
}

/** The same codec for another size; the level is kept unless it is too low. */
export function resized(codec: VideoCodec, wish: VideoWish): VideoCodec {
  const family = codec.config.codec.slice(0, 4)
  const name = codecNames(wish).find(candidate => candidate.startsWith(family)) ?? codec.config.codec
  return { ...codec, config: videoConfig(name, codec.temporalLayers, wish) }
}

function codecNames(wish: VideoWish): readonly string[] {
  const blocks = Math.ceil(wish.width / 16) * Math.ceil(wish.height / 16)
  const level =
    LEVELS.find(one => blocks <= one.blocks && blocks * wish.frameRate <= one.blocksPerSecond) ?? HIGHEST
  return [`avc1.42e0${level.h264}`, `avc1.4200${level.h264}`, `vp09.00.${level.vp9}.08`, 'vp8']
}

function videoConfig(codec: string, temporalLayers: number, wish: VideoWish): VideoEncoderConfig {
  return {
    codec,
    width: wish.width,
    height: wish.height,
    bitrate: wish.bitrate,
    framerate: wish.frameRate,
    latencyMode: 'realtime',
    ...(temporalLayers > 1 && { scalabilityMode: `L1T${temporalLayers}` }),
    // Parameter sets in each key frame: a viewer may begin at any of them.
    ...(codec.startsWith('avc1') && { avc: { format: 'annexb' } }),
  }
}
