import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { ChainInfo, ChainState } from '../chain/chain-port.ts'
import { amountText } from '../chain/planck-text.ts'
import type { EarningsStore } from '../store/earnings-store.ts'

export const VANISHED =
  'The local chain was started anew, and what it held is gone: its payments stay in the list and no longer count. Go live again to be paid on the new one.'

/** True when the chain that `info` was read from is no more: the same genesis, but another life of it. */
export function isAnotherLife(info: ChainInfo, state: ChainState): boolean {
  if (state.kind === 'ready') {
    return state.info.identity !== info.identity && state.info.genesis === info.genesis
  }
  return (
    state.kind === 'wrong-chain' &&
    state.found !== info.identity &&
    state.found.startsWith(`${info.genesis}/`)
  )
}

/** Sets aside what was read of earlier lives of this chain; what they paid this account, in a sentence each. */
export async function archiveVanished(
  store: EarningsStore,
  info: ChainInfo,
  payout: AccountHex,
): Promise<readonly string[]> {
  const sentences: string[] = []
  for (const { scope, archived, blocks } of await store.list()) {
    if (scope.genesis !== info.genesis || scope.chain === info.identity) continue
    if (archived === undefined) await store.archive(scope, VANISHED)
    const paid = blocks.flatMap(block => block.paid)
    if (scope.payout !== payout || paid.length === 0) continue
    const sum = amountText(
      paid.reduce((total, { planck }) => total + planck, 0n),
      info.decimals,
    )
    const payments = paid.length === 1 ? 'one payment' : `${paid.length} payments`
    sentences.push(
      `A local chain that has since been started anew had brought ${payments} of together ${sum} ${info.symbol}: play money that no longer counts.`,
    )
  }
  return sentences
}
