import type { BlockRef } from './evidence.ts'
import type {
  AccountsAt,
  CallBytes,
  CloseReason,
  GrantFigures,
  Inclusion,
  PayerEffect,
  PayerEnv,
  PayTerms,
  SessionRow,
  SlotRow,
  StopReason,
  TickRow,
  WatchState,
} from './payer-contract.ts'
import { holdBack } from './settlement.ts'

/** A slot that is not final yet, with what is known only in memory. */
export type LiveSlot = {
  row: SlotRow
  /** Its row is committed: it may be signed. */
  isJournaled: boolean
  version: Version | undefined
  /** In the best chain, as last seen. */
  inclusion: Inclusion | undefined
  includedAtMs: number
  /** Of submissions without a word of inclusion. */
  tries: number
  nextTryMs: number
  refusals: number
  /** Finality was reached, its state is being committed. */
  isSettling: boolean
  unreadable: number
}

export type Version = { readonly bytes: Uint8Array; readonly lastBlock: number }

/** The closing batch that the page would send if it went now. */
export type ReadyClosing = Version & {
  readonly nonce: number
  readonly amount: bigint
  readonly call: CallBytes
}

/** Slots that are final, in sum: a session of hours must not grow. planck. */
export type Past = {
  landed: bigint
  /** Of `landed`, what the creator must have counted by now; the rest is `young`. */
  aged: bigint
  young: { readonly amount: bigint; readonly atMs: number }[]
  /** Also of failed ones. */
  fees: bigint
  last: { readonly nonce: number; readonly madeAt: number } | undefined
}

export type Pending =
  | { readonly kind: 'opened' }
  | { readonly kind: 'tick'; readonly tick: TickRow }
  | { readonly kind: 'slot'; readonly nonce: number }
  | { readonly kind: 'settled'; readonly nonce: number; readonly row: SlotRow }
  | { readonly kind: 'row' }
  | { readonly kind: 'raise'; readonly budget: bigint; readonly feeReserve: bigint }
  | { readonly kind: 'finish'; readonly row: SessionRow; readonly ticks: readonly TickRow[] }

export type Signing =
  | { readonly kind: 'slot'; readonly nonce: number }
  | { readonly kind: 'closing'; readonly nonce: number; readonly amount: bigint; readonly call: CallBytes }

export type PayerState = {
  row: SessionRow | undefined
  isOver: boolean
  /** The opening row is committed, or was found. */
  isRowSafe: boolean
  isRecovered: boolean
  hasAsked: boolean
  raising: { readonly budget: bigint; readonly feeReserve: bigint } | undefined
  chain:
    | { readonly kind: 'down' }
    | { readonly kind: 'up'; readonly identity: string; readonly blockMs: number }
  best: BlockRef | undefined
  finalised: BlockRef | undefined
  atBest: AccountsAt | undefined
  atFinal: AccountsAt | undefined
  /** After this block's finality an account that is still empty was never funded. */
  fundingEndsAt: number | undefined
  past: Past
  live: LiveSlot[]
  ticks: number
  played: bigint
  nextTick: number
  pendingTicks: number
  pendingPlayed: bigint
  terms: PayTerms | undefined
  grant: (GrantFigures & { readonly atMs: number; readonly price: bigint }) | undefined
  fees: { readonly payment: bigint; readonly closing: bigint; readonly atMs: number } | undefined
  /** The least fee of one payment, asked or paid, of this session. */
  usualFee: bigint | undefined
  /** Newest first: what a farewell may have missed. */
  lastTicks: TickRow[]
  ready: ReadyClosing | undefined
  hasSaidFarewell: boolean
  /** Leaving was asked for before the funding is final. */
  closeWanted: CloseReason | undefined
  failedClosings: number
  /** Storage refused this row. */
  unsaved: Pending | undefined
  storageAgainMs: number
  sweptInclusion: Inclusion | undefined
  stops: Map<StopReason, string>
  watch: WatchState
  nextId: number
  commits: Map<number, Pending>
  signing: Map<number, Signing>
  inFlight: Map<string, number>
  backOff: Map<PayerEffect['kind'], { readonly tries: number; readonly untilMs: number }>
  /** Which block each question was asked at. */
  finds: Map<string, string>
  unreadable: number
}

export type Step = { readonly state: PayerState; readonly env: PayerEnv; readonly effects: PayerEffect[] }
export type LiveStep = Step & { readonly row: SessionRow }

export function newPayerState(): PayerState {
  return {
    row: undefined,
    isOver: false,
    isRowSafe: false,
    isRecovered: false,
    hasAsked: false,
    raising: undefined,
    chain: { kind: 'down' },
    best: undefined,
    finalised: undefined,
    atBest: undefined,
    atFinal: undefined,
    fundingEndsAt: undefined,
    past: { landed: 0n, aged: 0n, young: [], fees: 0n, last: undefined },
    live: [],
    ticks: 0,
    played: 0n,
    nextTick: 1,
    pendingTicks: 0,
    pendingPlayed: 0n,
    terms: undefined,
    grant: undefined,
    fees: undefined,
    usualFee: undefined,
    lastTicks: [],
    ready: undefined,
    hasSaidFarewell: false,
    closeWanted: undefined,
    failedClosings: 0,
    unsaved: undefined,
    storageAgainMs: 0,
    sweptInclusion: undefined,
    stops: new Map(),
    watch: { kind: 'wait' },
    nextId: 1,
    commits: new Map(),
    signing: new Map(),
    inFlight: new Map(),
    backOff: new Map(),
    finds: new Map(),
    unreadable: 0,
  }
}

export function liveSlot(row: SlotRow, isJournaled: boolean): LiveSlot {
  return {
    row,
    isJournaled,
    version: undefined,
    inclusion: undefined,
    includedAtMs: 0,
    tries: 0,
    nextTryMs: 0,
    refusals: 0,
    isSettling: false,
    unreadable: 0,
  }
}

/** The newest, final or not: finality may be heard of in any order. */
export function lastSlot(state: PayerState): { readonly nonce: number; readonly madeAt: number } | undefined {
  let last = state.past.last
  for (const { row } of state.live) if (last === undefined || row.nonce > last.nonce) last = row
  return last
}

/** Undefined until the account was seen with money for the first time. */
export function nextNonce(state: PayerState): number | undefined {
  const last = lastSlot(state)
  return last === undefined ? state.row?.baseNonce : last.nonce + 1
}

/** Paid or being paid: a slot counts until it is final that it never will. */
export function committedOf(state: PayerState): bigint {
  let sum = (state.row?.first ?? 0n) + state.past.landed
  for (const { row } of state.live) sum += row.amount
  return sum
}

/** planck that reach the creator at most, all in all. */
export function capOf(row: SessionRow, closingFee: bigint): bigint {
  const held = holdBack(row.existentialDeposit, closingFee)
  return row.first + row.budget - (row.budgetAccount === row.session ? 0n : held.budget)
}

/** May still be promised to the creator: what the account has less what is on its way, and never above the cap. */
export function spendableOf(state: PayerState): bigint {
  const { row, atBest, fees } = state
  if (row === undefined || atBest === undefined) return 0n
  let coming = 0n
  for (const slot of state.live) if (slot.row.nonce >= atBest.sessionNonce) coming += slot.row.amount
  const held = holdBack(row.existentialDeposit, fees?.closing ?? 0n)
  const isOne = row.budgetAccount === row.session
  const there = atBest.budgetFree - coming - (isOne ? held.session + (fees?.payment ?? 0n) : held.budget)
  const allowed = capOf(row, fees?.closing ?? 0n) - committedOf(state)
  const least = there < allowed ? there : allowed
  return least > 0n ? least : 0n
}

/** The account held money, as far as the newest read tells. */
export function isFunded(state: PayerState): boolean {
  return state.row?.baseNonce !== undefined
}

/** A farewell is signed for the ticks journaled then; the page may have journaled one more in the moment it went. */
const FAREWELL_MISSES_MAX = 2

export function noteTick(state: PayerState, tick: TickRow): void {
  state.lastTicks = [tick, ...state.lastTicks].slice(0, FAREWELL_MISSES_MAX)
}

export function noteFee(state: PayerState, fee: bigint): void {
  if (state.usualFee === undefined || fee < state.usualFee) state.usualFee = fee
}

export function priceNow(state: PayerState): bigint {
  return state.terms?.price ?? 0n
}

export function commit(
  step: Step,
  pending: Pending,
  rows: Omit<Extract<PayerEffect, { kind: 'commit' }>, 'kind' | 'id'>,
): void {
  const id = step.state.nextId++
  step.state.commits.set(id, pending)
  step.effects.push({ kind: 'commit', id, ...rows })
}

/** The newest row is what memory holds; the caller goes on at once where nothing is signed on the strength of it. */
export function commitRow(step: Step, row: SessionRow, pending: Pending = { kind: 'row' }): void {
  step.state.row = row
  commit(step, pending, { session: row })
}

/** The last rows of a session, `ticks` among them, in one. */
export function commitFinish(step: Step, row: SessionRow, ticks: readonly TickRow[]): void {
  step.state.row = row
  const rows = ticks.length === 0 ? { session: row } : { session: row, ticks }
  commit(step, { kind: 'finish', row, ticks }, rows)
}

/** Played and not yet paid, planck: what the closing batch pays. */
export function closingAmount(state: PayerState): bigint {
  const open = state.played - committedOf(state)
  if (open <= 0n) return 0n
  const spendable = spendableOf(state)
  return open < spendable ? open : spendable
}

/** The signed closing batch, if it lacks no more than the newest tick: one that was signed before the chain went away does. */
export function goodReady(state: PayerState): ReadyClosing | undefined {
  const { ready } = state
  if (ready === undefined || ready.nonce !== nextNonce(state)) return undefined
  // Right after the chain came back nothing is known of the accounts: what was signed before may be old.
  const due = state.atBest === undefined ? state.played - committedOf(state) : closingAmount(state)
  const missed = due - ready.amount
  return missed <= (state.lastTicks[0]?.price ?? 0n) ? ready : undefined
}

/** An answer that does not come is asked for again after this. */
const ANSWER_MS = 15_000

/** Pushes the effect unless it is under way or backing off. Returns whether it was pushed. */
export function request(step: Step, key: string, effect: PayerEffect): boolean {
  const { state, env } = step
  const since = state.inFlight.get(key)
  if (since !== undefined && env.nowMs - since < ANSWER_MS) return false
  const pause = state.backOff.get(effect.kind)
  if (pause !== undefined && env.nowMs < pause.untilMs) return false
  state.inFlight.set(key, env.nowMs)
  step.effects.push(effect)
  return true
}

const BACK_OFF_FIRST_MS = 500
const BACK_OFF_MAX_MS = 30_000

/** Doubles from half a second to half a minute, with half of it at random. */
export function backOffMs(tries: number, random: () => number): number {
  const longest = Math.min(BACK_OFF_MAX_MS, BACK_OFF_FIRST_MS * 2 ** Math.min(tries, 10))
  return longest * (0.5 + random() / 2)
}
