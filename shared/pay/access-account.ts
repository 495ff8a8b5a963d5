import type { Paid } from './access-book.ts'
import { FORGIVEN_MAX_PERCENT, UNFINALISED_MAX_SECONDS } from './access-constants.ts'
import type { AccessState, Session, Wallet } from './access-state.ts'

/** Of a wallet, planck. */
export type Standing = {
  readonly paid: bigint
  readonly forgiven: bigint
  /** owed − paid − forgiven; negative: paid ahead. */
  readonly balance: bigint
}

export function standingOf(state: AccessState, wallet: Wallet): Standing {
  let final = 0n
  let unfinalised = 0n
  for (const session of wallet.sessions) {
    const paid = paidBy(state, session)
    final += paid.final
    unfinalised += paid.unfinalised
  }
  const paid = final + counted(state, unfinalised)
  const limit = (paid * FORGIVEN_MAX_PERCENT) / 100n
  const forgiven = wallet.claimed < limit ? wallet.claimed : limit
  return { paid, forgiven, balance: wallet.owed - paid - forgiven }
}

/** What the creator has counted of one session's payments, planck. */
export function creditedOf(state: AccessState, session: Session): bigint {
  const { final, unfinalised } = paidBy(state, session)
  return final + counted(state, unfinalised)
}

/** What its viewer is told: all that was seen. Who is told less than it paid stops paying. */
export function seenOf(state: AccessState, session: Session): bigint {
  const { final, unfinalised } = paidBy(state, session)
  return final + unfinalised
}

/**
 * What its viewer is told to owe, to be compared with what this session paid: the wallet's debt, less what its other
 * sessions paid and what is forgiven. One that was told of its own epochs alone would wait for ever for a picture that
 * an earlier session's last keys keep from it.
 */
export function owedOf(state: AccessState, wallet: Wallet, session: Session): bigint {
  let owed = wallet.owed - standingOf(state, wallet).forgiven
  for (const other of wallet.sessions) if (other !== session) owed -= seenOf(state, other)
  return owed > 0n ? owed : 0n
}

/** planck that a wallet may owe with the key of that epoch. */
export function creditOf(state: AccessState, wallet: Wallet, epoch: number): bigint {
  return wallet.isPrepay ? 0n : state.prices.at(epoch) * BigInt(state.options.creditSeconds)
}

/**
 * Said when a viewer goes or comes, not while it watches: who left owing more than its credit covers pays ahead from
 * then on, until it owes nothing.
 */
export function judge(state: AccessState, wallet: Wallet): void {
  const { balance } = standingOf(state, wallet)
  if (balance > creditOf(state, wallet, epochNow(state))) wallet.isPrepay = true
}

/** Trust comes back with the last planck. */
export function absolve(state: AccessState, wallet: Wallet): void {
  if (wallet.isPrepay && standingOf(state, wallet).balance <= 0n) wallet.isPrepay = false
}

export function epochNow(state: AccessState): number {
  return state.position?.epoch ?? 0
}

/** Infinite before the creator's first frame. */
export function startOf(state: AccessState, epoch: number): number {
  const { position, options } = state
  return position === undefined
    ? Number.POSITIVE_INFINITY
    : position.startedAtMs + (epoch - position.epoch) * options.epochMs
}

function paidBy(state: AccessState, { wallet, remarkHash, budget }: Session): Paid {
  return state.book.paid(wallet, remarkHash, budget)
}

/** Of what a re-org may still undo, only so much is lent on. */
function counted(state: AccessState, unfinalised: bigint): bigint {
  const limit = state.prices.at(epochNow(state)) * UNFINALISED_MAX_SECONDS
  return unfinalised < limit ? unfinalised : limit
}
