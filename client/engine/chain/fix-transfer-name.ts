import type { ApiPromise } from '@polkadot/api'
import type { SubmittableExtrinsicFunction } from '@polkadot/api/types'

/** Runtimes before 2023 call `transferAllowDeath` `transfer`. */
export function transferCall(api: ApiPromise): SubmittableExtrinsicFunction<'promise'> | undefined {
  const { balances } = api.tx
  return balances?.['transferAllowDeath'] ?? balances?.['transfer']
}
