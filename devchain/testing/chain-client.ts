import { ApiPromise, WsProvider } from '@polkadot/api'
import type { ApiOptions } from '@polkadot/api/types'
import { Keyring } from '@polkadot/keyring'

/** polkadot-js, as our own client uses it. */
export function connect(wsUrl: string): Promise<ApiPromise> {
  // Its declarations do not hold under exactOptionalPropertyTypes.
  const provider = new WsProvider(wsUrl, 200) as unknown as NonNullable<ApiOptions['provider']>
  return ApiPromise.create({ provider, noInitWarn: true })
}

/** Well-known development keys, `//Alice` …; more by any other path. */
export function devKey(path: string) {
  return new Keyring({ type: 'sr25519' }).addFromUri(path)
}

export type RpcAnswer = {
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data?: string }
}

/** One JSON-RPC request by POST. */
export async function post(
  httpUrl: string,
  method: string,
  params: readonly unknown[] = [],
): Promise<RpcAnswer> {
  const response = await fetch(httpUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  return (await response.json()) as RpcAnswer
}

/** `section.method` of the events of one extrinsic, or of the whole block. */
export async function eventsOf(
  api: ApiPromise,
  blockHash: string,
  extrinsicHash?: string,
): Promise<string[]> {
  const { block } = await api.rpc.chain.getBlock(blockHash)
  const index = block.extrinsics.findIndex(extrinsic => extrinsic.hash.toHex() === extrinsicHash)
  const records = await (await api.at(blockHash)).query.system.events()
  return records
    .filter(
      ({ phase }) =>
        extrinsicHash === undefined || (phase.isApplyExtrinsic && phase.asApplyExtrinsic.eqn(index)),
    )
    .map(({ event }) => `${event.section}.${event.method}`)
}

export async function freeOf(api: ApiPromise, account: string): Promise<bigint> {
  return (await api.query.system.account(account)).data.free.toBigInt()
}
