import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { ChainInfo } from '../chain/chain-port.ts'
import type { Earnings } from '../earn/earnings-contract.ts'
import type { StreamPrice } from '../stream-manifest.ts'

/** What a creator chooses for a paid stream. */
export type PriceOptions = StreamPrice

/** One line for the Studio's list of who watches. */
export type PaidViewer = {
  readonly wallet: AccountHex
  readonly session: AccountHex
  readonly isWatching: boolean
  readonly grantedSeconds: number
  readonly owed: bigint
  readonly paid: bigint
  /** What this wallet may owe at present; 0n: it pays ahead. */
  readonly credit: bigint
  /** In words: watching, in credit, prepay only, waiting for payment … */
  readonly sentence: string
}

export type PaidBroadcastView = {
  readonly chain: ChainInfo
  readonly price: bigint
  readonly viewers: readonly PaidViewer[]
  /** Why nobody gets keys at present (the chain cannot be read …); undefined when all is well. */
  readonly pause: string | undefined
}

/** Broadcaster, access and earnings of one paid stream, composed: what the Studio and `vilokanam broadcast` drive. */
export interface PaidBroadcast {
  readonly view: PaidBroadcastView
  readonly earnings: Earnings
  on(name: 'view', listener: (view: PaidBroadcastView) => void): () => void
  /** From an epoch at least 30 s ahead; at most the certified highest price. Answers the epoch. */
  changePrice(price: bigint): Promise<number>
  close(): Promise<void>
}
