import { parseHex } from '../../../../shared/protocol/hex.ts'
import { utf8Encode } from '../../../../shared/protocol/utf8.ts'
import { ChainError } from '../chain-error.ts'
import type { AccountHex, Block, BlockExtrinsic, BlockRef, ChainInfo, SubmitResult } from '../chain-port.ts'
import { decodeCall } from './memory-calls.ts'
import { MemoryLedger } from './memory-ledger.ts'
import {
  decodeExtrinsic,
  extrinsicHash,
  feeOfCall,
  MemoryPool,
  type PoolEntry,
  type PoolView,
  payloadOf,
} from './memory-pool.ts'
import { type MemoryNode, MemoryPort, type MemoryWorld } from './memory-port.ts'

export type MemoryChainOptions = {
  /** Blocks between the best and the finalised one; 3 unless told. */
  readonly finalityLag?: number
  /** planck; 1_000n unless told. */
  readonly existentialDeposit?: bigint
  /** planck of the smallest call; 100n unless told. See MemoryLedger. */
  readonly baseFee?: bigint
  /** Tells runs apart in every hash; two chains of the same salt are the same chain. */
  readonly salt?: string
  readonly info?: Partial<
    Pick<ChainInfo, 'symbol' | 'decimals' | 'ss58Prefix' | 'blockMs' | 'hasMultisig' | 'isLocal' | 'name'>
  >
  /** Asked at submission; unless given, any signature passes. */
  readonly verify?: (signer: AccountHex, payload: Uint8Array, signature: Uint8Array) => boolean
}

type Node = MemoryNode & { readonly entries: readonly PoolEntry[] }

/**
 * A chain in memory for tests of whatever uses a ChainPort: one world, any number of ports (`connect()`), each with a
 * connection of its own that can be cut. Time stands still: a block is made when the test says `produceBlock()`, and
 * ports tell their listeners before it returns. Money follows the runtime's rules: mortal eras, nonces (a dead
 * account's returns to 0), fees spent by failed dispatches, the existential deposit, batches that fail as a whole,
 * 1-of-2 multisigs, dust; refusals and unknowns are those of a node's pool.
 *
 * ```ts
 * const chain = new MemoryChain()
 * chain.credit(wallet, 1_000_000n)
 * const port = chain.connect()
 * await port.open()
 * const era = { birth: port.finalised(), period: 64 }
 * await port.submit((await port.sign(port.calls.transfer(payout, 5_000n), signer, { nonce: 0, era })).bytes)
 * chain.produceBlock()
 * ```
 *
 * Faults: `reorg`, `feeFactor`, `holdsTransactions`, `holdsFinality`, `answerNext` (the next submissions),
 * `pruneBelow`, `restart` (a new chain in its place), and per port `cut`, `mend`, `loseNextAnswer`.
 * Books: `credit` in, `ledger.burned` out (fees and dust), the rest is on accounts.
 */
export class MemoryChain implements MemoryWorld {
  readonly options: MemoryChainOptions
  /** Fees are this many times the usual: 1n. */
  feeFactor = 1n
  /** Blocks stay empty and the pool grows. */
  holdsTransactions = false
  holdsFinality = false
  /** Blocks below this number answer `state-pruned`. */
  pruneBelow = 0
  /** As nodes do for half an hour; without it a swept account's old transactions can be seen to work again. */
  bansIncluded = true
  #life = 0
  readonly #ports = new Set<MemoryPort>()
  readonly #pool = new MemoryPool()
  readonly #nodes = new Map<string, Node>()
  readonly #answers: SubmitResult[] = []
  readonly #included = new Set<string>()
  /** Canonical, by number. */
  #path: Node[] = []
  #finalised = 0
  #hashes = 0

  constructor(options: MemoryChainOptions = {}) {
    this.options = options
    this.#begin()
  }

  /** A connection of its own; nothing is known before `open()`. */
  connect(): MemoryPort {
    const port = new MemoryPort(this)
    this.#ports.add(port)
    return port
  }

  get best(): BlockRef {
    return this.#tip.block.block
  }

  get finalised(): BlockRef {
    return this.#at(this.#finalised).block.block
  }

  /** Accounts after the best block. */
  get ledger(): MemoryLedger {
    return this.#tip.ledger
  }

  /** Waiting for a block. */
  get pooled(): number {
    return this.#pool.entries.length
  }

  free(account: AccountHex): bigint {
    return this.ledger.account(account).free
  }

  /** Money from nowhere, in the best block's state. */
  credit(account: AccountHex, planck: bigint): void {
    this.ledger.credit(account, planck)
  }

  /** Takes what the pool has (at most `max` transactions), moves finality on and tells the ports. */
  produceBlock({ max = Number.POSITIVE_INFINITY }: { readonly max?: number } = {}): Block {
    const block = this.#append(this.holdsTransactions ? 0 : max)
    this.#tell()
    return block
  }

  produceBlocks(count: number): void {
    for (let made = 0; made < count; made++) this.produceBlock()
  }

  /**
   * The best `depth` blocks are retracted and `depth + 1` others take their place, empty but for the last; what was in
   * the retracted ones is in it, or is lost for good with `drops`. Told to ports as one move. RangeError below the
   * finalised block.
   */
  reorg(depth: number, { drops = false }: { readonly drops?: boolean } = {}): void {
    const fork = this.best.number - depth
    if (fork < this.#finalised) throw new RangeError('a final block is never retracted')
    const retracted = this.#path.slice(fork + 1)
    this.#path = this.#path.slice(0, fork + 1)
    for (const { hash } of retracted.flatMap(node => node.entries)) this.#included.delete(hash)
    if (!drops) this.#pool.putBack(retracted.flatMap(node => node.entries))
    for (let made = 0; made < depth; made++) this.#append(0)
    this.#append(this.holdsTransactions ? 0 : Number.POSITIVE_INFINITY)
    this.#tell()
  }

  /** The next submission, from whichever port, is answered so and goes no further. */
  answerNext(...answers: readonly SubmitResult[]): void {
    this.#answers.push(...answers)
  }

  /** Another chain in its place, without its accounts: open ports see a wrong chain. */
  restart(): void {
    this.#life += 1
    this.#pool.clear()
    this.#nodes.clear()
    this.#included.clear()
    this.#path = []
    this.#finalised = 0
    this.#begin()
    for (const port of this.#ports) port.follow()
  }

  /** @internal */
  info(): ChainInfo {
    const genesis = hash(`genesis ${this.options.salt ?? ''}`)
    const isLocal = this.options.info?.isLocal ?? true
    return {
      genesis,
      identity: isLocal ? `${genesis}/${this.#at(1).block.block.hash}` : genesis,
      name: 'Memory chain',
      symbol: 'MEM',
      decimals: 12,
      ss58Prefix: 42,
      existentialDeposit: this.options.existentialDeposit ?? 1_000n,
      blockMs: 2_000,
      hasMultisig: true,
      isLocal,
      ...this.options.info,
    }
  }

  /** @internal */
  submit(bytes: Uint8Array): SubmitResult {
    const answer = this.#answers.shift()
    if (answer !== undefined) return answer
    const extrinsic = decodeExtrinsic(bytes)
    const call = extrinsic === undefined ? undefined : parseHex(extrinsic.call)
    if (extrinsic === undefined || call === undefined)
      return { kind: 'refused', code: 'invalid', reason: 'no extrinsic' }
    const entry: PoolEntry = { hash: extrinsicHash(bytes), extrinsic, call }
    const { verify } = this.options
    const signature = parseHex(extrinsic.signature) ?? new Uint8Array()
    if (verify?.(extrinsic.signer, payloadOf(extrinsic), signature) === false)
      return { kind: 'refused', code: 'invalid', reason: 'bad signature' }
    const isBanned = this.bansIncluded && this.#included.has(entry.hash)
    return this.#pool.submit(entry, this.#view(this.ledger), isBanned)
  }

  /** @internal */
  feeOf(call: Uint8Array): bigint {
    return feeOfCall(call, { ledger: this.ledger, feeFactor: this.feeFactor })
  }

  /** @internal Also of retracted ones; undefined where nothing is known. */
  find(block: string): Node | undefined {
    return this.#nodes.get(block)
  }

  /** @internal Of the best chain. */
  hashAt(number: number): string | undefined {
    return this.#path[number]?.block.block.hash
  }

  /** @internal */
  forget(port: MemoryPort): void {
    this.#ports.delete(port)
  }

  get #tip(): Node {
    return this.#at(this.#path.length - 1)
  }

  #at(number: number): Node {
    const node = this.#path[number]
    if (node === undefined) throw new ChainError('no-such-block', `There is no block ${number}.`)
    return node
  }

  /** Block 0, and block 1 that tells a local chain's runs apart. */
  #begin(): void {
    const rules = {
      existentialDeposit: this.options.existentialDeposit ?? 1_000n,
      baseFee: this.options.baseFee ?? 100n,
    }
    const genesis = { number: 0, hash: hash(`genesis ${this.options.salt ?? ''}`) }
    this.#add(
      { block: { block: genesis, parent: '0x', extrinsics: [] }, entries: [] },
      new MemoryLedger(rules),
    )
    this.#append(0)
  }

  #add(node: Omit<Node, 'ledger'>, ledger: MemoryLedger): void {
    const whole = { ...node, ledger }
    this.#path.push(whole)
    this.#nodes.set(node.block.block.hash, whole)
  }

  #append(max: number): Block {
    const parent = this.best
    const ledger = this.ledger.clone()
    const view = this.#view(ledger)
    const entries: PoolEntry[] = []
    const extrinsics: BlockExtrinsic[] = []
    let index = 0
    const nextIndex = () => index++
    while (entries.length < max) {
      const entry = this.#pool.takeNext(view)
      if (entry === undefined) break
      const { signer, nonce } = entry.extrinsic
      const outcome = ledger.apply(
        decodeCall(entry.call),
        signer,
        feeOfCall(entry.call, { ...view, ledger }),
        nextIndex,
      )
      // The fee's and the result's own events.
      index += 2
      extrinsics.push({
        index: entries.length,
        hash: entry.hash,
        signer,
        nonce,
        call: entry.call,
        ...outcome,
      })
      entries.push(entry)
      this.#included.add(entry.hash)
    }
    this.#hashes += 1
    const number = parent.number + 1
    const name = hash(`${this.options.salt ?? ''}/${this.#life}/${number}/${this.#hashes}`)
    const block = { block: { number, hash: name }, parent: parent.hash, extrinsics }
    this.#add({ block, entries }, ledger)
    return block
  }

  #view(ledger: MemoryLedger): PoolView {
    return {
      ledger,
      nextBlock: this.best.number + 1,
      feeFactor: this.feeFactor,
      canonicalHash: number => this.hashAt(number),
    }
  }

  #tell(): void {
    const final = this.best.number - (this.options.finalityLag ?? 3)
    if (!this.holdsFinality) this.#finalised = Math.max(this.#finalised, final)
    for (const port of this.#ports) port.follow()
  }
}

function hash(text: string): string {
  return extrinsicHash(utf8Encode(text))
}
