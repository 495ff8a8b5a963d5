import { blake2AsHex } from '@polkadot/util-crypto'
import type { Block, Blockchain, Loaded } from './chopsticks.ts'
import { DevchainError } from './devchain-error.ts'
import { bytesToHex, type Hex } from './hex.ts'
import { RpcCode, RpcError } from './rpc-error.ts'
import { Serial } from './serial.ts'
import {
  accountKey,
  creditAccount,
  decodeU128,
  encodeU128,
  NEXT_FEE_MULTIPLIER,
  TOTAL_ISSUANCE,
} from './storage-item.ts'
import { type PooledTx, TxPool, type TxWatcher, tell } from './tx-pool.ts'
import { validate } from './tx-validity.ts'

/** Chopsticks forgets after 500 by default, and then answers for old heights as if nothing had happened in them. */
const BLOCKS_KEPT = 100_000
const POOL_MAX = 256
/** A clock of 2 s must hold: each takes 80 ms to apply. */
const TXS_PER_BLOCK_MAX = 16

export type LocalChainOptions = {
  /** How many blocks the finalised head is behind the best one; also the deepest re-org. */
  readonly finalityLag: number
}

export type BestChange = {
  readonly best: Block
  /** Oldest first, ending with `best`; several after a re-org. */
  readonly imported: readonly Block[]
  /** No longer under the best block, newest first. */
  readonly retracted: readonly Block[]
}

export type ReorgOptions = {
  /** By how much the new fork is higher than what it replaces. 1 by default. */
  readonly extraBlocks?: number
  /** Transactions of retracted blocks are forgotten, as when the pool of the node that saw them is gone. */
  readonly isLosingTxs?: boolean
}

/** Written into state outside of any block; made again when a re-org takes away the block that it was made on. */
type StatePatch = {
  number: number
  readonly patch: (read: (key: Hex) => Promise<Hex | undefined>) => Promise<readonly (readonly [Hex, Hex])[]>
}

/** One chain: its blocks, its pool, its finality. All that changes it happens one after another. */
export class LocalChain {
  readonly #loaded: Loaded
  readonly #serial = new Serial()
  readonly #pool = new TxPool(POOL_MAX)
  readonly #finalityLag: number
  /** By number: the chain under the best block. */
  readonly #canonical: Block[]
  readonly #known: Set<string>
  /** Of blocks that are not final yet. */
  readonly #included = new Map<string, PooledTx[]>()
  readonly #bestListeners = new Set<(change: BestChange) => void>()
  readonly #finalisedListeners = new Set<(block: Block) => void>()
  #patches: StatePatch[] = []
  /** Block 1 is final from the start: it names this run, and the header of genesis does not hash to genesis' hash. */
  #finalisedNumber = 1
  #forks = 0
  #normalMultiplier: bigint | undefined
  /** What chopsticks' own handlers take. */
  readonly blockchain: Blockchain

  private constructor(loaded: Loaded, blockchain: Blockchain, blocks: readonly Block[], finalityLag: number) {
    this.#loaded = loaded
    this.blockchain = blockchain
    this.#canonical = [...blocks]
    this.#known = new Set(blocks.map(block => block.hash))
    this.#finalityLag = finalityLag
  }

  /** Genesis and block 1, whose hash differs from run to run. */
  static async create(loaded: Loaded, { finalityLag }: LocalChainOptions): Promise<LocalChain> {
    const blockchain = await loaded.setup({
      genesis: new loaded.GenesisProvider(loaded.genesis),
      buildBlockMode: loaded.BuildBlockMode.Manual,
      maxMemoryBlockCount: BLOCKS_KEPT,
      runtimeLogLevel: 0,
    })
    const first = blockchain.head
    const genesis = await first.parentBlock
    if (genesis === undefined || genesis.number !== 0) throw new Error('the local chain did not begin at 0')
    return new LocalChain(loaded, blockchain, [genesis, first], finalityLag)
  }

  get genesis(): Block {
    return this.#at(0)
  }

  get first(): Block {
    return this.#at(1)
  }

  get best(): Block {
    return this.#at(this.#canonical.length - 1)
  }

  get finalised(): Block {
    return this.#at(this.#finalisedNumber)
  }

  get pool(): TxPool {
    return this.#pool
  }

  /** Of the chain under the best block; undefined above it. */
  hashAt(number: number): string | undefined {
    return this.#canonical[number]?.hash
  }

  /** Retracted ones too: chopsticks would take an unknown hash for another genesis. */
  knows(hash: string): boolean {
    return this.#known.has(hash)
  }

  onBest(listener: (change: BestChange) => void): () => void {
    this.#bestListeners.add(listener)
    return () => this.#bestListeners.delete(listener)
  }

  onFinalised(listener: (block: Block) => void): () => void {
    this.#finalisedListeners.add(listener)
    return () => this.#finalisedListeners.delete(listener)
  }

  /** planck */
  async existentialDeposit(): Promise<bigint> {
    const { consts } = await this.best.meta
    const deposit = consts['balances']?.['existentialDeposit']
    if (deposit === undefined) throw new Error('the runtime names no existential deposit')
    return BigInt(deposit.toString())
  }

  /** Puts an extrinsic into the pool; its hash. Throws RpcError as nodes do. */
  submit(extrinsic: Hex, watcher?: TxWatcher): Promise<Hex> {
    return this.#serial.run(async () => {
      const hash = blake2AsHex(extrinsic, 256)
      if (this.#pool.has(hash)) throw new RpcError(RpcCode.alreadyImported, 'Transaction Already Imported')
      const validity = await validate(this.blockchain, extrinsic)
      this.#pool.add({
        hash,
        extrinsic,
        validity,
        watchers: new Set(watcher === undefined ? [] : [watcher]),
      })
      return hash
    })
  }

  /** One block with what is ready in the pool. */
  produce(): Promise<Block> {
    return this.#serial.run(async () => {
      const txs = this.#pool.ready().slice(0, TXS_PER_BLOCK_MAX)
      const { block, included } = await this.#build(this.best, txs)
      await this.#adopt([block], [])
      this.#included.set(block.hash, included)
      for (const tx of included) {
        this.#pool.remove(tx)
        tell(tx, { inBlock: block.hash })
      }
      await this.#revalidate()
      return block
    })
  }

  /** Replaces the newest `depth` blocks by a fork of other blocks. Throws DevchainError `bad-option`. */
  reorg(depth: number, { extraBlocks = 1, isLosingTxs = false }: ReorgOptions = {}): Promise<BestChange> {
    return this.#serial.run(async () => {
      const root = this.best.number - depth
      if (!Number.isInteger(depth) || depth < 1 || root < this.#finalisedNumber) {
        throw new DevchainError(
          'bad-option',
          `A re-org takes 1 to ${this.best.number - this.#finalisedNumber} blocks now: deeper ones are final.`,
        )
      }
      const retracted = this.#canonical.slice(root + 1).reverse()
      const fork: Block[] = []
      let parent = this.#at(root)
      for (let index = 0; index < depth + extraBlocks; index++) {
        const block = index === 0 ? await this.#buildForkRoot(parent) : (await this.#build(parent, [])).block
        fork.push(block)
        parent = block
      }
      for (const patch of this.#patches) if (patch.number > root) patch.number = root + 1
      const change = await this.#adopt(fork, retracted)
      await this.#retract(retracted, isLosingTxs)
      return change
    })
  }

  /** Adds to an account's free balance, in the state of the best block: visible at once, kept through re-orgs. */
  credit(account: Hex, planck: bigint): Promise<void> {
    return this.#patch(async read => {
      const issued = decodeU128((await read(TOTAL_ISSUANCE)) ?? encodeU128(0n))
      const key = accountKey(account)
      return [
        [key, creditAccount(await read(key), planck)],
        [TOTAL_ISSUANCE, encodeU128(issued + planck)],
      ]
    })
  }

  /** The part of fees that pays for weight becomes `factor` times what it was before the first spike. */
  spikeFees(factor: number): Promise<void> {
    return this.#patch(async read => {
      this.#normalMultiplier ??= decodeU128((await read(NEXT_FEE_MULTIPLIER)) ?? encodeU128(10n ** 18n))
      const scaled = (this.#normalMultiplier * BigInt(Math.round(factor * 1_000))) / 1_000n
      return [[NEXT_FEE_MULTIPLIER, encodeU128(scaled)]]
    })
  }

  async close(): Promise<void> {
    await this.#serial.run(() => this.blockchain.close())
  }

  #at(number: number): Block {
    const block = this.#canonical[number]
    if (block === undefined) throw new Error(`the local chain has no block ${number}`)
    return block
  }

  #patch(patch: StatePatch['patch']): Promise<void> {
    return this.#serial.run(async () => {
      await apply(this.best, patch)
      this.#patches.push({ number: this.best.number, patch })
    })
  }

  async #build(
    parent: Block,
    txs: readonly PooledTx[],
  ): Promise<{ readonly block: Block; readonly included: PooledTx[] }> {
    const [block] = await this.#loaded.buildBlock(parent, this.blockchain.getInherents(), {
      transactions: txs.map(({ extrinsic }) => extrinsic),
      upwardMessages: {},
      downwardMessages: [],
      horizontalMessages: {},
    })
    const extrinsics = new Set(await block.extrinsics)
    return { block, included: txs.filter(({ extrinsic }) => extrinsics.has(extrinsic)) }
  }

  /** The same content on the same parent would have the same hash: a log in the header tells the forks apart. */
  async #buildForkRoot(parent: Block): Promise<Block> {
    const lost = this.#patches.filter(({ number }) => number > parent.number)
    // Seen by the fork, not by those who ask for the parent's own state.
    for (const { patch } of lost) await apply(parent, patch)
    const { block } = await this.#build(parent, [])
    const storage = parent.storage
    for (const _ of lost) parent.popStorageLayer()
    const registry = await parent.registry
    const header = await block.header
    const logs = header.digest.logs.filter(log => !log.isOther).map(log => log.toHex())
    this.#forks += 1
    const mark = registry.createType('DigestItem', { Other: bytesToHex(Buffer.from(`fork ${this.#forks}`)) })
    const marked = registry.createType('Header', {
      parentHash: header.parentHash,
      number: header.number,
      stateRoot: header.stateRoot,
      extrinsicsRoot: header.extrinsicsRoot,
      digest: { logs: [...logs, mark.toHex()] },
    })
    return new this.#loaded.Block(this.blockchain, block.number, marked.hash.toHex(), parent, {
      header: marked,
      extrinsics: await block.extrinsics,
      storage,
      storageDiff: await block.storageDiff(),
    })
  }

  async #adopt(imported: readonly Block[], retracted: readonly Block[]): Promise<BestChange> {
    // Chopsticks knows a block by its hash only once it has been the head.
    for (const block of imported) await this.blockchain.setHead(block)
    this.#canonical.splice(this.#canonical.length - retracted.length, retracted.length, ...imported)
    for (const { hash } of imported) this.#known.add(hash)
    const change = { best: this.best, imported, retracted }
    for (const listener of this.#bestListeners) listener(change)
    this.#finalise()
    return change
  }

  #finalise(): void {
    while (this.#finalisedNumber < this.best.number - this.#finalityLag) {
      this.#finalisedNumber += 1
      const block = this.finalised
      const hash = block.hash
      for (const tx of this.#included.get(hash) ?? []) tell(tx, { finalized: hash })
      this.#included.delete(hash)
      for (const listener of this.#finalisedListeners) listener(block)
    }
    this.#patches = this.#patches.filter(({ number }) => number > this.#finalisedNumber)
  }

  async #retract(blocks: readonly Block[], isLosingTxs: boolean): Promise<void> {
    const back: PooledTx[] = []
    for (const { hash } of [...blocks].reverse()) {
      for (const tx of this.#included.get(hash) ?? []) {
        tell(tx, { retracted: hash })
        if (isLosingTxs) tell(tx, 'dropped')
        else back.push(tx)
      }
      this.#included.delete(hash)
    }
    this.#pool.readmit(back)
    await this.#revalidate()
  }

  /** Nonces and eras move on with every block. */
  async #revalidate(): Promise<void> {
    for (const tx of this.#pool.waiting) {
      try {
        tx.validity = await validate(this.blockchain, tx.extrinsic)
      } catch (error) {
        if (!(error instanceof RpcError)) throw error
        this.#pool.remove(tx)
        tell(tx, 'invalid')
      }
    }
  }
}

async function apply(block: Block, patch: StatePatch['patch']): Promise<void> {
  const items = await patch(key => block.get(key))
  block.pushStorageLayer().setAll(items.map(([key, value]) => [key, value]))
}
