import type { PeerId, StreamId } from '../../protocol/ids.ts'
import type { ToTracker } from '../../protocol/room-message.ts'
import type { PeerEvent } from '../peer-contract.ts'
import { createRoomCore, type RoomCore } from '../room-core.ts'
import type { RoomEffect, RoomEvent } from '../room-event.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What a peer tells the tracker, without its chain's encoding. */
export type TrackerMessage = Extract<ToTracker, { kind: 'update' | 'find-parents' }>

type Deps = {
  readonly time: VirtualTime
  readonly random: () => number
  readonly streamId: StreamId
  /** Hands an event to a peer, one trip later. */
  readonly deliver: (peer: PeerId, event: PeerEvent) => void
}

/** The real room core behind simulated wires. Can be killed and started anew with an empty memory. */
export class SimulatedTracker {
  readonly #deps: Deps
  #room: RoomCore | undefined
  #announcements = 0
  asks = 0

  constructor(deps: Deps) {
    this.#deps = deps
    this.start()
    deps.time.every(250, () => {
      this.#step({ kind: 'tick' })
      return true
    })
    deps.time.every(10_000, () => {
      this.#announce()
      return true
    })
  }

  get isUp(): boolean {
    return this.#room !== undefined
  }

  start(): void {
    const { time, streamId } = this.#deps
    this.#room = createRoomCore({ streamId, isDev: true, waitsUntilMs: time.nowMs + 60_000 })
    this.#announce()
  }

  stop(): void {
    this.#room = undefined
  }

  join(event: Extract<RoomEvent, { kind: 'join' }>): void {
    this.#step(event)
  }

  leave(peer: PeerId): void {
    this.#step({ kind: 'leave', peer })
  }

  receive(peer: PeerId, message: TrackerMessage): void {
    if (message.kind === 'find-parents') this.asks += 1
    this.#step({ ...message, peer })
  }

  #announce(): void {
    const { time, streamId } = this.#deps
    const announcement = {
      streamId,
      manifestHash: new Uint8Array(32),
      seq: ++this.#announcements,
      at: time.nowMs,
      status: 'live' as const,
      viewers: 0,
      heads: [{ track: 0, seq: this.#announcements, timestampUs: time.nowMs * 1000 }],
    }
    this.#step({ kind: 'announcement', announcement, record: new Uint8Array(0) })
  }

  #step(event: RoomEvent): void {
    const { time, random } = this.#deps
    for (const effect of this.#room?.step(event, { nowMs: time.nowMs, random }) ?? []) this.#carryOut(effect)
  }

  #carryOut(effect: RoomEffect): void {
    const { deliver } = this.#deps
    if (effect.kind === 'welcome') {
      const { peer, depthCap, peers } = effect
      deliver(peer, { kind: 'tracker-joined', depthCap, peers })
    } else if (effect.kind === 'send' && effect.message.kind === 'candidates') {
      deliver(effect.peer, { kind: 'candidates', candidates: effect.message.candidates })
    }
  }
}
