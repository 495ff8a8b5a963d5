import type { TermsCode } from '../protocol/access-plaintext.ts'
import { absolve, creditOf, epochNow, owedOf, seenOf, standingOf, startOf } from './access-account.ts'
import { answer } from './access-binding.ts'
import { ASKED_FRESH_MS, CHAIN_GRACE_MS, EPOCHS_AHEAD_MAX, GRANT_LEAD_MS } from './access-constants.ts'
import { priceOf } from './access-price.ts'
import { type Binding, bindingFor, type Session, type Step, type Wallet } from './access-state.ts'

/** What one epoch would cost a wallet now. */
type Cost = {
  readonly planck: bigint
  /** What credit must cover: the whole epoch, or a key would be had for nothing in an epoch's last moment. */
  readonly whole: bigint
  readonly isPreview: boolean
  /** Of a running epoch: what passed before the grant and is not owed, ms. */
  readonly lateMs: number
  /** The same, where the allowance for it is used up: owed, and claimed for the wallet. */
  readonly claimed: bigint
}

/** Answers what this session's viewers wait for, as far as it can be answered now. */
export function serve(step: Step, session: Session): void {
  const { state } = step
  for (const binding of [session.binding, session.next?.binding]) {
    if (binding === undefined) continue
    for (const epoch of [...binding.wants.keys()].toSorted((a, b) => a - b)) {
      if (epoch < epochNow(state)) binding.wants.delete(epoch)
      else serveOne(step, session, binding, epoch)
    }
  }
  const isHungry = [session.binding, session.next?.binding].some(binding => (binding?.wants.size ?? 0) > 0)
  if (!isHungry) state.hungry.delete(session)
}

function serveOne(step: Step, session: Session, binding: Binding, epoch: number): void {
  const { state, env } = step
  const now = epochNow(state)
  if (epoch > now + EPOCHS_AHEAD_MAX) {
    binding.wants.delete(epoch)
    return answer(step, binding.viewer, 'wrong-epoch', session, { epoch: now })
  }
  if (bindingFor(session, epoch) !== binding) {
    binding.wants.delete(epoch)
    const { next } = session
    // The one that takes over asked too early; the one that goes is told why.
    if (binding === next?.binding)
      answer(step, binding.viewer, 'wrong-epoch', session, { epoch: next.fromEpoch })
    else answer(step, binding.viewer, 'superseded', session)
    return
  }
  if (env.nowMs - binding.heardAtMs > ASKED_FRESH_MS) {
    binding.wants.delete(epoch)
    return
  }
  if (state.position === undefined || env.nowMs < startOf(state, epoch) - GRANT_LEAD_MS) return
  const before = session.granted.get(epoch)
  const isTaken = before !== undefined && before.viewerKey !== binding.viewerKey
  if (isTaken || epoch <= session.overUpTo) {
    binding.wants.delete(epoch)
    return answer(step, binding.viewer, 'wrong-epoch', session, { epoch: session.grantedEpoch + 1 })
  }
  const wallet = state.wallets.get(session.wallet)
  if (wallet === undefined) return
  if (before !== undefined) return send(step, session, wallet, binding, epoch, before.isPreview, true)
  decide(step, session, wallet, binding, epoch)
}

function decide(step: Step, session: Session, wallet: Wallet, binding: Binding, epoch: number): void {
  const { state } = step
  if (!state.book.isFunded(session.wallet, session.remarkHash, session.budget)) {
    return hold(step, session, binding, epoch, 'not-funded', 0n)
  }
  if (state.isPaused) return hold(step, session, binding, epoch, 'chain-down', 0n)
  absolve(state, wallet)
  const cost = costOf(step, wallet, epoch)
  const over = standingOf(state, wallet).balance + cost.whole - creditOf(state, wallet, epoch)
  if (over > 0n && cost.whole > 0n && !hasGrace(step, wallet)) {
    return hold(step, session, binding, epoch, state.book.hasGap ? 'gap' : 'unpaid', over)
  }
  wallet.owed += cost.planck
  wallet.claimed += cost.claimed
  wallet.lateMs += cost.lateMs
  if (cost.isPreview) wallet.previewEpochs++
  session.owed += cost.planck
  session.grantedMs += state.options.epochMs - cost.lateMs
  session.grantedEpoch = Math.max(session.grantedEpoch, epoch)
  session.granted.set(epoch, { viewerKey: binding.viewerKey, isPreview: cost.isPreview })
  step.hasChanged = true
  send(step, session, wallet, binding, epoch, cost.isPreview, false)
}

/**
 * Preview epochs are whole, first, and once a wallet. What has passed of a running epoch is not owed, but in all at
 * most one epoch a wallet: who relays holds the ciphertext already, so asking late each time would be watching free.
 */
function costOf(step: Step, wallet: Wallet, epoch: number): Cost {
  const { state, env } = step
  const { epochMs, previewSeconds } = state.options
  const previewEpochs = Math.floor((previewSeconds * 1_000) / epochMs)
  if (wallet.previewEpochs < previewEpochs)
    return { planck: 0n, whole: 0n, isPreview: true, lateMs: 0, claimed: 0n }
  const price = state.prices.at(epoch)
  const whole = priceOf(price, epochMs)
  const passedMs = Math.min(Math.max(0, Math.floor(env.nowMs - startOf(state, epoch))), epochMs)
  if (wallet.lateMs + passedMs <= epochMs) {
    const planck = priceOf(price, epochMs - passedMs)
    return { planck, whole, isPreview: false, lateMs: passedMs, claimed: 0n }
  }
  return {
    planck: whole,
    whole,
    isPreview: false,
    lateMs: 0,
    claimed: (price * BigInt(passedMs)) / 1_000n,
  }
}

/** The creator cannot see payments: who was paid up when that began is believed for a while. */
function hasGrace(step: Step, wallet: Wallet): boolean {
  const { trouble } = step.state
  return (
    trouble !== undefined &&
    step.env.nowMs - trouble.sinceMs < CHAIN_GRACE_MS &&
    trouble.paidUp.has(wallet.wallet)
  )
}

/** Asked again when anything changes; said once, and again to who asks again. */
function hold(
  step: Step,
  session: Session,
  binding: Binding,
  epoch: number,
  code: TermsCode,
  needed: bigint,
): void {
  if (binding.wants.get(epoch) === code) return
  binding.wants.set(epoch, code)
  answer(step, binding.viewer, code, session, { epoch, needed })
}

function send(
  step: Step,
  session: Session,
  wallet: Wallet,
  binding: Binding,
  epoch: number,
  isPreview: boolean,
  isAgain: boolean,
): void {
  const { state, effects } = step
  binding.wants.delete(epoch)
  effects.push({
    kind: 'grant',
    wallet: session.wallet,
    session: session.session,
    viewer: binding.viewer,
    viewerKey: binding.viewerKey,
    epoch,
    isAgain,
    isPrepay: wallet.isPrepay || state.options.creditSeconds === 0,
    isPreview,
    credited: seenOf(state, session),
    owed: owedOf(state, wallet, session),
  })
}
