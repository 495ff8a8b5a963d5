import type { AccountHex, BlockRef } from '../../../shared/pay/evidence.ts'
import type { GrantFigures, PayTerms, StopReason } from '../../../shared/pay/payer-contract.ts'
import type { Signer } from '../../../shared/protocol/crypto-port.ts'
import type { ExtrinsicSigner } from '../chain/chain-port.ts'

/** What one viewing is to cost at most and whom it pays; amounts are planck, prices planck per second. */
export type FundRequest = {
  /** 32 bytes. */
  readonly streamId: Uint8Array
  /** Shown in the wallet page's list. */
  readonly title: string
  /** Of the certificate: where every payment goes. */
  readonly payout: AccountHex
  /** 32 bytes (33 for ecdsa), hex with `0x`. */
  readonly creator: string
  /** Of the certificate: genesis hash of the chain payments are made on, hex with `0x`. */
  readonly genesis: string
  /** The viewer agrees to pay up to this much a second; above it the session asks again. At least `terms.price`. */
  readonly acceptedPrice: bigint
  /** The hard cap: what can reach the creator, all in all. */
  readonly budget: bigint
  /** Of the manifest. */
  readonly terms: PayTerms
  /** Signs once, by its prompt. */
  readonly wallet: ExtrinsicSigner
}

/** Everything that has to be on screen before the wallet's prompt; amounts are planck. */
export type FundPlan = {
  readonly pricePerHour: bigint
  /** Whole seconds that the budget pays for at the present price. */
  readonly seconds: number
  readonly budget: bigint
  /** Part of `budget`, paid by the prompt itself where the creator's credit does not cover the first keys; 0n if it does. */
  readonly first: bigint
  /** For the fees of payments and closing; what is left of it comes back. */
  readonly feeReserve: bigint
  /** Lies on each of the two accounts until closing, then comes back. */
  readonly existentialDeposit: bigint
  readonly promptFee: bigint
  readonly paymentFee: bigint
  readonly closingFee: bigint
  /** Time between two payments, chosen so that fees stay small. */
  readonly intervalMs: number
  /** Fees of payments as a share of what is paid, 0 to 1. */
  readonly feeShare: number
  /** What the wallet parts with at the prompt: budget, deposit, fee reserve, prompt fee. */
  readonly total: bigint
  readonly walletFree: bigint
  /** What can be lost at the very worst: everything that can be paid, and all that is set aside for fees. */
  readonly worstCase: bigint
  /** Without `multisig` the budget lies on the session account, which only this browser can empty. */
  readonly safety: 'wallet-can-take-back' | 'this-browser-only'
  /** Sentences for the page: what happens at the end, what the worst case is. */
  readonly words: readonly string[]
}

export type FundingStep = 'prompt' | 'sent' | 'included'

/** `sentence` says what happened, where the money is and what to do next: shown as it is. */
export type PaySessionState =
  | { readonly kind: 'funding'; readonly step: FundingStep; readonly sentence: string }
  | { readonly kind: 'active'; readonly sentence: string }
  /** Every planck of the budget is paid or promised: raise it, or leave. */
  | { readonly kind: 'out-of-budget'; readonly sentence: string }
  /** Nothing is paid any more until the reason is dealt with; the rest of the budget can be taken back. */
  | {
      readonly kind: 'stopped'
      readonly code: StopReason
      readonly sentence: string
    }
  /** Ticks are counted and paid later; the picture goes on within the creator's credit. */
  | { readonly kind: 'chain-down'; readonly sinceMs: number; readonly sentence: string }
  /** Another tab pays this session; `takeOver()` moves it here. */
  | { readonly kind: 'in-another-tab'; readonly sentence: string }
  | { readonly kind: 'closing'; readonly sentence: string }
  | { readonly kind: 'closed'; readonly sentence: string }

/** planck; exact at every moment. */
export type PayFigures = {
  readonly budget: bigint
  /** Seconds of media shown and journaled. */
  readonly ticks: number
  /** The price of those ticks, exactly. */
  readonly owed: bigint
  /** In blocks, seen to have succeeded; the funding batch's `first` included. */
  readonly paid: bigint
  /** Part of `paid` in final blocks. */
  readonly paidFinal: bigint
  /** Sent and not yet seen in a block. */
  readonly pending: bigint
  /** What the creator's last grant said it has counted; undefined before the first. */
  readonly credited: bigint | undefined
  /** All fees of this session so far, as the chain's events say. */
  readonly fees: bigint
  /** Of the budget, neither paid nor pending, and not held back for closing. */
  readonly left: bigint
  /** What that buys at the present price, seconds. */
  readonly secondsLeft: number
}

export type PaySessionEvents = {
  state: PaySessionState
  figures: PayFigures
}

/** One viewing of one stream by this device. Nothing here throws for what the chain or the creator does: see `state`. */
export interface PaySession {
  /** The session account. */
  readonly id: AccountHex
  readonly wallet: AccountHex
  readonly budgetAccount: AccountHex
  readonly payout: AccountHex
  /** planck per second that the viewer agreed to at most. */
  readonly acceptedPrice: bigint
  /** Ed25519 session key: signs the first access request. Its private half cannot be read. */
  readonly signer: Signer
  readonly state: PaySessionState
  /** The picture may go on, and keys be asked for. */
  readonly mayWatch: boolean
  readonly figures: PayFigures
  on<Name extends keyof PaySessionEvents>(
    name: Name,
    listener: (payload: PaySessionEvents[Name]) => void,
  ): () => void
  /**
   * `count` more seconds of media of `epoch` were shown, at `price` planck each. They count (`figures.ticks`) once their
   * rows are flushed; none is taken unless `mayWatch`.
   */
  tick(count: number, epoch: number, price: bigint): void
  /** Of the manifest: before the first tick, and whenever it changes. */
  terms(terms: PayTerms): void
  /** Of each grant. */
  grant(figures: GrantFigures): void
  /** Of a price above what was accepted: the viewer said yes. planck per second. */
  acceptPrice(price: bigint): void
  /** The viewer wants to go on after a stop whose reason is dealt with. */
  goOn(): void
  /** One more prompt of the wallet. Throws PayError. */
  raiseBudget(
    more: bigint,
    wallet: ExtrinsicSigner,
    options?: { readonly signal?: AbortSignal },
  ): Promise<void>
  /** From 'in-another-tab': the other tab lets go, then this one pays. */
  takeOver(options?: { readonly signal?: AbortSignal }): Promise<void>
  /** Pays what is owed, empties both accounts into the wallet; resolves when that is in a block. Throws PayError. */
  leave(options?: { readonly signal?: AbortSignal }): Promise<void>
  /**
   * For `pagehide`: sends the closing batch that is already signed, by a fetch which outlives the page. Synchronous;
   * false when nothing is ready to send (then the next visit closes it). Nothing of this session may be used afterwards.
   */
  closeNow(): boolean
}

/** Where each planck of one session is: the parts of what the wallet put in. They add up. */
export type SessionMoney = {
  readonly putIn: bigint
  readonly paid: bigint
  /** On chain now; undefined while the chain cannot be read. */
  readonly onBudgetAccount: bigint | undefined
  readonly onSessionAccount: bigint | undefined
  readonly returned: bigint
  readonly sessionFees: bigint
  /** Paid by the wallet beside what it put in. */
  readonly walletFees: bigint
}

export type SessionPayment = {
  readonly nonce: number
  readonly ticks: number
  readonly amount: bigint
  readonly outcome:
    | { readonly kind: 'pending' }
    | { readonly kind: 'paid'; readonly block: BlockRef; readonly fee: bigint; readonly isFinal: boolean }
    | { readonly kind: 'failed'; readonly block: BlockRef; readonly fee: bigint }
    /** The session was closed before it could land: it never will. */
    | { readonly kind: 'void' }
}

export type SessionSummary = {
  readonly id: AccountHex
  readonly streamId: string
  readonly title: string
  readonly wallet: AccountHex
  readonly payout: AccountHex
  readonly budgetAccount: AccountHex
  readonly createdAt: number
  readonly phase:
    | 'funding'
    | 'open'
    | 'paying-in-another-tab'
    | 'closing'
    | 'closed'
    /** Its chain is gone. */
    | 'archived'
  readonly sentence: string
  readonly ticks: number
  readonly owed: bigint
  readonly money: SessionMoney
  readonly payments: readonly SessionPayment[]
}

/** A session found on chain by its wallet's remark; the key that opened it may be gone. */
export type FoundSession = {
  readonly session: AccountHex
  readonly streamId: string
  readonly wallet: AccountHex
  readonly budgetAccount: AccountHex
  readonly openedAt: BlockRef
  /** The wallet alone can take this. */
  readonly onBudgetAccount: bigint
  /** Only the session key can take this: lost if the storage that held it is gone. */
  readonly onSessionAccount: bigint
  /** This device still has the key: close it the ordinary way instead. */
  readonly isKnownHere: boolean
  readonly sentence: string
}

export type SearchProgress = {
  readonly block: number
  readonly searched: number
  readonly total: number
  readonly found: readonly FoundSession[]
}

export type SearchResult = {
  readonly found: readonly FoundSession[]
  /** Heights that could not be read: a session opened there is not found. */
  readonly gaps: readonly { readonly from: number; readonly to: number; readonly reason: string }[]
  /** The oldest block that was looked at. */
  readonly oldest: number
}

export type PaySessionsEvents = {
  /** `list()` would answer something else than before. */
  changed: undefined
}

/** All sessions of this device. */
export interface PaySessions {
  on<Name extends keyof PaySessionsEvents>(
    name: Name,
    listener: (payload: PaySessionsEvents[Name]) => void,
  ): () => void
  /** The figures to show before `open()`; asks nothing of the wallet. Throws PayError. */
  plan(request: FundRequest, options?: { readonly signal?: AbortSignal }): Promise<FundPlan>
  /** One prompt. Resolves when the funding is in a block. Throws PayError. `onStep` follows it. */
  open(
    request: FundRequest,
    options?: { readonly signal?: AbortSignal; readonly onStep?: (step: FundingStep) => void },
  ): Promise<PaySession>
  /**
   * A session of this stream (and this wallet, if one is named) that still has its key and its money: goes on without a
   * prompt.
   */
  resume(
    streamId: Uint8Array,
    wallet: AccountHex | undefined,
    options?: { readonly signal?: AbortSignal },
  ): Promise<PaySession | undefined>
  /**
   * On start of any page: looks up every unfinished session, and closes those that no tab pays. `except`: the stream
   * this page is about to resume. Never throws for the chain: what could not be done is in `list()`, in words.
   */
  recover(options?: { readonly except?: Uint8Array; readonly signal?: AbortSignal }): Promise<void>
  /** Newest first; asks the chain for the balances of those that are not closed. */
  list(options?: { readonly signal?: AbortSignal }): Promise<readonly SessionSummary[]>
  /** Throws PayError. */
  closeByHand(id: AccountHex, options?: { readonly signal?: AbortSignal }): Promise<void>
  /** Reads back at most `blocks` blocks (default 14,400: a day of 6 s blocks) for sessions this wallet opened. */
  findByWallet(
    wallet: AccountHex,
    options?: {
      readonly blocks?: number
      readonly onProgress?: (progress: SearchProgress) => void
      readonly signal?: AbortSignal
    },
  ): Promise<SearchResult>
  /** One prompt of the wallet: the whole budget account goes back to it. Answers what came back. Throws PayError. */
  takeBack(
    found: FoundSession,
    wallet: ExtrinsicSigner,
    options?: { readonly signal?: AbortSignal },
  ): Promise<bigint>
  /** Stops what runs; closes no session. */
  close(): Promise<void>
}
