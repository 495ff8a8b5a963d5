import type { AccessTerms, TermsCode } from '../protocol/access-plaintext.ts'
import { epochNow, judge, owedOf, seenOf, startOf } from './access-account.ts'
import { ASKED_FRESH_MS, GRANT_LEAD_MS, SUPERSEDE_EVERY_MS, WAITING_MAX } from './access-constants.ts'
import {
  type Binding,
  bindingFor,
  type Request,
  type Session,
  type Step,
  sessionKey,
  walletOf,
} from './access-state.ts'

/** Says where a session stands, to the viewer that asked. */
export function answer(
  step: Step,
  viewer: string,
  code: TermsCode,
  session: Session | undefined,
  facts: Partial<Pick<AccessTerms, 'epoch' | 'needed' | 'retryMs' | 'lastCounter'>> = {},
): void {
  const { state, effects } = step
  const wallet = session === undefined ? undefined : state.wallets.get(session.wallet)
  const isPrepay = wallet?.isPrepay ?? false
  const terms: AccessTerms = {
    code,
    isPrepay: isPrepay || state.options.creditSeconds === 0,
    epoch: epochNow(state),
    creditMs: isPrepay ? 0 : state.options.creditSeconds * 1_000,
    credited: session === undefined ? 0n : seenOf(state, session),
    owed: session === undefined || wallet === undefined ? 0n : owedOf(state, wallet, session),
    needed: 0n,
    retryMs: 0,
    lastCounter: Math.max(0, session?.requestCounter ?? 0),
    ...facts,
  }
  effects.push({ kind: 'terms', viewer, terms })
}

/**
 * A request binds a funded session to the viewer key in it. The first one binds at once; another one takes over with
 * the next epoch that the one before was not granted, at most once in SUPERSEDE_EVERY_MS.
 */
export function requested(step: Step, request: Request): void {
  const { state } = step
  const { viewer, viewerKey, wallet, remarkHash, budget } = request
  const key = sessionKey(wallet, request.session)
  if (!state.book.isFunded(wallet, remarkHash, budget)) {
    wait(step, key, request)
    answer(step, viewer, 'not-funded', state.sessions.get(key))
    return
  }
  const session = state.sessions.get(key) ?? newSession(step, request)
  const same = [session.binding, session.next?.binding].find(binding => binding?.viewerKey === viewerKey)
  const isOld =
    same === undefined ? request.counter <= session.requestCounter : request.counter < session.requestCounter
  if (isOld) return answer(step, viewer, 'stale-counter', session)
  if (same !== undefined) {
    reroute(step, session, same, request)
    return
  }
  if (session.binding === undefined) {
    session.requestCounter = request.counter
    session.binding = bind(step, session, request)
    answer(step, viewer, 'welcome', session, { epoch: Math.max(request.epoch, firstFree(step, session)) })
    return
  }
  const waitMs = session.supersededAtMs + SUPERSEDE_EVERY_MS - step.env.nowMs
  if (waitMs > 0) return answer(step, viewer, 'too-soon', session, { retryMs: Math.ceil(waitMs) })
  session.requestCounter = request.counter
  session.supersededAtMs = step.env.nowMs
  const fromEpoch = Math.max(firstFree(step, session), epochNow(state) + 1)
  session.next = { binding: bind(step, session, { ...request, epoch: fromEpoch }), fromEpoch }
  answer(step, viewer, 'welcome', session, { epoch: fromEpoch })
}

/** Sessions whose funding has come into view. */
export function admitWaiting(step: Step): void {
  for (const [key, { request, atMs }] of [...step.state.waiting]) {
    if (step.env.nowMs - atMs > ASKED_FRESH_MS) {
      step.state.waiting.delete(key)
      continue
    }
    if (!step.state.book.isFunded(request.wallet, request.remarkHash, request.budget)) continue
    step.state.waiting.delete(key)
    requested(step, request)
  }
}

/** With its first epoch the new viewer is the viewer. */
export function turnOver(step: Step, session: Session): void {
  const { next } = session
  if (next === undefined || epochNow(step.state) < next.fromEpoch) return
  const old = session.binding
  session.binding = next.binding
  session.next = undefined
  if (old === undefined || old.viewer === next.binding.viewer) return
  step.state.byViewer.delete(old.viewer)
  if (!old.hasLeft) answer(step, old.viewer, 'superseded', session)
}

function newSession(step: Step, request: Request): Session {
  const { state } = step
  const wallet = walletOf(state, request.wallet)
  // Whoever comes with a new session while it owes more than its credit left the old one so.
  judge(state, wallet)
  const session: Session = {
    wallet: request.wallet,
    session: request.session,
    budget: request.budget,
    remarkHash: request.remarkHash,
    isFormer: false,
    owed: 0n,
    grantedMs: 0,
    grantedEpoch: -1,
    overUpTo: -1,
    granted: new Map(),
    binding: undefined,
    next: undefined,
    requestCounter: -1,
    supersededAtMs: Number.NEGATIVE_INFINITY,
  }
  wallet.sessions.push(session)
  state.sessions.set(sessionKey(request.wallet, request.session), session)
  state.book.claim(request.wallet, request.remarkHash, request.budget)
  step.hasChanged = true
  return session
}

function bind(step: Step, session: Session, request: Request): Binding {
  const { state, env } = step
  // An origin speaks for one session; should it change its mind, the old one has lost its viewer.
  const before = state.byViewer.get(request.viewer)
  if (before !== undefined && before !== session) unbind(before, request.viewer)
  state.byViewer.set(request.viewer, session)
  state.hungry.add(session)
  step.hasChanged = true
  return {
    viewer: request.viewer,
    viewerKey: request.viewerKey,
    pullCounter: -1,
    stalledMs: 0,
    heardAtMs: env.nowMs,
    hasLeft: false,
    wants: new Map(wanted(step, Math.max(request.epoch, epochNow(state))).map(epoch => [epoch, undefined])),
  }
}

function reroute(step: Step, session: Session, binding: Binding, request: Request): void {
  const { state, env } = step
  if (binding.viewer !== request.viewer) {
    if (request.counter === session.requestCounter) return
    state.byViewer.delete(binding.viewer)
    const before = state.byViewer.get(request.viewer)
    if (before !== undefined && before !== session) unbind(before, request.viewer)
    binding.viewer = request.viewer
    state.byViewer.set(request.viewer, session)
  }
  session.requestCounter = request.counter
  binding.heardAtMs = env.nowMs
  binding.hasLeft = false
  const epoch = Math.max(request.epoch, epochNow(state))
  for (const one of wanted(step, epoch)) {
    if (bindingFor(session, one) === binding) binding.wants.set(one, undefined)
  }
  state.hungry.add(session)
  answer(step, request.viewer, 'welcome', session, { epoch })
}

function unbind(session: Session, viewer: string): void {
  if (session.binding?.viewer === viewer) session.binding = session.next?.binding
  if (session.next?.binding.viewer === viewer || session.next?.binding === session.binding)
    session.next = undefined
}

/** Who comes in an epoch's last moments wants the next one too, and has no time to ask twice. */
function wanted({ state, env }: Step, epoch: number): number[] {
  const isNear = env.nowMs >= startOf(state, epoch + 1) - GRANT_LEAD_MS
  return isNear ? [epoch, epoch + 1] : [epoch]
}

/** The first epoch whose key no viewer of this session holds. */
function firstFree(step: Step, session: Session): number {
  return Math.max(session.grantedEpoch + 1, epochNow(step.state))
}

function wait(step: Step, key: string, request: Request): void {
  const { waiting } = step.state
  const known = waiting.get(key)
  if (known !== undefined && known.request.counter > request.counter) return
  waiting.delete(key)
  waiting.set(key, { request, atMs: step.env.nowMs })
  const oldest = waiting.size > WAITING_MAX ? waiting.keys().next().value : undefined
  if (oldest !== undefined) waiting.delete(oldest)
}
