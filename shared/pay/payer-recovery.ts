import { beginClosing } from './payer-close.ts'
import type { LedgerRows } from './payer-contract.ts'
import { liveSlot, noteFee, noteTick, type Step } from './payer-state.ts'

/** Goes on from what was committed; what was only in memory is found again on chain, or signed again. */
export function recover(step: Step, rows: LedgerRows, intent: 'resume' | 'close'): void {
  const { state } = step
  const { session } = rows
  state.row = session
  state.isRowSafe = true
  state.isRecovered = true
  state.hasAsked = true
  if (session.phase.kind === 'closed' || session.phase.kind === 'archived') {
    state.isOver = true
    step.effects.push({ kind: 'finished', session })
    return
  }
  state.ticks = rows.ticks.length
  for (const tick of [...rows.ticks].sort((one, other) => one.index - other.index)) {
    state.played += tick.price
    state.nextTick = tick.index + 1
    noteTick(state, tick)
  }
  const slots = [...rows.slots].sort((one, other) => one.nonce - other.nonce)
  for (const slot of slots) {
    const { past } = state
    const isSwept = slot.use === 'closing' && slot.state.kind === 'landed'
    if (slot.state.kind === 'pending' || isSwept) {
      // The sweep is looked up once more: what it gave back is on chain, not in its row.
      state.live.push(liveSlot({ ...slot, state: { kind: 'pending' } }, true))
      continue
    }
    past.last = { nonce: slot.nonce, madeAt: slot.madeAt }
    if (slot.state.kind === 'landed') {
      past.landed += slot.amount
      past.aged += slot.amount
    }
    if (slot.state.kind !== 'void') past.fees += slot.state.fee
    // 0n stands for a block that could not be read.
    if (slot.state.kind === 'landed' && slot.use === 'payment' && slot.state.fee > 0n)
      noteFee(state, slot.state.fee)
    if (slot.state.kind === 'failed' && slot.use === 'closing') state.failedClosings++
  }
  if (intent === 'close') beginClosing({ ...step, row: session }, 'recovered')
}
