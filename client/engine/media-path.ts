import type { FrameRing, StoredFrame } from '../../shared/media/frame-ring.ts'
import type { LiveAnchor } from '../../shared/media/live-anchor.ts'
import type { ViolationReason } from '../../shared/overlay/peer-core.ts'
import type { QueuedMessage } from '../../shared/overlay/send-queue.ts'
import type { PeerId } from '../../shared/protocol/ids.ts'
import type { FanOut } from './fan-out.ts'
import type { StreamIntake } from './inbox.ts'
import type { PeerLink } from './peer-link.ts'
import type { Clock } from './ports.ts'

export type MediaPathDeps = {
  readonly clock: Clock
  readonly anchor: LiveAnchor
  readonly ring: FrameRing
  readonly children: FanOut
}

export type MediaPathHandlers = {
  onFrame(frame: StoredFrame): void
  /** Something newer than ever came from the parent; at most every 50 ms. */
  onProgress(parent: PeerId, behindLiveMs: number): void
  onViolation(peer: PeerId, reason: ViolationReason, detail: string): void
}

/** Frames of the last parent still in flight are honest for this long after a move. */
const FORMER_PARENT_GRACE_MS = 2_000
/** Media of a peer that was asked to be the parent is welcome for this long before its Accept is there. */
const ACCEPT_GRACE_MS = 5_000
const PROGRESS_EVERY_MS = 50

/** The way of the media: from the parent alone, through its link's inbox, to every child and to who shows it. */
export class MediaPath {
  readonly #deps: MediaPathDeps
  readonly #handlers: MediaPathHandlers
  #intake: StreamIntake | undefined
  #parent: PeerId | undefined
  #formerParent: { readonly peer: PeerId; readonly untilMs: number } | undefined
  /** Peers asked to be the parent: their first media may overtake their Accept, which travels on another channel. */
  readonly #expected = new Map<PeerId, number>()
  #newestUs: number | undefined
  #progressAtMs = 0
  framesReceived = 0
  framesForwarded = 0

  constructor(deps: MediaPathDeps, handlers: MediaPathHandlers) {
    this.#deps = deps
    this.#handlers = handlers
  }

  get parent(): PeerId | undefined {
    return this.#parent
  }

  /** How far the newest frame is behind the live edge, ms; undefined before the first. */
  get behindLiveMs(): number | undefined {
    const { anchor, clock } = this.#deps
    return this.#newestUs === undefined ? undefined : anchor.behindMs(this.#newestUs, clock.nowMs())
  }

  /** The stream key is known: media can be checked from now on. */
  open(intake: StreamIntake): void {
    this.#intake ??= intake
  }

  setParent(peer: PeerId | undefined): void {
    if (this.#parent !== undefined && this.#parent !== peer) {
      this.#formerParent = { peer: this.#parent, untilMs: this.#deps.clock.nowMs() + FORMER_PARENT_GRACE_MS }
    }
    this.#parent = peer
  }

  /** An Attach went out to this peer. */
  expect(peer: PeerId): void {
    this.#expected.set(peer, this.#deps.clock.nowMs() + ACCEPT_GRACE_MS)
  }

  /** Its link is gone. */
  forget(peer: PeerId): void {
    this.#expected.delete(peer)
  }

  receive(link: PeerLink, bytes: Uint8Array): void {
    const { peer } = link
    const now = this.#deps.clock.nowMs()
    const isFormer = this.#formerParent?.peer === peer && now < this.#formerParent.untilMs
    if (peer !== this.#parent && !isFormer && now >= (this.#expected.get(peer) ?? 0)) {
      return this.#handlers.onViolation(peer, 'not-parent', 'media that nobody asked for')
    }
    if (this.#intake === undefined) return
    link
      .inbox(this.#intake, {
        onVerified: (message, frame) => this.publish(message, frame),
        onComplete: frame => this.completed(frame),
        onViolation: (reason, detail) => this.#handlers.onViolation(peer, reason, detail),
      })
      .receive(bytes, now)
  }

  /** A verified message (the creator's own: a signed one) goes to every child. */
  publish(message: QueuedMessage, frame: StoredFrame): void {
    const { clock, anchor, children } = this.#deps
    const now = clock.nowMs()
    children.offer(message, now)
    const { timestampUs } = frame.header
    if (this.#newestUs !== undefined && timestampUs <= this.#newestUs) return
    this.#newestUs = timestampUs
    if (this.#parent === undefined || now - this.#progressAtMs < PROGRESS_EVERY_MS) return
    this.#progressAtMs = now
    this.#handlers.onProgress(this.#parent, anchor.behindMs(timestampUs, now))
  }

  completed(frame: StoredFrame): void {
    this.framesReceived += 1
    if (this.#deps.children.size > 0) this.framesForwarded += 1
    this.#handlers.onFrame(frame)
  }
}
