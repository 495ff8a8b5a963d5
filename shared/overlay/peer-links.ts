import type { PeerId } from '../protocol/ids.ts'
import { CONNECTIONS_MAX } from '../protocol/limits.ts'
import type { LeaveCode } from '../protocol/peer-message.ts'
import {
  ANSWER_GUARD_MS,
  ASK_TIMEOUT_MS,
  AVOID_MS,
  AVOIDED_MAX,
  BANNED_MAX,
  DIAL_GUARD_MS,
  IDLE_LINK_MS,
  NOT_LIVE_AVOID_MS,
  OWN_LINKS,
} from './peer-constants.ts'
import type { ViolationReason } from './peer-contract.ts'
import {
  assertNever,
  type Link,
  type PeerState,
  type Relation,
  type Step,
  setRelation,
} from './peer-state.ts'

export function dialOffered(step: Step, peer: PeerId): void {
  const { state, env, effects } = step
  const link = state.links.get(peer)
  if (!isWelcome(state, peer, link)) {
    effects.push({ kind: 'ignore-dial', peer })
    return
  }
  if (link?.kind === 'open') loseRelation(step, peer, link.relation, 'dialled again')
  const isReplacement = link?.kind === 'open' || (link?.kind === 'answering' && link.isReplacement)
  // In place of my own dial it serves my search all the same.
  if (link?.kind !== 'dialing') {
    state.links.set(peer, { kind: 'answering', sinceMs: env.nowMs, isReplacement })
  }
  effects.push({ kind: 'answer-dial', peer })
}

function isWelcome(state: PeerState, peer: PeerId, link: Link | undefined): boolean {
  if (peer === state.options.self || state.banned.has(peer)) return false
  // Both dialled at once: the lower peer id's dial stands.
  if (link?.kind === 'dialing') return state.options.self > peer
  if (link !== undefined) return true
  const own = state.standing.kind === 'root' ? 0 : OWN_LINKS
  return state.links.size < CONNECTIONS_MAX && countIncoming(state) < CONNECTIONS_MAX - own
}

function countIncoming(state: PeerState): number {
  let count = 0
  for (const link of state.links.values()) {
    if (link.kind === 'answering') count++
    else if (link.kind === 'open') {
      const { kind } = link.relation
      if (kind === 'idle' || kind === 'child' || kind === 'warm-child') count++
    }
  }
  return count
}

export function linkOpened(step: Step, peer: PeerId): void {
  const { state, env, effects } = step
  const link = state.links.get(peer)
  if (link === undefined) effects.push({ kind: 'close', peer, reason: 'not expected' })
  else if (link.kind === 'dialing') setRelation(state, peer, { kind: 'spare', warm: undefined })
  else if (link.kind === 'answering') setRelation(state, peer, { kind: 'idle', sinceMs: env.nowMs })
}

export function linkClosed(step: Step, peer: PeerId, reason: string): void {
  const link = step.state.links.get(peer)
  if (link?.kind === 'answering' && link.isReplacement) {
    // The old link of the two; the new one is still on its way.
    step.state.links.set(peer, { ...link, isReplacement: false })
  } else forget(step, peer, reason)
}

/** A dial or an answer that came to nothing. */
export function linkFailed(step: Step, peer: PeerId, reason: string): void {
  const link = step.state.links.get(peer)
  if (link === undefined) return
  if (link.kind === 'dialing') avoid(step, peer)
  // The link that was to be replaced has no use any more.
  if (link.kind === 'answering' && link.isReplacement) closeLink(step, peer, reason, undefined)
  else forget(step, peer, reason)
}

/** Says Leave where somebody listens, and closes. Harmless for a peer without a link. */
export function closeLink(step: Step, peer: PeerId, reason: string, leave: LeaveCode | undefined): void {
  const { state, effects } = step
  const link = state.links.get(peer)
  if (link === undefined) return
  if (link.kind === 'open' && leave !== undefined) {
    effects.push({ kind: 'send', peer, message: { kind: 'leave', code: leave } })
  }
  forget(step, peer, reason)
  effects.push({ kind: 'close', peer, reason })
}

/** Never again in this session; of a recording only for a while, since a creator's own slip looks the same. */
export function ban(step: Step, peer: PeerId, reason: ViolationReason): void {
  if (reason === 'not-live') {
    avoid(step, peer, NOT_LIVE_AVOID_MS)
    return closeLink(step, peer, `violation: ${reason}`, 'stalled')
  }
  const { banned } = step.state
  if (banned.size >= BANNED_MAX) {
    for (const oldest of banned) {
      banned.delete(oldest)
      break
    }
  }
  banned.add(peer)
  closeLink(step, peer, `violation: ${reason}`, 'hostile')
}

/** Not chosen again for a moment. */
export function avoid(step: Step, peer: PeerId, forMs = AVOID_MS): void {
  const { avoided } = step.state
  avoided.delete(peer)
  for (const [other, untilMs] of avoided) {
    if (avoided.size >= AVOIDED_MAX || untilMs <= step.env.nowMs) avoided.delete(other)
  }
  avoided.set(peer, step.env.nowMs + forMs)
}

/** Links that came to nothing in their time. */
export function expireLinks(step: Step): void {
  for (const [peer, link] of [...step.state.links]) {
    const reason = overdue(link, step.env.nowMs)
    if (reason === undefined) continue
    if (link.kind === 'dialing' || (link.kind === 'open' && link.relation.kind === 'asked')) avoid(step, peer)
    closeLink(step, peer, reason, 'moving')
  }
}

function overdue(link: Link, nowMs: number): string | undefined {
  if (link.kind === 'dialing') return nowMs - link.sinceMs > DIAL_GUARD_MS ? 'dial timed out' : undefined
  if (link.kind === 'answering') return nowMs - link.sinceMs > ANSWER_GUARD_MS ? 'never opened' : undefined
  const { relation } = link
  if (relation.kind === 'idle') return nowMs - relation.sinceMs > IDLE_LINK_MS ? 'idle' : undefined
  if (relation.kind === 'asked') return nowMs - relation.sinceMs > ASK_TIMEOUT_MS ? 'no answer' : undefined
  return undefined
}

function forget(step: Step, peer: PeerId, reason: string): void {
  const link = step.state.links.get(peer)
  if (link?.kind === 'open') loseRelation(step, peer, link.relation, reason)
  step.state.links.delete(peer)
}

/** What the end of this use of the link means; the caller decides what becomes of the link. */
function loseRelation({ state, effects }: Step, peer: PeerId, relation: Relation, reason: string): void {
  switch (relation.kind) {
    case 'parent':
      state.standing = { kind: 'orphan', reason }
      effects.push({ kind: 'set-parent', peer: undefined })
      return
    case 'child':
      effects.push({ kind: 'remove-child', peer })
      return
    case 'idle':
    case 'spare':
    case 'asked':
    case 'warm':
    case 'warm-child':
      return
    default:
      return assertNever(relation)
  }
}
