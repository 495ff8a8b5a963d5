import { creditOf, standingOf } from './access-account.ts'
import { AccessBook } from './access-book.ts'
import { CARRIED_WALLETS_MAX } from './access-constants.ts'
import type { AccessPolicyOptions, AccessSnapshot } from './access-contract.ts'
import { PriceList } from './access-price.ts'
import { type AccessState, type Session, sessionKey, type Wallet, walletOf } from './access-state.ts'

/** With what the snapshot in the options remembers; no viewer is bound, since their keys were for another load. */
export function newAccessState(options: AccessPolicyOptions): AccessState {
  const { snapshot } = options
  const state: AccessState = {
    options,
    prices: new PriceList(options.pricePerSecond),
    book: new AccessBook(options.payout, snapshot),
    wallets: new Map(),
    sessions: new Map(),
    byViewer: new Map(),
    hungry: new Set(),
    waiting: new Map(),
    position: undefined,
    isFollowing: true,
    trouble: undefined,
    isPaused: false,
  }
  for (const { owed, claimed, previewEpochs, lateMs, isPrepay, wallet } of snapshot?.wallets ?? []) {
    const known = { owed: BigInt(owed), claimed: BigInt(claimed), previewEpochs, lateMs, isPrepay }
    Object.assign(walletOf(state, wallet), known)
  }
  for (const { owed, ...row } of snapshot?.sessions ?? []) {
    const session: Session = {
      ...row,
      owed: BigInt(owed),
      overUpTo: row.grantedEpoch,
      granted: new Map(),
      binding: undefined,
      next: undefined,
      requestCounter: -1,
      supersededAtMs: Number.NEGATIVE_INFINITY,
    }
    walletOf(state, session.wallet).sessions.push(session)
    state.sessions.set(sessionKey(session.wallet, session.session), session)
    state.book.claim(session.wallet, session.remarkHash, session.budget)
  }
  return state
}

export function snapshotOf(state: AccessState): AccessSnapshot {
  return {
    version: 1,
    ...state.book.snapshot(),
    wallets: [...state.wallets.values()].map(walletRow),
    sessions: [...state.sessions.values()].map(sessionRow),
  }
}

/**
 * What a creator's next stream begins with: who owes, and the accounts it may still be paid from. Previews begin anew;
 * who owes more than its credit covers pays ahead. `options` are those of the stream that ended.
 */
export function nextStreamSnapshot(options: AccessPolicyOptions, ended: AccessSnapshot): AccessSnapshot {
  const state = newAccessState({ ...options, snapshot: ended })
  const carried = [...state.wallets.values()]
    .map(wallet => ({ wallet, balance: standingOf(state, wallet).balance }))
    .filter(({ wallet, balance }) => balance !== 0n || wallet.isPrepay)
    .slice(-CARRIED_WALLETS_MAX)
  const names = new Set(carried.map(({ wallet }) => wallet.wallet))
  const sessions = ended.sessions.filter(({ wallet }) => names.has(wallet))
  const budgets = new Set(sessions.map(({ budget }) => budget))
  const remarks = new Set(sessions.map(({ remarkHash }) => remarkHash))
  return {
    version: 1,
    countedUpTo: ended.countedUpTo,
    wallets: carried.map(({ wallet, balance }) => ({
      ...walletRow(wallet),
      previewEpochs: 0,
      lateMs: 0,
      isPrepay: wallet.isPrepay || balance > creditOf(state, wallet, 0),
    })),
    sessions: sessions.map(session => ({ ...session, isFormer: true })),
    fundings: ended.fundings.filter(({ wallet, remarkHash }) => names.has(wallet) && remarks.has(remarkHash)),
    accounts: ended.accounts.filter(({ account }) => budgets.has(account)),
  }
}

function walletRow(wallet: Wallet): AccessSnapshot['wallets'][number] {
  const { owed, claimed, previewEpochs, lateMs, isPrepay } = wallet
  return {
    wallet: wallet.wallet,
    owed: String(owed),
    claimed: String(claimed),
    previewEpochs,
    lateMs,
    isPrepay,
  }
}

function sessionRow(session: Session): AccessSnapshot['sessions'][number] {
  const { wallet, budget, remarkHash, owed, grantedMs, grantedEpoch, isFormer } = session
  return {
    wallet,
    session: session.session,
    budget,
    remarkHash,
    owed: String(owed),
    grantedMs,
    grantedEpoch,
    isFormer,
  }
}
