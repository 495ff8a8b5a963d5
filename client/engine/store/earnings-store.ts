import type { AccountHex, BlockRef } from '../../../shared/pay/evidence.ts'

/** What one cursor follows: a payout account, for one stream, on one chain. */
export type EarningsScope = {
  /** ChainInfo.identity. */
  readonly chain: string
  /** ChainInfo.genesis: chains of one genesis and different identities are restarts of a local chain. */
  readonly genesis: string
  readonly payout: AccountHex
  readonly streamId: string
}

/** Blocks `from` to `to`, both included, that were not read. */
export type UnreadBlocks = {
  readonly from: number
  readonly to: number
  /** Hash of block `from − 1`, where known: what the first one must stand on. */
  readonly below: string | undefined
  /** Hash of block `to`, where known. */
  readonly last: string | undefined
  readonly reason: string
}

export type EarningsCursor = {
  /** One more with each commit: tells a writer that another one wrote meanwhile. */
  readonly revision: number
  /** Read or unread, everything up to here is decided for good. */
  readonly final: BlockRef
  /** Blocks above `final` that were told, oldest first, each the child of the one before it. */
  readonly trail: readonly BlockRef[]
  readonly unread: readonly UnreadBlocks[]
  /** Balance (free and reserved, planck) at the block where reading began; undefined where it could not be read. */
  readonly opening: { readonly block: BlockRef; readonly planck: bigint } | undefined
}

/** A block in which something concerned this scope; blocks in which nothing did are in the cursor only. */
export type EarningsBlock = {
  readonly block: BlockRef
  /** ms since the epoch by this machine's clock. */
  readonly atMs: number
  readonly isAtReckoned: boolean
  /** planck a tick at that time; 0n unknown. */
  readonly price: bigint
  readonly funded: readonly {
    readonly index: number
    readonly wallet: AccountHex
    readonly remarkHash: string
    readonly moved: readonly { readonly to: AccountHex; readonly planck: bigint }[]
  }[]
  readonly paid: readonly {
    readonly index: number
    readonly from: AccountHex
    readonly planck: bigint
    /** Hash of the remark by which the same extrinsic opened a session. */
    readonly remarkHash?: string
  }[]
  /** planck that left the payout account, fees included: for the cross-check with its balance. */
  readonly spent: bigint
}

export type StoredEarnings = {
  readonly scope: EarningsScope
  readonly cursor: EarningsCursor
  /** In chain order. */
  readonly blocks: readonly EarningsBlock[]
  /** Set when its chain vanished: a sentence. Such a scope is not followed again. */
  readonly archived?: string
}

/** Somebody else wrote this scope: another tab, most likely. */
export class EarningsConflict extends Error {
  readonly code = 'earnings-conflict'

  constructor() {
    super('Another tab of this browser reads the same payout account: close it, then reload this page.')
    this.name = 'EarningsConflict'
  }
}

/** Where a creator's page keeps what it read of the chain. Each call is one transaction, durable when it resolves. */
export interface EarningsStore {
  load(scope: EarningsScope): Promise<StoredEarnings | undefined>
  /**
   * Replaces the cursor, adds or replaces blocks, drops blocks by hash, all or nothing. Throws EarningsConflict, with
   * nothing written, unless the cursor's revision is one above the stored one (0 where nothing is stored).
   */
  commit(
    scope: EarningsScope,
    change: {
      readonly cursor: EarningsCursor
      readonly put: readonly EarningsBlock[]
      readonly drop: readonly string[]
    },
  ): Promise<void>
  /** Everything kept, archived or not, in no order. */
  list(): Promise<readonly StoredEarnings[]>
  archive(scope: EarningsScope, sentence: string): Promise<void>
}
