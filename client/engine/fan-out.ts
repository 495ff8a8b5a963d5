import type { FrameRing } from '../../shared/media/frame-ring.ts'
import type { QueuedMessage } from '../../shared/overlay/send-queue.ts'
import type { PeerId } from '../../shared/protocol/ids.ts'
import type { Manifest } from '../../shared/protocol/manifest.ts'
import type { TrackPosition } from '../../shared/protocol/peer-message.ts'
import { ChildFeed } from './child-feed.ts'
import type { Link } from './net/link.ts'

/** The children's feeds of one peer: every verified message is offered to each, and made only once. */
export class FanOut {
  readonly #ring: FrameRing
  readonly #feeds = new Map<PeerId, ChildFeed>()
  #droppedBefore = 0

  constructor(ring: FrameRing) {
    this.#ring = ring
  }

  get size(): number {
    return this.#feeds.size
  }

  /** Frames dropped for all children, those that left included. */
  get droppedFrames(): number {
    let dropped = this.#droppedBefore
    for (const feed of this.#feeds.values()) dropped += feed.droppedFrames
    return dropped
  }

  peers(): IterableIterator<PeerId> {
    return this.#feeds.keys()
  }

  feeds(): IterableIterator<ChildFeed> {
    return this.#feeds.values()
  }

  feedOf(peer: PeerId): ChildFeed | undefined {
    return this.#feeds.get(peer)
  }

  /** `tracks`: those the child wants; empty means all. */
  add(
    link: Link,
    manifest: Manifest,
    tracks: readonly number[],
    resume: readonly TrackPosition[],
    nowMs: number,
  ): void {
    const audio = new Set(manifest.tracks.filter(({ kind }) => kind === 'audio').map(({ id }) => id))
    const options = {
      tracks: tracks.length > 0 ? tracks : manifest.tracks.map(({ id }) => id),
      resume,
      bitrate: manifest.tracks.reduce((total, track) => total + track.bitrate, 0),
      isAudio: (track: number) => audio.has(track),
    }
    this.#feeds.set(link.remote, new ChildFeed(link, this.#ring, options, nowMs))
  }

  drop(peer: PeerId): void {
    this.#droppedBefore += this.#feeds.get(peer)?.droppedFrames ?? 0
    this.#feeds.delete(peer)
  }

  offer(message: QueuedMessage, nowMs: number): void {
    for (const feed of this.#feeds.values()) feed.offer(message, nowMs)
  }

  clear(): void {
    this.#feeds.clear()
  }
}
