import type { Track } from '../../shared/protocol/manifest.ts'
import { EngineError } from '../engine/engine-error.ts'
import type { EncodedFrame, FrameProducer } from '../engine/events.ts'
import { type AcceptedAudio, type AcceptedVideo, acceptAudio, acceptVideo } from './accepted-tracks.ts'
import { type Media, openMedia, type SourceLocation } from './media-source.ts'
import { audioPackets, type PacedFrame, videoPackets } from './paced-packets.ts'
import { nodePacerDeps, Pacer, type PacerDeps } from './pacer.ts'
import { isFull, PipeWatch } from './pipe-watch.ts'
import { SourceChecks } from './source-checks.ts'
import type { SourceNotice } from './source-error.ts'

export type FileProducerOptions = {
  /** Start again at the end, with times that go on; files only. */
  readonly isLooping?: boolean
  readonly onNotice?: (notice: SourceNotice) => void
  readonly pacer?: PacerDeps
}

/** A disk that is late catches up; what a pipe delivers late was made late, and what follows keeps its distance. */
const FILE_SLACK_MS = 500
const PIPE_SLACK_MS = 20
const PIPE_CHECK_MS = 1_000

/**
 * Opens a file or a pipe and checks that it can be broadcast. Throws SourceError.
 * On a pipe it resolves once the tracks are known, which takes as long as the source needs to start.
 */
export async function createFileProducer(
  location: SourceLocation,
  options: FileProducerOptions = {},
): Promise<FileProducer> {
  const notify = options.onNotice ?? (() => {})
  const media = await openMedia(location)
  const { name } = media
  try {
    const video = await acceptVideo(media, notify)
    const audio = await acceptAudio(media, notify)
    // On a pipe, to ask for the first sound is to wait for it; what lies before the first picture is dropped.
    const isEarlySoundKept = name.kind === 'file' && audio !== undefined && media.audio !== undefined
    const first = await media.video.getFirstTimestamp()
    const originS = isEarlySoundKept
      ? Math.min(first, (await media.audio?.getFirstTimestamp()) ?? first)
      : first
    const declaredUs = media.declaredEndS === undefined ? undefined : (media.declaredEndS - originS) * 1e6
    const checks = new SourceChecks({ name, frameRate: video.track.frameRate, declaredUs }, notify)
    if (video.scan.keyDistanceUs !== undefined) checks.keyDistance(video.scan.keyDistanceUs)
    return new FileProducer(
      { location, media, video, audio, originUs: Math.floor(originS * 1e6), checks },
      options,
    )
  } catch (error) {
    media.close()
    throw new SourceChecks({ name, frameRate: 0, declaredUs: undefined }, notify).damaged(error)
  }
}

type Opened = {
  readonly location: SourceLocation
  readonly media: Media
  readonly video: AcceptedVideo
  readonly audio: AcceptedAudio | undefined
  readonly originUs: number
  readonly checks: SourceChecks
}

type Sink = (frame: EncodedFrame) => void

/** Paces the encoded packets of a file or pipe in real time, unchanged but for parameter sets in each key frame. */
export class FileProducer implements FrameProducer {
  readonly tracks: readonly Track[]
  /** ms; undefined on a pipe, where it shows only while playing. */
  readonly keyDistanceMs: number | undefined
  readonly #opened: Opened
  readonly #isLooping: boolean
  readonly #notify: (notice: SourceNotice) => void
  readonly #clock: PacerDeps
  readonly #pacer: Pacer
  readonly #abort = new AbortController()
  #run: Promise<void> | undefined
  #isClosed = false
  #lastFrameAtMs = 0

  /** @internal Made by createFileProducer. */
  constructor(opened: Opened, options: FileProducerOptions) {
    this.#opened = opened
    this.#isLooping = options.isLooping === true && opened.location.kind === 'file'
    this.#notify = options.onNotice ?? (() => {})
    this.#clock = options.pacer ?? nodePacerDeps
    this.#pacer = new Pacer(this.#clock, {
      slackMs: opened.location.kind === 'file' ? FILE_SLACK_MS : PIPE_SLACK_MS,
    })
    const { video, audio } = opened
    this.tracks = audio === undefined ? [video.track] : [video.track, audio.track]
    this.keyDistanceMs = video.scan.keyDistanceUs === undefined ? undefined : video.scan.keyDistanceUs / 1000
  }

  /** Where the stream has come to, s. */
  get positionS(): number {
    return this.#opened.checks.endUs / 1e6
  }

  start(sink: Sink, onEnd: (error?: EngineError) => void): void {
    if (this.#run !== undefined || this.#isClosed) {
      throw new EngineError('already-started', 'This file was played already: open it again.')
    }
    this.#run = this.#play(sink).then(
      () => onEnd(),
      error => {
        if (!this.#isClosed) onEnd(error instanceof EngineError ? error : this.#opened.checks.damaged(error))
      },
    )
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#stop()
    await this.#run
  }

  async #play(sink: Sink): Promise<void> {
    const { checks } = this.#opened
    const stopWatching = this.#watchPipe()
    try {
      let passStartUs = 0
      do {
        await this.#playOnce(passStartUs, sink)
        checks.passEnded()
        passStartUs = checks.endUs
      } while (this.#isLooping)
    } finally {
      stopWatching()
      this.#stop()
    }
  }

  /** Tracks run side by side, so that one which has nothing to give holds back no other. */
  async #playOnce(passStartUs: number, sink: Sink): Promise<void> {
    const { media, video, audio } = this.#opened
    const runs = [this.#pace(videoPackets(media.video, video), passStartUs, sink)]
    if (audio !== undefined && media.audio !== undefined) {
      runs.push(this.#pace(audioPackets(media.audio, audio), passStartUs, sink))
    }
    try {
      await Promise.all(runs)
    } catch (error) {
      // The other track stops before anyone is told of the end.
      this.#stop()
      await Promise.allSettled(runs)
      throw error
    }
  }

  async #pace(packets: AsyncIterable<PacedFrame>, passStartUs: number, sink: Sink): Promise<void> {
    const { checks, originUs } = this.#opened
    const shiftUs = passStartUs - originUs
    for await (const paced of packets) {
      const frame = { ...paced.frame, timestampUs: paced.frame.timestampUs + shiftUs }
      if (frame.timestampUs < passStartUs) continue
      await this.#pacer.until(paced.dueUs + shiftUs, this.#abort.signal)
      checks.frame(frame)
      this.#lastFrameAtMs = this.#clock.nowMs()
      sink(frame)
    }
  }

  #watchPipe(): () => void {
    const { location } = this.#opened
    if (location.kind === 'file') return () => {}
    const watch = new PipeWatch()
    this.#lastFrameAtMs = this.#clock.nowMs()
    const timer = setInterval(() => {
      const reading = {
        nowMs: this.#clock.nowMs(),
        lastFrameAtMs: this.#lastFrameAtMs,
        delayMs: this.#pacer.delayMs,
        isFull: isFull(location.stream),
      }
      for (const notice of watch.check(reading)) this.#notify(notice)
    }, PIPE_CHECK_MS)
    return () => clearInterval(timer)
  }

  #stop(): void {
    this.#abort.abort()
    this.#opened.media.close()
    if (this.#opened.location.kind === 'pipe') this.#opened.location.stream.destroy()
  }
}
