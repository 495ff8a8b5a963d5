import type { EdgeChain } from '../protocol/edge-chain.ts'
import type { PeerId } from '../protocol/ids.ts'
import type { Alternative } from '../protocol/peer-message.ts'
import type { CoreEnv, PeerCoreOptions, PeerEffect, PeerPhase } from './peer-contract.ts'

/** What an open link is used for. One use at a time. */
export type Relation =
  /** Nobody asked for anything yet, or was refused. */
  | { readonly kind: 'idle'; readonly sinceMs: number }
  /** Chosen by the search, to be asked as soon as it is its turn. */
  | { readonly kind: 'spare'; readonly warm: EdgeChain | undefined }
  /** Attach was sent. `warm`: it is the warm parent that was asked to become the parent. */
  | {
      readonly kind: 'asked'
      readonly role: 'child' | 'warm'
      readonly sinceMs: number
      readonly warm: EdgeChain | undefined
    }
  /** `state.standing` holds the rest. */
  | { readonly kind: 'parent' }
  | { readonly kind: 'warm'; readonly chain: EdgeChain }
  | Child
  | { readonly kind: 'warm-child' }

export type Child = {
  readonly kind: 'child'
  readonly slots: number
  readonly subtree: number
  readonly attachedAtMs: number
  /** It was told to move, and may be closed from then on. */
  readonly handOverUntilMs: number | undefined
}

export type Link =
  /** By the search. */
  | { readonly kind: 'dialing'; readonly sinceMs: number }
  | { readonly kind: 'answering'; readonly sinceMs: number; readonly isReplacement: boolean }
  | { readonly kind: 'open'; readonly relation: Relation }

/** Why a peer that has a parent looks for another. */
export type Move =
  | { readonly kind: 'hand-over'; readonly to: readonly Alternative[]; readonly untilMs: number }
  | { readonly kind: 'unanswered'; readonly untilMs: number }
  | { readonly kind: 'stalled' | 'too-deep' | 'unproven' }

/** Where this peer stands in the tree. */
export type Standing =
  | { readonly kind: 'root' }
  | { readonly kind: 'newcomer' }
  | {
      readonly kind: 'attached'
      readonly parent: PeerId
      readonly sinceMs: number
      /** Newest sign of life of the parent. */
      readonly heardAtMs: number
      /** Newest frame of the parent; at first, when it accepted. */
      readonly mediaAtMs: number
      readonly stalledAtMs: number
      /** Drawn once per parent, so that siblings do not all run at the same moment. */
      readonly patienceMs: number
      /** Since when it has been below the depth cap. */
      readonly tooDeepSinceMs: number | undefined
      readonly move: Move | undefined
    }
  | { readonly kind: 'orphan'; readonly reason: string }

/** join, orphan: no parent. hand-over, move: a better parent, while the old one serves. warm: a second parent. */
export type Want = 'join' | 'orphan' | 'hand-over' | 'move' | 'warm'

export type Search =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'active'
      want: Want
      attempt: number
      /** Named by a parent that refused or handed over; tried before the tracker's. */
      named: PeerId[]
      candidates: PeerId[]
      isNamedNext: boolean
      readonly tried: Set<PeerId>
      /** Once a round. */
      tracker:
        | { readonly kind: 'unasked' }
        | { readonly kind: 'asked'; readonly atMs: number }
        | { readonly kind: 'answered' }
      wasRefused: boolean
    }
  | {
      readonly kind: 'waiting'
      readonly want: Want
      readonly attempt: number
      readonly untilMs: number
      readonly reason: 'no-capacity' | 'no-candidates'
    }

export type Report = {
  readonly atMs: number
  readonly chain: EdgeChain
  readonly slots: number
  readonly freeSlots: number
}

export type PeerState = {
  readonly options: PeerCoreOptions
  life: 'idle' | 'running' | 'stopped'
  slots: number
  isHidden: boolean
  isTrackerJoined: boolean
  depthCap: number
  readonly links: Map<PeerId, Link>
  standing: Standing
  /** Ends in this peer. */
  chain: EdgeChain | undefined
  /** Stream time, s, at which the creator renews all its edges. */
  renewAtS: number
  search: Search
  /** The earliest time to look for a warm parent. */
  warmAtMs: number
  warmAttempt: number
  /** Newest frame from any parent. */
  mediaAtMs: number
  stalledSaidAtMs: number
  readonly banned: Set<PeerId>
  /** Unreachable or silent a moment ago: peer → until when. */
  readonly avoided: Map<PeerId, number>
  lastStepMs: number
  /** What the tracker was told last. */
  reported: Report | undefined
  phase: PeerPhase
}

/** One step: the state it changes, time and chance, and what is to be done. */
export type Step = { readonly state: PeerState; readonly env: CoreEnv; readonly effects: PeerEffect[] }

export function childrenOf(state: PeerState): [PeerId, Child][] {
  const children: [PeerId, Child][] = []
  for (const [peer, link] of state.links) {
    if (link.kind === 'open' && link.relation.kind === 'child') children.push([peer, link.relation])
  }
  return children
}

export function relationOf(state: PeerState, peer: PeerId): Relation | undefined {
  const link = state.links.get(peer)
  return link?.kind === 'open' ? link.relation : undefined
}

/** Only for links that are open. */
export function setRelation(state: PeerState, peer: PeerId, relation: Relation): void {
  state.links.set(peer, { kind: 'open', relation })
}

export function warmOf(state: PeerState): { readonly peer: PeerId; readonly chain: EdgeChain } | undefined {
  for (const [peer, link] of state.links) {
    if (link.kind === 'open' && link.relation.kind === 'warm') return { peer, chain: link.relation.chain }
  }
  return undefined
}

export function warmChildrenOf(state: PeerState): PeerId[] {
  const peers: PeerId[] = []
  for (const [peer, link] of state.links) {
    if (link.kind === 'open' && link.relation.kind === 'warm-child') peers.push(peer)
  }
  return peers
}

export function countRelations(state: PeerState, kind: Relation['kind']): number {
  let count = 0
  for (const link of state.links.values()) if (link.kind === 'open' && link.relation.kind === kind) count++
  return count
}

export function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`)
}
