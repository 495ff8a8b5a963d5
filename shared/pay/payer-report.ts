import type { PayerView, StopReason, WatchState } from './payer-contract.ts'
import { paceOf } from './payer-settle.ts'
import {
  capOf,
  committedOf,
  goodReady,
  isFunded,
  type LiveStep,
  type PayerState,
  priceNow,
  type Step,
  spendableOf,
} from './payer-state.ts'
import { settlementIntervalMs } from './settlement.ts'

/** Which one the user is told first. */
const ORDER: readonly StopReason[] = [
  'over',
  'closing',
  'storage',
  'ledger-mismatch',
  'payment-failed',
  'price-raised',
  'not-credited',
  'budget-ended',
  'fee-reserve-ended',
  'fee-too-high',
  'payment-refused',
  'wallet-refused',
]

export function watchOf(step: LiveStep): WatchState {
  const { state, row } = step
  const { phase } = row
  if (phase.kind === 'closed' || phase.kind === 'archived')
    return { kind: 'stop', reason: 'over', detail: phase.kind }
  if (phase.kind === 'closing' || state.hasSaidFarewell || state.closeWanted !== undefined)
    return { kind: 'stop', reason: 'closing', detail: 'the rest goes back to the wallet' }
  for (const reason of ORDER) {
    const detail = state.stops.get(reason)
    if (detail !== undefined) return { kind: 'stop', reason, detail }
  }
  const price = priceNow(state)
  if (price > row.priceAccepted)
    return {
      kind: 'stop',
      reason: 'price-raised',
      detail: `${price} planck a second, ${row.priceAccepted} planck were accepted`,
    }
  if (!isFunded(state) || !state.isRowSafe) return { kind: 'wait' }
  if (!canPay(step, price)) return { kind: 'stop', reason: 'budget-ended', detail: 'the budget is spent' }
  return { kind: 'may' }
}

/** One more tick of this price stays within the cap. */
export function canPay({ state, row }: LiveStep, price: bigint): boolean {
  // What the wallet is still asked for may be refused.
  const sure = capOf(row, state.fees?.closing ?? 0n) - (state.raising?.budget ?? 0n)
  return state.played + state.pendingPlayed + price <= sure
}

export function reportWatch(step: LiveStep): void {
  const { state } = step
  const watch = watchOf(step)
  if (isSame(watch, state.watch)) return
  state.watch = watch
  step.effects.push({ kind: 'watch', watch })
}

function isSame(one: WatchState, other: WatchState): boolean {
  if (one.kind !== 'stop' || other.kind !== 'stop') return one.kind === other.kind
  return one.reason === other.reason
}

export function viewOf(state: PayerState): PayerView {
  const { row } = state
  const paidBefore = (row?.first ?? 0n) + state.past.landed
  let included = paidBefore
  let fees = state.past.fees
  for (const { inclusion } of state.live) {
    if (inclusion?.isOk === true) included += inclusion.paid
    if (inclusion !== undefined) fees += inclusion.fee
  }
  const spendable = leftOf(state)
  const price = priceNow(state)
  const committed = committedOf(state)
  const ahead = committed - state.played
  return {
    session: row,
    watch: state.watch,
    isChainUp: state.chain.kind === 'up',
    ticks: state.ticks,
    played: state.played,
    committed,
    included,
    final: paidBefore,
    fees,
    spendable,
    secondsLeft: price <= 0n ? Number.POSITIVE_INFINITY : Math.max(0, Number((spendable + ahead) / price)),
    intervalMs: intervalOf(state),
    farewell: farewellOf(state),
    accounts: state.atBest && { session: state.atBest.sessionFree, budget: state.atBest.budgetFree },
  }
}

/** While the chain cannot be read: what was left when it last could. */
function leftOf(state: PayerState): bigint {
  const { row, atBest, fees } = state
  if (row === undefined || atBest !== undefined || !isFunded(state)) return spendableOf(state)
  const left = capOf(row, fees?.closing ?? 0n) - committedOf(state)
  return left > 0n ? left : 0n
}

function intervalOf(state: PayerState): number {
  if (state.row === undefined) return 0
  const step: Step = { state, env: { nowMs: 0, random: () => 0, calls: undefined }, effects: [] }
  const pace = paceOf({ ...step, row: state.row })
  return pace === undefined ? 0 : settlementIntervalMs(pace)
}

/** What is on its way once more, and after it the closing batch that was signed for this moment. */
function farewellOf(state: PayerState): Uint8Array[] {
  if (state.chain.kind !== 'up') return []
  // What failed counts as on its way until that is final: a farewell would leave it out. The next visit closes.
  if (state.live.some(({ inclusion }) => inclusion?.isOk === false)) return []
  const bytes: Uint8Array[] = []
  for (const { version, inclusion, row } of state.live) {
    if (inclusion !== undefined) continue
    if (version === undefined) return bytes
    bytes.push(version.bytes)
    if (row.use === 'closing') return bytes
  }
  const ready = goodReady(state)
  if (ready !== undefined) bytes.push(ready.bytes)
  return bytes
}
