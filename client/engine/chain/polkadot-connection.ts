import type { ApiPromise, WsProvider } from '@polkadot/api'
import type { ApiOptions } from '@polkadot/api/types'
import type { u128 } from '@polkadot/types'
import type { AccountInfo, Header } from '@polkadot/types/interfaces'
import { hexText, parseHex } from '../../../shared/protocol/hex.ts'
import { ChainError } from './chain-error.ts'
import type { AccountHex, Balance, Block, ChainInfo } from './chain-port.ts'
import { BLOCK_TIME_SAMPLE, blockTimeMs } from './fix-block-time.ts'
import type { Head } from './head-path.ts'
import { decodeBlock } from './polkadot-block.ts'
import { chainErrorOf } from './rpc-failure.ts'

/** Of a request; public nodes answer within two. */
const REQUEST_MS = 20_000
/** Metadata of half a megabyte over a slow line. */
const CONNECT_MS = 30_000
const SYMBOL_MAX_CHARS = 12
const NAME_MAX_CHARS = 64

export type HeadKind = 'best' | 'finalised'

export type ConnectionDeps = {
  /** By genesis hash and runtime version: half a megabyte that need not be fetched at each reconnection. */
  readonly metadata: Record<string, `0x${string}`>
  readonly onHead: (kind: HeadKind, head: Head) => void
  readonly onLost: (reason: string) => void
}

/** One endpoint, connected and known; it never reconnects, its owner makes another. All methods throw ChainError. */
export class PolkadotConnection {
  readonly endpoint: string
  readonly api: ApiPromise
  readonly #provider: WsProvider

  private constructor(endpoint: string, api: ApiPromise, provider: WsProvider) {
    this.endpoint = endpoint
    this.api = api
    this.#provider = provider
  }

  /** Loads polkadot-js, dials, fetches metadata. Throws ChainError('chain-down'), or the signal's reason. */
  static async open(
    endpoint: string,
    deps: ConnectionDeps,
    signal: AbortSignal,
  ): Promise<PolkadotConnection> {
    const { ApiPromise, WsProvider } = await import('@polkadot/api')
    signal.throwIfAborted()
    const provider = new WsProvider(endpoint, false, {}, REQUEST_MS)
    const lost = new Promise<never>((_resolve, reject) => {
      const fail = (reason: string) => reject(new ChainError('chain-down', `${endpoint}: ${reason}`))
      const timer = setTimeout(() => fail('no answer in time'), CONNECT_MS)
      provider.on('connected', () => clearTimeout(timer))
      provider.on('disconnected', () => fail('the connection was closed'))
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    lost.catch(() => {})
    try {
      const connected = new Promise<void>(resolve => void provider.on('connected', () => resolve()))
      // An EventEmitter throws what nobody listens to; the close that follows says the same.
      provider.on('error', () => {})
      await Promise.race([provider.connect(), lost])
      await Promise.race([connected, lost])
      const options = { provider, noInitWarn: true, throwOnConnect: true, metadata: deps.metadata }
      // Its types were not made for exactOptionalPropertyTypes.
      const api = new ApiPromise(options as ApiOptions)
      await Promise.race([api.isReadyOrError, lost, late(CONNECT_MS, endpoint)])
      const name = `${api.genesisHash.toHex()}-${api.runtimeVersion.specVersion.toString()}`
      deps.metadata[name] = api.runtimeMetadata.toHex()
      const connection = new PolkadotConnection(endpoint, api, provider)
      provider.on('disconnected', () => deps.onLost('the connection was closed'))
      return connection
    } catch (error) {
      await provider.disconnect().catch(() => {})
      throw signal.aborted ? signal.reason : chainErrorOf(error)
    }
  }

  /** Starts `onHead` for both kinds. */
  async follow(deps: Pick<ConnectionDeps, 'onHead'>): Promise<void> {
    const on = (type: string, method: string, kind: HeadKind) =>
      this.#provider.subscribe(type, method, [], (_error, header: unknown) => {
        try {
          deps.onHead(kind, this.#head(header))
        } catch {
          // A head that cannot be read is skipped; the next one tells the same.
        }
      })
    try {
      await on('chain_newHead', 'chain_subscribeNewHeads', 'best')
      await on('chain_finalizedHead', 'chain_subscribeFinalizedHeads', 'finalised')
    } catch (error) {
      throw chainErrorOf(error)
    }
  }

  async request(method: string, ...params: readonly unknown[]): Promise<unknown> {
    try {
      return await this.#provider.send(method, [...params])
    } catch (error) {
      throw chainErrorOf(error)
    }
  }

  /** As `request`, but rejects with what polkadot-js says: its code tells a node's answer from silence. */
  submit(extrinsic: Uint8Array): Promise<unknown> {
    return this.#provider.send('author_submitExtrinsic', [hexText(extrinsic)])
  }

  async head(hash: string): Promise<Head> {
    const header = await this.request('chain_getHeader', hash)
    if (header === null) throw new ChainError('no-such-block', 'The chain’s node does not know that block.')
    return this.#head(header)
  }

  async bestHead(): Promise<Head> {
    return this.head(String(await this.request('chain_getBlockHash')))
  }

  async finalisedHead(): Promise<Head> {
    return this.head(String(await this.request('chain_getFinalizedHead')))
  }

  async hashAt(number: number): Promise<string | undefined> {
    const hash = await this.request('chain_getBlockHash', number)
    return typeof hash === 'string' ? hash : undefined
  }

  async block(hash: string): Promise<Block> {
    const { head, extrinsics } = await this.#body(hash)
    const [registry, events] = await Promise.all([
      this.api.getBlockRegistry(parseHash(hash)).catch((error: unknown) => {
        throw chainErrorOf(error)
      }),
      this.#storage(this.#key('system', 'events'), hash),
    ])
    try {
      return decodeBlock(registry.registry, { block: head.block, parent: head.parent, extrinsics, events })
    } catch (error) {
      if (error instanceof ChainError) throw error
      throw new ChainError('bad-answer', `Block ${head.block.number} of the chain cannot be read.`, {
        cause: error,
      })
    }
  }

  /** The block number is read with it: a node without that block's state would answer "nothing there". */
  async balance(account: AccountHex, at: string): Promise<Balance> {
    const [raw, number] = await Promise.all([
      this.#storage(this.#key('system', 'account', account), at),
      this.#storage(this.#key('system', 'number'), at),
    ])
    if (number === undefined)
      throw new ChainError(
        'state-pruned',
        'The chain’s node no longer has the state of that block. Name an archive node.',
      )
    if (raw === undefined) return { free: 0n, reserved: 0n, nonce: 0 }
    const info = this.api.registry.createType('AccountInfo', raw) as AccountInfo
    return {
      free: info.data.free.toBigInt(),
      reserved: info.data.reserved.toBigInt(),
      nonce: info.nonce.toNumber(),
    }
  }

  async info(): Promise<ChainInfo> {
    const { api } = this
    const genesis = api.genesisHash.toHex()
    const isLocal = await this.#isLocal()
    const existentialDeposit = api.consts['balances']?.['existentialDeposit']
    if (existentialDeposit === undefined)
      throw new ChainError('not-supported', 'This chain has no balances: nothing can be paid on it.')
    return {
      genesis,
      identity: isLocal ? `${genesis}/${await this.#firstBlock()}` : genesis,
      name: printable(api.runtimeChain.toString(), NAME_MAX_CHARS),
      symbol: printable(api.registry.chainTokens[0] ?? 'UNIT', SYMBOL_MAX_CHARS),
      decimals: api.registry.chainDecimals[0] ?? 0,
      ss58Prefix: api.registry.chainSS58 ?? 42,
      existentialDeposit: (existentialDeposit as u128).toBigInt(),
      blockMs: await this.#blockMs(isLocal),
      hasMultisig: api.tx['multisig'] !== undefined && api.tx['utility'] !== undefined,
      isLocal,
    }
  }

  async close(): Promise<void> {
    // Not api.disconnect(): it waits for unsubscriptions that a dead socket never answers.
    await this.#provider.disconnect().catch(() => {})
  }

  async #body(hash: string): Promise<{ head: Head; extrinsics: string[] }> {
    const answer = (await this.request('chain_getBlock', hash)) as {
      block?: { header?: unknown; extrinsics?: unknown }
    } | null
    if (answer === null) throw new ChainError('no-such-block', 'The chain’s node does not know that block.')
    const { header, extrinsics } = answer.block ?? {}
    const isText = Array.isArray(extrinsics) && extrinsics.every(item => typeof item === 'string')
    if (!isText) throw new ChainError('bad-answer', 'The chain sent a block that cannot be read.')
    return { head: this.#head(header), extrinsics }
  }

  #key(pallet: string, item: string, ...args: readonly string[]): string {
    const entry = this.api.query[pallet]?.[item]
    if (entry === undefined) throw new ChainError('not-supported', `This chain has no ${pallet}.${item}.`)
    return entry.key(...args)
  }

  async #storage(key: string, at: string): Promise<string | undefined> {
    const value = await this.request('state_getStorage', key, at)
    return typeof value === 'string' ? value : undefined
  }

  #head(header: unknown): Head {
    try {
      const read = this.api.registry.createType('Header', header) as Header
      return {
        block: { number: read.number.toNumber(), hash: read.hash.toHex() },
        parent: read.parentHash.toHex(),
      }
    } catch (error) {
      throw new ChainError('bad-answer', 'The chain sent a block that cannot be read.', { cause: error })
    }
  }

  /** Only the local chain's front has methods of that name. */
  async #isLocal(): Promise<boolean> {
    const answer = (await this.request('rpc_methods')) as { methods?: unknown }
    return Array.isArray(answer.methods) && answer.methods.some(name => String(name).startsWith('devchain_'))
  }

  /** The local chain serves nobody before it is made. */
  async #firstBlock(): Promise<string> {
    const found = await this.hashAt(1)
    if (found === undefined) throw new ChainError('chain-down', 'The local chain has no block yet.')
    return found
  }

  /** The local chain's own clock runs twelve seconds a block whatever its blocks take; its front knows. */
  async #blockMs(isLocal: boolean): Promise<number> {
    if (isLocal) {
      const answer = (await this.request('devchain_info').catch(() => undefined)) as
        | { blockMs?: unknown }
        | undefined
      if (typeof answer?.blockMs === 'number' && answer.blockMs > 0) return answer.blockMs
      return blockTimeMs(this.api, undefined)
    }
    const best = await this.bestHead()
    const before = await this.hashAt(Math.max(1, best.block.number - BLOCK_TIME_SAMPLE))
    if (before === undefined) return blockTimeMs(this.api, undefined)
    const blocks = Math.min(BLOCK_TIME_SAMPLE, best.block.number - 1)
    const now = this.#key('timestamp', 'now')
    const [late, early] = await Promise.all(
      [best.block.hash, before].map(async at => this.#storage(now, at).catch(() => undefined)),
    )
    if (late === undefined || early === undefined) return blockTimeMs(this.api, undefined)
    const moment = (bytes: string) => Number(this.api.registry.createType('u64', bytes).toString())
    return blockTimeMs(this.api, { blocks, ms: moment(late) - moment(early) })
  }
}

/** A chain's own words: shown on screen, so short and without control characters. */
function printable(text: string, maxChars: number): string {
  return text.replace(/\p{C}/gu, '').slice(0, maxChars)
}

function parseHash(hash: string): Uint8Array {
  const bytes = parseHex(hash)
  if (bytes?.length !== 32) throw new ChainError('no-such-block', 'That is no hash of a block.')
  return bytes
}

function late(ms: number, endpoint: string): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(new ChainError('chain-down', `${endpoint}: no answer in time`)), ms)
  })
}
