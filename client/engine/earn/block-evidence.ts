import type { AccountHex, Evidence } from '../../../shared/pay/evidence.ts'
import type { Block, BlockExtrinsic } from '../chain/chain-port.ts'
import type { EarningsBlock } from '../store/earnings-store.ts'

/** When a block was read, and what a tick cost then. */
export type ReadStamp = Pick<EarningsBlock, 'atMs' | 'isAtReckoned' | 'price'>

/** What of a block concerns this payout account; undefined where nothing does. */
export function earningsOf(block: Block, payout: AccountHex, stamp: ReadStamp): EarningsBlock | undefined {
  const funded: EarningsBlock['funded'][number][] = []
  const paid: EarningsBlock['paid'][number][] = []
  let spent = 0n
  for (const extrinsic of block.extrinsics) {
    const opened = fundedBy(extrinsic, payout)
    funded.push(...opened)
    // As `funded` says: the first session alone is what the wallet's own payment belongs to.
    const [first] = opened
    for (const { index, from, to, planck } of extrinsic.transfers) {
      if (from === to) continue
      if (from === payout) spent += planck
      if (to !== payout) continue
      const belongs = first?.wallet === from
      paid.push({ index, from, planck, ...(belongs && { remarkHash: first.remarkHash }) })
    }
    if (extrinsic.signer === payout) spent += extrinsic.fee
  }
  if (funded.length === 0 && paid.length === 0 && spent === 0n) return undefined
  return { block: block.block, ...stamp, funded, paid, spent }
}

/**
 * Only what the wallet itself signed and what left the wallet itself in that extrinsic counts: who names another's
 * wallet gains nothing. What it paid the creator belongs to one session: who remarks often has not paid often.
 */
function fundedBy(extrinsic: BlockExtrinsic, payout: AccountHex): EarningsBlock['funded'] {
  const { signer: wallet } = extrinsic
  if (!extrinsic.isOk || wallet === undefined) return []
  const remarks = extrinsic.remarks.filter(({ sender }) => sender === wallet)
  if (remarks.length === 0) return []
  const sums = new Map<AccountHex, bigint>()
  for (const { from, to, planck } of extrinsic.transfers) {
    if (from === wallet && to !== wallet) sums.set(to, (sums.get(to) ?? 0n) + planck)
  }
  if (sums.size === 0) return []
  const moved = [...sums].map(([to, planck]) => ({ to, planck }))
  const once = new Map<string, (typeof remarks)[number]>()
  for (const remark of remarks) if (!once.has(remark.hash)) once.set(remark.hash, remark)
  const budgets = moved.filter(({ to }) => to !== payout)
  return [...once.values()].map(({ index, hash }, place) => ({
    index,
    wallet,
    remarkHash: hash,
    moved: place === 0 ? moved : budgets,
  }))
}

/** The same as it is told: all `funded` first, so that a session is known before its money. */
export function evidenceOf(content: EarningsBlock): Evidence[] {
  const { block } = content
  return [
    ...content.funded.map(
      ({ index, wallet, remarkHash, moved }): Evidence => ({
        kind: 'funded',
        place: { block, index },
        wallet,
        remarkHash,
        moved,
      }),
    ),
    ...content.paid.map(
      ({ index, from, planck, remarkHash }): Evidence => ({
        kind: 'paid',
        place: { block, index },
        from,
        planck,
        ...(remarkHash !== undefined && { isFirst: true }),
      }),
    ),
  ]
}
