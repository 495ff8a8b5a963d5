import type {
  AccountsAt,
  Inclusion,
  SessionRow,
  SessionTotals,
  SlotRow,
  SlotState,
  TickRow,
} from './payer-contract.ts'
import { archive } from './payer-funding.ts'
import {
  commit,
  commitFinish,
  commitRow,
  committedOf,
  type LiveSlot,
  type LiveStep,
  lastSlot,
  liveSlot,
  nextNonce,
  request,
} from './payer-state.ts'

/** A node that lags, or a fork that is shorter, may include below the height that was best when the slot was made. */
const FIND_SLACK_BLOCKS = 16
/** A block that cannot be read is asked for at this many finalised heads before balances decide. */
const UNREADABLE_MAX = 5

/** Asks the chain for what is not known about each slot, at the newest best and finalised block. */
export function driveLedger(step: LiveStep): void {
  const { state } = step
  if (state.chain.kind !== 'up' || !state.isRowSafe) return
  const { best, finalised } = state
  if (best !== undefined && state.atBest?.block.hash !== best.hash)
    request(step, 'read:best', { kind: 'read-accounts', block: best, isFinal: false })
  if (finalised !== undefined && state.atFinal?.block.hash !== finalised.hash)
    request(step, 'read:final', { kind: 'read-accounts', block: finalised, isFinal: true })
  // Not at an older one: it may have been left for another fork.
  if (state.atBest !== undefined && state.atBest.block.hash === best?.hash) lookFor(step, state.atBest)
  if (state.atFinal !== undefined) lookFor(step, state.atFinal)
}

function lookFor(step: LiveStep, at: AccountsAt): void {
  const { state, row } = step
  const isDead = isClosedAt(step, at)
  const isReborn = isRebornAt(step, at)
  for (const slot of state.live) {
    if (at.sessionNonce <= slot.row.nonce && !isDead && !isReborn) continue
    if (!at.isFinal && slot.inclusion !== undefined) continue
    if (!slot.isSettling) find(step, slot.row.nonce, slot.row.madeAt, at)
  }
  const next = nextNonce(state)
  const hasClosing = state.live.some(({ row: slot }) => slot.use === 'closing')
  // A farewell that no row tells of: sent by a page that went, found here by the empty account it left.
  const isGone = at.isFinal && (isDead || isReborn)
  if (isGone && next !== undefined && !hasClosing && state.sweptInclusion === undefined)
    find(step, next, lowestHeight(step), at)
  if (at.isFinal && (isDead || state.sweptInclusion !== undefined)) concludeSession(step)
  const isAlive = at.sessionFree > 0n
  if (at.isFinal && isAlive && next !== undefined && at.sessionNonce > next)
    state.stops.set('ledger-mismatch', 'the session key signed something that this ledger does not know')
  if (at.isFinal && isAlive && row.phase.kind === 'open' && isTakenBack(step, at)) {
    commitRow(step, { ...row, phase: { kind: 'closing', reason: 'elsewhere' } })
  }
}

/** Money was seen there, now there is none: swept. (A nonce of an emptied account says nothing: it is 0 again.) */
function isClosedAt({ row }: LiveStep, at: AccountsAt): boolean {
  if (row.baseNonce === undefined || at.sessionFree > 0n || row.phase.kind === 'archived') return false
  if (row.phase.kind !== 'funding' || !at.isFinal) return true
  // Seen with money in the best chain, but not yet at finality: emptied only if the funding can no longer come.
  return row.phase.lastBlock !== undefined && at.block.number > row.phase.lastBlock
}

/** Emptied, and then a stranger put money on it: alive again with nonce 0, which says nothing of ours. */
function isRebornAt({ row }: LiveStep, at: AccountsAt): boolean {
  const isEmptied = row.budgetAccount !== row.session && at.budgetFree === 0n
  return at.isFinal && isEmptied && row.baseNonce !== undefined && row.phase.kind === 'closing'
}

function isTakenBack({ row, state }: LiveStep, at: AccountsAt): boolean {
  return row.budgetAccount !== row.session && at.budgetFree === 0n && state.raising === undefined
}

function lowestHeight({ state }: LiveStep): number {
  return lastSlot(state)?.madeAt ?? 0
}

function find(step: LiveStep, nonce: number, madeAt: number, at: AccountsAt): void {
  const level = at.isFinal ? 'final' : 'best'
  const key = `find:${nonce}:${level}`
  const downTo = Math.max(0, madeAt - FIND_SLACK_BLOCKS)
  if (request(step, key, { kind: 'find', nonce, at: at.block, downTo }))
    step.state.finds.set(key, at.block.hash)
}

/** Which question this answers; forgets it. */
function answered({ state }: LiveStep, nonce: number, atHash: string): 'best' | 'final' | undefined {
  for (const level of ['final', 'best'] as const) {
    const key = `find:${nonce}:${level}`
    if (state.finds.get(key) !== atHash) continue
    state.finds.delete(key)
    state.inFlight.delete(key)
    return level
  }
  return undefined
}

export function found(step: LiveStep, atHash: string, inclusion: Inclusion): void {
  const { state, env } = step
  const level = answered(step, inclusion.nonce, atHash)
  if (level === undefined) return
  const slot = state.live.find(({ row }) => row.nonce === inclusion.nonce)
  if (slot === undefined) {
    if (level === 'final' && inclusion.nonce === nextNonce(state)) adopt(step, inclusion)
    return
  }
  if (level === 'final') {
    settleSlot(step, slot, inclusion)
    return
  }
  const isStillThere = state.atBest?.block.hash === atHash || state.atBest === undefined
  if (!isStillThere && slot.inclusion !== undefined) return
  slot.inclusion = inclusion
  slot.includedAtMs = env.nowMs
  slot.tries = 0
  if (slot.row.use === 'payment') checkFee(step, inclusion.fee)
  if (!inclusion.isOk)
    state.stops.set('payment-failed', inclusion.error ?? 'the chain refused to carry it out')
}

/** A spike shows in what a payment cost before it is asked for: no other is made until the new fee is known. */
function checkFee({ state }: LiveStep, fee: bigint): void {
  const { fees } = state
  if (fees !== undefined && fee > 2n * fees.payment) state.fees = { ...fees, atMs: Number.NEGATIVE_INFINITY }
}

export function notFound(step: LiveStep, atHash: string, nonce: number, isUnreadable: boolean): void {
  const { state } = step
  const level = answered(step, nonce, atHash)
  const slot = state.live.find(({ row }) => row.nonce === nonce)
  const at = state.atFinal
  if (level !== 'final' || at === undefined) return
  if (isUnreadable) {
    if (slot === undefined) sweptUnseen(step, at)
    else if (++slot.unreadable >= UNREADABLE_MAX) settleByBalance(step, slot, at)
    return
  }
  // Of an older block nothing follows for this one.
  if (at.block.hash !== atHash || !isClosedAt(step, at)) return
  if (slot !== undefined) setState(step, slot, slot.row, { kind: 'void' })
  else if (nonce === nextNonce(state)) nothingSwept(step)
}

/** The account is gone and no extrinsic of ours took it: the funding itself was undone. */
function nothingSwept(step: LiveStep): void {
  const { state, row } = step
  if (row.phase.kind === 'funding' && state.past.landed === 0n) archive(step, 'never-funded')
}

function settleSlot(step: LiveStep, slot: LiveSlot, inclusion: Inclusion): void {
  const { block, fee } = inclusion
  slot.inclusion = inclusion
  if (!inclusion.isOk) {
    const error = inclusion.error ?? 'unknown'
    step.state.stops.set('payment-failed', error)
    setState(step, slot, slot.row, { kind: 'failed', block, fee, error })
    return
  }
  // What the chain did is what the ledger says, also where a farewell took the nonce of this slot.
  const isOther = inclusion.paid !== slot.row.amount
  const row: SlotRow = isOther ? { ...slot.row, use: 'closing', amount: inclusion.paid } : slot.row
  // Only what closes gives anything back, and that empties both accounts or fails as a whole.
  if (inclusion.returned > 0n) step.state.sweptInclusion = inclusion
  setState(step, slot, row, { kind: 'landed', block, fee })
}

/** The block is pruned everywhere; whether the money moved shows in what is left. */
function settleByBalance(step: LiveStep, slot: LiveSlot, at: AccountsAt): void {
  const { state, row } = step
  const left = row.budget - state.past.landed
  const hasMoved = at.budgetFree <= left - slot.row.amount
  const { block } = at
  const reason: SlotState = hasMoved
    ? { kind: 'landed', block, fee: 0n }
    : {
        kind: 'failed',
        block,
        fee: 0n,
        error: 'its block can no longer be read, and the money has not moved',
      }
  if (hasMoved && isClosedAt(step, at))
    step.state.sweptInclusion = unseen(step, slot.row.nonce, slot.row.amount, at)
  setState(step, slot, slot.row, reason)
}

/** The farewell's block is pruned: it carried what was journaled and not yet paid, as all farewells do. */
function sweptUnseen(step: LiveStep, at: AccountsAt): void {
  const { state } = step
  const nonce = nextNonce(state)
  if (nonce === undefined || !isClosedAt(step, at) || ++state.unreadable < UNREADABLE_MAX) return
  const owed = state.played - committedOf(state)
  adopt(step, unseen(step, nonce, owed > 0n ? owed : 0n, at))
}

/** What must have come back, were there no fee: the only figure that is a guess, and only for a pruned block. */
function unseen({ row, state }: LiveStep, nonce: number, paid: bigint, { block }: AccountsAt): Inclusion {
  const returned = row.budget + row.feeReserve - state.past.landed - state.past.fees - paid
  return { nonce, block, isOk: true, fee: 0n, paid, returned }
}

/** A farewell of which nothing was written down gets its row. */
function adopt(step: LiveStep, inclusion: Inclusion): void {
  const { state, row } = step
  const slot = liveSlot(
    {
      session: row.session,
      nonce: inclusion.nonce,
      use: 'closing',
      amount: inclusion.paid,
      ticks: state.ticks,
      ahead: 0n,
      call: new Uint8Array(),
      madeAt: inclusion.block.number,
      state: { kind: 'pending' },
    },
    true,
  )
  state.live.push(slot)
  settleSlot(step, slot, inclusion)
}

function setState(step: LiveStep, slot: LiveSlot, row: SlotRow, to: SlotState): void {
  if (slot.isSettling) return
  slot.isSettling = true
  const settled: SlotRow = { ...row, state: to }
  commit(step, { kind: 'settled', nonce: row.nonce, row: settled }, { slots: [settled] })
}

/** All slots are final and both accounts are empty: the session is over. */
function concludeSession(step: LiveStep): void {
  const { state, row } = step
  if (row.phase.kind === 'closed' || row.phase.kind === 'archived') return
  const swept = state.sweptInclusion
  if (state.live.length > 0 || state.pendingTicks > 0 || swept === undefined) return
  const reason = row.phase.kind === 'closing' ? row.phase.reason : 'left'
  const waived = waivedTicks(step)
  const closed: SessionRow = {
    ...row,
    phase: { kind: 'closed', reason },
    totals: totalsOf(step, swept.returned, waived),
  }
  commitFinish(step, closed, waived)
}

/**
 * A farewell pays the ticks that were journaled when it was signed. One more may have been written in the moment the
 * page went; an emptied account cannot pay it any more, and so it is written down for what was paid of it.
 */
function waivedTicks({ state, row }: LiveStep): TickRow[] {
  let open = state.played - row.first - state.past.landed
  const waived: TickRow[] = []
  for (const tick of state.failedClosings > 0 ? [] : state.lastTicks) {
    if (open <= 0n) break
    const free = tick.price < open ? tick.price : open
    open -= free
    waived.push({ ...tick, price: tick.price - free })
  }
  return open <= 0n ? waived : []
}

function totalsOf({ state, row }: LiveStep, returned: bigint, waived: readonly TickRow[]): SessionTotals {
  const { landed, fees } = state.past
  const ticks = state.ticks - waived.filter(({ price }) => price === 0n).length
  const paid = row.first + landed
  return { ticks, played: waived.length === 0 ? state.played : paid, paid, fees, returned }
}
