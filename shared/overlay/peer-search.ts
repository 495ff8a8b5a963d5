import type { PeerId } from '../protocol/ids.ts'
import type { Alternative, RefuseCode } from '../protocol/peer-message.ts'
import type { Candidate } from '../protocol/room-message.ts'
import { orderCandidates } from './parent-choice.ts'
import { offeredSlots } from './peer-children.ts'
import {
  ALTERNATIVES_USED,
  LAZY_BACKOFF_MAX_MS,
  LAZY_BACKOFF_MS,
  TRACKER_ANSWER_MS,
  URGENT_BACKOFF_MAX_MS,
  URGENT_BACKOFF_MS,
  WARM_SEEK_MS,
} from './peer-constants.ts'
import { closeLink } from './peer-links.ts'
import { relationOf, type Search, type Step, setRelation, type Want, warmOf } from './peer-state.ts'
import { askNext, attachMessage, fillTries, findParents, triesOf } from './peer-tries.ts'

type Active = Extract<Search, { kind: 'active' }>

/** What this peer lacks. Nothing is remembered of it: it follows from where the peer stands. */
function wanted({ state, env }: Step): Want | undefined {
  const { standing } = state
  if (state.life !== 'running') return undefined
  switch (standing.kind) {
    case 'root':
      return undefined
    case 'newcomer':
      return 'join'
    case 'orphan':
      return 'orphan'
    case 'attached':
      if (standing.move?.kind === 'hand-over') return 'hand-over'
      if (standing.move !== undefined) return 'move'
      if (warmOf(state) !== undefined) return undefined
      // Tries left over from the search for a parent make a warm parent at no cost.
      return env.nowMs >= state.warmAtMs || triesOf(state).length > 0 ? 'warm' : undefined
  }
}

/** At the end of each step: start, change, carry on or end the search. */
export function runSearch(step: Step): void {
  const { state, env } = step
  const want = wanted(step)
  if (want === undefined) return endSearch(step)
  if (state.search.kind === 'waiting' && (state.search.want !== want || env.nowMs >= state.search.untilMs)) {
    begin(step, want, state.search.want === want ? state.search.attempt : 0)
  }
  if (state.search.kind === 'none') begin(step, want, want === 'warm' ? state.warmAttempt : 0)
  if (state.search.kind !== 'active') return
  if (state.search.want !== want) change(step, state.search, want)
  advance(step, state.search)
}

function begin({ state }: Step, want: Want, attempt: number): void {
  const { standing } = state
  const move = standing.kind === 'attached' ? standing.move : undefined
  state.search = {
    kind: 'active',
    want,
    attempt,
    named: move?.kind === 'hand-over' && attempt === 0 ? namesOf(move.to) : [],
    candidates: [],
    isNamedNext: true,
    tried: new Set(),
    tracker: { kind: 'unasked' },
    wasRefused: false,
  }
}

/** The tries go on, for what is wanted now. */
function change(step: Step, search: Active, want: Want): void {
  const { state, env, effects } = step
  const { standing } = state
  search.want = want
  search.attempt = 0
  if (want === 'hand-over' && standing.kind === 'attached' && standing.move?.kind === 'hand-over') {
    search.named.push(...namesOf(standing.move.to))
  }
  if (want !== 'warm') {
    if (search.tracker.kind === 'answered') search.tracker = { kind: 'unasked' }
    return
  }
  // The parent is found. The other peer that was asked becomes the warm parent; the tracker need not be asked again.
  search.named = []
  search.tracker = { kind: 'answered' }
  for (const peer of triesOf(state)) {
    const relation = relationOf(state, peer)
    if (relation?.kind !== 'asked') continue
    setRelation(state, peer, { ...relation, role: 'warm', sinceMs: env.nowMs })
    effects.push({ kind: 'send', peer, message: attachMessage(step, 'warm') })
  }
}

function advance(step: Step, search: Active): void {
  const { state, env } = step
  fillTries(step, search)
  askNext(step, search)
  if (search.tracker.kind === 'asked' && env.nowMs - search.tracker.atMs > TRACKER_ANSWER_MS) {
    search.tracker = { kind: 'answered' }
  }
  findParents(step, search)
  if (search.named.length > 0 || search.candidates.length > 0) return
  if (triesOf(state).length === 0 && search.tracker.kind === 'answered') giveUp(step, search)
}

/** This round found nothing: wait, then ask the tracker anew. Retries back off with jitter, so never hot. */
function giveUp({ state, env }: Step, search: Active): void {
  const { want, attempt } = search
  const jitter = 0.5 + env.random()
  if (want === 'warm') {
    const delayMs = Math.min(LAZY_BACKOFF_MAX_MS, WARM_SEEK_MS * 2 ** Math.min(attempt, 10))
    state.warmAtMs = env.nowMs + delayMs * jitter
    state.warmAttempt = attempt + 1
    state.search = { kind: 'none' }
    return
  }
  const [baseMs, maxMs] =
    want === 'move' ? [LAZY_BACKOFF_MS, LAZY_BACKOFF_MAX_MS] : [URGENT_BACKOFF_MS, URGENT_BACKOFF_MAX_MS]
  const delayMs = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 10))
  state.search = {
    kind: 'waiting',
    want,
    attempt: attempt + 1,
    untilMs: env.nowMs + delayMs * jitter,
    reason: search.wasRefused ? 'no-capacity' : 'no-candidates',
  }
}

function endSearch(step: Step): void {
  const { state } = step
  if (state.search.kind === 'none') return
  state.search = { kind: 'none' }
  for (const peer of triesOf(state)) {
    const relation = relationOf(state, peer)
    const warm = relation?.kind === 'spare' ? relation.warm : undefined
    if (warm === undefined) closeLink(step, peer, 'not needed', 'moving')
    else setRelation(state, peer, { kind: 'warm', chain: warm })
  }
}

/** The tracker's answer, or its later word that a place has come free. */
export function candidatesCame(step: Step, candidates: readonly Candidate[]): void {
  const { state, env } = step
  if (state.search.kind === 'none') return
  const isOrphan = state.search.want === 'orphan'
  const fitting = candidates.filter(({ depth }) => isOrphan || depth < state.depthCap)
  if (state.search.kind === 'waiting') {
    if (fitting.length === 0) return
    begin(step, state.search.want, state.search.attempt)
  }
  const { search } = state
  if (search.kind !== 'active' || search.tracker.kind === 'answered') return
  search.tracker = { kind: 'answered' }
  search.candidates = orderCandidates(fitting, offeredSlots(state) > 0, env.random).map(({ peer }) => peer)
}

/** A tracker is back: who waited for one asks at once. */
export function trackerJoined(step: Step): void {
  const { search } = step.state
  if (search.kind === 'waiting') begin(step, search.want, search.attempt)
  else if (search.kind === 'active' && search.tracker.kind === 'asked') search.tracker = { kind: 'unasked' }
}

/** The answer to an Attach of ours; from a parent, warm or not, it is as good as a Leave. */
export function refused(
  step: Step,
  peer: PeerId,
  code: RefuseCode,
  alternatives: readonly Alternative[],
): void {
  const { state } = step
  const relation = relationOf(state, peer)
  if (relation?.kind === 'parent' || relation?.kind === 'warm') {
    closeLink(step, peer, `refused after all: ${code}`, 'moving')
  }
  if (relation?.kind !== 'asked') return
  // A warm parent that has no slot stays what it was.
  if (relation.role === 'child' && relation.warm !== undefined && code !== 'loop') {
    setRelation(state, peer, { kind: 'warm', chain: relation.warm })
  } else closeLink(step, peer, `refused: ${code}`, undefined)
  if (state.search.kind !== 'active' || relation.role === 'warm') return
  if (code === 'full' || code === 'too-deep' || code === 'busy') state.search.wasRefused = true
  // Downwards first: the next level is where the open places are.
  state.search.named.unshift(...namesOf(alternatives))
}

/** Only the names: the depth that comes with them is not proven by anything. */
function namesOf(alternatives: readonly Alternative[]): PeerId[] {
  return alternatives.slice(0, ALTERNATIVES_USED).map(({ peer }) => peer)
}
