import type { PeerId, StreamId } from '../../protocol/ids.ts'
import type { PeerEffect, PeerEvent } from '../peer-core.ts'
import { seededRandom } from './seeded-random.ts'
import { SimulatedLink } from './simulated-link.ts'
import { type Dial, SimulatedPeer } from './simulated-peer.ts'
import { SimulatedTracker } from './simulated-tracker.ts'
import { VirtualTime } from './virtual-time.ts'

export type OverlaySimulationOptions = {
  readonly seed: number
  readonly creatorSlots?: number
  readonly onStep?: (peer: SimulatedPeer, event: PeerEvent, effects: readonly PeerEffect[]) => void
}

const FRAME_MS = 50
const ICE_DISCONNECT_MS = 7_700
const ANSWER_TIMEOUT_MS = 5_000
/** A killed process's sockets are reset by its system. */
const TRACKER_NOTICES_MS = 200
/** ICE check, DTLS and SCTP handshakes, Hello: trips after the answer came. */
const CONNECT_TRIPS = 8

/** Many cores, one real room core and a network in one process: what happens follows from the seed alone. */
export class OverlaySimulation {
  readonly time = new VirtualTime()
  readonly tracker: SimulatedTracker
  readonly random: () => number
  readonly peers = new Map<PeerId, SimulatedPeer>()
  readonly creator: SimulatedPeer
  isPaused = false
  readonly #options: OverlaySimulationOptions

  constructor(options: OverlaySimulationOptions) {
    this.#options = options
    this.random = seededRandom(options.seed)
    this.tracker = new SimulatedTracker({
      time: this.time,
      random: this.random,
      streamId: STREAM,
      deliver: (id, event) => {
        const peer = this.peers.get(id)
        if (peer !== undefined) this.time.after(peer.trackerDelayMs, () => peer.step(event))
      },
    })
    const id = 'creator' as PeerId
    const chain = { creator: id, root: new Uint8Array(64), edges: [] }
    this.creator = this.#add({ id, role: 'creator', slots: options.creatorSlots ?? 6, chain })
    this.time.every(FRAME_MS, () => {
      if (!this.isPaused) this.creator.publish({ atMs: this.time.nowMs })
      return true
    })
  }

  /** Everybody but the creator who is still there. */
  get viewers(): SimulatedPeer[] {
    return [...this.peers.values()].filter(peer => peer.isAlive && peer !== this.creator)
  }

  addViewer(slots: number): SimulatedPeer {
    // A random name: where ids decide, no peer wins by having come first.
    const name = `${Math.floor(this.random() * 2 ** 32)
      .toString(36)
      .padStart(7, '0')}-${this.peers.size}`
    return this.#add({ id: name as PeerId, role: 'viewer', slots })
  }

  runFor(ms: number): void {
    this.time.runUntil(this.time.nowMs + ms)
  }

  /** Virtual ms it took, or undefined when it did not happen in `limitMs`. */
  runUntil(condition: () => boolean, limitMs: number): number | undefined {
    const startMs = this.time.nowMs
    while (!condition()) {
      if (this.time.nowMs - startMs >= limitMs) return undefined
      this.runFor(100)
    }
    return this.time.nowMs - startMs
  }

  /** A closed tab: Leave, closed channels, and the tracker's socket closed. */
  leave(peer: SimulatedPeer): void {
    peer.step({ kind: 'stop' })
    peer.isAlive = false
    this.time.after(peer.trackerDelayMs, () => this.tracker.leave(peer.id))
  }

  /** A killed process: no channel closes, and nobody is told. */
  kill(peer: SimulatedPeer): void {
    peer.isAlive = false
    for (const link of peer.links.values()) link.die(peer, ICE_DISCONNECT_MS)
    this.time.after(TRACKER_NOTICES_MS, () => this.tracker.leave(peer.id))
  }

  stopTracker(): void {
    this.tracker.stop()
    for (const peer of this.peers.values()) peer.step({ kind: 'tracker-lost' })
  }

  startTracker(): void {
    this.tracker.start()
    for (const peer of this.peers.values()) {
      if (peer.isAlive) this.time.after(this.random() * 1_000, () => peer.joinRoom())
    }
  }

  #add(options: Pick<SimulatedPeer['options'], 'id' | 'role' | 'slots' | 'chain'>): SimulatedPeer {
    const peer = new SimulatedPeer(
      { ...options, streamId: STREAM, delayMs: 2 + this.random() * 30 },
      {
        time: this.time,
        random: this.random,
        tracker: this.tracker,
        dial: (from, to, timeoutMs) => this.#dial(from, to, timeoutMs),
        answer: (by, dial) => this.#answer(by, dial),
        onStep: (stepped, event, effects) => this.#options.onStep?.(stepped, event, effects),
      },
    )
    this.peers.set(peer.id, peer)
    return peer
  }

  #dial(from: SimulatedPeer, toId: PeerId, timeoutMs: number): void {
    const to = this.peers.get(toId)
    if (to === undefined || from.dials.has(toId)) return
    const dial: Dial = { from, to, isOver: false }
    from.dials.set(toId, dial)
    this.time.after(timeoutMs, () => this.#fail(from, toId, dial))
    this.#signal(from, to, () => {
      // Both dialled at once: the lower peer id's offer stands.
      if (to.dials.has(from.id) && to.id < from.id) return
      to.offers.set(from.id, dial)
      to.step({ kind: 'dial-offered', peer: from.id })
    })
  }

  #answer(by: SimulatedPeer, dial: Dial): void {
    const own: Dial = { from: dial.from, to: by, isOver: false }
    by.dials.set(dial.from.id, own)
    this.time.after(ANSWER_TIMEOUT_MS, () => this.#fail(by, dial.from.id, own))
    const tripMs = dial.from.delayMs + by.delayMs
    this.#signal(by, dial.from, () =>
      this.time.after(CONNECT_TRIPS * tripMs, () => {
        if (dial.isOver || own.isOver || !dial.from.isAlive || !by.isAlive) return
        dial.isOver = own.isOver = true
        const link = new SimulatedLink(this.time, dial.from, by)
        this.#open(by, dial.from, link)
        this.#open(dial.from, by, link)
      }),
    )
  }

  #open(side: SimulatedPeer, other: SimulatedPeer, link: SimulatedLink): void {
    side.dials.delete(other.id)
    side.links.get(other.id)?.close(side, 'replaced by a new connection')
    side.links.set(other.id, link)
    side.step({ kind: 'link-open', peer: other.id, rttMs: link.rttMs })
  }

  #fail(side: SimulatedPeer, other: PeerId, dial: Dial): void {
    if (dial.isOver || side.dials.get(other) !== dial) return
    dial.isOver = true
    side.dials.delete(other)
    side.step({ kind: 'link-failed', peer: other, reason: 'no connection' })
  }

  #signal(from: SimulatedPeer, to: SimulatedPeer, arrive: () => void): void {
    this.time.after(from.trackerDelayMs + to.trackerDelayMs, () => {
      if (this.tracker.isUp && to.isAlive) arrive()
    })
  }
}

const STREAM = 'stream' as StreamId
