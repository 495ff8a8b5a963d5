import type { Candidate } from '../protocol/room-message.ts'
import {
  AGE_BONUS_MAX_MS,
  AGE_STABLE_S,
  BEST_OF,
  DISPLACE_COST_MS,
  FULL_COST_MS,
  LEVEL_COST_MS,
  LOAD_COST_MS,
} from './peer-constants.ts'

/**
 * What a parent would cost, ms (DESIGN §7): `depth·50 + RTT/2 + lag + load − age bonus`. A peer that cannot forward
 * turns the depth around: it takes the deepest place and leaves the higher ones to those that grow the tree.
 */
export function parentCostMs(candidate: Candidate, canForward: boolean): number {
  const { depth, rttMs, lagMs, freeSlots, leaves, ageS } = candidate
  const depthMs = (canForward ? depth : -depth) * LEVEL_COST_MS
  const ageMs = Math.min(1, ageS / AGE_STABLE_S) * AGE_BONUS_MAX_MS
  return depthMs + rttMs / 2 + lagMs + loadMs(freeSlots, leaves, canForward) - ageMs
}

function loadMs(freeSlots: number, leaves: number, canForward: boolean): number {
  if (freeSlots > 0) return LOAD_COST_MS / freeSlots
  return canForward && leaves > 0 ? DISPLACE_COST_MS : FULL_COST_MS
}

/** The order in which to try them: each time a random one of the best three that are left. */
export function orderCandidates(
  candidates: readonly Candidate[],
  canForward: boolean,
  random: () => number,
): Candidate[] {
  const rest = candidates
    .map(candidate => ({ candidate, costMs: parentCostMs(candidate, canForward) }))
    .sort((a, b) => a.costMs - b.costMs)
  const order: Candidate[] = []
  while (rest.length > 0) {
    const chosen = rest.splice(Math.floor(random() * Math.min(BEST_OF, rest.length)), 1)
    for (const { candidate } of chosen) order.push(candidate)
  }
  return order
}
