import {
  type Announcement,
  type VerifiedAnnouncement,
  verifyAnnouncement,
  withManifest,
} from '../../../shared/protocol/announcement.ts'
import type { CryptoPort, Signer } from '../../../shared/protocol/crypto-port.ts'
import { chainDepth, chainPath } from '../../../shared/protocol/edge-chain.ts'
import { type PeerId, peerIdFromPublicKey, type StreamId } from '../../../shared/protocol/ids.ts'
import type { Candidate } from '../../../shared/protocol/room-message.ts'
import type { RoomEvents, RoomMembership, TrackerPort, TrackerRoom } from '../ports.ts'
import { TypedEmitter } from '../typed-emitter.ts'

type Member = {
  readonly peer: PeerId
  readonly room: MemoryRoom
  membership: RoomMembership
  freeSlots: number
  subtree: number
  lagMs: number
}

/** What a test or benchmark may change of the tracker's behaviour. */
export type MemoryTrackerOptions = {
  readonly crypto: CryptoPort
  readonly wallMs: () => number
  readonly random: () => number
}

/**
 * A tracker inside the process, for tests and benchmarks of the mesh alone: same messages, no sockets. It trusts
 * what it is told; the real one (tracker/) does not.
 */
export class MemoryTracker {
  readonly #options: MemoryTrackerOptions
  readonly #members = new Map<StreamId, Map<PeerId, Member>>()
  readonly #announcements = new Map<StreamId, VerifiedAnnouncement>()
  #isDown = false

  constructor(options: MemoryTrackerOptions) {
    this.#options = options
  }

  /** A peer's port to this tracker. */
  port(signer: Signer): TrackerPort {
    const self = peerIdFromPublicKey(signer.publicKey)
    return {
      self,
      signer,
      openRoom: membership => new MemoryRoom(this, self, membership),
      getPicture: () => Promise.resolve(undefined),
      close: () => Promise.resolve(),
    }
  }

  /** Down: everybody is disconnected and nothing is carried; up again: everybody re-joins. */
  setDown(isDown: boolean): void {
    this.#isDown = isDown
    const rooms = [...this.#members.values()].flatMap(members =>
      [...members.values()].map(({ room }) => room),
    )
    if (isDown) {
      this.#members.clear()
      for (const room of rooms) room.lost()
      this.#lostRooms.push(...rooms)
    } else for (const room of this.#lostRooms.splice(0)) this.join(room)
  }

  readonly #lostRooms: MemoryRoom[] = []

  /** @internal */
  join(room: MemoryRoom): void {
    if (this.#isDown) {
      this.#lostRooms.push(room)
      return
    }
    const { membership, self } = room
    const { streamId, announcement } = membership
    void (async () => {
      if (announcement !== undefined) await this.announce(streamId, announcement)
      const newest = this.#announcements.get(streamId)
      if (newest === undefined) return room.refuse('no-such-stream')
      const members = this.#members.get(streamId) ?? new Map<PeerId, Member>()
      this.#members.set(streamId, members)
      // The stream key has named another peer: the creator has come back.
      for (const [peer, { membership: known }] of members)
        if (membership.role === 'creator' && known.role === 'creator') members.delete(peer)
      members.set(self, { peer: self, room, membership, freeSlots: membership.slots, subtree: 0, lagMs: 0 })
      const peers = members.size
      const depthCap = Math.max(8, Math.ceil(Math.log2(peers)) + 4)
      for (const other of members.values()) {
        if (other.room !== room)
          other.room.emit('stats', { kind: 'stats', peers, depthCap, slots: 0, maxDepth: 0 })
      }
      room.joined({
        kind: 'joined',
        trackerTime: this.#options.wallMs(),
        depthCap,
        peers,
        iceServers: [],
        announcement: withManifest(newest),
      })
    })()
  }

  /** @internal */
  leave(room: MemoryRoom): void {
    this.#members.get(room.membership.streamId)?.delete(room.self)
  }

  /** @internal */
  async announce(streamId: StreamId, record: Uint8Array): Promise<void> {
    const { crypto, wallMs } = this.#options
    const verified = await verifyAnnouncement(
      record,
      this.#announcements.get(streamId)?.manifest,
      crypto,
      wallMs(),
    )
    const announcement: Announcement = verified.announcement
    if (announcement.seq < (this.#announcements.get(streamId)?.announcement.seq ?? 0)) return
    this.#announcements.set(streamId, verified)
    for (const { room } of this.#members.get(streamId)?.values() ?? []) room.emit('announce', record)
  }

  /** @internal */
  receive(room: MemoryRoom, message: Parameters<TrackerRoom['send']>[0]): void {
    const members = this.#members.get(room.membership.streamId)
    const member = members?.get(room.self)
    if (members === undefined || member === undefined) return
    switch (message.kind) {
      case 'update':
        member.membership = { ...member.membership, chain: message.chain }
        member.freeSlots = message.freeSlots
        member.subtree = message.subtree
        member.lagMs = message.lagMs
        return
      case 'find-parents': {
        const candidates: Candidate[] = []
        for (const { peer, membership, freeSlots, lagMs } of members.values()) {
          const { chain } = membership
          if (chain === undefined || peer === room.self || message.exclude.includes(peer)) continue
          if (freeSlots < 1 || chainPath(chain).includes(room.self)) continue
          candidates.push({ peer, depth: chainDepth(chain), freeSlots, rttMs: 1, ageS: 10, lagMs, leaves: 0 })
        }
        candidates.sort((a, b) => a.depth - b.depth || this.#options.random() - 0.5)
        room.emit('candidates', candidates.slice(0, 8))
        return
      }
      case 'signal':
        members.get(message.to)?.room.emit('signal', message.signal)
        return
      case 'announce':
        void this.announce(room.membership.streamId, message.record)
        return
      case 'put-picture':
        return
    }
  }
}

class MemoryRoom extends TypedEmitter<RoomEvents> implements TrackerRoom {
  readonly self: PeerId
  membership: RoomMembership
  readonly #tracker: MemoryTracker
  #isConnected = false
  #isClosed = false

  constructor(tracker: MemoryTracker, self: PeerId, membership: RoomMembership) {
    super()
    this.#tracker = tracker
    this.self = self
    this.membership = membership
    queueMicrotask(() => tracker.join(this))
  }

  get isConnected(): boolean {
    return this.#isConnected
  }

  joined(joined: RoomEvents['joined']): void {
    if (this.#isClosed) return
    this.#isConnected = true
    this.emit('joined', joined)
  }

  lost(): void {
    this.#isConnected = false
    this.emit('disconnected', { reason: 'the tracker is gone' })
  }

  refuse(code: 'no-such-stream'): void {
    this.emit('refused', { code, detail: 'nobody announces it', isFinal: false })
    setTimeout(() => {
      if (!this.#isClosed) this.#tracker.join(this)
    }, 200)
  }

  setMembership(patch: Partial<RoomMembership>): void {
    this.membership = { ...this.membership, ...patch }
  }

  send(message: Parameters<TrackerRoom['send']>[0]): boolean {
    if (!this.#isConnected) return false
    queueMicrotask(() => this.#tracker.receive(this, message))
    return true
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#isConnected = false
    this.#tracker.leave(this)
    this.removeAllListeners()
  }
}
