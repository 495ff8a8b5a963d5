import type { AccountHex, BlockRef, Evidence } from '../../../shared/pay/evidence.ts'
import type { ChainInfo, ChainPort } from '../chain/chain-port.ts'
import type { Clock, Logger } from '../ports.ts'
import type { EarningsBlock, EarningsStore, UnreadBlocks } from '../store/earnings-store.ts'
import type { Every } from './every.ts'

export type ChainWatcherDeps = {
  readonly chain: ChainPort
  /** Asked, in this order, for blocks whose state the first one no longer has. */
  readonly archives?: readonly ChainPort[]
  readonly store: EarningsStore
  readonly clock: Clock
  readonly logger: Logger
  /** Calls `tick` every so many ms until the returned function is called; setInterval where absent. */
  readonly every?: Every
}

export type ChainWatcherOptions = {
  /** Whose income is read; no other running stream may use it. */
  readonly payout: AccountHex
  /** 64 hex digits or any other name of the stream: part of the cursor's key. */
  readonly streamId: string
  /** Final; blocks above it are read, when nothing is stored yet. The finalised head at the start where absent. */
  readonly fromBlock?: BlockRef
  /** planck a tick at this moment, kept with each payment; 0n where absent. */
  readonly price?: () => bigint
}

export type WatcherState =
  | { readonly kind: 'idle' }
  /** Connecting, or reading what happened since the cursor. */
  | { readonly kind: 'starting'; readonly sentence: string }
  | { readonly kind: 'following'; readonly best: BlockRef }
  /** Nothing new is known since `sinceMs` (monotonic): the sentence says why and what happens next. */
  | { readonly kind: 'behind'; readonly sentence: string; readonly sinceMs: number }
  /** The chain that this stream was paid on is gone (a local chain started anew). Final: go live again. */
  | { readonly kind: 'vanished'; readonly sentence: string }
  | { readonly kind: 'closed' }

/** Whether the account's balance is what the blocks read explain. planck. */
export type BalanceCheck =
  /** Not compared yet, or blocks are unread. */
  | { readonly kind: 'open'; readonly sentence: string }
  | { readonly kind: 'matches'; readonly at: BlockRef; readonly balance: bigint }
  /** `extra`: what the account holds beyond what was read; negative: what it lacks. */
  | {
      readonly kind: 'differs'
      readonly at: BlockRef
      readonly balance: bigint
      readonly extra: bigint
      readonly sentence: string
    }

export type ChainWatcherEvents = {
  /**
   * New evidence; it is stored before it is told. Within a block `funded` comes before `paid`. Every transfer
   * to the payout account is told once as `paid`, also the one inside a funding extrinsic (then `from` is the wallet,
   * and `funded.moved` names the payout account too: do not add the two). Blocks of a gap are told when they are read,
   * before its `gap-closed`, and `finalised` is told again after it: what stands at or below a finalised number is final.
   */
  evidence: Evidence
  state: WatcherState
  check: BalanceCheck
}

/** What has been read so far and still stands. */
export type WatcherBook = {
  readonly chain: ChainInfo
  /** Those in which something concerned the payout account, oldest first. */
  readonly blocks: readonly EarningsBlock[]
  /** Blocks up to this number are final. */
  readonly final: number
  readonly unread: readonly UnreadBlocks[]
  /** Of chains that vanished, under the same payout account: a sentence each. */
  readonly archived: readonly string[]
}

/** Reads what reaches a payout account, block by block, across reloads, re-orgs and endpoints that forget. */
export interface ChainWatcher {
  readonly state: WatcherState
  readonly check: BalanceCheck
  /** Undefined until the chain has answered once. */
  readonly book: WatcherBook | undefined
  on<Name extends keyof ChainWatcherEvents>(
    name: Name,
    listener: (payload: ChainWatcherEvents[Name]) => void,
  ): () => void
  /**
   * First everything that still stands (also of earlier loads of the page: funded, paid, gaps, finalised, head), then
   * each new evidence: nothing twice, nothing missed. Whoever remembers all blocks up to a final one says so by
   * `above`: `funded` and `paid` of blocks up to it are left out of the first part. Before `start` the first part comes
   * when the chain has answered. Returns its own end.
   */
  follow(listener: (evidence: Evidence) => void, options?: { readonly above?: number }): () => void
  /**
   * Opens the chain and the store; resolves when the cursor is known and `follow` is complete up to it. A chain that
   * does not answer is no error: it is tried until `close`. Throws what `signal` is aborted with.
   */
  start(options?: { readonly signal?: AbortSignal }): Promise<void>
  /** Idempotent; resolves when nothing more will be told or stored. */
  close(): Promise<void>
}

/** Who is behind a budget account: what AccessGiver learned from a session's signed request. */
export type SessionBinding = {
  readonly wallet: AccountHex
  readonly session: AccountHex
  /** The account that payments come from. */
  readonly budget: AccountHex
  /** Of the session's remark, as in `funded`: tells which `paid` of the wallet itself belongs to it. */
  readonly remarkHash?: string
}

/** planck, exact. */
export type Income = { readonly total: bigint; readonly final: bigint; readonly notYetFinal: bigint }

export type SessionIncome = Income & {
  readonly session: AccountHex | undefined
  /** The account the money came from. */
  readonly from: AccountHex
  /** Whole ticks the total pays for, each payment at its own price. */
  readonly ticks: bigint
  readonly payments: number
  /** ms since the epoch. */
  readonly firstAtMs: number
  readonly lastAtMs: number
}

export type ViewerIncome = Income & {
  /** The wallet; else, for money of no known session, the account it came from. */
  readonly viewer: AccountHex
  /** Opened a session on chain for this stream, or asked with a signature; else somebody who just sent money. */
  readonly isKnown: boolean
  readonly ticks: bigint
  readonly lastAtMs: number
  /** Newest first. */
  readonly sessions: readonly SessionIncome[]
}

export type PaymentRow = {
  readonly block: BlockRef
  readonly index: number
  /** ms since the epoch by this machine's clock; reckoned back from the head for blocks read late. */
  readonly atMs: number
  readonly isAtReckoned: boolean
  readonly viewer: AccountHex
  readonly session: AccountHex | undefined
  readonly from: AccountHex
  readonly planck: bigint
  /** planck a tick when it was read; 0n unknown. */
  readonly price: bigint
  readonly isFinal: boolean
}

export type EarningsSnapshot = {
  readonly income: Income
  /** planck that came in the last 60 s; a second of it is `lastMinute / 60`, an hour `lastMinute × 60`. */
  readonly lastMinute: bigint
  /** planck a second, floored, over the last minute. */
  readonly perSecond: bigint
  /** planck an hour at the rate of the last minute. */
  readonly perHour: bigint
  /** Highest total first. */
  readonly viewers: readonly ViewerIncome[]
  /** Newest first, at most 200; `exportCsv` has all. */
  readonly payments: readonly PaymentRow[]
  /** Sentences, one a gap, oldest first; empty when all is read. */
  readonly gaps: readonly string[]
  readonly check: BalanceCheck
  readonly watcher: WatcherState
  /** Of chains that vanished under this payout account: what is kept of them, in a sentence each. */
  readonly archived: readonly string[]
}

/** One point of the graph: what came in `[atMs, atMs + widthMs)`. */
export type IncomePoint = { readonly atMs: number; readonly planck: bigint }

export type EarningsEvents = { snapshot: EarningsSnapshot }

/** What the Studio shows. At most one `snapshot` a second, and one at once after each block with a payment. */
export interface Earnings {
  readonly snapshot: EarningsSnapshot
  on<Name extends keyof EarningsEvents>(
    name: Name,
    listener: (payload: EarningsEvents[Name]) => void,
  ): () => void
  /** Names who pays from an account; also for payments already seen. Idempotent. */
  bind(binding: SessionBinding): void
  /** `points` buckets of `widthMs` that end now, oldest first, zeros included. */
  series(options: { readonly widthMs: number; readonly points: number }): readonly IncomePoint[]
  /** RFC 4180, UTF-8, CRLF, a header line; one line a payment in chain order. */
  exportCsv(): string
  close(): void
}
