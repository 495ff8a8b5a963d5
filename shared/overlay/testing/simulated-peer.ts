import { type EdgeChain, extendChain } from '../../protocol/edge-chain.ts'
import type { PeerId, StreamId } from '../../protocol/ids.ts'
import type { PeerMessage } from '../../protocol/peer-message.ts'
import {
  createPeerCore,
  type PeerCore,
  type PeerEffect,
  type PeerEvent,
  type PeerRole,
} from '../peer-core.ts'
import type { Frame, LinkEnd, SimulatedLink } from './simulated-link.ts'
import type { SimulatedTracker } from './simulated-tracker.ts'
import type { VirtualTime } from './virtual-time.ts'

export type SimulatedPeerOptions = {
  readonly id: PeerId
  readonly streamId: StreamId
  readonly role: PeerRole
  readonly slots: number
  /** From its router to the middle of the network, ms one way. */
  readonly delayMs: number
  readonly chain?: EdgeChain
}

export type SimulatedPeerDeps = {
  readonly time: VirtualTime
  readonly random: () => number
  readonly tracker: SimulatedTracker
  /** Starts a dial on its way through the tracker. */
  readonly dial: (from: SimulatedPeer, to: PeerId, timeoutMs: number) => void
  readonly answer: (by: SimulatedPeer, dial: Dial) => void
  /** Sees every step after its effects were carried out. */
  readonly onStep: (peer: SimulatedPeer, event: PeerEvent, effects: readonly PeerEffect[]) => void
}

/** Signatures are not what is simulated: the core never looks at them. */
const NO_SIGNATURE = new Uint8Array(64)
const TICK_MS = 50
const PING_EVERY_MS = 1_000

/** One side's attempt to reach the other. `isOver` once it was answered, given up, or ran out of time. */
export type Dial = { readonly from: SimulatedPeer; readonly to: SimulatedPeer; isOver: boolean }

/** The shell of one core, as client/engine's MeshPeer is, over simulated links. */
export class SimulatedPeer implements LinkEnd {
  readonly id: PeerId
  readonly core: PeerCore
  readonly options: SimulatedPeerOptions
  readonly links = new Map<PeerId, SimulatedLink>()
  readonly dials = new Map<PeerId, Dial>()
  readonly offers = new Map<PeerId, Dial>()
  readonly feeds = new Set<PeerId>()
  isAlive = true
  parent: PeerId | undefined
  newest: Frame | undefined
  /** Parents in the order they were taken, `undefined` for none. */
  readonly parents: { readonly peer: PeerId | undefined; readonly atMs: number }[] = []
  readonly #deps: SimulatedPeerDeps

  constructor(options: SimulatedPeerOptions, deps: SimulatedPeerDeps) {
    const { id, streamId, role, slots, chain } = options
    this.id = id
    this.options = options
    this.core = createPeerCore({ self: id, streamId, role, slots, ...(chain === undefined ? {} : { chain }) })
    this.#deps = deps
    this.step({ kind: 'start' })
    this.joinRoom()
    deps.time.after(deps.random() * TICK_MS, () => deps.time.every(TICK_MS, () => this.#tick()))
    deps.time.after(deps.random() * PING_EVERY_MS, () => deps.time.every(PING_EVERY_MS, () => this.#ping()))
  }

  get delayMs(): number {
    return this.options.delayMs
  }

  /** To the tracker, one way, ms. */
  get trackerDelayMs(): number {
    return this.delayMs + 5
  }

  joinRoom(): void {
    const { time, tracker } = this.#deps
    time.after(this.trackerDelayMs, () => {
      if (!this.isAlive) return
      const { role, slots } = this.options
      const { chain } = this.core.view
      const said = { kind: 'join', peer: this.id, role, tracks: [], slots, network: this.id } as const
      tracker.join({ ...said, rttMs: 2 * this.trackerDelayMs, ...(chain === undefined ? {} : { chain }) })
    })
  }

  step(event: PeerEvent): void {
    if (!this.isAlive) return
    const { time, random, onStep } = this.#deps
    const effects = this.core.step(event, { nowMs: time.nowMs, streamTimeS: time.nowMs / 1000, random })
    for (const effect of effects) this.#carryOut(effect)
    onStep(this, event, effects)
  }

  publish(frame: Frame): void {
    this.newest = frame
    for (const child of this.feeds) this.links.get(child)?.sendFrame(this, frame)
  }

  receiveFrame(from: PeerId, frame: Frame): void {
    if (!this.isAlive || this.parent !== from || frame.atMs <= (this.newest?.atMs ?? -1)) return
    this.publish(frame)
    this.step({ kind: 'progress', peer: from, behindLiveMs: this.#deps.time.nowMs - frame.atMs })
  }

  receive(from: PeerId, message: PeerMessage): void {
    switch (message.kind) {
      case 'attach':
      case 'refuse':
      case 'stalled':
      case 'hand-over':
      case 'leave':
        return this.step({ ...message, peer: from })
      case 'accept':
      case 'path':
        return this.step({ kind: message.kind, peer: from, chain: extendChain(message.chain, message.edge) })
      case 'feedback':
        return this.step({ ...message, kind: 'child-update', peer: from })
      default:
        return
    }
  }

  /** As the shell does: the link is gone here at once, and the core hears of it even if it closed it itself. */
  dropLink(peer: PeerId, link: SimulatedLink, reason: string): void {
    if (this.links.get(peer) !== link) return
    this.links.delete(peer)
    this.feeds.delete(peer)
    this.step({ kind: 'link-closed', peer, reason })
  }

  #carryOut(effect: PeerEffect): void {
    const { time, tracker, dial, answer } = this.#deps
    switch (effect.kind) {
      case 'dial':
        return dial(this, effect.peer, effect.timeoutMs)
      case 'answer-dial': {
        const offer = this.offers.get(effect.peer)
        this.offers.delete(effect.peer)
        this.#cancelDial(effect.peer)
        if (offer !== undefined) answer(this, offer)
        return
      }
      case 'ignore-dial':
        this.offers.delete(effect.peer)
        return
      case 'close':
        this.offers.delete(effect.peer)
        this.#cancelDial(effect.peer)
        this.links.get(effect.peer)?.close(this, effect.reason)
        return
      case 'send':
        this.links.get(effect.peer)?.send(this, effect.message)
        return
      case 'accept-child':
        return this.#sendEdge('accept', effect.peer, effect.untilS)
      case 'renew-child':
        return this.#sendEdge('path', effect.peer, effect.untilS)
      case 'add-child':
        this.feeds.add(effect.peer)
        if (this.newest !== undefined) this.links.get(effect.peer)?.sendFrame(this, this.newest)
        return
      case 'remove-child':
        this.feeds.delete(effect.peer)
        return
      case 'set-parent':
        this.parent = effect.peer
        this.parents.push({ peer: effect.peer, atMs: time.nowMs })
        return
      case 'find-parents':
        time.after(this.trackerDelayMs, () => tracker.receive(this.id, effect))
        return
      case 'update-tracker':
        return this.#updateTracker()
      case 'phase':
        return
    }
  }

  #sendEdge(kind: 'accept' | 'path', peer: PeerId, untilS: number): void {
    const { chain } = this.core.view
    if (chain === undefined) return
    this.links.get(peer)?.send(this, { kind, edge: { child: peer, untilS, signature: NO_SIGNATURE }, chain })
  }

  #updateTracker(): void {
    const { time, tracker } = this.#deps
    const { chain, freeSlots, slots, subtree } = this.core.view
    if (chain === undefined) return
    const lagMs = Math.round(time.nowMs - (this.newest?.atMs ?? time.nowMs))
    const said = { kind: 'update', chain, freeSlots, slots, subtree, lossPermille: 0, lagMs } as const
    time.after(this.trackerDelayMs, () => tracker.receive(this.id, said))
  }

  #cancelDial(peer: PeerId): void {
    const dial = this.dials.get(peer)
    this.dials.delete(peer)
    if (dial !== undefined) dial.isOver = true
  }

  #tick(): boolean {
    this.step({ kind: 'tick' })
    return this.isAlive
  }

  #ping(): boolean {
    for (const [peer, link] of [...this.links])
      link.ping(this, rttMs => this.step({ kind: 'rtt', peer, rttMs }))
    const { slots, subtree } = this.core.view
    if (this.parent !== undefined) {
      const zeros = { received: 0, queueDelayMs: 0, drops: 0 }
      this.links.get(this.parent)?.send(this, { kind: 'feedback', ...zeros, slots, subtree })
    }
    return this.isAlive
  }
}
