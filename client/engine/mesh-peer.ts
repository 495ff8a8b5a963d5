import { FrameRing, type StoredFrame } from '../../shared/media/frame-ring.ts'
import { LiveAnchor } from '../../shared/media/live-anchor.ts'
import {
  createPeerCore,
  type PeerCore,
  type PeerEffect,
  type PeerEvent,
  type PeerPhase,
  type ViolationReason,
} from '../../shared/overlay/peer-core.ts'
import type { QueuedMessage } from '../../shared/overlay/send-queue.ts'
import { type VerifiedAnnouncement, withManifest } from '../../shared/protocol/announcement.ts'
import { signEdge } from '../../shared/protocol/edge-chain.ts'
import { type PeerId, type StreamId, streamIdToBytes } from '../../shared/protocol/ids.ts'
import { RING_MAX_BYTES } from '../../shared/protocol/limits.ts'
import type { VerifiedManifest } from '../../shared/protocol/manifest.ts'
import type { PeerMessage } from '../../shared/protocol/peer-message.ts'
import { meaningOf } from './core-events.ts'
import type { MeshStats } from './events.ts'
import { FanOut } from './fan-out.ts'
import { MediaPath } from './media-path.ts'
import type { MeshPeerEvents, MeshPeerOptions } from './mesh-contract.ts'
import { MeshRoom } from './mesh-room.ts'
import { meshStats } from './mesh-stats.ts'
import { Neighbours } from './neighbours.ts'
import { Dialer } from './net/dialer.ts'
import type { EngineDeps, Logger, TrackerRoom } from './ports.ts'
import { resumePositions } from './resume-positions.ts'
import { StreamRecord } from './stream-record.ts'
import { TypedEmitter } from './typed-emitter.ts'
import { UpDown, type UpVia } from './up-down.ts'

/** The core's clock, and how often acknowledgements, queues and feedback are looked at. */
const TICK_MS = 50
const FEEDBACK_EVERY_TICKS = 4
const PING_EVERY_TICKS = 20
/**
 * One peer of one stream's relay tree, in browser and Node: carries out what the overlay core decides, and moves
 * verified media from the parent to the children. Creator, viewer and relay differ only in options.
 */
export class MeshPeer extends TypedEmitter<MeshPeerEvents> {
  readonly streamId: StreamId
  readonly ring: FrameRing
  readonly anchor = new LiveAnchor()
  readonly #deps: EngineDeps
  readonly #logger: Logger
  readonly #core: PeerCore
  readonly #room: MeshRoom
  readonly #dialer: Dialer
  readonly #neighbours: Neighbours
  readonly #children: FanOut
  readonly #record: StreamRecord
  readonly #media: MediaPath
  readonly #upDown: UpDown
  #ticks = 0
  #timer: ReturnType<typeof setInterval> | undefined
  #isClosed = false
  #violations = 0

  constructor(deps: EngineDeps, options: MeshPeerOptions) {
    super()
    this.#deps = deps
    this.streamId = options.streamId
    this.#logger = deps.logger.scope(options.role)
    this.#record = new StreamRecord(options.streamId, {
      crypto: deps.crypto,
      clock: deps.clock,
      anchor: this.anchor,
      trackerTimeMs: () => this.#room.trackerTimeMs,
      onNewer: (verified, forward) => this.#adopted(verified, forward),
    })
    this.ring = new FrameRing({ maxAgeUs: (options.ringMs ?? 30_000) * 1000, maxBytes: RING_MAX_BYTES })
    this.#children = new FanOut(this.ring)
    this.#media = new MediaPath(
      { clock: deps.clock, anchor: this.anchor, ring: this.ring, children: this.#children },
      {
        onFrame: frame => this.emit('frame', frame),
        onProgress: (peer, behindLiveMs) => this.#step({ kind: 'progress', peer, behindLiveMs }),
        onViolation: (peer, reason, detail) => this.#violation(peer, reason, detail),
      },
    )
    this.#neighbours = new Neighbours(deps, options.streamId, {
      onProven: (peer, rttMs) => this.#step({ kind: 'link-open', peer, rttMs }),
      onMessage: (peer, message) => this.#receiveMessage(peer, message),
      onMedia: (link, bytes) => this.#media.receive(link, bytes),
      onRtt: (peer, rttMs) => {
        this.#children.feedOf(peer)?.setRtt(rttMs)
        this.#step({ kind: 'rtt', peer, rttMs })
      },
      onViolation: (peer, reason, detail) => this.#violation(peer, reason, detail),
      onClose: (peer, reason, isProven) => {
        this.#media.forget(peer)
        this.#children.drop(peer)
        this.#step(isProven ? { kind: 'link-closed', peer, reason } : { kind: 'link-failed', peer, reason })
      },
    })
    const { rootChain } = options
    this.#core = createPeerCore({
      self: deps.tracker.self,
      streamId: options.streamId,
      role: options.role,
      slots: options.slots,
      ...(rootChain === undefined ? {} : { chain: rootChain }),
    })
    this.#room = new MeshRoom(deps, options, {
      onEvent: event => this.#step(event),
      onAnnouncement: record => this.#receiveAnnouncement(record, undefined),
      onSignal: signal => void this.#dialer.receive(signal),
      onTracker: isConnected => this.emit('tracker', { isConnected }),
      onRefused: refused => this.emit('refused', refused),
    })
    this.#upDown = new UpDown(
      {
        streamId: options.streamId,
        isRoot: options.role === 'creator',
        crypto: deps.crypto,
        clock: deps.clock,
        generateSigner: deps.generateSigner,
        view: () => this.#core.view,
        roomPeers: () => this.#room.peers,
      },
      {
        send: (peer, message) => this.#neighbours.send(peer, message),
        onViolation: (peer, reason, detail) => this.#violation(peer, reason, detail),
        onUp: message => this.emit('up', message),
        onDown: message => this.emit('down', message),
      },
    )
    this.#dialer = new Dialer(
      {
        self: deps.tracker.self,
        signer: deps.tracker.signer,
        crypto: deps.crypto,
        createPeer: deps.createPeer,
        clock: deps.clock,
        random: deps.random,
        logger: this.#logger.scope('dialer'),
        iceServers: () => this.#room.iceServers,
        trackerTimeMs: () => this.#room.trackerTimeMs,
        sendSignal: (to, signal) => this.#room.port.send({ kind: 'signal', to, signal }),
      },
      options.streamId,
    )
    if (options.announcement !== undefined) this.#record.adopt(options.announcement)
    this.#listen()
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
    this.#step({ kind: 'start' })
  }

  get phase(): PeerPhase {
    return this.#core.view.phase
  }

  get manifest(): VerifiedManifest | undefined {
    return this.#record.manifest
  }

  get announcement(): VerifiedAnnouncement | undefined {
    return this.#record.announcement
  }

  get room(): TrackerRoom {
    return this.#room.port
  }

  /** The creator's frames enter here, after signing; everybody else's come from the parent. */
  publish(message: QueuedMessage, frame: StoredFrame): void {
    this.#media.publish(message, frame)
    if (frame.missing === 0) this.#media.completed(frame)
  }

  /** A newer announcement of one's own (the creator's): to the tracker and down the tree. */
  announce(announcement: VerifiedAnnouncement): void {
    this.#record.adopt(announcement)
    this.#room.port.setMembership({ announcement: withManifest(announcement) })
    this.#room.port.send({ kind: 'announce', record: withManifest(announcement) })
  }

  /** As `UpDown.send`: up to 1 KiB towards the creator; after two that were not answered through `warm`. */
  sendUp(body: Uint8Array, { via = 'parent' }: { via?: UpVia } = {}): Promise<number | undefined> {
    return this.#isClosed ? Promise.resolve(undefined) : this.#upDown.send(body, via)
  }

  /** The key that signs what this peer sends up; of this stream alone. */
  upOrigin(): Promise<Uint8Array> {
    return this.#upDown.origin()
  }

  /** What went up through the parent is not answered: another is looked for, while this one still feeds. */
  leaveParent(): void {
    this.#step({ kind: 'unanswered' })
  }

  /** The creator answers an `up`. False when the way back is not known any more (30 s). */
  sendDown(target: Uint8Array, counter: number, body: Uint8Array): boolean {
    return !this.#isClosed && this.#upDown.answer(target, counter, body)
  }

  setSlots(slots: number): void {
    this.#room.port.setMembership({ slots })
    this.#step({ kind: 'set-slots', slots })
  }

  setHidden(isHidden: boolean): void {
    this.#step({ kind: 'visibility', isHidden })
  }

  stats(): MeshStats {
    return meshStats({
      self: this.#deps.tracker.self,
      view: this.#core.view,
      room: this.#room,
      neighbours: this.#neighbours,
      children: this.#children,
      media: this.#media,
      rejected: this.#violations,
      nowMs: this.#deps.clock.nowMs(),
    })
  }

  /** Says Leave to everybody and closes every link. Idempotent; synchronous, so that a closing tab gets it done. */
  close(): void {
    if (this.#isClosed) return
    this.#step({ kind: 'stop' })
    this.#isClosed = true
    clearInterval(this.#timer)
    this.#room.port.close()
    this.#dialer.close()
    this.#neighbours.closeAll('closing')
    this.#children.clear()
    this.removeAllListeners()
  }

  #listen(): void {
    this.#dialer.on('offered', ({ peer }) => this.#step({ kind: 'dial-offered', peer }))
    this.#dialer.on('failed', ({ peer, reason }) => this.#step({ kind: 'link-failed', peer, reason }))
    this.#dialer.on('open', ({ link }) => this.#neighbours.add(link))
  }

  #receiveMessage(peer: PeerId, message: PeerMessage): void {
    if (message.kind === 'ack' || message.kind === 'feedback') {
      const received = message.kind === 'ack' ? message.media + message.repair : message.received
      this.#children.feedOf(peer)?.acknowledge(received, this.#deps.clock.nowMs())
    }
    if (message.kind === 'up' || message.kind === 'down') return this.#upDown.receive(peer, message)
    if (message.kind === 'announce') return void this.#receiveAnnouncement(message.record, peer)
    const meaning = meaningOf(message, peer, this.#deps.tracker.self)
    switch (meaning.kind) {
      case 'none':
        return
      case 'event':
        return this.#step(meaning.event)
      case 'lie':
        return this.#violation(peer, 'bad-chain', `${message.kind} for another place in the tree`)
      case 'check':
        void this.#record.verifies(meaning.chain).then(isProven => {
          const event = isProven ? meaning.proven : meaning.unproven
          if (event !== undefined) this.#step(event)
          else this.#violation(peer, 'bad-chain', `${message.kind} with a chain that does not hold`)
        })
    }
  }

  async #receiveAnnouncement(record: Uint8Array, from: PeerId | undefined): Promise<void> {
    try {
      await this.#record.receive(record)
    } catch (error) {
      if (from === undefined)
        this.#logger.warn('announcement from the tracker refused', { why: String(error) })
      else this.#violation(from, 'bad-message', `announcement: ${String(error)}`)
    }
  }

  #adopted(verified: VerifiedAnnouncement, forward: Uint8Array): void {
    if (this.#isClosed) return
    this.#media.open({
      crypto: this.#deps.crypto,
      ring: this.ring,
      anchor: this.anchor,
      streamId: streamIdToBytes(this.streamId),
      streamKey: verified.manifest.manifest.certificate.streamKey,
      hasTrack: track => this.manifest?.manifest.tracks.some(({ id }) => id === track) ?? false,
    })
    for (const peer of this.#children.peers())
      this.#neighbours.send(peer, { kind: 'announce', record: forward })
    this.emit('announcement', verified)
  }

  #violation(peer: PeerId, reason: ViolationReason, detail: string): void {
    this.#violations += 1
    this.#logger.warn('peer left for cause', { peer, reason, detail })
    this.emit('violation', { peer, reason, detail })
    this.#step({ kind: 'violation', peer, reason })
  }

  #step(event: PeerEvent): void {
    if (this.#isClosed) return
    const { clock, random } = this.#deps
    const effects = this.#core.step(event, {
      nowMs: clock.nowMs(),
      streamTimeS: this.#record.streamTimeS,
      random,
    })
    for (const effect of effects) this.#carryOut(effect)
  }

  #carryOut(effect: PeerEffect): void {
    switch (effect.kind) {
      case 'dial':
        return this.#dialer.dial(effect.peer, effect.timeoutMs)
      case 'answer-dial':
        return this.#dialer.answer(effect.peer)
      case 'ignore-dial':
        return this.#dialer.ignore(effect.peer)
      case 'close':
        this.#dialer.cancel(effect.peer)
        this.#neighbours.close(effect.peer, effect.reason)
        return
      case 'send':
        return this.#send(effect.peer, effect.message)
      case 'accept-child':
        void this.#sendEdge('accept', effect.peer, effect.untilS)
        return
      case 'renew-child':
        void this.#sendEdge('path', effect.peer, effect.untilS)
        return
      case 'add-child':
        return this.#addChild(effect)
      case 'remove-child':
        return this.#children.drop(effect.peer)
      case 'set-parent':
        this.#media.setParent(effect.peer)
        return this.emit('parent', effect.peer)
      case 'find-parents':
        this.#room.port.send({
          kind: 'find-parents',
          exclude: effect.exclude.slice(0, 16),
          isOrphan: effect.isOrphan,
        })
        return
      case 'update-tracker':
        return this.#room.update(this.#core.view, Math.round(this.#media.behindLiveMs ?? 0))
      case 'phase':
        return this.emit('phase', this.#core.view.phase)
    }
  }

  #send(peer: PeerId, message: PeerMessage): void {
    if (message.kind !== 'attach') {
      this.#neighbours.send(peer, message)
      return
    }
    if (message.role === 'child') this.#media.expect(peer)
    // The core does not know what the ring holds: with it said, the new parent goes on from there.
    const positions = resumePositions(this.ring, this.manifest?.manifest.tracks ?? [])
    this.#neighbours.send(peer, { ...message, ...positions })
  }

  async #sendEdge(kind: 'accept' | 'path', peer: PeerId, untilS: number): Promise<void> {
    const { tracker } = this.#deps
    const edge = await signEdge(this.streamId, tracker.self, peer, untilS, tracker.signer)
    const { chain } = this.#core.view
    if (chain === undefined) return
    this.#neighbours.send(peer, { kind, edge, chain })
  }

  #addChild({ peer, tracks, resume }: Extract<PeerEffect, { kind: 'add-child' }>): void {
    const link = this.#neighbours.linkTo(peer)
    const { announcement } = this.#record
    if (link === undefined || announcement === undefined) return
    link.send({ kind: 'announce', record: withManifest(announcement) })
    this.#children.add(link.link, announcement.manifest.manifest, tracks, resume, this.#deps.clock.nowMs())
  }

  #tick(): void {
    const now = this.#deps.clock.nowMs()
    this.#ticks += 1
    const isFeedbackDue = this.#ticks % FEEDBACK_EVERY_TICKS === 0
    for (const link of this.#neighbours.all()) {
      link.checkAlive(now)
      link.acknowledge(now)
      if (this.#ticks % PING_EVERY_TICKS === 0) link.ping(now)
    }
    for (const feed of this.#children.feeds()) {
      feed.pump(now)
      if (isFeedbackDue) {
        const queueDelayMs = feed.queueDelayMs(now)
        this.#step({ kind: 'child-queue', peer: feed.peer, queueDelayMs, drops: feed.droppedFrames })
      }
    }
    if (isFeedbackDue && this.#media.parent !== undefined) {
      const { slots, subtree } = this.#core.view
      this.#neighbours.linkTo(this.#media.parent)?.giveFeedback(slots, subtree, now)
    }
    this.#step({ kind: 'tick' })
  }
}
