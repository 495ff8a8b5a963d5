import { decodeAddress } from '@polkadot/util-crypto'
import { DevchainError } from './devchain-error.ts'
import type { Devchain } from './devchain-port.ts'
import { bytesToHex, type Hex, isHex } from './hex.ts'
import { RpcCode, RpcError } from './rpc-error.ts'
import type { RpcMethod, RpcMethods } from './rpc-method.ts'

/** Longer than anything of ours has to sit out. */
const OUTAGE_MAX_MS = 600_000
/** 1,000 ROC a time: two hours at a price that nobody would pay. */
export const FAUCET_MAX_PLANCK = 1_000n * 10n ** 12n
/** A hundred such, so that a page in a loop does not fill the state. */
const FAUCET_CALLS_MAX = 100

export type FaucetMethodsDeps = {
  readonly devchain: Devchain
  /** planck; an account below it cannot be. */
  readonly existentialDeposit: bigint
  readonly info: object
}

/** What a page of the demo may ask: which chain this is, and play money. */
export function faucetMethods({ devchain, existentialDeposit, info }: FaucetMethodsDeps): RpcMethods {
  let calls = 0
  const faucet: RpcMethod = async ([address, planck]) => {
    const account = accountOf(address)
    const amount = planckOf(planck)
    if (amount < existentialDeposit || amount > FAUCET_MAX_PLANCK) {
      throw badParams(`The faucet gives ${existentialDeposit} to ${FAUCET_MAX_PLANCK} planck at a time.`)
    }
    if (calls >= FAUCET_CALLS_MAX) {
      throw badParams('The faucet of this run is empty: start the local chain again.')
    }
    calls += 1
    await devchain.fund(account, amount)
    return { account, planck: amount.toString() }
  }
  return new Map<string, RpcMethod>([
    [
      'devchain_info',
      () => ({
        ...info,
        genesis: devchain.genesis,
        block1: devchain.block1,
        faucetMaxPlanck: FAUCET_MAX_PLANCK.toString(),
      }),
    ],
    ['devchain_faucet', faucet],
  ])
}

/** What tests of pages may do to the chain, over the same port. Outages end by themselves: nobody could ask. */
export function switchMethods(devchain: Devchain): RpcMethods {
  const afterAnswer = (act: () => void): null => {
    setImmediate(act)
    return null
  }
  const methods: Record<string, RpcMethod> = {
    devchain_newBlock: () => devchain.newBlock(),
    devchain_pauseBlocks: () => devchain.pauseBlocks(),
    devchain_resumeBlocks: () => devchain.resumeBlocks(),
    devchain_delayBlocks: ([ms]) => devchain.delayBlocks(numberOf(ms, 0, OUTAGE_MAX_MS)),
    devchain_reorg: ([depth, extraBlocks = 1, isLosingTxs = false]) =>
      devchain.reorg(numberOf(depth, 1, 1_000), {
        extraBlocks: numberOf(extraBlocks, 0, 16),
        isLosingTxs: isLosingTxs === true,
      }),
    devchain_refuseNext: ([count, code, reason]) =>
      devchain.refuseNext(
        numberOf(count, 0, 1_000),
        numberOf(code, -100_000, 100_000),
        typeof reason === 'string' ? reason.slice(0, 200) : undefined,
      ),
    devchain_spikeFees: ([factor]) => {
      if (typeof factor !== 'number') throw badParams()
      return devchain.spikeFees(factor)
    },
    devchain_fund: ([account, planck]) => devchain.fund(accountOf(account), planckOf(planck)),
    devchain_dropRpc: ([ms]) => {
      const outageMs = numberOf(ms, 1, OUTAGE_MAX_MS)
      return afterAnswer(() => {
        devchain.dropRpc()
        setTimeout(() => devchain.restoreRpc(), outageMs).unref()
      })
    },
    devchain_restartAsNewChain: () => afterAnswer(() => void devchain.restartAsNewChain().catch(() => {})),
  }
  return new Map(
    Object.entries(methods).map(([name, method]): [string, RpcMethod] => [
      name,
      async (params, client) => {
        try {
          return await method(params, client)
        } catch (error) {
          throw error instanceof DevchainError ? badParams(error.message) : error
        }
      },
    ]),
  )
}

function accountOf(value: unknown): Hex {
  if (isHex(value) && value.length === 66) return value
  try {
    if (typeof value !== 'string' || value.length > 64) throw badParams()
    const id = decodeAddress(value)
    if (id.length !== 32) throw badParams()
    return bytesToHex(id)
  } catch {
    throw badParams('The account is 32 bytes in hex, or an address.')
  }
}

/** JSON has no bigint: a decimal string, or a number that is exact. */
function planckOf(value: unknown): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return BigInt(value)
  if (typeof value === 'string' && /^[1-9]\d{0,29}$/.test(value)) return BigInt(value)
  throw badParams('The amount is a whole number of planck, as a string of digits.')
}

function numberOf(value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
  throw badParams(`A whole number from ${min} to ${max} is needed.`)
}

function badParams(data?: string): RpcError {
  return new RpcError(RpcCode.invalidParams, 'Invalid params', data)
}
