import { EncodedPacketSink, type InputVideoTrack } from 'mediabunny'

export type VideoScan = {
  /** Frames per second; 0 for a track without frames. */
  readonly frameRate: number
  /** bit/s; 0 where only the first frame could be looked at. */
  readonly bitrate: number
  /** Longest way between two key frames, µs; undefined where it will only show while playing. */
  readonly keyDistanceUs: number | undefined
  /** How many frames ahead in decoding order one has to look for the earliest one to be shown: 0 without B-frames. */
  readonly reorderDepth: number
}

/** Ten minutes tell enough of a file; what follows is watched while it plays. */
const SCAN_MAX_S = 600
/** Sixty frames a second for as long; a damaged index may claim millions. */
const SCAN_MAX_FRAMES = 60 * SCAN_MAX_S
/** H.264 reorders at most 16 frames (max_dec_frame_buffering). */
export const REORDER_MAX_FRAMES = 16

/** Follows key frames in decoding order; times in µs. */
export class KeyFrameGauge {
  #lastKeyUs: number | undefined
  #longestUs = 0

  get longestUs(): number {
    return this.#longestUs
  }

  /** `endUs` is where the frame's display ends; returns the distance from the last key frame to it. */
  observe(timestampUs: number, isKey: boolean, endUs = timestampUs): number {
    const distance = this.#lastKeyUs === undefined ? 0 : (isKey ? timestampUs : endUs) - this.#lastKeyUs
    this.#longestUs = Math.max(this.#longestUs, distance)
    if (isKey) this.#lastKeyUs = timestampUs
    return distance
  }
}

/** Reads a file's index (MP4) or its first minutes (WebM), not the pictures themselves. */
export async function scanVideo(track: InputVideoTrack): Promise<VideoScan> {
  const gauge = new KeyFrameGauge()
  const recent: number[] = []
  let frames = 0
  let bytes = 0
  let firstS = 0
  let endS = 0
  let reorderDepth = 0
  for await (const packet of new EncodedPacketSink(track).packets(undefined, undefined, {
    metadataOnly: true,
  })) {
    if (frames === 0) firstS = packet.timestamp
    if (packet.timestamp - firstS > SCAN_MAX_S || frames >= SCAN_MAX_FRAMES) break
    frames += 1
    bytes += packet.byteLength
    endS = Math.max(endS, packet.timestamp + packet.duration)
    gauge.observe(packet.timestamp * 1e6, packet.type === 'key', (packet.timestamp + packet.duration) * 1e6)
    const earliestLater = recent.findIndex(timestamp => timestamp > packet.timestamp)
    if (earliestLater !== -1) reorderDepth = Math.max(reorderDepth, recent.length - earliestLater)
    recent.push(packet.timestamp)
    if (recent.length > REORDER_MAX_FRAMES) recent.shift()
  }
  const seconds = endS - firstS
  return {
    frameRate: seconds > 0 ? frames / seconds : 0,
    bitrate: seconds > 0 ? Math.round((bytes * 8) / seconds) : 0,
    keyDistanceUs: gauge.longestUs,
    reorderDepth,
  }
}

const COMMON_FRAME_RATES = [24000 / 1001, 24, 25, 30000 / 1001, 30, 48, 50, 60000 / 1001, 60] as const
/** WebM counts time in whole ms. */
const ROUNDING_S = 0.001

function frameRateOf(frameS: number): number {
  if (frameS <= 0) return 0
  const common = COMMON_FRAME_RATES.filter(rate => Math.abs(1 / rate - frameS) <= ROUNDING_S)
  const distance = (rate: number) => Math.abs(1 / rate - frameS)
  return common.toSorted((a, b) => distance(a) - distance(b))[0] ?? 1 / frameS
}

/** A pipe cannot be read ahead without delaying it: the first frame's duration has to do. */
export async function peekVideo(track: InputVideoTrack, mayReorder: boolean): Promise<VideoScan> {
  const sink = new EncodedPacketSink(track)
  const first = await sink.getFirstPacket({ metadataOnly: true })
  const second =
    first !== null && first.duration <= 0 ? await sink.getNextPacket(first, { metadataOnly: true }) : null
  const seconds =
    second !== null && first !== null ? second.timestamp - first.timestamp : (first?.duration ?? 0)
  return {
    frameRate: frameRateOf(seconds),
    bitrate: 0,
    keyDistanceUs: undefined,
    reorderDepth: mayReorder ? REORDER_MAX_FRAMES : 0,
  }
}
