import type { Block, BlockRef, ChainPort } from '../../client/engine/chain/chain-port.ts'

export type BookedTransfer = {
  readonly block: number
  readonly from: string
  readonly to: string
  readonly planck: bigint
}

/** What the chain itself says happened, block by block. */
export type ChainBooks = {
  readonly transfers: readonly BookedTransfer[]
  /** Fees that the chain's events name, by who paid. */
  readonly fees: ReadonlyMap<string, bigint>
}

/** Of the blocks above `since` up to the best one. */
export async function booksSince(chain: ChainPort, since: BlockRef): Promise<ChainBooks> {
  const blocks: Block[] = []
  let hash = chain.best()?.hash
  while (hash !== undefined && hash !== since.hash) {
    const block: Block = await chain.block(hash)
    if (block.block.number <= since.number) break
    blocks.unshift(block)
    hash = block.parent
  }
  const fees = new Map<string, bigint>()
  const transfers: BookedTransfer[] = []
  for (const { block, extrinsics } of blocks) {
    for (const { signer, fee, transfers: moved } of extrinsics) {
      if (signer !== undefined) fees.set(signer, (fees.get(signer) ?? 0n) + fee)
      for (const { from, to, planck } of moved) transfers.push({ block: block.number, from, to, planck })
    }
  }
  return { transfers, fees }
}

export function sumOf(transfers: readonly BookedTransfer[], to: string): bigint {
  return transfers.reduce((sum, each) => (each.to === to ? sum + each.planck : sum), 0n)
}
