import { assertNever } from '../protocol/assert-never.ts'
import { driveLedger, found, notFound } from './ledger-slots.ts'
import { beginClosing, driveClosing, farewellSent } from './payer-close.ts'
import type { PayerCore, PayerEvent } from './payer-contract.ts'
import { archive, driveFunding } from './payer-funding.ts'
import { commitFailed, committed, driveUnsaved, takeTick } from './payer-journal.ts'
import { recover } from './payer-recovery.ts'
import { reportWatch, viewOf } from './payer-report.ts'
import { driveReadyClosing, driveSending, signed, submitted } from './payer-send.ts'
import { driveFees, driveSettlement } from './payer-settle.ts'
import {
  backOffMs,
  closingAmount,
  commit,
  commitRow,
  type LiveStep,
  newPayerState,
  noteFee,
  type PayerState,
  priceNow,
  type Step,
} from './payer-state.ts'

/** The payer of one session (docs/spec/pay.md, L-…). Pure: the shell carries its effects out. */
export function createPayerCore(): PayerCore {
  const state = newPayerState()
  return {
    step(event, env) {
      const step: Step = { state, env, effects: [] }
      if (state.isOver) return step.effects
      if (event.kind === 'open' || event.kind === 'recover') begin(step, event)
      else if (state.row !== undefined) handle({ ...step, row: state.row }, event)
      conclude(step)
      return step.effects
    },
    get view() {
      return viewOf(state)
    },
  }
}

function begin(step: Step, event: Extract<PayerEvent, { kind: 'open' | 'recover' }>): void {
  if (step.state.row !== undefined) return
  const { usualFee } = event.kind === 'open' ? event.session : event.rows.session
  if (usualFee !== undefined) noteFee(step.state, usualFee)
  if (event.kind === 'recover') recover(step, event.rows, event.intent)
  else {
    step.state.row = event.session
    commit(step, { kind: 'opened' }, { session: event.session })
  }
}

function handle(step: LiveStep, event: Exclude<PayerEvent, { kind: 'open' | 'recover' }>): void {
  const { state, env, row } = step
  switch (event.kind) {
    case 'committed':
      committed(step, event.id)
      return
    case 'commit-failed':
      commitFailed(step, event.id, event.reason)
      return
    case 'wallet-sent':
      if (event.request === 'fund' && row.phase.kind === 'funding') {
        commitRow(step, { ...row, phase: { kind: 'funding', hash: event.hash, lastBlock: event.lastBlock } })
      } else state.raising = undefined
      return
    case 'wallet-refused':
      walletRefused(step, event.request, event.reason)
      return
    case 'tick':
      takeTick(step, event.epoch, event.price)
      return
    case 'terms':
      state.terms = event.terms
      return
    case 'grant':
      if (state.grant === undefined || event.grant.epoch >= state.grant.epoch)
        state.grant = { ...event.grant, atMs: env.nowMs, price: priceNow(state) }
      return
    case 'accept-price':
      if (event.price > row.priceAccepted) commitRow(step, { ...row, priceAccepted: event.price })
      state.stops.delete('price-raised')
      return
    case 'raise':
      raise(step, event.budget, event.feeReserve)
      return
    case 'go-on':
      // Its next answer is a new one: by the last one nobody would ever go on.
      if (state.stops.has('not-credited')) state.grant = undefined
      state.stops.clear()
      for (const slot of state.live) slot.nextTryMs = Math.min(slot.nextTryMs, env.nowMs)
      return
    case 'leave':
      beginClosing(step, event.reason ?? 'left')
      return
    case 'farewell-sent':
      farewellSent(step)
      return
    case 'poll':
      return
    case 'chain-ready':
      chainReady(step, event)
      return
    case 'chain-down':
      chainDown(state)
      return
    case 'best':
      newBest(state, event)
      return
    case 'finalised':
      if (state.finalised === undefined || event.block.number >= state.finalised.number)
        state.finalised = event.block
      return
    case 'accounts':
      accountsRead(step, event.accounts)
      return
    case 'found':
      found(step, event.at.hash, event.inclusion)
      return
    case 'not-found':
      notFound(step, event.at.hash, event.nonce, event.isUnreadable)
      return
    case 'fees':
      state.inFlight.delete('fees')
      state.fees = { payment: event.payment, closing: event.closing, atMs: env.nowMs }
      noteFee(state, event.payment)
      state.backOff.delete('estimate-fees')
      return
    case 'signed':
      signed(step, event)
      return
    case 'submitted':
      state.backOff.delete('submit')
      submitted(step, event)
      return
    case 'request-failed':
      requestFailed(step, event.effect)
      return
    default:
      assertNever(event)
  }
}

/** After every event: whatever is due now. The order is that of the write-ahead. */
function conclude(step: Step): void {
  const live = (drive: (step: LiveStep) => void): void => {
    const { row } = step.state
    if (row !== undefined && !step.state.isOver) drive({ ...step, row })
  }
  live(({ row, state }) => {
    if (state.chain.kind === 'up') driveFunding({ ...step, row })
  })
  live(driveUnsaved)
  live(driveLedger)
  live(driveFees)
  live(driveSettlement)
  live(driveClosing)
  live(driveSending)
  live(at => driveReadyClosing(at, closingAmount(at.state)))
  live(reportWatch)
}

function walletRefused(step: LiveStep, request: 'fund' | 'raise', reason: string): void {
  const { state, row } = step
  if (request === 'fund') {
    state.stops.set('wallet-refused', reason)
    if (row.phase.kind === 'funding' && row.baseNonce === undefined) archive(step, 'never-funded')
    return
  }
  const { raising } = state
  state.raising = undefined
  if (raising === undefined) return
  const feeReserve = row.feeReserve - raising.feeReserve
  commitRow(step, { ...row, budget: row.budget - raising.budget, feeReserve })
}

/** An account that was swept is never funded again; one that is being closed neither. */
function raise(step: LiveStep, budget: bigint, feeReserve: bigint): void {
  const { state, row } = step
  if (row.phase.kind !== 'open' || state.raising !== undefined || state.atBest?.sessionFree === 0n) return
  state.raising = { budget, feeReserve }
  state.row = { ...row, budget: row.budget + budget, feeReserve: row.feeReserve + feeReserve }
  commit(step, { kind: 'raise', budget, feeReserve }, { session: state.row })
}

function chainReady(step: LiveStep, event: Extract<PayerEvent, { kind: 'chain-ready' }>): void {
  const { state, row } = step
  if (event.identity === row.chain) {
    state.chain = { kind: 'up', identity: event.identity, blockMs: event.blockMs }
    return
  }
  chainDown(state)
  // The local chain has the same genesis in every run: another block 1 means that ours is gone for good.
  const genesisOf = (identity: string) => identity.split('/')[0]
  const isVanished = event.isLocal && genesisOf(event.identity) === genesisOf(row.chain)
  if (isVanished && row.phase.kind !== 'closed' && row.phase.kind !== 'archived')
    archive(step, 'chain-vanished')
}

/** What was asked is not answered any more; signatures stay good. */
function chainDown(state: PayerState): void {
  state.chain = { kind: 'down' }
  state.best = undefined
  state.atBest = undefined
  state.inFlight.clear()
  state.finds.clear()
  state.signing.clear()
  state.backOff.clear()
}

function newBest(state: PayerState, event: Extract<PayerEvent, { kind: 'best' }>): void {
  state.best = event.block
  const gone = new Set(event.retracted.map(({ hash }) => hash))
  for (const slot of state.live) {
    if (slot.inclusion === undefined || !gone.has(slot.inclusion.block.hash)) continue
    slot.inclusion = undefined
    slot.nextTryMs = 0
  }
  // Answers that are on their way tell of the fork that was left.
  for (const key of event.retracted.length > 0 ? [...state.finds.keys()] : []) {
    if (!key.endsWith(':best')) continue
    state.finds.delete(key)
    state.inFlight.delete(key)
  }
}

function accountsRead(step: LiveStep, accounts: Extract<PayerEvent, { kind: 'accounts' }>['accounts']): void {
  const { state } = step
  state.inFlight.delete(accounts.isFinal ? 'read:final' : 'read:best')
  state.backOff.delete('read-accounts')
  if (accounts.isFinal) {
    if (state.atFinal === undefined || accounts.block.number >= state.atFinal.block.number)
      state.atFinal = accounts
    return
  }
  state.atBest = accounts
  if (accounts.sessionFree === 0n) return
  for (const slot of state.live) if (accounts.sessionNonce <= slot.row.nonce) slot.inclusion = undefined
}

const KEYS: Readonly<Record<string, readonly string[]>> = {
  'read-accounts': ['read:'],
  find: ['find:'],
  'estimate-fees': ['fees'],
  sign: ['sign:'],
  submit: ['submit:'],
}

function requestFailed(
  step: LiveStep,
  effect: Extract<PayerEvent, { kind: 'request-failed' }>['effect'],
): void {
  const { state, env } = step
  const prefixes = KEYS[effect] ?? []
  for (const key of [...state.inFlight.keys()])
    if (prefixes.some(prefix => key.startsWith(prefix))) state.inFlight.delete(key)
  if (effect === 'find') state.finds.clear()
  if (effect === 'sign') state.signing.clear()
  const tries = (state.backOff.get(effect)?.tries ?? 0) + 1
  state.backOff.set(effect, { tries, untilMs: env.nowMs + backOffMs(tries, env.random) })
}
