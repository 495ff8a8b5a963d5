import type { ApiPromise } from '@polkadot/api'
import type { Call, RuntimeDispatchInfo } from '@polkadot/types/interfaces'
import { ChainError } from './chain-error.ts'
import { EXTRINSIC_VERSION } from './polkadot-extrinsic.ts'

/**
 * The RPC `payment_queryInfo` is answered byte-swapped by some nodes (chopsticks), and `tx.paymentInfo()` asks for
 * nonce and head first. The runtime's own call is exact and one request: it wants the extrinsic as long as it will be,
 * so it gets one with a made-up signature.
 */
export async function partialFee(api: ApiPromise, call: Call, account: string): Promise<bigint> {
  const query = api.call['transactionPaymentApi']?.['queryInfo']
  if (query === undefined)
    throw new ChainError('not-supported', 'This chain does not tell what a transaction costs.')
  const extrinsic = api.registry.createType('Extrinsic', call, { version: EXTRINSIC_VERSION })
  extrinsic.signFake(account, {
    // Two bytes, as every mortal era.
    era: api.registry.createType('ExtrinsicEra', { current: 64, period: 64 }),
    nonce: 0,
    blockHash: api.genesisHash,
    genesisHash: api.genesisHash,
    runtimeVersion: api.runtimeVersion,
  })
  const bytes = extrinsic.toU8a()
  const info = (await query(bytes, bytes.length)) as RuntimeDispatchInfo
  return info.partialFee.toBigInt()
}
