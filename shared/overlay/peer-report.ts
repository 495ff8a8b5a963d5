import { chainPath } from '../protocol/edge-chain.ts'
import { freeSlots, subtreeOf } from './peer-children.ts'
import { UPDATE_EVERY_MS, UPDATE_MIN_MS } from './peer-constants.ts'
import type { PeerPhase, PeerView } from './peer-contract.ts'
import { isProven } from './peer-paths.ts'
import { childrenOf, type PeerState, type Step, warmOf } from './peer-state.ts'

export function viewOf(state: PeerState): PeerView {
  const { standing } = state
  return {
    phase: state.phase,
    parent: standing.kind === 'attached' ? standing.parent : undefined,
    warm: warmOf(state)?.peer,
    children: childrenOf(state).map(([peer, { slots, subtree, attachedAtMs }]) => ({
      peer,
      slots,
      subtree,
      attachedAtMs,
    })),
    chain: state.chain,
    slots: state.slots,
    freeSlots: freeSlots(state),
    subtree: subtreeOf(state),
  }
}

/** Tells the tracker when this peer's place or its free slots changed, and from time to time anyway. */
export function reportToTracker(step: Step): void {
  const { state, env, effects } = step
  if (!state.isTrackerJoined || state.chain === undefined || !isProven(step)) return
  const sinceMs = env.nowMs - state.reported.atMs
  if (sinceMs < UPDATE_MIN_MS) return
  const standing = `${chainPath(state.chain).join(' ')} ${freeSlots(state)} ${state.slots}`
  if (standing === state.reported.standing && sinceMs < UPDATE_EVERY_MS) return
  state.reported = { standing, atMs: env.nowMs }
  effects.push({ kind: 'update-tracker' })
}

export function reportPhase({ state, effects }: Step): void {
  const phase = phaseOf(state)
  if (isSamePhase(phase, state.phase)) return
  state.phase = phase
  effects.push({ kind: 'phase' })
}

function phaseOf({ life, standing, search }: PeerState): PeerPhase {
  if (life !== 'running') return { kind: life }
  if (standing.kind === 'root' || standing.kind === 'attached') return { kind: 'attached' }
  if (search.kind === 'waiting') return { kind: 'waiting', reason: search.reason }
  if (standing.kind === 'orphan') return { kind: 'orphaned', reason: standing.reason }
  return { kind: 'searching', attempt: search.kind === 'active' ? search.attempt : 0 }
}

function isSamePhase(a: PeerPhase, b: PeerPhase): boolean {
  switch (a.kind) {
    case 'searching':
      return b.kind === a.kind && b.attempt === a.attempt
    case 'waiting':
    case 'orphaned':
      return b.kind === a.kind && b.reason === a.reason
    case 'idle':
    case 'attached':
    case 'stopped':
      return b.kind === a.kind
  }
}
