import type { AccountHex, BlockRef } from '../../../shared/pay/evidence.ts'
import type { Inclusion } from '../../../shared/pay/payer-contract.ts'
import { ChainError } from '../chain/chain-error.ts'
import type { Block, BlockExtrinsic, ChainPort } from '../chain/chain-port.ts'

/** `unreadable`: a block on the way is pruned or gone, the answer is not known. */
export type FindResult =
  | { readonly kind: 'found'; readonly block: BlockRef; readonly extrinsic: BlockExtrinsic }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'unreadable' }

/**
 * Walks from `at` down to height `downTo` (inclusive) along parents, so that the answer is of that very fork. Throws
 * ChainError for what may be asked again.
 */
export async function findExtrinsic(
  chain: Pick<ChainPort, 'block'>,
  at: BlockRef,
  downTo: number,
  isWanted: (extrinsic: BlockExtrinsic) => boolean,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<FindResult> {
  let hash = at.hash
  for (let number = at.number; number >= downTo && number > 0; number--) {
    let block: Block
    try {
      block = await chain.block(hash, signal === undefined ? {} : { signal })
    } catch (error) {
      if (error instanceof ChainError && (error.code === 'state-pruned' || error.code === 'no-such-block'))
        return { kind: 'unreadable' }
      throw error
    }
    const extrinsic = block.extrinsics.find(isWanted)
    if (extrinsic !== undefined) return { kind: 'found', block: block.block, extrinsic }
    hash = block.parent
  }
  return { kind: 'not-found' }
}

/** What an extrinsic of the session account did with the session's money. */
export function inclusionOf(
  block: BlockRef,
  extrinsic: BlockExtrinsic,
  accounts: {
    readonly session: AccountHex
    readonly budgetAccount: AccountHex
    readonly wallet: AccountHex
    readonly payout: AccountHex
  },
): Inclusion {
  const { session, budgetAccount, wallet, payout } = accounts
  let paid = 0n
  let returned = 0n
  for (const { from, to, planck } of extrinsic.transfers) {
    if (from === budgetAccount && to === payout) paid += planck
    else if ((from === budgetAccount || from === session) && to === wallet) returned += planck
  }
  return {
    nonce: extrinsic.nonce ?? 0,
    block,
    isOk: extrinsic.isOk,
    ...(extrinsic.error !== undefined && { error: extrinsic.error }),
    fee: extrinsic.fee,
    paid,
    returned,
  }
}
