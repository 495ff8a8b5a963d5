import { DEV_ACCOUNTS, DEV_ENDOWMENT_PLANCK } from './accounts.ts'
import { BlockClock } from './block-clock.ts'
import { chainMethods } from './chain-methods.ts'
import type { Loaded } from './chopsticks.ts'
import { DevchainError } from './devchain-error.ts'
import type { BlockId, Devchain, Reorg } from './devchain-port.ts'
import { type Hex, isHex } from './hex.ts'
import { LocalChain, type ReorgOptions } from './local-chain.ts'
import { RpcCode, RpcError } from './rpc-error.ts'
import type { RpcMethods } from './rpc-method.ts'
import { RpcServer } from './rpc-server.ts'
import { Serial } from './serial.ts'
import { SubmissionRate } from './submission-rate.ts'
import { faucetMethods, switchMethods } from './switch-methods.ts'

const FEE_FACTOR_MAX = 1_000_000

export type RunningDevchainOptions = {
  readonly port: number
  readonly blockMs: number
  readonly finalityLag: number
  readonly submissionsPerSecond: number
  readonly hasSwitches: boolean
}

type Refusal = { left: number; readonly code: number; readonly reason: string | undefined }

/** How many of this process use chopsticks' one executor. */
let executorUsers = 0

/** The chain of now behind an address that outlives it. */
export class RunningDevchain implements Devchain {
  readonly #loaded: Loaded
  readonly #options: RunningDevchainOptions
  readonly #server: RpcServer
  readonly #clock: BlockClock
  readonly #rate: SubmissionRate
  #chain: LocalChain | undefined
  #methods: RpcMethods = new Map()
  #refusal: Refusal | undefined
  #closing: Promise<void> | undefined
  readonly #restarts = new Serial()

  constructor(loaded: Loaded, options: RunningDevchainOptions) {
    this.#loaded = loaded
    this.#options = options
    this.#server = new RpcServer(() => this.#methods, options.port)
    this.#rate = new SubmissionRate(options.submissionsPerSecond, () => performance.now())
    this.#clock = new BlockClock({ produce: () => this.#tick() }, options.blockMs)
  }

  async start(): Promise<void> {
    // The port first: it is the likeliest to be refused, and the chain takes two seconds.
    await this.#server.listen()
    executorUsers += 1
    try {
      this.#server.isDown = true
      await this.#begin()
      this.#server.isDown = false
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
    return this.#current.genesis.hash
  }

  get block1(): string {
    return this.#current.first.hash
  }

  get best(): BlockId {
    return idOf(this.#current.best)
  }

  get finalised(): BlockId {
    return idOf(this.#current.finalised)
  }

  async fund(account: Hex, planck: bigint): Promise<void> {
    if (!isHex(account) || account.length !== 66 || planck <= 0n) {
      throw new DevchainError(
        'bad-option',
        'Play money goes to an account of 32 bytes in hex, and is above 0.',
      )
    }
    await this.#current.credit(account, planck)
  }

  async newBlock(): Promise<BlockId> {
    return idOf(await this.#current.produce())
  }

  pauseBlocks(): void {
    this.#clock.pause()
  }

  resumeBlocks(): void {
    if (this.#closing === undefined) this.#clock.resume()
  }

  delayBlocks(ms: number): void {
    this.#clock.delay(ms)
  }

  async reorg(depth: number, options?: ReorgOptions): Promise<Reorg> {
    const { best, imported, retracted } = await this.#current.reorg(depth, options)
    return { best: idOf(best), imported: imported.map(idOf), retracted: retracted.map(idOf) }
  }

  refuseNext(count: number, code: number, reason?: string): void {
    this.#refusal = { left: count, code, reason }
  }

  async spikeFees(factor: number): Promise<void> {
    if (!(factor > 0 && factor <= FEE_FACTOR_MAX)) {
      throw new DevchainError(
        'bad-option',
        `Fees are multiplied by something above 0, up to ${FEE_FACTOR_MAX}.`,
      )
    }
    await this.#current.spikeFees(factor)
  }

  dropRpc(): void {
    this.#server.isDown = true
  }

  restoreRpc(): void {
    this.#server.isDown = false
  }

  restartAsNewChain(): Promise<void> {
    return this.#restarts.run(() => this.#restart(this.#current))
  }

  async #restart(old: LocalChain): Promise<void> {
    const wasRunning = this.#clock.isRunning
    this.#clock.pause()
    this.#server.isDown = true
    await old.close()
    this.#refusal = undefined
    await this.#begin()
    this.#server.isDown = false
    if (wasRunning) this.resumeBlocks()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#clock.pause()
    await this.#restarts.run(async () => {})
    this.#clock.pause()
    await this.#server.close()
    await this.#chain?.close()
    executorUsers -= 1
    if (executorUsers === 0) await this.#loaded.destroyWorker()
  }

  get #current(): LocalChain {
    if (this.#chain === undefined || this.#closing !== undefined)
      throw new DevchainError('closed', 'The local chain is closed.')
    return this.#chain
  }

  async #begin(): Promise<void> {
    const { blockMs, finalityLag, hasSwitches } = this.#options
    const chain = await LocalChain.create(this.#loaded, { finalityLag })
    for (const account of Object.values(DEV_ACCOUNTS)) await chain.credit(account, DEV_ENDOWMENT_PLANCK)
    this.#chain = chain
    const methods = new Map([
      ...chainMethods({ chain, loaded: this.#loaded, admit: () => this.#admit() }),
      ...faucetMethods({
        devchain: this,
        existentialDeposit: await chain.existentialDeposit(),
        info: { blockMs, finalityLag, hasSwitches },
      }),
      ...(hasSwitches ? switchMethods(this) : []),
    ])
    methods.set('rpc_methods', () => ({ methods: [...methods.keys()].sort() }))
    this.#methods = methods
  }

  #admit(): void {
    const refusal = this.#refusal
    if (refusal !== undefined && refusal.left > 0) {
      refusal.left -= 1
      const [message, data] = REFUSALS[refusal.code] ?? ['Refused on request']
      throw new RpcError(refusal.code, message, refusal.reason ?? data)
    }
    if (this.#rate.take()) return
    throw new RpcError(
      RpcCode.immediatelyDropped,
      'Immediately Dropped',
      `The local chain takes ${this.#options.submissionsPerSecond} transactions a second.`,
    )
  }

  async #tick(): Promise<void> {
    try {
      if (this.#closing === undefined) await this.#chain?.produce()
    } catch (error) {
      if (this.#closing === undefined)
        process.emitWarning(`The local chain could not make a block: ${String(error)}`)
    }
  }
}

/** In the words of Substrate's nodes. */
const REFUSALS: Readonly<Record<number, readonly [string, string?]>> = {
  [RpcCode.invalidTransaction]: [
    'Invalid Transaction',
    'Inability to pay some fees (e.g. account balance too low)',
  ],
  [RpcCode.unknownValidity]: ['Unknown Transaction Validity'],
  [RpcCode.temporarilyBanned]: ['Transaction is temporarily banned'],
  [RpcCode.alreadyImported]: ['Transaction Already Imported'],
  [RpcCode.tooLowPriority]: [
    'Priority is too low: (0 vs 0)',
    'The transaction has too low priority to replace another transaction already in the pool.',
  ],
  [RpcCode.immediatelyDropped]: ['Immediately Dropped'],
}

function idOf({ number, hash }: { readonly number: number; readonly hash: string }): BlockId {
  return { number, hash }
}
