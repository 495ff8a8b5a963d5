import { DEV_ACCOUNTS, DEV_ENDOWMENT_PLANCK } from './accounts.ts'
import { BlockClock } from './block-clock.ts'
import { chainMethods } from './chain-methods.ts'
import { type Loaded, loadChopsticks } from './chopsticks.ts'
import { DevchainError } from './devchain-error.ts'
import type { Hex } from './hex.ts'
import { LocalChain } from './local-chain.ts'
import { RpcCode, RpcError } from './rpc-error.ts'
import type { RpcMethods } from './rpc-method.ts'
import { RpcServer } from './rpc-server.ts'
import { SubmissionRate } from './submission-rate.ts'

export type DevchainOptions = {
  /** TCP port of 127.0.0.1; 0 takes any free one. A taken one is an error. */
  readonly port: number
  /** 2,000 by default; 0: blocks are made by hand (`newBlock`). An empty block takes 270 ms of a core. */
  readonly blockMs?: number
  /** How many blocks finality is behind: 3 by default. */
  readonly finalityLag?: number
  readonly signal?: AbortSignal
}

/** Two cores carry about six transfers a second; above this the answer is an error instead of a queue. */
const SUBMISSIONS_PER_SECOND = 4
const DEFAULT_BLOCK_MS = 2_000
const DEFAULT_FINALITY_LAG = 3

export type BlockId = { readonly number: number; readonly hash: string }

/** A running local Asset Hub. */
export interface Devchain {
  /** For `WsProvider`. */
  readonly wsUrl: string
  /** For `fetch`: one JSON-RPC request a POST. */
  readonly httpUrl: string
  /** The same constant in every run. */
  readonly genesis: string
  /** Hash of block 1: with `genesis` it tells this run from others. */
  readonly block1: string
  readonly best: BlockId
  readonly finalised: BlockId
  /** Adds play money to an account, at once. */
  fund(account: Hex, planck: bigint): Promise<void>
  newBlock(): Promise<BlockId>
  close(): Promise<void>
}

/** Starts it; ready to serve when resolved, with block 1 made. Throws DevchainError. */
export async function startDevchain(options: DevchainOptions): Promise<Devchain> {
  options.signal?.throwIfAborted()
  const { blockMs = DEFAULT_BLOCK_MS, finalityLag = DEFAULT_FINALITY_LAG } = options
  const loaded = await loadChopsticks()
  const devchain = new RunningDevchain(loaded, { port: options.port, blockMs, finalityLag })
  await devchain.start()
  if (options.signal?.aborted) {
    await devchain.close()
    options.signal.throwIfAborted()
  }
  options.signal?.addEventListener('abort', () => void devchain.close(), { once: true })
  return devchain
}

/** How many of this process use chopsticks' one executor. */
let running = 0

class RunningDevchain implements Devchain {
  readonly #loaded: Loaded
  readonly #finalityLag: number
  readonly #server: RpcServer
  readonly #clock: BlockClock
  readonly #rate = new SubmissionRate(SUBMISSIONS_PER_SECOND, () => performance.now())
  #chain: LocalChain | undefined
  #methods: RpcMethods = new Map()
  #isClosed = false

  constructor(loaded: Loaded, options: { port: number; blockMs: number; finalityLag: number }) {
    this.#loaded = loaded
    this.#finalityLag = options.finalityLag
    this.#server = new RpcServer(() => this.#methods, options.port)
    this.#clock = new BlockClock({ produce: () => this.#tick() }, options.blockMs)
  }

  async start(): Promise<void> {
    // The port first: it is the likeliest to be refused, and the chain takes two seconds.
    await this.#server.listen()
    running += 1
    try {
      await this.#begin()
    } catch (error) {
      await this.close()
      throw error
    }
    this.#clock.resume()
  }

  get wsUrl(): string {
    return `ws://127.0.0.1:${this.#server.port}`
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.#server.port}`
  }

  get genesis(): string {
    return this.#current.hashAt(0) ?? ''
  }

  get block1(): string {
    return this.#current.hashAt(1) ?? ''
  }

  get best(): BlockId {
    return idOf(this.#current.best)
  }

  get finalised(): BlockId {
    return idOf(this.#current.finalised)
  }

  fund(account: Hex, planck: bigint): Promise<void> {
    return this.#current.credit(account, planck)
  }

  async newBlock(): Promise<BlockId> {
    return idOf(await this.#current.produce())
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#clock.pause()
    await this.#server.stop()
    await this.#chain?.close()
    running -= 1
    if (running === 0) await this.#loaded.destroyWorker()
  }

  get #current(): LocalChain {
    if (this.#chain === undefined || this.#isClosed)
      throw new DevchainError('closed', 'The local chain is closed.')
    return this.#chain
  }

  async #begin(): Promise<void> {
    const chain = await LocalChain.create(this.#loaded, { finalityLag: this.#finalityLag })
    for (const account of Object.values(DEV_ACCOUNTS)) await chain.credit(account, DEV_ENDOWMENT_PLANCK)
    this.#chain = chain
    this.#methods = chainMethods({ chain, loaded: this.#loaded, admit: () => this.#admit() })
  }

  #admit(): void {
    if (this.#rate.take()) return
    throw new RpcError(
      RpcCode.immediatelyDropped,
      'Immediately Dropped',
      `The local chain takes ${SUBMISSIONS_PER_SECOND} transactions a second.`,
    )
  }

  async #tick(): Promise<void> {
    if (!this.#isClosed) await this.#chain?.produce()
  }
}

function idOf({ number, hash }: { readonly number: number; readonly hash: string }): BlockId {
  return { number, hash }
}
