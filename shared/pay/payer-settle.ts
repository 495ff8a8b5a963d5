import type { SlotRow } from './payer-contract.ts'
import {
  commit,
  committedOf,
  isFunded,
  type LiveStep,
  liveSlot,
  nextNonce,
  type PayerState,
  priceNow,
  request,
  spendableOf,
} from './payer-state.ts'
import { holdBack, type Pace, type Standing, settle } from './settlement.ts'

/** Fees follow the load of the chain: asked again when older than this, and not used when older than three times that. */
const FEE_AGE_MS = 20_000
/** Slots that wait for finality at a time; a chain that stopped finalising stops payments too. */
const LIVE_MAX = 32
/** A creator's page reads blocks itself: what was paid this long before a grant must be in its figures. */
const CREDIT_PATIENCE_MS = 20_000
/** A grant's figures have 34 bits: what it counts may be rounded down by so much (docs/spec/access.md A-WIRE-7). */
const GRANT_BITS = 33n

export function driveFees(step: LiveStep): void {
  const { state, env, row } = step
  if (state.chain.kind !== 'up' || env.calls === undefined || !state.isRowSafe || !isFunded(state)) return
  if (row.phase.kind === 'closed' || row.phase.kind === 'archived') return
  if (state.fees !== undefined && env.nowMs - state.fees.atMs < FEE_AGE_MS) return
  // The amount hardly changes the length of a call; the largest possible one is dearest.
  const payment = env.calls.payment(row.budget)
  request(step, 'fees', { kind: 'estimate-fees', payment, closing: env.calls.closing(row.budget) })
}

/** One more payment, if the rule asks for it and nothing stands in its way. */
export function driveSettlement(step: LiveStep): void {
  const { state, env, row } = step
  const { fees, best, atBest } = state
  const { phase } = row
  if (
    state.chain.kind !== 'up' ||
    env.calls === undefined ||
    (phase.kind !== 'open' && phase.kind !== 'funding')
  )
    return
  if (state.hasSaidFarewell || fees === undefined || env.nowMs - fees.atMs > 3 * FEE_AGE_MS) return
  if (best === undefined || atBest?.block.hash !== best.hash || atBest.sessionFree === 0n) return
  const nonce = nextNonce(state)
  if (nonce === undefined || state.live.length >= LIVE_MAX || state.live.some(isOnItsWay)) return
  checkCredited(step)
  if (state.stops.has('payment-failed') || state.stops.has('ledger-mismatch') || state.stops.has('storage'))
    return
  if (state.stops.has('not-credited')) return
  const pace = paceOf(step)
  if (pace === undefined) return
  const standing = standingOf(step)
  const settlement = settle(pace, standing)
  if (settlement.kind !== 'budget-ended') state.stops.delete('budget-ended')
  if (settlement.kind === 'wait') return
  if (settlement.kind === 'budget-ended') {
    state.stops.set('budget-ended', 'the budget is spent')
    return
  }
  if (!canAffordFee(step, fees)) return
  const slot: SlotRow = {
    session: row.session,
    nonce,
    use: 'payment',
    amount: settlement.amount,
    ticks: state.ticks,
    ahead: settlement.ahead,
    call: env.calls.payment(settlement.amount),
    madeAt: best.number,
    state: { kind: 'pending' },
  }
  state.live.push(liveSlot(slot, false))
  commit(step, { kind: 'slot', nonce }, { slots: [slot] })
}

/** At most one payment that is in no block. One that failed there stays until finality says so. */
function isOnItsWay(slot: { readonly inclusion: { readonly isOk: boolean } | undefined }): boolean {
  return slot.inclusion?.isOk !== true
}

export function paceOf({ state }: LiveStep): Pace | undefined {
  const { terms, fees, chain } = state
  if (terms === undefined || fees === undefined || chain.kind !== 'up') return undefined
  const price = priceNow(state)
  return {
    price,
    epochMs: terms.epochMs,
    blockMs: chain.blockMs,
    fee: fees.payment,
    ...(state.usualFee !== undefined && { usualFee: state.usualFee }),
    credit: creditNow(state),
  }
}

/** A creator lends seconds: at another price than when it last said so they are another sum. */
function creditNow({ terms, grant }: PayerState): bigint {
  const price = terms?.price ?? 0n
  if (grant === undefined) return price * BigInt(Math.floor(terms?.creditSeconds ?? 0))
  return grant.price === 0n ? grant.credit : (grant.credit * price) / grant.price
}

function standingOf({ state }: LiveStep): Standing {
  return {
    played: state.played,
    committed: committedOf(state),
    owed: state.grant?.owed ?? 0n,
    spendable: spendableOf(state),
  }
}

/** What is held back for closing is never spent on a payment's fee. */
function canAffordFee(
  { state, row }: LiveStep,
  fees: { readonly payment: bigint; readonly closing: bigint },
): boolean {
  const free = state.atBest?.sessionFree ?? 0n
  const held = holdBack(row.existentialDeposit, fees.closing).session
  if (free - fees.payment >= held) {
    state.stops.delete('fee-too-high')
    state.stops.delete('fee-reserve-ended')
    return true
  }
  const usual = state.usualFee ?? fees.payment
  const isSpike = fees.payment > 2n * usual
  const reason = isSpike ? 'fee-too-high' : 'fee-reserve-ended'
  state.stops.set(
    reason,
    `a payment costs ${fees.payment} planck now, and ${free - held} planck are left for fees`,
  )
  return false
}

/** Who is paid and does not count it gets no more. */
function checkCredited({ state, row }: LiveStep): void {
  const { grant, past } = state
  if (grant === undefined) return
  const isAged = ({ atMs }: { readonly atMs: number }) => grant.atMs - atMs > CREDIT_PATIENCE_MS
  for (const { amount } of past.young.filter(isAged)) past.aged += amount
  past.young = past.young.filter(payment => !isAged(payment))
  const seen = row.first + past.aged
  if (grant.credited + (seen >> GRANT_BITS) >= seen) state.stops.delete('not-credited')
  else
    state.stops.set(
      'not-credited',
      `the creator counts ${grant.credited} planck of ${seen} planck that were paid`,
    )
}
