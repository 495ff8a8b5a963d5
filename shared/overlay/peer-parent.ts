import type { EdgeChain } from '../protocol/edge-chain.ts'
import type { PeerId } from '../protocol/ids.ts'
import { LIVE_MAX_BEHIND_MS } from '../protocol/limits.ts'
import type { Alternative } from '../protocol/peer-message.ts'
import {
  HAND_OVER_GRACE_MS,
  HAND_OVER_MS,
  OVER_DEPTH_MS,
  PARENT_SILENT_MS,
  SLEPT_MS,
  STALL_PATIENCE_MS,
  STALLED_AFTER_MS,
  STALLED_EVERY_MS,
  STALLED_RECENT_MS,
  UNANSWERED_MS,
  WARM_FIRST_MS,
} from './peer-constants.ts'
import { avoid, ban, closeLink } from './peer-links.ts'
import {
  dropWarmOnOwnBranch,
  isOtherBranch,
  isPathThrough,
  isProven,
  ownDepth,
  passesChild,
  setChain,
} from './peer-paths.ts'
import {
  childrenOf,
  type Move,
  relationOf,
  type Standing,
  type Step,
  setRelation,
  warmOf,
} from './peer-state.ts'

type Attached = Extract<Standing, { kind: 'attached' }>

/** The answer to an Attach of ours; from anybody else it means nothing. */
export function accepted(step: Step, peer: PeerId, chain: EdgeChain): void {
  const { state } = step
  const relation = relationOf(state, peer)
  if (relation?.kind !== 'asked') return
  if (!isPathThrough(state, peer, chain)) ban(step, peer, 'bad-chain')
  else if (passesChild(state, chain)) closeLink(step, peer, 'loop', 'moving')
  else if (relation.role === 'child') adoptParent(step, peer, chain)
  else adoptWarm(step, peer, chain)
}

function adoptWarm(step: Step, peer: PeerId, chain: EdgeChain): void {
  const { state } = step
  if (warmOf(state) !== undefined) {
    closeLink(step, peer, 'one warm parent is enough', 'moving')
    return
  }
  if (state.standing.kind === 'attached' && !isOtherBranch(state.standing.parent, chain)) {
    avoid(step, peer)
    closeLink(step, peer, 'on the same branch', 'moving')
    return
  }
  setRelation(state, peer, { kind: 'warm', chain })
  state.warmAttempt = 0
}

/** Make before break: the new parent feeds before the old one is left. */
function adoptParent(step: Step, peer: PeerId, chain: EdgeChain): void {
  const { state, env, effects } = step
  const { standing } = state
  state.standing = {
    kind: 'attached',
    parent: peer,
    sinceMs: env.nowMs,
    heardAtMs: env.nowMs,
    mediaAtMs: env.nowMs,
    stalledAtMs: Number.NEGATIVE_INFINITY,
    patienceMs: STALL_PATIENCE_MS * (1 + env.random()),
    tooDeepSinceMs: undefined,
    move: undefined,
  }
  setRelation(state, peer, { kind: 'parent' })
  effects.push({ kind: 'set-parent', peer })
  if (standing.kind === 'attached') {
    setRelation(state, standing.parent, { kind: 'idle', sinceMs: env.nowMs })
    closeLink(step, standing.parent, 'moved', 'moving')
  }
  state.warmAtMs = env.nowMs + WARM_FIRST_MS * (0.5 + env.random())
  setChain(step, chain)
}

export function pathChanged(step: Step, peer: PeerId, chain: EdgeChain): void {
  const { state } = step
  const kind = relationOf(state, peer)?.kind
  if (kind !== 'parent' && kind !== 'warm') return
  if (!isPathThrough(state, peer, chain)) {
    ban(step, peer, 'bad-chain')
    return
  }
  if (kind === 'parent') setChain(step, chain)
  else if (passesChild(state, chain)) closeLink(step, peer, 'loop', 'moving')
  else {
    setRelation(state, peer, { kind: 'warm', chain })
    dropWarmOnOwnBranch(step)
  }
}

/** Anything at all from the parent: it lives. */
export function heard(step: Step, peer: PeerId): void {
  updateParent(step, peer, parent => ({ ...parent, heardAtMs: step.env.nowMs }))
}

export function progressed(step: Step, peer: PeerId, behindLiveMs: number): void {
  const { nowMs } = step.env
  updateParent(step, peer, parent => ({
    ...parent,
    mediaAtMs: nowMs,
    move: parent.move?.kind === 'stalled' ? undefined : parent.move,
  }))
  if (relationOf(step.state, peer)?.kind !== 'parent') return
  step.state.mediaAtMs = nowMs
  if (behindLiveMs > LIVE_MAX_BEHIND_MS) ban(step, peer, 'not-live')
}

export function stalled(step: Step, peer: PeerId): void {
  updateParent(step, peer, parent => ({ ...parent, stalledAtMs: step.env.nowMs }))
}

/** The parent asks this peer to move. */
export function handedOver(step: Step, peer: PeerId, to: readonly Alternative[], withinMs: number): void {
  const untilMs = step.env.nowMs + Math.min(withinMs, HAND_OVER_MS) + HAND_OVER_GRACE_MS
  updateParent(step, peer, parent => ({ ...parent, move: { kind: 'hand-over', to, untilMs } }))
}

/** Nobody is nearer to the creator than its own child; who is deeper looks for another way, and keeps this one meanwhile. */
export function unanswered(step: Step): void {
  const { standing, chain } = step.state
  if (standing.kind !== 'attached' || standing.parent === chain?.creator || standing.move !== undefined)
    return
  const untilMs = step.env.nowMs + UNANSWERED_MS
  updateParent(step, standing.parent, parent => ({ ...parent, move: { kind: 'unanswered', untilMs } }))
}

/** Each tick: is the parent alive, does it feed, is there a reason to look for another? */
export function watchParent(step: Step): void {
  const { state, env } = step
  const { standing } = state
  if (standing.kind !== 'attached') return
  if (env.nowMs - standing.heardAtMs > PARENT_SILENT_MS) {
    avoid(step, standing.parent)
    closeLink(step, standing.parent, 'parent silent', 'stalled')
    return
  }
  const isTooDeep = (ownDepth(state) ?? 0) > state.depthCap
  const tooDeepSinceMs = isTooDeep ? (standing.tooDeepSinceMs ?? env.nowMs) : undefined
  const watched = { ...standing, tooDeepSinceMs }
  state.standing = { ...watched, move: reasonToMove(step, watched) }
}

function reasonToMove(step: Step, standing: Attached): Move | undefined {
  const { state, env } = step
  const { move } = standing
  if (move?.kind === 'hand-over' || move?.kind === 'unanswered')
    return env.nowMs < move.untilMs ? move : undefined
  if (move?.kind === 'stalled') return move
  // The creator's pauses are everybody's: nobody has more than it has.
  const isRootFed = standing.parent === state.chain?.creator
  const doesExcuse = env.nowMs - standing.stalledAtMs < STALLED_RECENT_MS
  const patienceMs = doesExcuse ? standing.patienceMs : PARENT_SILENT_MS
  if (!isRootFed && env.nowMs - standing.mediaAtMs > patienceMs) return { kind: 'stalled' }
  if (!isProven(step)) return { kind: 'unproven' }
  // Its children would come along: those at the bottom move first, until nobody is left below the cap.
  const { tooDeepSinceMs } = standing
  const hasStayed = tooDeepSinceMs !== undefined && env.nowMs - tooDeepSinceMs > OVER_DEPTH_MS
  if (hasStayed && childrenOf(state).length === 0) return { kind: 'too-deep' }
  return undefined
}

/** A relay without input says so, at once and again: its children then know that it lives. */
export function sayStalled(step: Step): void {
  const { state, env, effects } = step
  if (state.standing.kind === 'root') return
  if (env.nowMs - state.mediaAtMs < STALLED_AFTER_MS) return
  if (env.nowMs - state.stalledSaidAtMs < STALLED_EVERY_MS) return
  state.stalledSaidAtMs = env.nowMs
  for (const [peer] of childrenOf(state)) {
    effects.push({ kind: 'send', peer, message: { kind: 'stalled', newest: [] } })
  }
}

/** A page whose timers slept heard nothing for that reason alone. */
export function forgiveSleep(step: Step): void {
  const { state, env } = step
  const { standing } = state
  if (standing.kind !== 'attached' || env.nowMs - state.lastStepMs < SLEPT_MS) return
  state.standing = { ...standing, heardAtMs: env.nowMs, mediaAtMs: env.nowMs }
}

function updateParent({ state }: Step, peer: PeerId, update: (parent: Attached) => Attached): void {
  const { standing } = state
  if (standing.kind === 'attached' && standing.parent === peer) state.standing = update(standing)
}
