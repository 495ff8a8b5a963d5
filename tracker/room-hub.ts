import { createRoomCore, type RoomCore } from '../shared/overlay/room-core.ts'
import type { RoomEffect, RoomEvent } from '../shared/overlay/room-event.ts'
import type { CryptoPort } from '../shared/protocol/crypto-port.ts'
import { type EdgeChain, edgeCache, verifyChain } from '../shared/protocol/edge-chain.ts'
import type { PeerId, StreamId } from '../shared/protocol/ids.ts'
import type { FromTracker, IceServer, RoomRefuseCode, ToTracker } from '../shared/protocol/room-message.ts'
import type { AnnouncedStream, AnnouncedStreams, Offer } from './announced-streams.ts'
import type { Clock } from './clock.ts'
import { RESTART_GRACE_MS } from './limits.ts'
import type { TrackerMetrics } from './metrics.ts'
import type { NetworkAddress } from './network-address.ts'
import type { Pictures } from './pictures.ts'
import { type RoomFrame, roomFrame } from './room-stream.ts'
import { sameChain } from './same-chain.ts'

/** One peer in one room, as the hub knows it. */
export interface MemberSession {
  readonly peer: PeerId
  readonly address: NetworkAddress
  /** The name it knows this tracker by. */
  readonly hostname: string
  readonly isOpen: boolean
  /** The newest that verified. */
  provenChain: EdgeChain | undefined
  send(message: FromTracker): void
  sendFrame(frame: RoomFrame): void
  /** Says why, and closes. */
  refuse(code: RoomRefuseCode, detail: string): void
  /** The same peer has joined the same room anew. */
  replace(): void
  /** For a stream that nobody has announced here yet. */
  mayOpenStream(): boolean
  /** Takes the update that waited for its limit. */
  flushUpdate(): void
}

/** Edges seen in the last minutes: about 400 bytes each. */
const EDGE_CACHE_MAX = 20_000

export type RoomHubDeps = {
  readonly streams: AnnouncedStreams
  readonly pictures: Pictures
  readonly metrics: TrackerMetrics
  readonly crypto: CryptoPort
  readonly clock: Clock
  readonly random: () => number
  /** To the directory. */
  readonly publish: (stream: AnnouncedStream) => void
  readonly iceServers: (peer: PeerId, hostname: string) => readonly IceServer[]
}

type Room = {
  readonly streamId: StreamId
  readonly core: RoomCore
  readonly sessions: Map<PeerId, MemberSession>
}

type Join = Extract<ToTracker, { kind: 'join' }>
export type JoinRefusal = {
  readonly code: 'no-such-stream' | 'not-creator' | 'bad-announcement' | 'stale-announcement' | 'rate-limited'
  readonly detail: string
}

/** All rooms: verifies what peers show, gives it to the rooms' cores, and carries out what they decide. */
export class RoomHub {
  readonly #deps: RoomHubDeps
  readonly #isDev: boolean
  readonly #rooms = new Map<StreamId, Room>()
  readonly #edges = edgeCache(EDGE_CACHE_MAX)
  readonly #waitsUntilMs: number

  constructor(deps: RoomHubDeps, options: { readonly isDev: boolean }) {
    this.#deps = deps
    this.#isDev = options.isDev
    this.#waitsUntilMs = deps.clock.nowMs() + RESTART_GRACE_MS
  }

  get roomCount(): number {
    return this.#rooms.size
  }

  get peerCount(): number {
    let count = 0
    for (const { sessions } of this.#rooms.values()) count += sessions.size
    return count
  }

  creatorOf(streamId: StreamId): PeerId | undefined {
    return this.#rooms.get(streamId)?.core.creator
  }

  peersOf(streamId: StreamId): number {
    return this.#rooms.get(streamId)?.sessions.size ?? 0
  }

  /** The session is a member afterwards, or waits for the stream to be announced, unless it is refused. */
  async join(session: MemberSession, join: Join): Promise<JoinRefusal | undefined> {
    const { streamId } = join
    const refusal = await this.#takeJoinAnnouncement(session, join)
    if (refusal !== undefined) return refusal
    const stream = this.#deps.streams.get(streamId)
    const mayWait = this.#deps.clock.nowMs() < this.#waitsUntilMs
    if (stream === undefined && !mayWait) {
      return {
        code: 'no-such-stream',
        detail: 'This stream is not live: it has ended, or the address is wrong.',
      }
    }
    const chain =
      join.chain !== undefined && (await this.#isProven(session, join.chain, streamId))
        ? join.chain
        : undefined
    if (!session.isOpen) return undefined
    const room = this.#open(streamId)
    room.sessions.get(session.peer)?.replace()
    room.sessions.set(session.peer, session)
    const { role, tracks, rttMs, slots } = join
    this.#step(room, {
      kind: 'join',
      peer: session.peer,
      role,
      tracks,
      rttMs,
      slots,
      network: session.address.network,
      ...(chain !== undefined && { chain }),
    })
    if (join.chain !== undefined && chain === undefined) {
      this.#step(room, { kind: 'bad-chain', peer: session.peer })
    }
    this.#deps.metrics.joins.inc({ role })
    if (room.core.creator === session.peer) this.#list(streamId)
    return undefined
  }

  async update(session: MemberSession, streamId: StreamId, update: Extract<ToTracker, { kind: 'update' }>) {
    const { chain, freeSlots, slots, lagMs } = update
    const isProven = await this.#isProven(session, chain, streamId)
    this.step(
      session,
      streamId,
      isProven
        ? { kind: 'update', peer: session.peer, chain, freeSlots, slots, lagMs }
        : { kind: 'bad-chain', peer: session.peer },
    )
  }

  /** For the member that `session` is; nothing happens when another session has taken its place. */
  step(session: MemberSession, streamId: StreamId, event: RoomEvent): void {
    const room = this.#rooms.get(streamId)
    if (room?.sessions.get(session.peer) === session) this.#step(room, event)
  }

  leave(session: MemberSession, streamId: StreamId): void {
    const room = this.#rooms.get(streamId)
    if (room?.sessions.get(session.peer) !== session) return
    room.sessions.delete(session.peer)
    this.#step(room, { kind: 'leave', peer: session.peer })
  }

  /** A record from anywhere, about `expected` if given: kept, told to its room and the directory when it is newer. */
  async announce(
    source: 'room' | 'gossip' | 'http',
    record: Uint8Array,
    expected?: StreamId,
  ): Promise<Offer> {
    const offer = await this.#deps.streams.offer(record, expected)
    this.#deps.metrics.announcements.inc({ source, outcome: offer.kind })
    if (offer.kind === 'accepted') {
      const { verified, streamId } = offer.stream
      const room = this.#open(streamId)
      this.#step(room, { kind: 'announcement', announcement: verified.announcement, record: verified.bytes })
      if (source !== 'gossip' && room.core.creator !== undefined) this.#list(streamId)
    }
    return offer
  }

  tick(): void {
    for (const room of this.#rooms.values()) {
      for (const session of room.sessions.values()) session.flushUpdate()
      this.#step(room, { kind: 'tick' })
    }
  }

  /** Tells every peer that the tracker goes, so that it looks for another at once. */
  close(): void {
    for (const { sessions } of this.#rooms.values()) {
      for (const session of sessions.values()) {
        session.refuse('shutting-down', 'This tracker is shutting down. The stream goes on without it.')
      }
    }
    this.#rooms.clear()
  }

  /**
   * The creator must bring one. A viewer that comes back may: after a restart it opens the room again, so that the
   * tree finds itself before the creator is back.
   */
  async #takeJoinAnnouncement(session: MemberSession, join: Join): Promise<JoinRefusal | undefined> {
    const { streamId, announcement } = join
    const isCreator = join.role === 'creator'
    const isKnown = this.#deps.streams.get(streamId) !== undefined
    if (announcement === undefined) {
      return isCreator
        ? { code: 'bad-announcement', detail: 'A creator brings its announcement.' }
        : undefined
    }
    if (!isCreator && isKnown && this.creatorOf(streamId) !== undefined) return undefined
    if (!isKnown && !session.mayOpenStream()) {
      return { code: 'rate-limited', detail: 'One new stream a minute. Try again in a minute.' }
    }
    const offer = await this.announce('room', announcement, streamId)
    if (!isCreator) return undefined
    switch (offer.kind) {
      case 'accepted':
      case 'known':
        return undefined
      case 'stale':
        return {
          code: 'stale-announcement',
          detail: 'A newer announcement of this stream is known: is it live in another tab?',
        }
      case 'full':
        return { code: 'rate-limited', detail: 'This tracker carries as many streams as it can.' }
      case 'bad':
        return { code: 'bad-announcement', detail: offer.detail }
    }
  }

  async #isProven(session: MemberSession, chain: EdgeChain, streamId: StreamId): Promise<boolean> {
    const stream = this.#deps.streams.get(streamId)
    if (stream === undefined) return false
    const { clock, crypto, metrics } = this.#deps
    const timeS = this.#rooms.get(streamId)?.core.streamTimeS(clock.nowMs()) ?? 0
    const { provenChain } = session
    // Most updates are about slots. Nobody verifies again, and the edges' ends are looked at anyway.
    if (provenChain !== undefined && sameChain(chain, provenChain)) {
      return chain.edges.every(({ untilS }) => untilS >= timeS)
    }
    const { streamKey } = stream.verified.manifest.manifest.certificate
    const isProven = await verifyChain(chain, streamId, streamKey, timeS, crypto, this.#edges)
    metrics.chains.inc({ outcome: isProven ? 'proven' : 'bad' })
    if (isProven) session.provenChain = chain
    return isProven
  }

  #open(streamId: StreamId): Room {
    const existing = this.#rooms.get(streamId)
    if (existing !== undefined) return existing
    const options = { streamId, isDev: this.#isDev, waitsUntilMs: this.#waitsUntilMs }
    const room: Room = { streamId, core: createRoomCore(options), sessions: new Map() }
    this.#rooms.set(streamId, room)
    return room
  }

  /** The creator is here: the stream belongs in the directory. */
  #list(streamId: StreamId): void {
    this.#deps.streams.list(streamId)
    const stream = this.#deps.streams.get(streamId)
    if (stream !== undefined) this.#deps.publish(stream)
  }

  #step(room: Room, event: RoomEvent): void {
    const env = { nowMs: this.#deps.clock.nowMs(), random: this.#deps.random }
    for (const effect of room.core.step(event, env)) this.#carryOut(room, effect)
  }

  #carryOut(room: Room, effect: RoomEffect): void {
    switch (effect.kind) {
      case 'welcome':
        this.#welcome(room, effect)
        break
      case 'send':
        room.sessions.get(effect.peer)?.send(effect.message)
        break
      case 'send-all': {
        const frame = roomFrame(effect.message)
        for (const session of room.sessions.values()) {
          if (session.peer !== effect.except) session.sendFrame(frame)
        }
        break
      }
      case 'expel': {
        const session = room.sessions.get(effect.peer)
        room.sessions.delete(effect.peer)
        session?.refuse(effect.code, effect.detail)
        break
      }
      case 'forget':
        this.#rooms.delete(room.streamId)
        this.#deps.streams.forget(room.streamId)
        this.#deps.pictures.forget(room.streamId)
    }
  }

  #welcome(
    { streamId, sessions }: Room,
    { peer, depthCap, peers }: Extract<RoomEffect, { kind: 'welcome' }>,
  ) {
    const session = sessions.get(peer)
    const stream = this.#deps.streams.get(streamId)
    if (session === undefined || stream === undefined) return
    session.send({
      kind: 'joined',
      trackerTime: this.#deps.clock.wallMs(),
      depthCap,
      peers,
      iceServers: this.#deps.iceServers(peer, session.hostname),
      announcement: stream.record,
    })
  }
}
