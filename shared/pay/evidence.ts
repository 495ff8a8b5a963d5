/** A block by height and hash (32 bytes, lower-case hex with `0x`). */
export type BlockRef = { readonly number: number; readonly hash: string }

/** 32 bytes, lower-case hex with `0x`: an account id, a public key. Text, so that it can key a Map and a database row. */
export type AccountHex = string

/** Where on the chain an event stands; (block hash, index) is unique. */
export type EventPlace = {
  readonly block: BlockRef
  /** Of the event in its block. */
  readonly index: number
}

/**
 * What a creator's page saw on chain, in the order of blocks: the only figures that access rests on (docs/adr). The
 * same block is never told twice unless it was retracted in between.
 */
export type Evidence =
  /**
   * A session was opened: in one extrinsic `wallet` remarked it (`sessionRemark`) and moved money to the budget
   * account. `first` is what the same extrinsic paid to the payout account, 0n if nothing.
   */
  | {
      readonly kind: 'funded'
      readonly place: EventPlace
      readonly wallet: AccountHex
      /** blake2-256 of the remark: equals the hash of `sessionRemark(streamId, session)` of the session it opens. */
      readonly remarkHash: string
      /** Every account that the same extrinsic moved wallet's money to, with the amount. */
      readonly moved: readonly { readonly to: AccountHex; readonly planck: bigint }[]
    }
  /** Money reached the payout account. `from`: a budget account, or anybody. */
  | {
      readonly kind: 'paid'
      readonly place: EventPlace
      readonly from: AccountHex
      readonly planck: bigint
      /** By a wallet, in the extrinsic that opened its session: the same money is in that `funded`. */
      readonly isFirst?: boolean
    }
  /** This block is no longer part of the best chain: what it told is undone. */
  | { readonly kind: 'retracted'; readonly block: BlockRef }
  /** Everything up to this block is final. */
  | { readonly kind: 'finalised'; readonly block: BlockRef }
  /** These blocks could not be read: what they paid is unknown, not zero. */
  | { readonly kind: 'gap'; readonly from: number; readonly to: number; readonly reason: string }
  | { readonly kind: 'gap-closed'; readonly from: number; readonly to: number }
  /** How the chain is followed; without `isFollowing` nothing new can be known. */
  | {
      readonly kind: 'head'
      readonly isFollowing: boolean
      readonly best: BlockRef | undefined
      readonly reason?: string
    }
