import type { CloseReason, SlotRow } from './payer-contract.ts'
import {
  closingAmount,
  commit,
  commitRow,
  goodReady,
  type LiveStep,
  liveSlot,
  nextNonce,
  type ReadyClosing,
} from './payer-state.ts'

/** Closing batches that failed at dispatch before the last payment is left out, so that the rest comes home. */
const FAILED_WITH_PAYMENT_MAX = 2

export function beginClosing(step: LiveStep, reason: CloseReason): void {
  const { row, state } = step
  if (row.phase.kind !== 'open' && row.phase.kind !== 'funding') return
  if (row.baseNonce === undefined) {
    state.closeWanted ??= reason
    return
  }
  if (row.phase.kind === 'funding') {
    // Until its finality the row keeps the funding's last block; what must be closed is remembered beside it.
    state.closeWanted ??= reason
    return
  }
  commitRow(step, { ...row, phase: { kind: 'closing', reason } })
}

/** What was said goodbye with is now the call of its nonce. */
export function farewellSent(step: LiveStep): void {
  const { state } = step
  const ready = goodReady(state)
  state.hasSaidFarewell = true
  if (ready !== undefined) addClosing(step, ready, ready)
  beginClosing(step, 'left')
}

/** The closing batch, once every tick is journaled and every payment is in a block. */
export function driveClosing(step: LiveStep): void {
  const { state, env, row } = step
  const { atBest, best, fees } = state
  if (state.closeWanted !== undefined && row.phase.kind === 'open') beginClosing(step, state.closeWanted)
  const isWanted =
    row.phase.kind === 'closing' || (state.closeWanted !== undefined && row.baseNonce !== undefined)
  if (!isWanted || state.chain.kind !== 'up' || env.calls === undefined || fees === undefined) return
  if (best === undefined || atBest?.block.hash !== best.hash || atBest.sessionFree === 0n) return
  if (state.pendingTicks > 0 || state.stops.has('storage')) return
  const nonce = closingNonce(step)
  const isSettled = state.live.every(
    ({ row: slot, inclusion }) => slot.use === 'payment' && inclusion?.isOk === true,
  )
  if (nonce === undefined || !isSettled) return
  const isEmpty = row.budgetAccount !== row.session && atBest.budgetFree === 0n
  const isPaying =
    !isEmpty && state.failedClosings < FAILED_WITH_PAYMENT_MAX && !state.stops.has('ledger-mismatch')
  const amount = isPaying ? closingAmount(state) : 0n
  const call =
    isEmpty || state.failedClosings > 2 * FAILED_WITH_PAYMENT_MAX
      ? env.calls.sweep()
      : env.calls.closing(amount)
  addClosing(step, { nonce, amount, call })
}

/** Where the chain is ahead of the ledger, only the way home is left: it takes the chain's nonce, and pays nothing. */
function closingNonce({ state }: LiveStep): number | undefined {
  if (!state.stops.has('ledger-mismatch')) return nextNonce(state)
  return state.atFinal?.sessionNonce
}

function addClosing(
  step: LiveStep,
  closing: Pick<ReadyClosing, 'nonce' | 'amount' | 'call'>,
  version?: ReadyClosing,
): void {
  const { state, row } = step
  const slot: SlotRow = {
    session: row.session,
    nonce: closing.nonce,
    use: 'closing',
    amount: closing.amount,
    ticks: state.ticks,
    ahead: 0n,
    call: closing.call,
    madeAt: state.best?.number ?? 0,
    state: { kind: 'pending' },
  }
  const live = liveSlot(slot, false)
  if (version !== undefined) live.version = { bytes: version.bytes, lastBlock: version.lastBlock }
  state.live.push(live)
  state.ready = undefined
  commit(step, { kind: 'slot', nonce: slot.nonce }, { slots: [slot] })
}
