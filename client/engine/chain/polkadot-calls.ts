import type { ApiPromise } from '@polkadot/api'
import type { SubmittableExtrinsicFunction } from '@polkadot/api/types'
import { hexText, parseHex } from '../../../shared/protocol/hex.ts'
import { ChainError } from './chain-error.ts'
import type { AccountHex, Call, ChainCalls } from './chain-port.ts'
import { transferCall } from './fix-transfer-name.ts'

/** Calls by the metadata of the chain that `api` is connected to. RangeError for what is no account or amount. */
export function polkadotCalls(api: ApiPromise): ChainCalls {
  const make = (
    name: string,
    found: SubmittableExtrinsicFunction<'promise'> | undefined,
    ...args: unknown[]
  ) => {
    if (found === undefined) throw new ChainError('not-supported', `This chain has no ${name}.`)
    return found(...args).method.toU8a()
  }
  const of = (pallet: string, method: string, ...args: unknown[]) =>
    make(`${pallet}.${method}`, api.tx[pallet]?.[method], ...args)
  const decoded = (call: Call) => api.registry.createType('Call', call)
  return {
    transferKeepAlive: (to, planck) => of('balances', 'transferKeepAlive', account(to), amount(planck)),
    transfer: (to, planck) => make('balances.transfer', transferCall(api), account(to), amount(planck)),
    transferAll: to => of('balances', 'transferAll', account(to), false),
    batchAll: calls => of('utility', 'batchAll', calls.map(decoded)),
    asMultiThreshold1: (other, call) => of('multisig', 'asMultiThreshold1', [account(other)], decoded(call)),
    // In hex: bytes would be read as SCALE, with a length before them.
    remarkWithEvent: remark => of('system', 'remarkWithEvent', hexText(remark)),
  }
}

/** polkadot-js would take shorter bytes, and names, for some account. */
function account(hex: AccountHex): AccountHex {
  if (parseHex(hex)?.length !== 32) throw new RangeError(`not an account: ${hex.slice(0, 80)}`)
  return hex
}

function amount(planck: bigint): bigint {
  if (planck < 0n || planck >= 2n ** 128n) throw new RangeError(`not an amount: ${planck}`)
  return planck
}
