import { epochNow, judge } from './access-account.ts'
import { admitWaiting, answer, requested, turnOver } from './access-binding.ts'
import { IDLE_MS } from './access-constants.ts'
import type { AccessEvent, AccessPolicy, AccessPolicyOptions } from './access-contract.ts'
import { serve } from './access-grant.ts'
import { newAccessState, snapshotOf } from './access-snapshot.ts'
import type { Binding, Session, Step } from './access-state.ts'
import { headTold, watchTrouble } from './access-trouble.ts'
import { rowsOf } from './access-view.ts'
import type { Evidence } from './evidence.ts'

export type {
  AccessEffect,
  AccessEnv,
  AccessEvent,
  AccessPolicy,
  AccessPolicyOptions,
  AccessRow,
  AccessSnapshot,
  ViewerId,
} from './access-contract.ts'

/** Throws RangeError for options out of range. */
export function createAccessPolicy(options: AccessPolicyOptions): AccessPolicy {
  if (!(options.epochMs >= 1_000 && Number.isInteger(options.epochMs))) throw new RangeError('epoch length')
  if (!Number.isInteger(options.creditSeconds) || options.creditSeconds < 0) throw new RangeError('credit')
  if (!(options.previewSeconds >= 0)) throw new RangeError('preview')
  const state = newAccessState(options)
  return {
    step(event, env) {
      const step: Step = { state, env, effects: [], hasChanged: false }
      handle(step, event)
      if (step.hasChanged) step.effects.push({ kind: 'changed' })
      return step.effects
    },
    rows: env => rowsOf(state, env),
    snapshot: () => snapshotOf(state),
  }
}

function handle(step: Step, event: AccessEvent): void {
  const { state } = step
  switch (event.kind) {
    case 'position':
      return moved(step, event.epoch, event.startedAtMs)
    case 'price':
      return state.prices.change(event.pricePerSecond, event.fromEpoch)
    case 'request':
      requested(step, event)
      return serveViewer(step, event.viewer)
    case 'pull':
      return pulled(step, event)
    case 'leave':
      return left(step, event)
    case 'evidence':
      return told(step, event.evidence)
    case 'tick':
      watchTrouble(step)
      return serveAll(step)
  }
}

/** Epochs only go up: a step back (a second source that lags) is not followed. */
function moved(step: Step, epoch: number, startedAtMs: number): void {
  const { state } = step
  const before = state.position
  if (before !== undefined && epoch < before.epoch) return
  state.position = { epoch, startedAtMs }
  if (before?.epoch === epoch) return
  state.prices.forgetBefore(epoch)
  step.hasChanged = true
  for (const session of state.sessions.values()) {
    turnOver(step, session)
    for (const old of session.granted.keys()) if (old < epoch) session.granted.delete(old)
    const { binding } = session
    if (binding !== undefined && !binding.hasLeft && step.env.nowMs - binding.heardAtMs > IDLE_MS) {
      binding.hasLeft = true
      const wallet = state.wallets.get(session.wallet)
      if (wallet !== undefined) judge(state, wallet)
    }
  }
  serveAll(step)
}

function pulled(step: Step, event: Extract<AccessEvent, { kind: 'pull' }>): void {
  const found = heard(step, event)
  if (found === undefined) return
  const { session, binding } = found
  binding.hasLeft = false
  const now = epochNow(step.state)
  // What is over by now cannot be had; what runs now is what was meant.
  if (event.epoch < now) answer(step, event.viewer, 'wrong-epoch', session, { epoch: now })
  binding.wants.set(Math.max(event.epoch, now), undefined)
  step.state.hungry.add(session)
  serve(step, session)
}

function left(step: Step, event: Extract<AccessEvent, { kind: 'leave' }>): void {
  const found = heard(step, event)
  if (found === undefined) return
  found.binding.wants.clear()
  found.binding.hasLeft = true
  const wallet = step.state.wallets.get(found.session.wallet)
  if (wallet !== undefined) judge(step.state, wallet)
  step.hasChanged = true
}

/** A fresh word of a bound viewer, with its claims taken down. Old counters are not heard. */
function heard(
  step: Step,
  event: Extract<AccessEvent, { kind: 'pull' | 'leave' }>,
): { session: Session; binding: Binding } | undefined {
  const { state, env } = step
  const session = state.byViewer.get(event.viewer)
  if (session === undefined) return undefined
  const binding = [session.next?.binding, session.binding].find(one => one?.viewer === event.viewer)
  if (binding === undefined || event.counter <= binding.pullCounter) return undefined
  binding.pullCounter = event.counter
  binding.heardAtMs = env.nowMs
  const stalledMs = Math.min(event.stalledMs, session.grantedMs)
  const wallet = state.wallets.get(session.wallet)
  if (wallet !== undefined && stalledMs > binding.stalledMs) {
    wallet.claimed += (state.prices.at(epochNow(state)) * BigInt(stalledMs - binding.stalledMs)) / 1_000n
    binding.stalledMs = stalledMs
    step.hasChanged = true
  }
  return { session, binding }
}

function told(step: Step, evidence: Evidence): void {
  const { state } = step
  if (evidence.kind === 'head') {
    headTold(step, evidence)
    return serveAll(step)
  }
  if (!state.book.take(evidence)) return
  step.hasChanged = true
  watchTrouble(step)
  if (evidence.kind === 'funded') admitWaiting(step)
  serveAll(step)
}

function serveViewer(step: Step, viewer: string): void {
  const session = step.state.byViewer.get(viewer)
  if (session !== undefined) serve(step, session)
}

function serveAll(step: Step): void {
  for (const session of [...step.state.hungry]) serve(step, session)
}
