import type { PeerEvent, PeerView } from '../../shared/overlay/peer-core.ts'
import { withManifest } from '../../shared/protocol/announcement.ts'
import type { MeshPeerOptions } from './mesh-contract.ts'
import type { EngineDeps, RoomEvents, TrackerRoom } from './ports.ts'

export type MeshRoomHandlers = {
  /** What a tracker says, as the overlay core takes it. */
  onEvent(event: PeerEvent): void
  /** A record that nobody has verified yet; the next event waits for the promise. */
  onAnnouncement(record: Uint8Array): Promise<void>
  onSignal(signal: RoomEvents['signal']): void
  onTracker(isConnected: boolean): void
  onRefused(refused: RoomEvents['refused']): void
}

/** One peer's room at its tracker: what the tracker tells is remembered here, and told on to the core. */
export class MeshRoom {
  readonly port: TrackerRoom
  readonly #deps: EngineDeps
  readonly #handlers: MeshRoomHandlers
  #iceServers: readonly RTCIceServer[] = []
  #trackerOffsetMs = 0
  #peers = 0

  constructor(deps: EngineDeps, options: MeshPeerOptions, handlers: MeshRoomHandlers) {
    this.#deps = deps
    this.#handlers = handlers
    const { streamId, role, slots, rootChain, announcement } = options
    this.port = deps.tracker.openRoom({
      streamId,
      role,
      tracks: [],
      natClass: 'unknown',
      slots,
      ...(rootChain === undefined ? {} : { chain: rootChain }),
      ...(announcement === undefined ? {} : { announcement: withManifest(announcement) }),
    })
    this.#listen()
  }

  get iceServers(): readonly RTCIceServer[] {
    return this.#iceServers
  }

  /** In the room, this peer included, as the tracker counted last. */
  get peers(): number {
    return this.#peers
  }

  /** ms since the epoch by the tracker's clock. */
  get trackerTimeMs(): number {
    return this.#deps.clock.wallMs() + this.#trackerOffsetMs
  }

  /** Tells the tracker where this peer stands. */
  update({ chain, freeSlots, slots, subtree }: PeerView, lagMs: number): void {
    if (chain === undefined) return
    this.port.setMembership({ chain, slots })
    this.port.send({ kind: 'update', chain, freeSlots, slots, lossPermille: 0, subtree, lagMs })
  }

  #listen(): void {
    const { port } = this
    const handlers = this.#handlers
    port.on('joined', joined => {
      this.#trackerOffsetMs = joined.trackerTime - this.#deps.clock.wallMs()
      this.#iceServers = joined.iceServers.map(({ urls, username, credential }) => ({
        urls: [...urls],
        ...(username === undefined ? {} : { username }),
        ...(credential === undefined ? {} : { credential }),
      }))
      const { depthCap, peers } = joined
      this.#peers = peers
      handlers.onTracker(true)
      void handlers
        .onAnnouncement(joined.announcement)
        .then(() => handlers.onEvent({ kind: 'tracker-joined', depthCap, peers }))
    })
    port.on('candidates', candidates => handlers.onEvent({ kind: 'candidates', candidates }))
    port.on('signal', signal => handlers.onSignal(signal))
    port.on('announce', record => void handlers.onAnnouncement(record))
    port.on('stats', ({ depthCap, peers }) => {
      this.#peers = peers
      handlers.onEvent({ kind: 'room-stats', depthCap, peers })
    })
    port.on('refused', refused => handlers.onRefused(refused))
    port.on('disconnected', () => {
      handlers.onTracker(false)
      handlers.onEvent({ kind: 'tracker-lost' })
    })
  }
}
