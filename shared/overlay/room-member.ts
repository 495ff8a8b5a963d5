import type { EdgeChain } from '../protocol/edge-chain.ts'
import { chainDepth, chainPath } from '../protocol/edge-chain.ts'
import type { PeerId } from '../protocol/ids.ts'
import type { Role } from '../protocol/room-message.ts'
import type { TokenBucket } from './room-token-bucket.ts'

/** A place in the tree that signatures prove, as far as the room needs it: the chain itself is not kept. */
export type Proof = {
  readonly depth: number
  /** The creator first, the member last. */
  readonly path: readonly PeerId[]
  readonly parent: PeerId | undefined
  /** Stream time, s, at which its first edge runs out. */
  readonly untilS: number
}

/** Proven children of one peer, and whether each can forward. */
export type Children = Map<PeerId, boolean>

export type RoomMember = {
  readonly peer: PeerId
  readonly role: Role
  readonly tracks: readonly number[]
  readonly rttMs: number
  readonly network: string
  readonly joinedAtMs: number
  proof: Proof | undefined
  /** No candidate before this time: it showed a chain that does not hold. */
  barredUntilMs: number
  slots: number
  freeSlots: number
  lagMs: number
  readonly children: Children
  /** Who was sent here and may still arrive: asker → when the place is given up. */
  readonly reserved: Map<PeerId, number>
  /** Where this member may still arrive: the other side of `reserved`. */
  holds: readonly RoomMember[]
  /** Answers since its place last changed. */
  fruitlessAsks: number
  /** Where it stands among those that may have a place to give; kept by RoomMembers. */
  place: { readonly depth: number; index: number } | undefined
  readonly asks: TokenBucket
  readonly signalsIn: TokenBucket
}

export function proofOf(chain: EdgeChain): Proof {
  const path = chainPath(chain)
  return {
    depth: chainDepth(chain),
    path,
    parent: path.at(-2),
    untilS: chain.edges.reduce((until, edge) => Math.min(until, edge.untilS), Number.POSITIVE_INFINITY),
  }
}

/**
 * A peer's word about its slots counts for this many more than the children it provably serves: so one that claims
 * a thousand gets no more newcomers than an honest viewer, and a strong relay is believed as it fills.
 */
const SLOTS_ON_TRUST = 4

/** Places that may be promised now. The creator only harms itself by a lie, so its word counts. */
export function openSlots(member: RoomMember, nowMs: number): number {
  const believed =
    member.role === 'creator'
      ? member.freeSlots
      : Math.min(member.freeSlots, SLOTS_ON_TRUST + member.children.size)
  return Math.max(0, believed - reservations(member, nowMs))
}

/** Proven children that cannot forward. */
export function leavesOf(member: RoomMember): number {
  if (member.children.size === 0) return 0
  let leaves = 0
  for (const canForward of member.children.values()) if (!canForward) leaves++
  return leaves
}

/** Those of them whose place was not promised already. */
export function openLeaves(member: RoomMember, nowMs: number): number {
  const overbooked = Math.max(0, reservations(member, nowMs) - member.freeSlots)
  return Math.max(0, leavesOf(member) - overbooked)
}

function reservations(member: RoomMember, nowMs: number): number {
  // Asked of every member for every answer: an iterator each would be half of the work.
  if (member.reserved.size === 0) return 0
  for (const [asker, untilMs] of member.reserved) if (untilMs <= nowMs) member.reserved.delete(asker)
  return member.reserved.size
}
