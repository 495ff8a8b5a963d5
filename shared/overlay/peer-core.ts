import { CONNECTIONS_MAX } from '../protocol/limits.ts'
import { attached, childUpdated, relieve } from './peer-children.ts'
import { DEPTH_CAP_DEFAULT, OWN_LINKS } from './peer-constants.ts'
import type { PeerCore, PeerCoreOptions, PeerEvent } from './peer-contract.ts'
import { ban, closeLink, dialOffered, expireLinks, linkClosed, linkFailed, linkOpened } from './peer-links.ts'
import {
  accepted,
  forgiveSleep,
  handedOver,
  heard,
  pathChanged,
  progressed,
  sayStalled,
  stalled,
  unanswered,
  watchParent,
} from './peer-parent.ts'
import { isProven, renewFromRoot } from './peer-paths.ts'
import { reportPhase, reportToTracker, viewOf } from './peer-report.ts'
import { candidatesCame, refused, runSearch, trackerJoined } from './peer-search.ts'
import { assertNever, type PeerState, type Step } from './peer-state.ts'

export type {
  ChildView,
  CoreEnv,
  PeerCore,
  PeerCoreOptions,
  PeerEffect,
  PeerEvent,
  PeerPhase,
  PeerRole,
  PeerView,
  ViolationReason,
} from './peer-contract.ts'

export function createPeerCore(options: PeerCoreOptions): PeerCore {
  const state = newState(options)
  return {
    step(event, env) {
      if (state.life === 'stopped') return []
      const step: Step = { state, env, effects: [] }
      forgiveSleep(step)
      handle(step, event)
      if (state.life === 'running') conclude(step)
      reportPhase(step)
      state.lastStepMs = env.nowMs
      return step.effects
    },
    get view() {
      return viewOf(state)
    },
  }
}

function newState(options: PeerCoreOptions): PeerState {
  return {
    options,
    life: 'idle',
    slots: clampSlots(options.slots, options.role === 'creator'),
    isHidden: false,
    isTrackerJoined: false,
    depthCap: DEPTH_CAP_DEFAULT,
    links: new Map(),
    standing: options.role === 'creator' ? { kind: 'root' } : { kind: 'newcomer' },
    chain: options.role === 'creator' ? options.chain : undefined,
    renewAtS: 0,
    search: { kind: 'none' },
    warmAtMs: 0,
    warmAttempt: 0,
    mediaAtMs: Number.NEGATIVE_INFINITY,
    stalledSaidAtMs: Number.NEGATIVE_INFINITY,
    banned: new Set(),
    avoided: new Map(),
    lastStepMs: 0,
    reported: undefined,
    phase: { kind: 'idle' },
  }
}

function handle(step: Step, event: PeerEvent): void {
  const { state } = step
  switch (event.kind) {
    case 'start':
      state.life = 'running'
      return
    case 'tracker-joined':
      state.isTrackerJoined = true
      state.depthCap = event.depthCap
      // It may be another one, or the same without its memory.
      state.reported = undefined
      return trackerJoined(step)
    case 'tracker-lost':
      state.isTrackerJoined = false
      return
    case 'room-stats':
      state.depthCap = event.depthCap
      return
    case 'candidates':
      return candidatesCame(step, event.candidates)
    case 'dial-offered':
      return dialOffered(step, event.peer)
    case 'link-open':
      return linkOpened(step, event.peer)
    case 'link-failed':
      return linkFailed(step, event.peer, event.reason)
    case 'link-closed':
      return linkClosed(step, event.peer, event.reason)
    case 'attach':
      return attached(step, event)
    case 'accept':
      return accepted(step, event.peer, event.chain)
    case 'refuse':
      return refused(step, event.peer, event.code, event.alternatives)
    case 'path':
      heard(step, event.peer)
      return pathChanged(step, event.peer, event.chain)
    case 'unanswered':
      return unanswered(step)
    case 'stalled':
      heard(step, event.peer)
      return stalled(step, event.peer)
    case 'hand-over':
      heard(step, event.peer)
      return handedOver(step, event.peer, event.to, event.withinMs)
    case 'leave':
      return closeLink(step, event.peer, `left: ${event.code}`, undefined)
    case 'rtt':
      return heard(step, event.peer)
    case 'progress':
      heard(step, event.peer)
      return progressed(step, event.peer, event.behindLiveMs)
    case 'child-update':
      return childUpdated(state, event.peer, event.slots, event.subtree)
    case 'violation':
      return ban(step, event.peer, event.reason)
    case 'visibility':
      state.isHidden = event.isHidden
      return
    case 'set-slots':
      state.slots = clampSlots(event.slots, state.options.role === 'creator')
      return
    case 'tick':
      return tick(step)
    case 'stop':
      return stop(step)
    // Slots are probed by it once they are probed (DESIGN §7).
    case 'child-queue':
      return
    default:
      return assertNever(event)
  }
}

function tick(step: Step): void {
  if (step.state.life !== 'running') return
  expireLinks(step)
  watchParent(step)
  relieve(step)
  renewFromRoot(step)
  sayStalled(step)
}

/** After each event: what follows from where the peer now stands. */
function conclude(step: Step): void {
  const { state } = step
  // An orphan's last path speaks for it as long as it holds.
  if (state.standing.kind === 'orphan' && !isProven(step)) state.chain = undefined
  runSearch(step)
  reportToTracker(step)
}

function stop(step: Step): void {
  const { state } = step
  state.life = 'stopped'
  const code = state.standing.kind === 'root' ? 'ended' : 'closing'
  for (const peer of [...state.links.keys()]) closeLink(step, peer, 'stopped', code)
  state.search = { kind: 'none' }
}

/** Each child is a connection, and some are kept for oneself. */
function clampSlots(slots: number, isRoot: boolean): number {
  return Math.max(0, Math.min(Math.floor(slots) || 0, CONNECTIONS_MAX - (isRoot ? 1 : OWN_LINKS)))
}
