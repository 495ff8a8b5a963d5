import type { Block, Loaded } from './chopsticks.ts'
import { bytesToHex, type Hex, hexToBytes, isHex } from './hex.ts'
import type { LocalChain } from './local-chain.ts'
import { RpcCode, RpcError } from './rpc-error.ts'
import type { RpcClient, RpcMethod, RpcMethods } from './rpc-method.ts'
import type { TxStatus, TxWatcher } from './tx-pool.ts'

/**
 * What chopsticks answers by itself, and at which index of the parameters a block's hash may stand. Not among them:
 * `chainHead_v1`, `transaction_v1` and `archive`, which know neither our finality nor our forks, and `dev`, which would
 * go behind them.
 */
const READS: Readonly<Record<string, number | undefined>> = {
  chain_getBlock: 0,
  chain_getHeader: 0,
  childstate_getKeysPaged: 4,
  childstate_getStorage: 2,
  payment_queryFeeDetails: 1,
  state_call: 2,
  state_getKeysPaged: 3,
  state_getMetadata: 0,
  state_getReadProof: 1,
  state_getRuntimeVersion: 0,
  state_getStorage: 1,
  state_getStorageAt: 1,
  state_queryStorageAt: 1,
  state_subscribeRuntimeVersion: undefined,
  state_subscribeStorage: undefined,
  state_unsubscribeRuntimeVersion: undefined,
  state_unsubscribeStorage: undefined,
  system_chain: undefined,
  system_chainType: undefined,
  system_dryRun: 1,
  system_health: undefined,
  system_localListenAddresses: undefined,
  system_localPeerId: undefined,
  system_name: undefined,
  system_nodeRoles: undefined,
  system_properties: undefined,
  system_version: undefined,
}

export type ChainMethodsDeps = {
  readonly chain: LocalChain
  readonly loaded: Loaded
  /** Throws RpcError when one more may not be submitted now. */
  readonly admit: () => void
}

/** The chain as clients know it: chopsticks' own answers, with our finality, forks and pool before them. */
export function chainMethods({ chain, loaded, admit }: ChainMethodsDeps): RpcMethods {
  const methods = new Map<string, RpcMethod>()
  const context = { chain: chain.blockchain } as Parameters<(typeof loaded.allHandlers)['system_chain']>[0]
  const handlers: Readonly<Record<string, unknown>> = loaded.allHandlers
  for (const [name, blockIndex] of Object.entries(READS)) {
    const handler = handlers[name]
    if (typeof handler !== 'function') throw new Error(`chopsticks has no ${name}`)
    methods.set(name, async (params, client) => {
      const hash = blockIndex === undefined ? undefined : params[blockIndex]
      if (hash !== undefined && hash !== null && !(typeof hash === 'string' && chain.knows(hash))) {
        if (name === 'chain_getBlock' || name === 'chain_getHeader') return null
        throw new RpcError(
          RpcCode.unknownBlock,
          `Client error: UnknownBlock: Header was not found in the database: ${String(hash).slice(0, 80)}`,
        )
      }
      return handler(context, params, {
        subscribe: client.subscribe.bind(client),
        unsubscribe: client.unsubscribe.bind(client),
      })
    })
  }
  let subscriptions = 0
  const nextId = (): string => `devchain-${++subscriptions}`

  const hashAt = (value: unknown): string | null => {
    if (value === undefined || value === null) return chain.best.hash
    const number = typeof value === 'string' ? Number(value) : value
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) throw badParams()
    return chain.hashAt(number) ?? null
  }
  const getBlockHash: RpcMethod = ([number]) => (Array.isArray(number) ? number.map(hashAt) : hashAt(number))
  methods.set('chain_getBlockHash', getBlockHash)
  methods.set('chain_getHead', getBlockHash)
  methods.set('chain_getFinalizedHead', () => chain.finalised.hash)

  const heads = (
    client: RpcClient,
    event: string,
    first: Block,
    listen: (send: (block: Block) => void) => () => void,
  ): string => {
    const id = nextId()
    let stop: () => void = () => {}
    const send = client.subscribe(event, id, () => stop())
    const sendHeader = (block: Block): void => void headerOf(block).then(send)
    // After the answer that tells the id.
    setImmediate(() => sendHeader(first))
    stop = listen(sendHeader)
    return id
  }
  const subscribeBest: RpcMethod = (_params, client) =>
    heads(client, 'chain_newHead', chain.best, send => chain.onBest(({ best }) => send(best)))
  const unsubscribe: RpcMethod = ([id], client) => client.unsubscribe(String(id))
  methods.set('chain_subscribeNewHead', subscribeBest)
  methods.set('chain_subscribeNewHeads', subscribeBest)
  methods.set('chain_subscribeAllHeads', (_params, client) =>
    heads(client, 'chain_allHead', chain.best, send =>
      chain.onBest(({ imported }) => {
        for (const block of imported) send(block)
      }),
    ),
  )
  methods.set('chain_subscribeFinalizedHeads', (_params, client) =>
    heads(client, 'chain_finalizedHead', chain.finalised, send => chain.onFinalised(send)),
  )
  for (const kind of ['NewHead', 'NewHeads', 'AllHeads', 'FinalizedHeads']) {
    methods.set(`chain_unsubscribe${kind}`, unsubscribe)
  }

  methods.set('author_submitExtrinsic', ([extrinsic]) => {
    admit()
    return chain.submit(extrinsicOf(extrinsic))
  })
  methods.set('author_submitAndWatchExtrinsic', async ([extrinsic], client) => {
    admit()
    const id = nextId()
    let send: (status: TxStatus) => void = () => {}
    const early: TxStatus[] = []
    const watcher: TxWatcher = status => {
      if (send === later) early.push(status)
      else send(status)
    }
    const later = (): void => {}
    send = later
    await chain.submit(extrinsicOf(extrinsic), watcher)
    const subscription = client.subscribe('author_extrinsicUpdate', id, () => {
      send = () => {}
    })
    setImmediate(() => {
      send = status => {
        subscription(status)
        if (isLast(status)) client.unsubscribe(id)
      }
      for (const status of early) send(status)
    })
    return id
  })
  methods.set('author_unwatchExtrinsic', unsubscribe)
  methods.set('author_pendingExtrinsics', () => chain.pool.waiting.map(({ extrinsic }) => extrinsic))

  methods.set('system_accountNextIndex', async ([address]) => {
    const head = chain.best
    const registry = await head.registry
    const account = registry.createType('AccountId', String(address)).toHex()
    const { result } = await head.call('AccountNonceApi_account_nonce', [account])
    let nonce = Buffer.from(hexToBytes(result)).readUInt32LE()
    // As nodes count: what waits in the pool, each nonce once, up to the first gap.
    const provided = new Set(chain.pool.waiting.flatMap(({ validity }) => validity.provides))
    while (provided.has(nonceTag(account, nonce))) nonce += 1
    return nonce
  })
  methods.set('account_nextIndex', (params, client) =>
    methods.get('system_accountNextIndex')?.(params, client),
  )

  methods.set('payment_queryInfo', async ([extrinsic, at]) => {
    const hash = at ?? chain.best.hash
    if (typeof hash !== 'string' || !chain.knows(hash)) throw badParams()
    const block = await chain.blockchain.getBlock(hash as Hex)
    if (block === undefined) throw badParams()
    const registry = await block.registry
    const bytes = hexToBytes(extrinsicOf(extrinsic))
    const { result } = await block.call('TransactionPaymentApi_query_info', [
      bytesToHex(bytes),
      registry.createType('u32', bytes.length).toHex(true),
    ])
    return dispatchInfo(result)
  })
  return methods
}

/** Of a block as subscriptions and `chain_getHeader` write it. */
async function headerOf(block: Block): Promise<object> {
  const { parentHash, number, stateRoot, extrinsicsRoot, digest } = await block.header
  return {
    parentHash: parentHash.toHex(),
    number: number.toHex(),
    stateRoot: stateRoot.toHex(),
    extrinsicsRoot: extrinsicsRoot.toHex(),
    digest: { logs: digest.logs.map(log => log.toHex()) },
  }
}

const DISPATCH_CLASSES = ['normal', 'operational', 'mandatory']

/** As nodes write it; chopsticks hands out the SCALE bytes (u64, u8, u128), whose fee clients read from the wrong end. */
function dispatchInfo(scale: Hex): object {
  const bytes = Buffer.from(scale.slice(2), 'hex')
  const partialFee = bytes.readBigUInt64LE(9) | (bytes.readBigUInt64LE(17) << 64n)
  return {
    weight: Number(bytes.readBigUInt64LE(0)),
    class: DISPATCH_CLASSES[bytes.readUInt8(8)],
    partialFee: partialFee.toString(),
  }
}

/** What a signed transaction provides: `(AccountId, u32)`, SCALE. */
function nonceTag(account: Hex, nonce: number): Hex {
  const index = Buffer.alloc(4)
  index.writeUInt32LE(nonce)
  return `${account}${index.toString('hex')}`
}

function extrinsicOf(value: unknown): Hex {
  if (!isHex(value) || value.length <= 2) throw badParams()
  return value
}

function isLast(status: TxStatus): boolean {
  if (typeof status === 'string') return status === 'invalid' || status === 'dropped'
  return 'finalized' in status || 'usurped' in status
}

function badParams(): RpcError {
  return new RpcError(RpcCode.invalidParams, 'Invalid params')
}
