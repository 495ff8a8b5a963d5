import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { MediaPrice } from '../../../shared/pay/meter.ts'
import type { StopReason } from '../../../shared/pay/payer-contract.ts'
import type { ExtrinsicSigner } from '../chain/chain-port.ts'
import type { FundingStep, FundPlan, PayFigures } from '../pay/pay-session-contract.ts'

/** What a paid stream asks; amounts are planck. */
export type PaidOffer = {
  readonly price: bigint
  /** A price that holds from an epoch to come. */
  readonly nextPrice: bigint | undefined
  readonly previewSeconds: number
  readonly creditSeconds: number
  readonly payout: AccountHex
  /** Genesis hash, hex with `0x`. */
  readonly genesis: string
  readonly highestPrice: bigint
}

/**
 * How a viewing of one stream stands with its payment. `sentence` says what happened, where the money is and what to do
 * next: shown as it is.
 */
export type PaidViewingState =
  /** The manifest has not come yet. */
  | { readonly kind: 'unknown' }
  /** No wallet, no chain, nothing encrypted. */
  | { readonly kind: 'free' }
  /** The picture is locked until a budget is chosen. */
  | { readonly kind: 'offer'; readonly offer: PaidOffer }
  /** Looking for a session of this stream that can go on without a prompt. */
  | { readonly kind: 'resuming'; readonly offer: PaidOffer }
  | { readonly kind: 'funding'; readonly step: FundingStep; readonly sentence: string }
  /** Funded; the creator has not sent a key yet. */
  | { readonly kind: 'asking'; readonly sentence: string }
  | { readonly kind: 'preview'; readonly sentence: string }
  | { readonly kind: 'paying'; readonly sentence: string }
  /** The creator grants nothing at present: no credit left, not credited, paused for all. */
  | { readonly kind: 'held'; readonly sentence: string }
  | { readonly kind: 'price-raised'; readonly price: bigint; readonly sentence: string }
  | { readonly kind: 'out-of-budget'; readonly sentence: string }
  | { readonly kind: 'stopped'; readonly code: StopReason; readonly sentence: string }
  /** The picture goes on within the creator's credit. */
  | { readonly kind: 'chain-down'; readonly sentence: string }
  | { readonly kind: 'in-another-tab'; readonly sentence: string }
  | { readonly kind: 'closing'; readonly sentence: string }
  | { readonly kind: 'closed'; readonly sentence: string }
  | { readonly kind: 'failed'; readonly sentence: string }

export type PaidViewingEvents = {
  state: PaidViewingState
  figures: PayFigures
}

/** Viewer, access and payment of one stream, composed: what the Watch page and `vilokanam watch` drive. */
export interface PaidViewing {
  readonly state: PaidViewingState
  readonly figures: PayFigures | undefined
  on<Name extends keyof PaidViewingEvents>(
    name: Name,
    listener: (payload: PaidViewingEvents[Name]) => void,
  ): () => void
  /** A session of this stream that still has its key and its money goes on without a prompt; false: there is none. */
  resume(options?: { readonly signal?: AbortSignal }): Promise<boolean>
  /** Before the prompt. Throws PayError, ChainError. */
  plan(
    wallet: ExtrinsicSigner,
    budget: bigint,
    options?: { readonly signal?: AbortSignal },
  ): Promise<FundPlan>
  /** One prompt, then the picture. Throws PayError, WalletError, ChainError. */
  pay(wallet: ExtrinsicSigner, budget: bigint, options?: { readonly signal?: AbortSignal }): Promise<void>
  raiseBudget(more: bigint, wallet: ExtrinsicSigner): Promise<void>
  acceptPrice(price: bigint): Promise<void>
  takeOver(): Promise<void>
  /** After a stop that its words say may be gone on from. It stops again if nothing has changed. */
  goOn(): void
  /** For the player's meter (`new Player({ priceOf })`): undefined for preview, which is no tick. */
  readonly priceOf: (positionUs: number) => MediaPrice | undefined
  /** One `tick` of the player: a second of media of that epoch was rendered, at that price. */
  played(epoch: number, price: bigint): void
  /** Paused, or hidden and muted: keys are neither asked for nor owed. */
  setWatching(isWatching: boolean): void
  /** Pays the rest, gives the budget back. */
  leave(options?: { readonly signal?: AbortSignal }): Promise<void>
  /** For `pagehide`: synchronous, before `Viewer.leave()`. Nothing of this viewing may be used afterwards. */
  closeNow(): void
  /** Stops listening; closes no session. */
  close(): void
}
