import type { AccessTerms } from '../protocol/access-plaintext.ts'
import type { AccountHex, Evidence } from './evidence.ts'

/** Hex of a viewer's origin key: whom a grant is sent to. */
export type ViewerId = string

export type AccessPolicyOptions = {
  /** 1 s to 10 min, whole ms. */
  readonly epochMs: number
  /** Seconds a wallet may owe; 0: everybody pays ahead. `leastCreditSeconds` says what is sensible. */
  readonly creditSeconds: number
  /** Whole epochs within them are free, once a wallet. */
  readonly previewSeconds: number
  /** planck, of the epochs before the first price change. */
  readonly pricePerSecond: bigint
  readonly payout: AccountHex
  /** What an earlier load of this page, or the creator's last stream (`nextStreamSnapshot`), left. */
  readonly snapshot?: AccessSnapshot
}

export type AccessEvent =
  /** Where the media is: `startedAtMs` on the clock of `env`. */
  | { readonly kind: 'position'; readonly epoch: number; readonly startedAtMs: number }
  | { readonly kind: 'price'; readonly pricePerSecond: bigint; readonly fromEpoch: number }
  /** Opened, and signed by the session key for this stream, this creator's key and that origin. */
  | {
      readonly kind: 'request'
      readonly viewer: ViewerId
      /** Hex of its X25519 key. */
      readonly viewerKey: string
      readonly wallet: AccountHex
      readonly session: AccountHex
      readonly budget: AccountHex
      /** blake2-256 of `sessionRemark(streamId, session)`. */
      readonly remarkHash: string
      readonly counter: number
      readonly epoch: number
    }
  /** Opened under the pairwise key of that viewer. */
  | {
      readonly kind: 'pull'
      readonly viewer: ViewerId
      readonly counter: number
      readonly epoch: number
      readonly stalledMs: number
    }
  | {
      readonly kind: 'leave'
      readonly viewer: ViewerId
      readonly counter: number
      readonly stalledMs: number
    }
  | { readonly kind: 'evidence'; readonly evidence: Evidence }
  /** Each 50 to 250 ms. */
  | { readonly kind: 'tick' }

export type AccessEffect =
  /** `isAgain`: it was granted before, the same bytes go out again; nothing is owed for it. */
  | {
      readonly kind: 'grant'
      readonly wallet: AccountHex
      readonly session: AccountHex
      readonly viewer: ViewerId
      readonly viewerKey: string
      readonly epoch: number
      readonly isAgain: boolean
      readonly isPrepay: boolean
      readonly isPreview: boolean
      readonly credited: bigint
      readonly owed: bigint
    }
  | { readonly kind: 'terms'; readonly viewer: ViewerId; readonly terms: AccessTerms }
  /** Nobody gets a key until the chain is followed again; undefined: no longer so. */
  | { readonly kind: 'paused'; readonly reason: string | undefined }
  /** What `snapshot` says has changed. At most once a step. */
  | { readonly kind: 'changed' }

export type AccessEnv = { /** Monotonic. */ readonly nowMs: number }

/** One session as the Studio shows it. Amounts in planck. */
export type AccessRow = {
  readonly wallet: AccountHex
  readonly session: AccountHex
  /** Hex of its origin; undefined while no viewer is bound. */
  readonly origin: ViewerId | undefined
  readonly grantedSeconds: number
  readonly owed: bigint
  readonly paid: bigint
  /** Of the wallet: what it may owe. */
  readonly credit: bigint
  readonly isPrepay: boolean
  /** Asked for the running epoch or a later one, and got it. */
  readonly isWatching: boolean
  /** In words, for the page. */
  readonly state: string
}

/** JSON-safe: planck as decimal text. Holds no content key. */
export type AccessSnapshot = {
  readonly version: 1
  /**
   * Blocks up to this height are counted; evidence of later ones must be told (again) after a load. Undefined: none is.
   */
  readonly countedUpTo: number | undefined
  readonly wallets: readonly WalletSnapshot[]
  readonly sessions: readonly SessionSnapshot[]
  readonly fundings: readonly FundingSnapshot[]
  /** Paid by each budget account, up to that height. */
  readonly accounts: readonly { readonly account: AccountHex; readonly paid: string }[]
}

export type WalletSnapshot = {
  readonly wallet: AccountHex
  readonly owed: string
  readonly claimed: string
  readonly previewEpochs: number
  readonly lateMs: number
  readonly isPrepay: boolean
}

export type SessionSnapshot = {
  readonly wallet: AccountHex
  readonly session: AccountHex
  readonly budget: AccountHex
  readonly remarkHash: string
  readonly owed: string
  readonly grantedMs: number
  readonly grantedEpoch: number
  /** Of an earlier stream: shown no more, but what it still pays counts for its wallet. */
  readonly isFormer: boolean
}

export type FundingSnapshot = {
  readonly wallet: AccountHex
  readonly remarkHash: string
  readonly moved: readonly AccountHex[]
  readonly first: string
}

/** Who gets which epoch's key: rules A-… of docs/spec/access.md. Everything is counted here, nothing is believed. */
export interface AccessPolicy {
  step(event: AccessEvent, env: AccessEnv): readonly AccessEffect[]
  rows(env: AccessEnv): readonly AccessRow[]
  snapshot(): AccessSnapshot
}
