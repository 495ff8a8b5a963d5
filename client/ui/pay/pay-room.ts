import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { StreamId } from '../../../shared/protocol/ids.ts'
import type { ChainPort } from '../../engine/chain/chain-port.ts'
import type { PriceOptions } from '../../engine/paid/paid-broadcast-contract.ts'
import type { PaidStream } from '../../engine/paid/paid-stream.ts'
import type { PaidViewing } from '../../engine/paid/paid-viewing-contract.ts'
import type { PaySessions } from '../../engine/pay/pay-session-contract.ts'
import type { EngineDeps } from '../../engine/ports.ts'
import type { Viewer } from '../../engine/viewer.ts'
import type { WalletDesk } from './wallet-desk.ts'

/** All that pages about money share in one tab: one chain, one set of books, the wallets. */
export interface PayRoom {
  /** Not dialled before somebody opens it. */
  readonly chain: ChainPort
  /** Undefined until the chain has answered: which wallets may be offered depends on it. */
  readonly desk: WalletDesk | undefined
  /** In the chain's own writing; hex before the chain has said which. */
  addressOf(account: AccountHex): string
  sessions(): Promise<PaySessions>
  /** The paid side of what this viewer watches. */
  watch(viewer: Viewer, streamId: StreamId): PaidViewing
  /** The paid side of a broadcast to come. Throws PaidStreamError, ChainError. */
  prepareBroadcast(
    price: PriceOptions,
    engine: EngineDeps,
    options: { readonly signal: AbortSignal },
  ): Promise<PaidStream>
}
