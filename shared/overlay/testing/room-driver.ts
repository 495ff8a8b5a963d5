import type { Announcement } from '../../protocol/announcement.ts'
import type { EdgeChain } from '../../protocol/edge-chain.ts'
import type { PeerId, StreamId } from '../../protocol/ids.ts'
import type { Candidate, Role } from '../../protocol/room-message.ts'
import { createRoomCore, type RoomCore } from '../room-core.ts'
import type { RoomEffect, RoomEvent } from '../room-event.ts'

const STREAM = 'stream' as StreamId
/** Bytes of an announcement, which the core only passes on. */
export const RECORD = Uint8Array.of(1)
export const id = (name: string) => name as PeerId

/** Unsigned: the core is told what verified. */
export function chain(untilS: number, creator: string, ...children: string[]): EdgeChain {
  const signature = new Uint8Array(64)
  return {
    creator: id(creator),
    root: signature,
    edges: children.map(child => ({ child: id(child), untilS, signature })),
  }
}

function announcement(headUs: number): Announcement {
  return {
    streamId: STREAM,
    manifestHash: new Uint8Array(32),
    seq: 1,
    at: 0,
    status: 'live',
    viewers: 0,
    heads: [{ track: 0, seq: 1, timestampUs: headUs }],
  }
}

/** A room and the hands to drive it. Time stands still unless told. */
export class RoomDriver {
  readonly core: RoomCore
  nowMs = 1_000
  random: () => number = () => 0.5

  constructor(options: { isDev?: boolean; waitsUntilMs?: number } = {}) {
    this.core = createRoomCore({ streamId: STREAM, isDev: false, waitsUntilMs: 0, ...options })
  }

  step(event: RoomEvent): RoomEffect[] {
    return this.core.step(event, { nowMs: this.nowMs, random: this.random })
  }

  announce(headUs = 0): RoomEffect[] {
    return this.step({ kind: 'announcement', announcement: announcement(headUs), record: RECORD })
  }

  join(
    peer: string,
    options: {
      role?: Role
      slots?: number
      network?: string
      chain?: EdgeChain
      rttMs?: number
      tracks?: number[]
    } = {},
  ): RoomEffect[] {
    return this.step({
      kind: 'join',
      peer: id(peer),
      role: 'viewer',
      tracks: [],
      rttMs: 0,
      slots: 4,
      network: peer,
      ...options,
    })
  }

  update(
    peer: string,
    path: EdgeChain,
    { slots = 4, freeSlots = slots, lagMs = 0 }: { slots?: number; freeSlots?: number; lagMs?: number } = {},
  ): RoomEffect[] {
    return this.step({ kind: 'update', peer: id(peer), chain: path, freeSlots, slots, lagMs })
  }

  ask(peer: string, options: { exclude?: string[]; isOrphan?: boolean } = {}): readonly Candidate[] {
    const exclude = (options.exclude ?? []).map(id)
    return candidatesFor(
      peer,
      this.step({ kind: 'find-parents', peer: id(peer), exclude, isOrphan: options.isOrphan ?? false }),
    )
  }

  /** An open room with its creator. */
  static live(options: { isDev?: boolean } = {}): RoomDriver {
    const driver = new RoomDriver(options)
    driver.announce()
    driver.join('creator', { role: 'creator', slots: 6, chain: chain(0, 'creator') })
    return driver
  }
}

export function candidatesFor(peer: string, effects: readonly RoomEffect[]): readonly Candidate[] {
  for (const effect of effects) {
    if (effect.kind === 'send' && effect.peer === peer && effect.message.kind === 'candidates') {
      return effect.message.candidates
    }
  }
  throw new Error(`no candidates for ${peer} in ${JSON.stringify(effects)}`)
}

export const names = (candidates: readonly Candidate[]) => candidates.map(candidate => candidate.peer)
