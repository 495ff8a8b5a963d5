import { FRAME_MAX_BYTES } from '../../shared/protocol/limits.ts'
import type { EncodedFrame } from '../engine/events.ts'
import { VIDEO_TRACK_ID } from './accepted-tracks.ts'
import { nameOf, reencodeLine, type SourceName, salvageLine } from './ffmpeg-line.ts'
import { SourceError, type SourceNotice } from './source-error.ts'
import { KeyFrameGauge } from './video-scan.ts'

/** A viewer who joins waits up to this long for a picture. */
export const KEY_DISTANCE_WARN_US = 2e6
export const KEY_DISTANCE_MAX_US = 10e6
/** How far before its declared end a file may stop: containers round, and tracks end apart. */
const TRUNCATED_US = 250_000
const GAP_US = 1e6

export type CheckedSource = {
  readonly name: SourceName
  readonly frameRate: number
  /** How long the container says that it plays, µs; undefined where it does not say. */
  readonly declaredUs: number | undefined
}

/** What can go wrong with a source while it plays, each said in a sentence. Times are the stream's own, µs. */
export class SourceChecks {
  readonly #source: CheckedSource
  readonly #notify: (notice: SourceNotice) => void
  readonly #gauge = new KeyFrameGauge()
  #hasWarned = false
  #pictureEndUs = 0
  #endUs = 0
  #passStartUs = 0

  constructor(source: CheckedSource, notify: (notice: SourceNotice) => void) {
    this.#source = source
    this.#notify = notify
  }

  /** Where the furthest frame ends: the next pass of a loop starts there. */
  get endUs(): number {
    return this.#endUs
  }

  /** What is known before playing. Throws SourceError('key-frames-too-far'). */
  keyDistance(distanceUs: number): void {
    if (distanceUs > KEY_DISTANCE_MAX_US) throw this.#keyFramesTooFar(distanceUs)
    if (distanceUs <= KEY_DISTANCE_WARN_US || this.#hasWarned) return
    this.#hasWarned = true
    this.#notify({
      kind: 'key-frames-far',
      message:
        `Key frames are ${seconds(distanceUs)} apart: a viewer who joins waits up to so long for a picture. ` +
        `Best is 1 s:\n  ${this.#reencode()}`,
    })
  }

  /** Every frame in sending order. Throws SourceError. */
  frame({ track, timestampUs, durationUs, isKey, payload }: EncodedFrame): void {
    const endUs = timestampUs + durationUs
    this.#endUs = Math.max(this.#endUs, endUs)
    if (payload.length > FRAME_MAX_BYTES) {
      throw new SourceError(
        'frame-too-large',
        `A frame of ${nameOf(this.#source.name)} at ${position(timestampUs)} has ${payload.length} bytes, more than the ` +
          `${FRAME_MAX_BYTES} that a stream carries. Lower its bitrate:\n  ${this.#reencode()}`,
      )
    }
    if (track !== VIDEO_TRACK_ID) return
    this.keyDistance(this.#gauge.observe(timestampUs, isKey))
    const gapUs = timestampUs - this.#pictureEndUs
    if (gapUs > GAP_US && this.#pictureEndUs > 0) {
      this.#notify({
        kind: 'gap',
        message:
          `${nameOf(this.#source.name)} has no picture from ${position(this.#pictureEndUs)} to ` +
          `${position(timestampUs)}: it is damaged there, or was recorded so. The broadcast goes on.`,
      })
    }
    this.#pictureEndUs = Math.max(this.#pictureEndUs, endUs)
  }

  /** At the end of a pass. Throws SourceError when the file stopped before the end that it declares. */
  passEnded(): void {
    const { declaredUs, name } = this.#source
    const playedUs = this.#endUs - this.#passStartUs
    if (playedUs === 0) {
      throw name.kind === 'pipe'
        ? new SourceError(
            'empty-pipe',
            'The source ended before its first picture. Its own messages say why.',
          )
        : new SourceError(
            'corrupt',
            `${nameOf(name)} has no picture that can be shown. Check that it plays elsewhere.`,
          )
    }
    if (declaredUs !== undefined && playedUs < declaredUs - TRUNCATED_US) {
      throw new SourceError(
        'truncated',
        `${nameOf(name)} stops at ${position(playedUs)} although it should last ${position(declaredUs)}: it is cut off. ` +
          `Copy or download it again, or keep what is there:\n  ${salvageLine(name)}`,
      )
    }
    this.#passStartUs = this.#endUs
  }

  /** What a reader threw, in a sentence. */
  damaged(cause: unknown): SourceError {
    if (cause instanceof SourceError) return cause
    const { name } = this.#source
    const where = position(this.#endUs - this.#passStartUs)
    const detail = cause instanceof Error ? ` (${cause.message})` : ''
    return new SourceError(
      'corrupt',
      `${nameOf(name)} is damaged at ${where}${detail}; the broadcast has ended there. ` +
        `Try to save the rest:\n  ${salvageLine(name)}`,
      { cause },
    )
  }

  #keyFramesTooFar(distanceUs: number): SourceError {
    return new SourceError(
      'key-frames-too-far',
      `Key frames of ${nameOf(this.#source.name)} are ${seconds(distanceUs)} apart or more: a viewer who joins would ` +
        `wait so long for a picture, and 10 s is the most that is accepted. Set one each second:\n  ${this.#reencode()}`,
    )
  }

  #reencode(): string {
    return reencodeLine(this.#source.name, this.#source.frameRate)
  }
}

function seconds(us: number): string {
  return `${(us / 1e6).toFixed(1)} s`
}

function position(us: number): string {
  const minutes = Math.floor(us / 60e6)
  return `${minutes}:${((us - minutes * 60e6) / 1e6).toFixed(1).padStart(4, '0')}`
}
