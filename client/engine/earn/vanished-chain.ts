import type { ChainInfo, ChainState } from '../chain/chain-port.ts'
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

/** Sets aside what was read of earlier lives of this chain. */
export async function archiveVanished(store: EarningsStore, info: ChainInfo): Promise<void> {
  for (const { scope, archived } of await store.list()) {
    const isGone = scope.genesis === info.genesis && scope.chain !== info.identity
    if (isGone && archived === undefined) await store.archive(scope, VANISHED)
  }
}
