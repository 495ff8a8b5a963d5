import { type EncodedPacket, EncodedPacketSink, type InputAudioTrack, type InputVideoTrack } from 'mediabunny'
import type { EncodedFrame } from '../engine/events.ts'
import { type AcceptedAudio, type AcceptedVideo, AUDIO_TRACK_ID, VIDEO_TRACK_ID } from './accepted-tracks.ts'
import { toAnnexB } from './annex-b.ts'
import { Av1SequenceCarrier } from './av1-sequence.ts'
import { opusDurationUs } from './opus-packet.ts'

/** A frame in decoding order, its time counted from the container's zero, and when it is due to be sent. */
export type PacedFrame = { readonly frame: EncodedFrame; readonly dueUs: number }

/** WebM rounds to whole ms; within this the Opus packets' own lengths are the better clock. */
const ROUNDING_US = 2_000

/**
 * Video in decoding order. A frame is due when the earliest-shown of itself and those behind it is: so with B-frames
 * each is sent just in time for its display and never before it can be decoded.
 */
export async function* videoPackets(
  input: InputVideoTrack,
  video: AcceptedVideo,
): AsyncGenerator<PacedFrame, void, undefined> {
  const queue: EncodedFrame[] = []
  const next = (frame: EncodedFrame): PacedFrame => ({
    frame,
    dueUs: queue.reduce((earliest, later) => Math.min(earliest, later.timestampUs), frame.timestampUs),
  })
  let failure: { readonly error: unknown } | undefined
  try {
    for await (const frame of decodableFrames(input, video)) {
      queue.push(frame)
      if (queue.length <= video.scan.reorderDepth) continue
      const first = queue.shift()
      if (first !== undefined) yield next(first)
    }
  } catch (error) {
    failure = { error }
  }
  // Also in front of a fault: what was read before it plays.
  for (let first = queue.shift(); first !== undefined; first = queue.shift()) yield next(first)
  if (failure !== undefined) throw failure.error
}

/** From the first key frame on: nothing before it can be shown. */
async function* decodableFrames(
  input: InputVideoTrack,
  { coding, track }: AcceptedVideo,
): AsyncGenerator<EncodedFrame, void, undefined> {
  const carrier = new Av1SequenceCarrier()
  const frameUs = Math.round(1e6 / track.frameRate)
  let hasKey = false
  for await (const packet of packetsOf(input)) {
    let isKey = packet.type === 'key'
    let payload = packet.data
    if (coding.codec === 'avc') {
      const unit = toAnnexB(packet.data, coding.config)
      payload = unit.payload
      isKey = unit.isKey
    } else if (coding.codec === 'av1' && isKey) {
      const whole = carrier.complete(packet.data)
      isKey = whole !== undefined
      payload = whole ?? packet.data
    }
    hasKey ||= isKey
    if (!hasKey || payload.length === 0) continue
    yield {
      track: VIDEO_TRACK_ID,
      timestampUs: packet.microsecondTimestamp,
      durationUs: packet.microsecondDuration > 0 ? packet.microsecondDuration : frameUs,
      isKey,
      temporalLayer: 0,
      payload,
    }
  }
}

/** Sound, with Opus packets lined up one behind the other where the container's rounding allows it. */
export async function* audioPackets(
  input: InputAudioTrack,
  audio: AcceptedAudio,
): AsyncGenerator<PacedFrame, void, undefined> {
  let expectedUs = Number.NEGATIVE_INFINITY
  for await (const packet of packetsOf(input)) {
    if (packet.data.length === 0) continue
    const isNear = Math.abs(packet.microsecondTimestamp - expectedUs) <= ROUNDING_US
    const timestampUs = isNear ? expectedUs : packet.microsecondTimestamp
    // Time that runs backwards is a damaged container's; the mesh orders by it.
    if (timestampUs < expectedUs - ROUNDING_US) continue
    const durationUs = audio.codec === 'opus' ? opusDurationUs(packet.data) : packet.microsecondDuration
    expectedUs = timestampUs + durationUs
    yield {
      frame: {
        track: AUDIO_TRACK_ID,
        timestampUs,
        durationUs,
        isKey: true,
        temporalLayer: 0,
        payload: packet.data,
      },
      dueUs: timestampUs,
    }
  }
}

function packetsOf(track: InputVideoTrack | InputAudioTrack): AsyncGenerator<EncodedPacket, void, undefined> {
  const verifyKeyPackets = track.isVideoTrack()
  return new EncodedPacketSink(track).packets(undefined, undefined, { verifyKeyPackets })
}
