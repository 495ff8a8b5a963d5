import type { AccountHex, BlockRef } from './evidence.ts'

/**
 * The payer of one session: `step(event, env) → effects`. The shell carries effects out and answers each that says so
 * with an event; it polls at least every 500 ms. Rules: docs/spec/pay.md. All rows are plain data for structured clone.
 *
 * Write-ahead: nothing is signed or sent that is not committed. `commit` effects are carried out in the order given,
 * one transaction each, with strict durability.
 */

/** SCALE bytes of a call. */
export type CallBytes = Uint8Array

// ---- rows -------------------------------------------------------------------------------------------------------

/** Store `sessions`, key `session`. Everything but `phase`, `budget`, `priceAccepted`, `totals` is fixed when made. */
export type SessionRow = {
  readonly session: AccountHex
  /** ChainInfo.identity */
  readonly chain: string
  readonly streamId: string
  /** For the Wallet page. */
  readonly title: string
  readonly creator: AccountHex
  readonly wallet: AccountHex
  /** The 1-of-2 multisig of wallet and session; equal to `session` on a chain without that pallet. */
  readonly budgetAccount: AccountHex
  readonly payout: AccountHex
  /** planck moved to the budget account, with all raises: the hard cap. */
  readonly budget: bigint
  /** planck moved to the session account for fees, its existential deposit included. */
  readonly feeReserve: bigint
  /** planck that the funding batch itself pays to the payout account; 0n: nothing. */
  readonly first: bigint
  readonly existentialDeposit: bigint
  /** planck of one payment when the user was told what the session costs: what a spike of fees is measured by. */
  readonly usualFee?: bigint
  /** planck a second that the user agreed to at most. */
  readonly priceAccepted: bigint
  /** The session account's nonce before its first extrinsic; known once funded. */
  readonly baseNonce?: number
  /** Wall clock, ms, for display only. */
  readonly startedAt: number
  readonly phase: SessionPhase
  readonly totals?: SessionTotals
}

export type SessionPhase =
  /** Before and during the wallet's prompt. `lastBlock`: after its finality an unfunded session never was one. */
  | { readonly kind: 'funding'; readonly hash?: string; readonly lastBlock?: number }
  | { readonly kind: 'open' }
  | { readonly kind: 'closing'; readonly reason: CloseReason }
  /** Both accounts are empty, at finality. */
  | { readonly kind: 'closed'; readonly reason: CloseReason }
  /** Nothing can or need be done any more; `sentence` tells the user why. */
  | {
      readonly kind: 'archived'
      readonly why: 'never-funded' | 'chain-vanished'
      readonly sentence: string
    }

/** `recovered`: a later visit closed it. `elsewhere`: the wallet took the budget back by itself. */
export type CloseReason = 'left' | 'recovered' | 'elsewhere' | 'fault'

/** planck, final. `budget + feeReserve == (paid − first) + fees + returned + lost` (a wiped key's account, dust). */
export type SessionTotals = {
  readonly ticks: number
  /** Price of all journaled ticks. */
  readonly played: bigint
  /** Reached the payout account, `first` included. */
  readonly paid: bigint
  readonly fees: bigint
  readonly returned: bigint
}

/** Store `ticks`, key [session, index]. A tick counts once this row is committed. */
export type TickRow = {
  readonly session: AccountHex
  /** From 1, rising; a row that storage refused leaves a hole. */
  readonly index: number
  readonly epoch: number
  /** planck, of that epoch. 0n also for one that the closing batch of a page that went could not pay any more. */
  readonly price: bigint
}

/** Store `slots`, key [session, nonce] (unique). One nonce of the session account and the only call it is used for. */
export type SlotRow = {
  readonly session: AccountHex
  readonly nonce: number
  readonly use: 'payment' | 'closing'
  /** planck to the payout account. */
  readonly amount: bigint
  /** Journaled ticks when it was made; with `ahead` it says what the amount is for. */
  readonly ticks: number
  /** planck by which the slot pays ahead of those ticks, 0n in arrears. */
  readonly ahead: bigint
  readonly call: CallBytes
  /** Height of the best block when it was made: no version can be included at or below it. */
  readonly madeAt: number
  readonly state: SlotState
}

export type SlotState =
  /** Journaled; any number of versions may or may not have been sent. */
  | { readonly kind: 'pending' }
  /** Its nonce was used, at finality, by this call, and it was carried out. */
  | { readonly kind: 'landed'; readonly block: BlockRef; readonly fee: bigint }
  /** Nonce and fee are gone, nothing was paid. */
  | { readonly kind: 'failed'; readonly block: BlockRef; readonly fee: bigint; readonly error: string }
  /** The account was closed before it could land: it never will. */
  | { readonly kind: 'void' }

// ---- events -----------------------------------------------------------------------------------------------------

export type LedgerRows = {
  readonly session: SessionRow
  readonly slots: readonly SlotRow[]
  readonly ticks: readonly TickRow[]
}

/** Of session and budget account, in one read at one block. */
export type AccountsAt = {
  readonly block: BlockRef
  readonly isFinal: boolean
  /** planck */
  readonly sessionFree: bigint
  readonly sessionNonce: number
  /** Equal to `sessionFree` where the two are one account. */
  readonly budgetFree: bigint
}

/** What became of one nonce, as its block tells. */
export type Inclusion = {
  readonly nonce: number
  readonly block: BlockRef
  readonly isOk: boolean
  readonly error?: string
  readonly fee: bigint
  /** Moved from the budget account to the payout account by this extrinsic, planck. */
  readonly paid: bigint
  /** Moved from both accounts to the wallet by this extrinsic, planck. */
  readonly returned: bigint
}

export type PayerEvent =
  /** First event, of a session that was just made (key stored, nothing committed yet). */
  | { readonly kind: 'open'; readonly session: SessionRow }
  /**
   * First event, of a session found in the ledger, after its Web Lock was got. `close`: give everything back.
   * `resume` only where no farewell was sent (the page notes that synchronously at `pagehide`).
   */
  | { readonly kind: 'recover'; readonly rows: LedgerRows; readonly intent: 'resume' | 'close' }
  | { readonly kind: 'committed'; readonly id: number }
  /** Storage refused. Nothing depends on it having happened; the payer stops with a reason. */
  | { readonly kind: 'commit-failed'; readonly id: number; readonly reason: string }
  /** Answer to `ask-wallet`: it was signed and sent. `lastBlock` of its era. */
  | {
      readonly kind: 'wallet-sent'
      readonly request: WalletRequest
      readonly hash: string
      readonly lastBlock: number
    }
  /** Answer to `ask-wallet`: refused, locked, no funds. Nothing was sent. */
  | { readonly kind: 'wallet-refused'; readonly request: WalletRequest; readonly reason: string }
  /** One second of media was rendered (shared/pay/meter.ts). */
  | { readonly kind: 'tick'; readonly epoch: number; readonly price: bigint }
  /** Whenever a manifest says so; also before the first tick. */
  | { readonly kind: 'terms'; readonly terms: PayTerms }
  /** A grant's figures, by the creator's own count, planck. */
  | { readonly kind: 'grant'; readonly grant: GrantFigures }
  /** The user agrees to a higher price. */
  | { readonly kind: 'accept-price'; readonly price: bigint }
  /** Raise the budget, by one more prompt. */
  | { readonly kind: 'raise'; readonly budget: bigint; readonly feeReserve: bigint }
  /** The user goes on after a stop (`WatchState`). */
  | { readonly kind: 'go-on' }
  | { readonly kind: 'leave'; readonly reason?: CloseReason }
  /** The page is going and `view.farewell` was sent: what follows can only be closing. */
  | { readonly kind: 'farewell-sent' }
  | { readonly kind: 'poll' }
  /** The chain can be read: first of all, and after each loss of it. */
  | {
      readonly kind: 'chain-ready'
      readonly identity: string
      readonly isLocal: boolean
      readonly blockMs: number
    }
  | { readonly kind: 'chain-down'; readonly reason: string }
  | { readonly kind: 'best'; readonly block: BlockRef; readonly retracted: readonly BlockRef[] }
  | { readonly kind: 'finalised'; readonly block: BlockRef }
  | { readonly kind: 'accounts'; readonly accounts: AccountsAt }
  | { readonly kind: 'found'; readonly at: BlockRef; readonly inclusion: Inclusion }
  /** `unreadable`: a block on the way is pruned or gone, the answer is not known. */
  | {
      readonly kind: 'not-found'
      readonly at: BlockRef
      readonly nonce: number
      readonly isUnreadable: boolean
    }
  | { readonly kind: 'fees'; readonly payment: bigint; readonly closing: bigint }
  | {
      readonly kind: 'signed'
      readonly id: number
      readonly bytes: Uint8Array
      readonly hash: string
      readonly lastBlock: number
    }
  | {
      readonly kind: 'submitted'
      readonly nonce: number
      readonly result:
        | { readonly kind: 'accepted' }
        | { readonly kind: 'unknown'; readonly reason: string }
        | { readonly kind: 'refused'; readonly code: 'payment' | 'invalid' | 'rate'; readonly reason: string }
    }
  /** A request of the effect named could not be carried out (RPC error): asked again with back-off. */
  | {
      readonly kind: 'request-failed'
      readonly effect: 'sign' | 'submit' | 'read-accounts' | 'find' | 'estimate-fees'
      readonly reason: string
    }

export type PayTerms = {
  /** planck a second, now and from `nextFromEpoch` on. */
  readonly price: bigint
  readonly next?: { readonly price: bigint; readonly fromEpoch: number }
  /** ms, of one epoch. */
  readonly epochMs: number
  /** What the creator lends, seconds of price; 0: prepayment. */
  readonly creditSeconds: number
}

export type GrantFigures = {
  readonly epoch: number
  /** Price × seconds of every epoch granted, this one included, less what was forgiven. */
  readonly owed: bigint
  /** Seen on chain from this session, `first` included. */
  readonly credited: bigint
  /** What this wallet may owe now. */
  readonly credit: bigint
}

export type WalletRequest = 'fund' | 'raise'

// ---- environment ------------------------------------------------------------------------------------------------

export type PayerEnv = {
  /** Monotonic, ms. */
  readonly nowMs: number
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** By the metadata of the connected chain; undefined while there is none. Pure. */
  readonly calls: PayerCalls | undefined
}

/** Calls of this session, signed by the session key. */
export interface PayerCalls {
  /** `amount` from the budget account to the payout account. */
  payment(amount: bigint): CallBytes
  /** The last payment (0n: none), then everything of budget and session account to the wallet. */
  closing(amount: bigint): CallBytes
  /** Only the session account to the wallet: for a budget account that is already empty. */
  sweep(): CallBytes
}

// ---- effects ----------------------------------------------------------------------------------------------------

export type PayerEffect =
  /** Answered by `committed` or `commit-failed`. Rows replace those of the same key. */
  | {
      readonly kind: 'commit'
      readonly id: number
      readonly session?: SessionRow
      readonly slots?: readonly SlotRow[]
      readonly ticks?: readonly TickRow[]
    }
  /** Prompt: the funding batch, or a raise of the amounts given. Answered by `wallet-sent` or `wallet-refused`. */
  | {
      readonly kind: 'ask-wallet'
      readonly request: WalletRequest
      readonly budget: bigint
      readonly feeReserve: bigint
    }
  /** By the session key; makes no request. Answered by `signed`, with the same id. */
  | {
      readonly kind: 'sign'
      readonly id: number
      readonly nonce: number
      readonly call: CallBytes
      readonly birth: BlockRef
      /** Blocks, a power of two. */
      readonly period: number
    }
  /** Answered by `submitted`. */
  | { readonly kind: 'submit'; readonly nonce: number; readonly bytes: Uint8Array }
  /** Answered by `accounts` at that very block. */
  | { readonly kind: 'read-accounts'; readonly block: BlockRef; readonly isFinal: boolean }
  /**
   * Walk from `at` down to height `downTo` (inclusive) along parents and find the session account's extrinsic of that
   * nonce. Answered by `found` or `not-found`.
   */
  | { readonly kind: 'find'; readonly nonce: number; readonly at: BlockRef; readonly downTo: number }
  /** Answered by `fees`. */
  | { readonly kind: 'estimate-fees'; readonly payment: CallBytes; readonly closing: CallBytes }
  /** Changed: whether the picture may go on and be asked keys for. */
  | { readonly kind: 'watch'; readonly watch: WatchState }
  /** Over and committed: release the lock, drop the key if the row's phase is `closed` or `archived`. */
  | { readonly kind: 'finished'; readonly session: SessionRow }

export type WatchState =
  | { readonly kind: 'may' }
  /** Not funded yet. */
  | { readonly kind: 'wait' }
  /** No more ticks are taken and nothing is paid but what is owed. */
  | { readonly kind: 'stop'; readonly reason: StopReason; readonly detail: string }

export type StopReason =
  | 'budget-ended'
  | 'fee-reserve-ended'
  | 'fee-too-high'
  | 'price-raised'
  | 'not-credited'
  | 'payment-failed'
  | 'payment-refused'
  | 'ledger-mismatch'
  | 'storage'
  | 'wallet-refused'
  | 'closing'
  | 'over'

// ---- view -------------------------------------------------------------------------------------------------------

/** planck where bigint. */
export type PayerView = {
  readonly session: SessionRow | undefined
  readonly watch: WatchState
  readonly isChainUp: boolean
  readonly ticks: number
  /** Price of all journaled ticks. */
  readonly played: bigint
  /** `first` and all slots that were not lost, sent or not. */
  readonly committed: bigint
  /** Of those, in a block. */
  readonly included: bigint
  /** Of those, final. */
  readonly final: bigint
  /** Fees of included slots. */
  readonly fees: bigint
  /** What may still be paid. */
  readonly spendable: bigint
  /** Seconds that buys at the current price. */
  readonly secondsLeft: number
  readonly intervalMs: number
  /** Send these, in this order, at `pagehide`; empty when there is nothing to close. */
  readonly farewell: readonly Uint8Array[]
  readonly accounts: { readonly session: bigint; readonly budget: bigint } | undefined
}

export interface PayerCore {
  step(event: PayerEvent, env: PayerEnv): PayerEffect[]
  readonly view: PayerView
}
