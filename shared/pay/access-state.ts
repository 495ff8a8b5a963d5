import type { AccessBook } from './access-book.ts'
import type {
  AccessEffect,
  AccessEnv,
  AccessEvent,
  AccessPolicyOptions,
  ViewerId,
} from './access-contract.ts'
import type { PriceList } from './access-price.ts'
import type { AccountHex } from './evidence.ts'

/** A viewer that a session grants to. */
export type Binding = {
  viewer: ViewerId
  readonly viewerKey: string
  /** Newest pull or leave that counted. */
  pullCounter: number
  /** Claimed so far under this binding, ms. */
  stalledMs: number
  heardAtMs: number
  hasLeft: boolean
  /** Epochs asked for and not granted yet, and what was last answered for each. */
  readonly wants: Map<number, string | undefined>
}

export type Session = {
  readonly wallet: AccountHex
  readonly session: AccountHex
  readonly budget: AccountHex
  readonly remarkHash: string
  /** Of an earlier stream of this creator. */
  readonly isFormer: boolean
  owed: bigint
  grantedMs: number
  /** Newest epoch that any viewer of this session was granted; -1: none. */
  grantedEpoch: number
  /** Epochs up to here belong to an earlier load of the page, whose keys are gone; -1: none. */
  readonly overUpTo: number
  /** Who got the epochs that can still be asked for. */
  readonly granted: Map<number, { readonly viewerKey: string; readonly isPreview: boolean }>
  binding: Binding | undefined
  /** Takes over with that epoch. */
  next: { readonly binding: Binding; readonly fromEpoch: number } | undefined
  /** Of the newest request that counted. */
  requestCounter: number
  supersededAtMs: number
}

export type Wallet = {
  readonly wallet: AccountHex
  /** Of all its sessions, also of earlier streams where the creator carries them over. */
  owed: bigint
  /** Stalls and tails claimed, planck; forgiven up to a share of what was paid. */
  claimed: bigint
  previewEpochs: number
  /** Beginnings of running epochs that were not owed, ms. */
  lateMs: number
  isPrepay: boolean
  readonly sessions: Session[]
}

/** Why the chain cannot be relied on right now, and who was paid up when that began. */
export type Trouble = {
  readonly kind: 'lost' | 'gap'
  readonly sinceMs: number
  readonly reason: string
  readonly paidUp: ReadonlySet<AccountHex>
}

export type Request = Extract<AccessEvent, { kind: 'request' }>

export type AccessState = {
  readonly options: AccessPolicyOptions
  readonly prices: PriceList
  readonly book: AccessBook
  readonly wallets: Map<AccountHex, Wallet>
  /** By `wallet/session`. */
  readonly sessions: Map<string, Session>
  readonly byViewer: Map<ViewerId, Session>
  /** Those that may have something to be answered. */
  readonly hungry: Set<Session>
  /** Of sessions whose funding was not seen yet, by `wallet/session`; insertion order is age. */
  readonly waiting: Map<string, { readonly request: Request; readonly atMs: number }>
  position: { readonly epoch: number; readonly startedAtMs: number } | undefined
  isFollowing: boolean
  trouble: Trouble | undefined
  isPaused: boolean
}

export type Step = {
  readonly state: AccessState
  readonly env: AccessEnv
  readonly effects: AccessEffect[]
  hasChanged: boolean
}

export function sessionKey(wallet: AccountHex, session: AccountHex): string {
  return `${wallet}/${session}`
}

export function walletOf(state: AccessState, wallet: AccountHex): Wallet {
  const known = state.wallets.get(wallet)
  if (known !== undefined) return known
  const made: Wallet = {
    wallet,
    owed: 0n,
    claimed: 0n,
    previewEpochs: 0,
    lateMs: 0,
    isPrepay: false,
    sessions: [],
  }
  state.wallets.set(wallet, made)
  return made
}

/** The viewer that gets this epoch's key; a session has one an epoch. */
export function bindingFor(session: Session, epoch: number): Binding | undefined {
  const { next } = session
  return next !== undefined && epoch >= next.fromEpoch ? next.binding : session.binding
}
