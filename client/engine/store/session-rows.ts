import type { AccountHex, BlockRef } from '../../../shared/pay/evidence.ts'

/** How far a session has come; each step is written before it is carried out. */
export type SessionPhase =
  /** The key is made and kept; nothing is on chain. */
  | 'made'
  /** The wallet was asked: its extrinsic may be on its way. */
  | 'funding'
  | 'open'
  /** The closing extrinsic may be on its way; the account is never funded or paid from again. */
  | 'closing'
  | 'closed'
  /** Its chain is gone (a local chain that was started anew): nothing can be read or done any more. */
  | 'archived'

/** A session as kept on this device. Amounts are planck, times ms of the wall clock (for display only). */
export type SessionRow = {
  readonly account: AccountHex
  /** In a browser the non-extractable pair itself; in Node the key is a file of its own and this is absent. */
  readonly key?: CryptoKeyPair
  /** `ChainInfo.identity`. */
  readonly chain: string
  /** 32 bytes, hex without `0x`. */
  readonly streamId: string
  readonly title: string
  readonly wallet: AccountHex
  readonly payout: AccountHex
  /** The 1-of-2 multisig of wallet and session key, or on a chain without multisig the session account itself. */
  readonly budgetAccount: AccountHex
  readonly phase: SessionPhase
  /** Put on the budget account, top-ups included. */
  readonly budget: bigint
  /** Put on the session account for fees, its existential deposit included. */
  readonly feeReserve: bigint
  /** Paid to the creator by the funding extrinsic itself. */
  readonly first: bigint
  /** Highest price per second that the viewer accepted. */
  readonly acceptedPrice: bigint
  /** The blocks between which the funding extrinsic can be included. */
  readonly fundingFrom?: BlockRef
  readonly fundingLastBlock?: number
  readonly fundingHash?: string
  readonly fundedAt?: BlockRef
  /** Fees of the wallet's own extrinsics (funding, top-ups, taking back), as the chain's events say. */
  readonly walletFees: bigint
  /** Fees paid by the session account, as the chain's events say. */
  readonly sessionFees: bigint
  /** Paid to the creator in blocks that were seen. */
  readonly paid: bigint
  /** What the closing extrinsic, or the wallet itself, brought back. */
  readonly returned: bigint
  readonly closedAt?: BlockRef
  /** Why it stands still, in a sentence. */
  readonly note?: string
  readonly createdAt: number
  readonly updatedAt: number
}

/** A payment: journaled before it is signed, never changed but for what became of it. */
export type SlotRow = {
  readonly account: AccountHex
  readonly nonce: number
  /** Ticks paid by this slot. */
  readonly ticks: number
  readonly amount: bigint
  /** The exact call; every version of the slot carries it. */
  readonly call: Uint8Array
  /** Undefined until a block with it was seen. */
  readonly landed?: { readonly block: BlockRef; readonly isOk: boolean; readonly fee: bigint }
}

/** One second of media shown. */
export type TickRow = {
  readonly account: AccountHex
  readonly number: number
  readonly epoch: number
  /** planck */
  readonly price: bigint
}
