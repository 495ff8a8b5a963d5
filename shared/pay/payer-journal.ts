import type { SessionRow, TickRow } from './payer-contract.ts'
import { canPay } from './payer-report.ts'
import { commit, commitFinish, commitRow, type LiveStep, noteTick, type Pending } from './payer-state.ts'

/** Storage that refused is tried again after this. */
const STORAGE_AGAIN_MS = 10_000

/** A tick counts once its row is committed. One that may not be paid for is not written, and so never owed. */
export function takeTick(step: LiveStep, epoch: number, price: bigint): void {
  const { state, row } = step
  if (state.watch.kind !== 'may' || price < 0n) return
  if (price > row.priceAccepted) {
    state.stops.set('price-raised', `${price} planck a second, ${row.priceAccepted} planck were accepted`)
    return
  }
  if (!canPay(step, price)) {
    state.stops.set('budget-ended', 'the budget is spent')
    return
  }
  state.pendingTicks++
  state.pendingPlayed += price
  const tick: TickRow = { session: row.session, index: state.nextTick++, epoch, price }
  commit(step, { kind: 'tick', tick }, { ticks: [tick] })
}

export function committed(step: LiveStep, id: number): void {
  const { state } = step
  const pending = state.commits.get(id)
  state.commits.delete(id)
  if (pending === undefined) return
  switch (pending.kind) {
    case 'opened':
      state.isRowSafe = true
      return
    case 'tick':
      state.pendingTicks--
      state.pendingPlayed -= pending.tick.price
      state.ticks++
      state.played += pending.tick.price
      noteTick(state, pending.tick)
      return
    case 'slot': {
      const slot = state.live.find(({ row }) => row.nonce === pending.nonce)
      if (slot !== undefined) slot.isJournaled = true
      return
    }
    case 'settled':
      settled(step, pending)
      return
    case 'row':
      return
    case 'raise':
      step.effects.push({
        kind: 'ask-wallet',
        request: 'raise',
        budget: pending.budget,
        feeReserve: pending.feeReserve,
      })
      return
    case 'finish':
      finish(step, pending.row)
      return
  }
}

/** Storage refused: nothing is built on what was not written. */
export function commitFailed(step: LiveStep, id: number, reason: string): void {
  const { state, row } = step
  const pending = state.commits.get(id)
  state.commits.delete(id)
  if (pending === undefined) return
  state.stops.set('storage', reason)
  state.storageAgainMs = step.env.nowMs + STORAGE_AGAIN_MS
  switch (pending.kind) {
    case 'tick':
      state.pendingTicks--
      state.pendingPlayed -= pending.tick.price
      return
    case 'slot':
      // Never signed. A farewell's slot may have been sent: its bytes are the same whenever they are made again.
      state.live = state.live.filter(slot => slot.isJournaled || slot.row.nonce !== pending.nonce)
      return
    case 'settled': {
      const slot = state.live.find(({ row: slotRow }) => slotRow.nonce === pending.nonce)
      if (slot !== undefined) slot.isSettling = false
      return
    }
    case 'raise': {
      const feeReserve = row.feeReserve - pending.feeReserve
      state.raising = undefined
      state.row = { ...row, budget: row.budget - pending.budget, feeReserve }
      return
    }
    case 'opened':
    case 'row':
    case 'finish':
      state.unsaved = pending
      return
  }
}

/** A row that could not be written is written again when the user goes on, or after a while. */
export function driveUnsaved(step: LiveStep): void {
  const { state, row } = step
  if (step.env.nowMs >= state.storageAgainMs) state.stops.delete('storage')
  const { unsaved } = state
  if (unsaved === undefined || state.stops.has('storage')) return
  state.unsaved = undefined
  if (unsaved.kind === 'finish') commitFinish(step, unsaved.row, unsaved.ticks)
  else commitRow(step, row, unsaved)
}

function settled(step: LiveStep, { nonce, row }: Extract<Pending, { kind: 'settled' }>): void {
  const { state } = step
  const { past } = state
  const slot = state.live.find(live => live.row.nonce === nonce)
  state.live = state.live.filter(live => live !== slot)
  if (past.last === undefined || nonce > past.last.nonce) past.last = { nonce, madeAt: row.madeAt }
  if (row.state.kind === 'landed') {
    past.landed += row.amount
    past.fees += row.state.fee
    if (slot !== undefined) past.young.push({ amount: row.amount, atMs: slot.includedAtMs || step.env.nowMs })
    for (const reason of ['payment-refused', 'fee-too-high'] as const) state.stops.delete(reason)
  } else if (row.state.kind === 'failed') {
    past.fees += row.state.fee
    if (row.use === 'closing') state.failedClosings++
  }
}

function finish(step: LiveStep, row: SessionRow): void {
  step.state.isOver = true
  step.effects.push({ kind: 'finished', session: row })
}
