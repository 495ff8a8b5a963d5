import type { Hex } from './hex.ts'
import type { ReorgOptions } from './local-chain.ts'

export type BlockId = { readonly number: number; readonly hash: string }

export type Reorg = {
  readonly best: BlockId
  /** Newest first. */
  readonly retracted: readonly BlockId[]
  /** Oldest first. */
  readonly imported: readonly BlockId[]
}

/** A running local Asset Hub, and what tests may do to it. Throws DevchainError `closed` after `close()`. */
export interface Devchain {
  /** For `WsProvider`. */
  readonly wsUrl: string
  /** For `fetch`: JSON-RPC by POST, at the same port. */
  readonly httpUrl: string
  /** The same constant in every run. */
  readonly genesis: string
  /** Hash of block 1: with `genesis` it tells this run from others. */
  readonly block1: string
  readonly best: BlockId
  readonly finalised: BlockId

  /** Adds play money to an account (32 bytes, hex), at once and without an event; re-orgs keep it. */
  fund(account: Hex, planck: bigint): Promise<void>

  /** One block now, with what waits in the pool; the clock goes on beside it. */
  newBlock(): Promise<BlockId>
  pauseBlocks(): void
  resumeBlocks(): void
  /** No block for `ms` from now, then as before. Nothing where blocks are made by hand or paused. */
  delayBlocks(ms: number): void

  /**
   * The newest `depth` blocks are replaced by others, which are empty; the transactions of the old ones wait in the pool
   * for the next block. `depth` is 1 to the number of blocks that are not final.
   */
  reorg(depth: number, options?: ReorgOptions): Promise<Reorg>

  /** The next `count` submissions are answered with this error (1010, 1012, 1013, 1014, 1016 …), unread; 0 ends it. */
  refuseNext(count: number, code: number, reason?: string): void

  /**
   * The part of fees that pays for weight becomes `factor` (above 0, at most 10^6) times the normal; 1 is normal. Of a
   * transfer's 5.6 µROC that part is 0.4: a factor of 1,000 makes the whole 75 times as much.
   */
  spikeFees(factor: number): Promise<void>

  /** Connections end and new ones fail until `restoreRpc()`. The chain itself goes on. */
  dropRpc(): void
  restoreRpc(): void

  /** As if the process had been started again: same address, same genesis, another block 1, nothing of before. */
  restartAsNewChain(): Promise<void>

  /** Idempotent. */
  close(): Promise<void>
}
