import { chainPath, chainTip } from '../protocol/edge-chain.ts'
import type { PeerId } from '../protocol/ids.ts'
import { CHAIN_MAX_EDGES } from '../protocol/limits.ts'
import type { Alternative, RefuseCode } from '../protocol/peer-message.ts'
import {
  ALTERNATIVES_USED,
  HAND_OVER_MS,
  INPUT_FRESH_MS,
  RESERVE_FROM_SLOTS,
  SUBTREE_MAX,
  WARM_CHILDREN_MAX,
} from './peer-constants.ts'
import type { PeerEvent } from './peer-contract.ts'
import { closeLink } from './peer-links.ts'
import { edgeUntilS, isProven, ownDepth } from './peer-paths.ts'
import {
  type Child,
  childrenOf,
  countRelations,
  type PeerState,
  relationOf,
  type Step,
  setRelation,
} from './peer-state.ts'

type Attach = Extract<PeerEvent, { kind: 'attach' }>

type Admission =
  | { readonly kind: 'welcome' }
  /** Full, but this leaf can make room. */
  | { readonly kind: 'displace'; readonly leaf: PeerId }
  | { readonly kind: 'refused'; readonly code: RefuseCode }

/** Attach says what the link shall be from now on; so it also turns a warm child into a child, and back. */
export function attached(step: Step, attach: Attach): void {
  const { state, env, effects } = step
  const { peer, role } = attach
  const relation = relationOf(state, peer)
  if (relation === undefined) return
  const admission = admit(step, attach)
  if (admission.kind === 'refused') {
    const alternatives = admission.code === 'full' && role === 'child' ? alternativesTo(state, peer) : []
    // A child that asks to be fed no more is not fed, whatever else it cannot have.
    if (role === 'warm' && relation.kind === 'child') {
      setRelation(state, peer, { kind: 'idle', sinceMs: env.nowMs })
      effects.push({ kind: 'remove-child', peer })
    }
    effects.push({ kind: 'send', peer, message: { kind: 'refuse', code: admission.code, alternatives } })
    return
  }
  if (role === 'child') {
    const before = relation.kind === 'child' ? relation : undefined
    setRelation(state, peer, {
      kind: 'child',
      slots: attach.slots,
      subtree: Math.min(attach.subtree, SUBTREE_MAX),
      attachedAtMs: before?.attachedAtMs ?? env.nowMs,
      handOverUntilMs: before?.handOverUntilMs,
    })
  } else {
    setRelation(state, peer, { kind: 'warm-child' })
    if (relation.kind === 'child') effects.push({ kind: 'remove-child', peer })
  }
  effects.push({ kind: 'accept-child', peer, untilS: edgeUntilS(step) })
  if (role === 'child' && relation.kind !== 'child') {
    effects.push({ kind: 'add-child', peer, tracks: attach.tracks, resume: attach.resume })
  }
  if (admission.kind === 'displace') handOver(step, admission.leaf, peer)
}

function admit(step: Step, attach: Attach): Admission {
  const { state } = step
  const code = refusal(step, attach)
  if (code !== undefined) return { kind: 'refused', code }
  const kind = relationOf(state, attach.peer)?.kind
  if (attach.role === 'warm') {
    const hasRoom = kind === 'warm-child' || countRelations(state, 'warm-child') < WARM_CHILDREN_MAX
    return state.slots > 0 && hasRoom ? { kind: 'welcome' } : { kind: 'refused', code: 'full' }
  }
  if (kind === 'child' || countRelations(state, 'child') < state.slots - reserve(state, attach)) {
    return { kind: 'welcome' }
  }
  const leaf = leafToDisplace(state, attach)
  return leaf === undefined ? { kind: 'refused', code: 'full' } : { kind: 'displace', leaf }
}

function refusal(step: Step, attach: Attach): RefuseCode | undefined {
  const { state, env } = step
  const { standing } = state
  const { peer } = attach
  const relation = relationOf(state, peer)
  if (state.chain !== undefined && chainPath(state.chain).includes(peer)) return 'loop'
  if (standing.kind === 'newcomer' || standing.kind === 'orphan') return 'no-input'
  // Each asked the other at once: the lower peer id stays where it is.
  if (relation?.kind === 'asked' && state.options.self > peer) return 'loop'
  if (standing.kind === 'attached') {
    const newestMs = Math.max(state.mediaAtMs, standing.sinceMs)
    if (env.nowMs - newestMs > INPUT_FRESH_MS) return 'no-input'
  }
  if (!isProven(step)) return 'not-proven'
  if (state.isHidden && relation?.kind !== 'child') return 'busy'
  const depth = (ownDepth(state) ?? 0) + 1
  if (depth > CHAIN_MAX_EDGES) return 'too-deep'
  // An orphan brings a subtree that already hangs together; it moves up later (O-DEPTH).
  if (depth > state.depthCap && !isProvenOrphan(attach) && relation?.kind !== 'child') return 'too-deep'
  return undefined
}

/** "Orphan" is worth a place kept free, so it is believed only of one that shows the path it had. */
function isProvenOrphan({ peer, isOrphan, chain }: Attach): boolean {
  return isOrphan && chain !== undefined && chainTip(chain) === peer
}

/** Slots that this joiner may not have: the creator keeps one for orphans. */
function reserve(state: PeerState, attach: Attach | undefined): number {
  if (state.standing.kind !== 'root' || state.slots < RESERVE_FROM_SLOTS) return 0
  return attach !== undefined && isProvenOrphan(attach) ? 0 : 1
}

/** The leaf that came last, if the joiner can forward and nobody is on the move already. */
function leafToDisplace(state: PeerState, joiner: Attach): PeerId | undefined {
  if (joiner.slots === 0 || (ownDepth(state) ?? 0) + 2 > state.depthCap) return undefined
  const children = childrenOf(state)
  if (children.length > state.slots || children.some(([, child]) => child.handOverUntilMs !== undefined)) {
    return undefined
  }
  return youngest(children.filter(([, child]) => child.slots === 0))
}

/** Tells a child to move: first to the newcomer that takes its place, then to whoever below can forward. */
function handOver(step: Step, peer: PeerId, first: PeerId | undefined): void {
  const { state, env, effects } = step
  const relation = relationOf(state, peer)
  if (relation?.kind !== 'child') return
  setRelation(state, peer, { ...relation, handOverUntilMs: env.nowMs + HAND_OVER_MS })
  const depth = (ownDepth(state) ?? 0) + 1
  const others = alternativesTo(state, peer).filter(other => other.peer !== first)
  const to = first === undefined ? others : [{ peer: first, depth }, ...others].slice(0, ALTERNATIVES_USED)
  effects.push({ kind: 'send', peer, message: { kind: 'hand-over', to, withinMs: HAND_OVER_MS } })
}

/** Each tick: children that had their time to move, and children too many. */
export function relieve(step: Step): void {
  const { state, env } = step
  let excess = countRelations(state, 'child') - state.slots
  let isMoving = false
  for (const [peer, child] of childrenOf(state)) {
    if (child.handOverUntilMs === undefined) continue
    if (env.nowMs < child.handOverUntilMs) isMoving = true
    else if (excess > 0) {
      excess -= 1
      closeLink(step, peer, 'no capacity', 'displaced')
    } else setRelation(state, peer, { ...child, handOverUntilMs: undefined })
  }
  if (excess <= 0 || isMoving) return
  const children = childrenOf(state)
  const victim = youngest(children.filter(([, child]) => child.slots === 0)) ?? youngest(children)
  if (victim !== undefined) handOver(step, victim, undefined)
}

export function childUpdated(state: PeerState, peer: PeerId, slots: number, subtree: number): void {
  const relation = relationOf(state, peer)
  if (relation?.kind !== 'child') return
  setRelation(state, peer, { ...relation, slots, subtree: Math.min(subtree, SUBTREE_MAX) })
}

/** Places a newcomer may have. */
export function freeSlots(state: PeerState): number {
  const { kind } = state.standing
  if (kind === 'newcomer' || kind === 'orphan' || state.isHidden) return 0
  return Math.max(0, state.slots - reserve(state, undefined) - countRelations(state, 'child'))
}

/** What it may promise to serve. */
export function offeredSlots({ isHidden, slots }: PeerState): number {
  return isHidden ? 0 : slots
}

/** Peers below, as far as the children tell. */
export function subtreeOf(state: PeerState): number {
  const total = childrenOf(state).reduce((sum, [, child]) => sum + 1 + child.subtree, 0)
  return Math.min(total, SUBTREE_MAX)
}

/** Children that can forward, emptiest first. */
function alternativesTo(state: PeerState, joiner: PeerId): Alternative[] {
  const depth = (ownDepth(state) ?? 0) + 1
  return childrenOf(state)
    .filter(([peer, child]) => peer !== joiner && child.slots > 0 && child.handOverUntilMs === undefined)
    .sort(([, a], [, b]) => a.subtree / a.slots - b.subtree / b.slots)
    .slice(0, ALTERNATIVES_USED)
    .map(([peer]) => ({ peer, depth }))
}

function youngest(children: readonly (readonly [PeerId, Child])[]): PeerId | undefined {
  let found: readonly [PeerId, Child] | undefined
  for (const entry of children) {
    if (found === undefined || entry[1].attachedAtMs >= found[1].attachedAtMs) found = entry
  }
  return found?.[0]
}
