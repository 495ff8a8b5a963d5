import type { FrameRing, StoredFrame } from '../../shared/media/frame-ring.ts'
import { type QueuedMessage, SendQueue } from '../../shared/overlay/send-queue.ts'
import type { PeerId } from '../../shared/protocol/ids.ts'
import type { TrackPosition } from '../../shared/protocol/peer-message.ts'
import type { Link } from './net/link.ts'

/** A newcomer's backlog may use this multiple of the stream's bitrate: it catches up without starving its siblings. */
const BACKLOG_RATE = 2
/** More than this much media behind is not caught up with: the child starts at the newest key frame instead. */
const RESUME_MAX_US = 2_000_000

export type ChildFeedOptions = {
  readonly tracks: readonly number[]
  readonly resume: readonly TrackPosition[]
  /** Of all tracks together, bit/s. */
  readonly bitrate: number
  /** Tracks on which every frame is a key frame (audio): they start where the picture starts. */
  readonly isAudio: (track: number) => boolean
}

/** What a feed needs of its link: benchmarks have one without a network. */
export type FeedLink = Pick<Link, 'remote' | 'sendMedia' | 'sendRepair' | 'mediaBytesSent'>

/** Pushes one stream to one child: live messages through the queue, the join backlog on `repair` beside it. */
export class ChildFeed {
  readonly peer: PeerId
  readonly #link: FeedLink
  readonly #queue = new SendQueue()
  /** Sent on this link before this feed: acknowledgements count from the link's opening. */
  readonly #sentBefore: number
  readonly #tracks: ReadonlySet<number>
  readonly #backlogBytesPerMs: number
  #backlog: QueuedMessage[] = []
  #budgetBytes = 0
  #budgetAtMs: number
  messagesSent = 0

  constructor(link: FeedLink, ring: FrameRing, options: ChildFeedOptions, nowMs: number) {
    this.peer = link.remote
    this.#link = link
    this.#sentBefore = link.mediaBytesSent
    this.#tracks = new Set(options.tracks)
    this.#backlogBytesPerMs = (BACKLOG_RATE * Math.max(options.bitrate, 500_000)) / 8000
    this.#budgetAtMs = nowMs
    this.#fillBacklog(ring, options, nowMs)
    // The first key frame goes at once, as far as the window lets it: it is what the newcomer sees first.
    this.#budgetBytes = 256 * 1024
    this.pump(nowMs)
  }

  get droppedFrames(): number {
    return this.#queue.droppedFrames
  }

  get goodput(): number {
    return this.#queue.goodput(this.#budgetAtMs)
  }

  queueDelayMs(nowMs: number): number {
    return this.#queue.queueDelayMs(nowMs)
  }

  setRtt(rttMs: number): void {
    this.#queue.setRtt(rttMs)
  }

  offer(message: QueuedMessage, nowMs: number): void {
    if (!this.#tracks.has(message.frame.track)) return
    this.#queue.enqueue(message, nowMs)
    this.pump(nowMs)
  }

  acknowledge(received: number, nowMs: number): void {
    this.#queue.acknowledge(received - this.#sentBefore, nowMs)
    this.pump(nowMs)
  }

  pump(nowMs: number): void {
    this.#queue.shed(nowMs)
    this.#budgetBytes = Math.min(
      256 * 1024,
      this.#budgetBytes + (nowMs - this.#budgetAtMs) * this.#backlogBytesPerMs,
    )
    this.#budgetAtMs = nowMs
    for (let bytes = this.#queue.take(nowMs); bytes !== undefined; bytes = this.#queue.take(nowMs)) {
      if (!this.#link.sendMedia(bytes)) return
      this.messagesSent += 1
    }
    const window = this.#queue.windowBytes(nowMs)
    while (this.#backlog.length > 0 && this.#budgetBytes > 0 && this.#queue.unackedBytes < window) {
      const next = this.#backlog.shift()
      if (next === undefined || !this.#link.sendRepair(next.bytes)) return
      this.#queue.noteSent(next.bytes.length, nowMs)
      this.#budgetBytes -= next.bytes.length
      this.messagesSent += 1
    }
  }

  #fillBacklog(ring: FrameRing, options: ChildFeedOptions, nowMs: number): void {
    const frames: StoredFrame[] = []
    const resumed = new Map(options.resume.map(({ track, seq }) => [track, seq]))
    let startUs: number | undefined
    for (const track of options.tracks) {
      if (options.isAudio(track)) continue
      const found = framesFor(ring, track, resumed.get(track))
      const first = found[0]
      if (first !== undefined)
        startUs = Math.min(startUs ?? Number.POSITIVE_INFINITY, first.header.timestampUs)
      frames.push(...found)
    }
    for (const track of options.tracks) {
      if (!options.isAudio(track)) continue
      const after = resumed.get(track)
      const newest = ring.newest(track)
      if (newest === undefined) continue
      // Sound from where the picture starts; without a picture, from a fifth of a second ago.
      const newestUs = newest.header.timestampUs
      const fromUs = after === undefined ? (startUs ?? newestUs - 200_000) : newestUs - RESUME_MAX_US
      const missed = ring.since(track, (after ?? -1) + 1)
      frames.push(...missed.filter(frame => frame.header.timestampUs >= fromUs))
    }
    frames.sort((a, b) => a.header.timestampUs - b.header.timestampUs || a.header.seq - b.header.seq)
    for (const frame of frames) {
      const messages = [frame.headerMessage, ...frame.parts.filter(part => part !== undefined)]
      for (const bytes of messages) {
        const message = { frame: frame.header, bytes }
        // The rest of an unfinished frame will come on `media`; what is there goes ahead of it on the same channel.
        if (frame.missing > 0) this.#queue.enqueue(message, nowMs)
        else this.#backlog.push(message)
      }
    }
  }
}

/** After `resumeSeq` when the ring still leads there and it is not far; else from the newest key frame. */
function framesFor(ring: FrameRing, track: number, resumeSeq: number | undefined): StoredFrame[] {
  const key = ring.newestKey(track)
  if (key === undefined) return []
  if (resumeSeq !== undefined) {
    const next = ring.get(track, resumeSeq + 1)
    const newest = ring.newest(track)
    if (newest !== undefined && newest.header.seq <= resumeSeq) return []
    if (
      next !== undefined &&
      newest !== undefined &&
      newest.header.timestampUs - next.header.timestampUs <= RESUME_MAX_US
    ) {
      return ring.since(track, resumeSeq + 1)
    }
  }
  return ring.since(track, key.header.seq)
}
