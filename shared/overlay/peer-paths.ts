import { chainDepth, chainPath, chainTip, type EdgeChain } from '../protocol/edge-chain.ts'
import type { PeerId } from '../protocol/ids.ts'
import { EDGE_VALID_S } from '../protocol/limits.ts'
import { RENEW_EVERY_S } from './peer-constants.ts'
import { closeLink } from './peer-links.ts'
import { childrenOf, type PeerState, type Step, warmOf } from './peer-state.ts'

/** An edge or chain that a parent sent proves that parent, and nobody else, as the last hop to this peer. */
export function isPathThrough(state: PeerState, parent: PeerId, chain: EdgeChain): boolean {
  return chainTip(chain) === state.options.self && chainPath(chain).at(-2) === parent
}

/** That path would close a loop: it comes through a child of this peer. */
export function passesChild(state: PeerState, chain: EdgeChain): boolean {
  const path = new Set(chainPath(chain))
  return childrenOf(state).some(([child]) => path.has(child))
}

/**
 * A warm parent must outlive the parent: its path does not pass it. The creator is on every path, and when it goes
 * there is nothing left to receive.
 */
export function isOtherBranch(parent: PeerId, warmChain: EdgeChain): boolean {
  return parent === warmChain.creator || !chainPath(warmChain).includes(parent)
}

/** A new path for this peer is a new path for everybody below. */
export function setChain(step: Step, chain: EdgeChain): void {
  const { state } = step
  state.chain = chain
  const path = new Set(chainPath(chain))
  for (const peer of dependents(state)) {
    // Two moves at once made a ring: the peer that sees its own child above itself cuts there.
    if (path.has(peer)) closeLink(step, peer, 'loop', 'moving')
    else renew(step, peer)
  }
  dropWarmOnOwnBranch(step)
}

export function dropWarmOnOwnBranch(step: Step): void {
  const { standing } = step.state
  const warm = warmOf(step.state)
  if (warm === undefined || standing.kind !== 'attached' || isOtherBranch(standing.parent, warm.chain)) return
  closeLink(step, warm.peer, 'on the same branch', 'moving')
}

/**
 * Edges are renewed from the creator down: its renewal is a new path for its children, who renew theirs in turn.
 * So one wave each half of the validity serves the whole tree, and no relay needs a clock for it.
 */
export function renewFromRoot(step: Step): void {
  const { state, env } = step
  if (state.standing.kind !== 'root') return
  const dueInS = state.renewAtS - env.streamTimeS
  // Further off than that, stream time was set back.
  if (dueInS > 0 && dueInS <= RENEW_EVERY_S) return
  state.renewAtS = env.streamTimeS + RENEW_EVERY_S
  for (const peer of dependents(state)) renew(step, peer)
}

/** An edge signed now is good until then, s of stream time. */
export function edgeUntilS(step: Step): number {
  return Math.max(0, Math.ceil(step.env.streamTimeS)) + EDGE_VALID_S
}

/** True while every edge of the own path holds. */
export function isProven(step: Step): boolean {
  const { chain } = step.state
  return chain?.edges.every(edge => edge.untilS >= step.env.streamTimeS) ?? false
}

export function ownDepth(state: PeerState): number | undefined {
  return state.chain === undefined ? undefined : chainDepth(state.chain)
}

function renew(step: Step, peer: PeerId): void {
  step.effects.push({ kind: 'renew-child', peer, untilS: edgeUntilS(step) })
}

function dependents(state: PeerState): PeerId[] {
  const peers: PeerId[] = []
  for (const [peer, link] of state.links) {
    if (link.kind !== 'open') continue
    if (link.relation.kind === 'child' || link.relation.kind === 'warm-child') peers.push(peer)
  }
  return peers
}
