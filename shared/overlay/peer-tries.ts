import type { EdgeChain } from '../protocol/edge-chain.ts'
import type { PeerId } from '../protocol/ids.ts'
import { CONNECTIONS_MAX, EXCLUDE_MAX } from '../protocol/limits.ts'
import type { PeerMessage } from '../protocol/peer-message.ts'
import { offeredSlots, subtreeOf } from './peer-children.ts'
import {
  ASK_PATIENCE_MS,
  BANNED_EXCLUDED,
  DIAL_PATIENCE_MS,
  DIAL_TIMEOUT_MS,
  PARALLEL_TRIES,
  TRIES_BEFORE_TRACKER,
  TRIES_PER_ROUND,
  WARM_TRIES_PER_ROUND,
} from './peer-constants.ts'
import { type PeerState, relationOf, type Search, type Step, setRelation, warmOf } from './peer-state.ts'

type Active = Extract<Search, { kind: 'active' }>

/** Peers that the search is dialling, holds ready, or has asked. */
export function triesOf(state: PeerState): PeerId[] {
  const tries: PeerId[] = []
  for (const [peer, link] of state.links) {
    const isTry =
      link.kind === 'dialing' ||
      (link.kind === 'open' && (link.relation.kind === 'spare' || link.relation.kind === 'asked'))
    if (isTry) tries.push(peer)
  }
  return tries
}

/** Dials the next names, as many at once as the search may. */
export function fillTries(step: Step, search: Active): void {
  const { state } = step
  // Who has a parent is in no hurry, and goes where it was told first.
  const parallel = search.want === 'join' || search.want === 'orphan' ? PARALLEL_TRIES : 1
  const perRound = search.want === 'warm' ? WARM_TRIES_PER_ROUND : TRIES_PER_ROUND
  let room = parallel - triesOf(state).length
  while (room > 0) {
    const peer = search.tried.size < perRound ? nextName(state, search) : undefined
    if (peer === undefined) {
      if (search.tried.size >= perRound) search.named = search.candidates = []
      return
    }
    search.tried.add(peer)
    if (startTry(step, peer)) room -= 1
  }
}

/** An open link to a warm parent is the shortest way; then names in turn, so that no refuser's names keep out the tracker's. */
function nextName(state: PeerState, search: Active): PeerId | undefined {
  const warm = warmOf(state)
  const isWarmOfUse = search.want === 'orphan' || search.want === 'move'
  if (isWarmOfUse && warm !== undefined && !search.tried.has(warm.peer)) return warm.peer
  for (;;) {
    const isNamed = search.candidates.length === 0 || (search.isNamedNext && search.named.length > 0)
    const peer = isNamed ? search.named.shift() : search.candidates.shift()
    if (peer === undefined || (peer !== state.options.self && !search.tried.has(peer))) {
      search.isNamedNext = !isNamed
      return peer
    }
  }
}

function startTry({ state, env, effects }: Step, peer: PeerId): boolean {
  if (state.banned.has(peer) || (state.avoided.get(peer) ?? 0) > env.nowMs) return false
  const link = state.links.get(peer)
  if (link === undefined) {
    if (state.links.size >= CONNECTIONS_MAX) return false
    state.links.set(peer, { kind: 'dialing', sinceMs: env.nowMs })
    effects.push({ kind: 'dial', peer, timeoutMs: DIAL_TIMEOUT_MS })
    return true
  }
  if (link.kind !== 'open') return false
  const { relation } = link
  const isUsable = relation.kind === 'idle' || relation.kind === 'warm' || relation.kind === 'warm-child'
  if (isUsable)
    setRelation(state, peer, { kind: 'spare', warm: relation.kind === 'warm' ? relation.chain : undefined })
  return isUsable
}

/** One is asked at a time, so that only one parent makes room; a second one when the first is slow to answer. */
export function askNext(step: Step, search: Active): void {
  const { state, env, effects } = step
  const role = search.want === 'warm' ? 'warm' : 'child'
  let next: { readonly peer: PeerId; readonly warm: EdgeChain | undefined } | undefined
  for (const peer of triesOf(state)) {
    const relation = relationOf(state, peer)
    if (relation?.kind === 'spare') next ??= { peer, warm: relation.warm }
    if (relation?.kind === 'asked' && (role === 'warm' || !isSlow(state, peer, env.nowMs))) return
  }
  if (next === undefined) return
  const { peer, warm } = next
  setRelation(state, peer, { kind: 'asked', role, sinceMs: env.nowMs, warm })
  effects.push({ kind: 'send', peer, message: attachMessage(step, role) })
}

/** When the names have run out, are slow, or some were tried in vain: the tracker knows by now who has room. */
export function findParents({ state, env, effects }: Step, search: Active): void {
  if (search.tracker.kind !== 'unasked' || !state.isTrackerJoined) return
  if (search.tried.size < TRIES_BEFORE_TRACKER || search.want === 'warm') {
    const isBusy = (peer: PeerId) => search.want === 'warm' || !isSlow(state, peer, env.nowMs)
    if (search.named.length > 0 || triesOf(state).some(isBusy)) return
  }
  search.tracker = { kind: 'asked', atMs: env.nowMs }
  effects.push({
    kind: 'find-parents',
    exclude: excluded(state, search, env.nowMs),
    isOrphan: search.want === 'orphan',
  })
}

/** The shell adds tracks and what its ring holds. */
export function attachMessage({ state }: Step, role: 'child' | 'warm'): PeerMessage {
  const isOrphan = role === 'child' && state.standing.kind === 'orphan'
  return {
    kind: 'attach',
    role,
    tracks: [],
    slots: offeredSlots(state),
    subtree: subtreeOf(state),
    resume: [],
    isOrphan,
    // An orphan keeps its path only while it holds.
    ...(isOrphan && state.chain !== undefined ? { chain: state.chain } : {}),
  }
}

function isSlow(state: PeerState, peer: PeerId, nowMs: number): boolean {
  const link = state.links.get(peer)
  if (link?.kind === 'dialing') return nowMs - link.sinceMs > DIAL_PATIENCE_MS
  const relation = relationOf(state, peer)
  return relation?.kind === 'asked' && nowMs - relation.sinceMs > ASK_PATIENCE_MS
}

/** The tracker leaves out this peer's subtree by itself: it knows the paths. */
function excluded(state: PeerState, search: Active, nowMs: number): PeerId[] {
  const { standing } = state
  const exclude = new Set<PeerId>()
  if (standing.kind === 'attached') exclude.add(standing.parent)
  for (const peer of [...state.banned].slice(-BANNED_EXCLUDED)) exclude.add(peer)
  for (const [peer, untilMs] of state.avoided) if (untilMs > nowMs) exclude.add(peer)
  for (const peer of search.tried) exclude.add(peer)
  return [...exclude].slice(0, EXCLUDE_MAX)
}
