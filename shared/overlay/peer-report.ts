import { chainPath } from '../protocol/edge-chain.ts'
import { freeSlots, subtreeOf } from './peer-children.ts'
import { UPDATE_EVERY_MS, UPDATE_MIN_MS } from './peer-constants.ts'
import type { PeerPhase, PeerView } from './peer-contract.ts'
import { isProven } from './peer-paths.ts'
import { childrenOf, type PeerState, type Report, type Step, warmChildrenOf, warmOf } from './peer-state.ts'

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
    warmChildren: warmChildrenOf(state),
    chain: state.chain,
    slots: state.slots,
    freeSlots: freeSlots(state),
    subtree: subtreeOf(state),
  }
}

/** Tells the tracker when this peer's place or its free slots changed, and from time to time anyway. */
export function reportToTracker(step: Step): void {
  const { state, env, effects } = step
  const { chain, slots, reported } = state
  if (!state.isTrackerJoined || chain === undefined || !isProven(step)) return
  const report = { atMs: env.nowMs, chain, slots, freeSlots: freeSlots(state) }
  if (reported !== undefined) {
    const sinceMs = env.nowMs - reported.atMs
    if (sinceMs < UPDATE_MIN_MS || (sinceMs < UPDATE_EVERY_MS && isSameReport(report, reported))) return
  }
  state.reported = report
  effects.push({ kind: 'update-tracker' })
}

/** Renewed edges are no news. */
function isSameReport(a: Report, b: Report): boolean {
  if (a.slots !== b.slots || a.freeSlots !== b.freeSlots) return false
  return a.chain === b.chain || chainPath(a.chain).join() === chainPath(b.chain).join()
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
