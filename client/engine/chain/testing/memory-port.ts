import { hexText } from '../../../../shared/protocol/hex.ts'
import { TypedEmitter } from '../../typed-emitter.ts'
import { ChainError } from '../chain-error.ts'
import type {
  AccountHex,
  AtOptions,
  Balance,
  Block,
  BlockRef,
  Call,
  ChainCalls,
  ChainEvents,
  ChainInfo,
  ChainPort,
  ChainState,
  Era,
  Extrinsic,
  ExtrinsicSigner,
  SubmitResult,
} from '../chain-port.ts'
import { memoryCalls } from './memory-calls.ts'
import type { MemoryLedger } from './memory-ledger.ts'
import { encodeExtrinsic, extrinsicHash, lastBlockOf, payloadOf } from './memory-pool.ts'

type Signalled = { readonly signal?: AbortSignal }

export type MemoryNode = {
  readonly block: Block
  /** After the block. */
  readonly ledger: MemoryLedger
}

/** What a port sees of its chain. */
export interface MemoryWorld {
  readonly best: BlockRef
  readonly finalised: BlockRef
  readonly pruneBelow: number
  info(): ChainInfo
  submit(bytes: Uint8Array): SubmitResult
  feeOf(call: Call): bigint
  find(hash: string): MemoryNode | undefined
  hashAt(number: number): string | undefined
  forget(port: MemoryPort): void
}

/** One connection to a MemoryChain. Make it with `chain.connect()`. */
export class MemoryPort implements ChainPort {
  readonly #chain: MemoryWorld
  readonly #events = new TypedEmitter<ChainEvents>()
  #state: ChainState = { kind: 'idle' }
  #info: ChainInfo | undefined
  #best: BlockRef | undefined
  #finalised: BlockRef | undefined
  #cut: string | undefined
  #lostAnswer: 'before' | 'after' | undefined
  #isClosed = false

  constructor(chain: MemoryWorld) {
    this.#chain = chain
  }

  /** The connection breaks: requests are refused and blocks pass unseen, until `mend`. */
  cut(reason = 'the connection was cut'): void {
    this.#cut = reason
    if (this.#info !== undefined) this.#move({ kind: 'down', reason, sinceMs: 0 })
  }

  /** One `best` and one `finalised` event tell what was missed. */
  mend(): void {
    this.#cut = undefined
    if (this.#info === undefined) return
    if (this.#isSameChain()) this.#move({ kind: 'ready', endpoint: 'memory', info: this.#info })
    this.follow()
  }

  /** The next submission gets no answer: the node had not got it ('before'), or had ('after'). */
  loseNextAnswer(when: 'before' | 'after'): void {
    this.#lostAnswer = when
  }

  get state(): ChainState {
    return this.#state
  }

  get calls(): ChainCalls {
    this.#ready()
    return memoryCalls
  }

  on<Name extends keyof ChainEvents>(name: Name, listener: (payload: ChainEvents[Name]) => void): () => void {
    return this.#events.on(name, listener)
  }

  async open({ signal }: Signalled = {}): Promise<ChainInfo> {
    signal?.throwIfAborted()
    if (this.#isClosed) throw new ChainError('not-open', 'This connection to the chain was closed.')
    if (this.#info !== undefined) return this.#ready()
    if (this.#cut !== undefined) {
      this.#move({ kind: 'down', reason: this.#cut, sinceMs: 0 })
      throw down(this.#cut)
    }
    this.#info = this.#chain.info()
    this.#best = this.#chain.best
    this.#finalised = this.#chain.finalised
    this.#move({ kind: 'ready', endpoint: 'memory', info: this.#info })
    return this.#info
  }

  best(): BlockRef | undefined {
    return this.#best
  }

  finalised(): BlockRef | undefined {
    return this.#finalised
  }

  async balance(account: AccountHex, { at, signal }: AtOptions = {}): Promise<Balance> {
    this.#ready(signal)
    const { free, nonce } = this.#node(at ?? this.#chain.best.hash).ledger.account(account)
    return { free, reserved: 0n, nonce }
  }

  async block(hash: string, { signal }: Signalled = {}): Promise<Block> {
    this.#ready(signal)
    return this.#node(hash).block
  }

  async blockHash(number: number, { signal }: Signalled = {}): Promise<string> {
    this.#ready(signal)
    const hash = this.#chain.hashAt(number)
    if (hash === undefined) throw new ChainError('no-such-block', `The chain has no block ${number} yet.`)
    return hash
  }

  async fee(call: Call, _account: AccountHex, { signal }: Signalled = {}): Promise<bigint> {
    this.#ready(signal)
    return this.#chain.feeOf(call)
  }

  async sign(
    call: Call,
    signer: ExtrinsicSigner,
    { nonce, era, signal }: { readonly nonce: number; readonly era: Era } & Signalled,
  ): Promise<Extrinsic> {
    signal?.throwIfAborted()
    const unsigned = {
      signer: signer.account,
      nonce,
      birth: era.birth,
      period: era.period,
      call: hexText(call),
    }
    const signature = hexText(await signer.sign(payloadOf(unsigned)))
    const bytes = encodeExtrinsic({ ...unsigned, signature })
    return { bytes, hash: extrinsicHash(bytes), lastBlock: lastBlockOf(era.birth, era.period) }
  }

  async submit(extrinsic: Uint8Array, { signal }: Signalled = {}): Promise<SubmitResult> {
    this.#ready(signal)
    const lost = this.#lostAnswer
    this.#lostAnswer = undefined
    if (lost === 'before') return LOST
    const result = this.#chain.submit(extrinsic)
    return lost === 'after' ? LOST : result
  }

  submission(extrinsic: Uint8Array): { readonly url: string; readonly body: string } {
    return { url: 'memory:', body: hexText(extrinsic) }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#chain.forget(this)
    this.#move({ kind: 'idle' })
    this.#events.removeAllListeners()
  }

  /** @internal The chain moved. */
  follow(): void {
    if (this.#cut !== undefined || this.#info === undefined || this.#isClosed) return
    if (!this.#isSameChain()) {
      this.#move({ kind: 'wrong-chain', expected: this.#info.identity, found: this.#chain.info().identity })
      return
    }
    const { best, finalised } = this.#chain
    if (best.hash !== this.#best?.hash) {
      const retracted = this.#retractedBy()
      this.#best = best
      this.#events.emit('best', { block: best, retracted })
    }
    if (finalised.hash !== this.#finalised?.hash) {
      this.#finalised = finalised
      this.#events.emit('finalised', finalised)
    }
  }

  /** Those this port had under its best block that are not canonical any more. */
  #retractedBy(): BlockRef[] {
    const retracted: BlockRef[] = []
    let at = this.#best
    while (at !== undefined && this.#chain.hashAt(at.number) !== at.hash) {
      retracted.push(at)
      at = this.#chain.find(this.#chain.find(at.hash)?.block.parent ?? '')?.block.block
    }
    return retracted
  }

  #isSameChain(): boolean {
    return this.#chain.info().identity === this.#info?.identity
  }

  #node(hash: string) {
    const node = this.#chain.find(hash)
    if (node === undefined) throw new ChainError('no-such-block', 'The chain has no such block.')
    if (node.block.block.number < this.#chain.pruneBelow)
      throw new ChainError('state-pruned', 'The node no longer has the state of that block.')
    return node
  }

  #ready(signal?: AbortSignal): ChainInfo {
    signal?.throwIfAborted()
    if (this.#isClosed || this.#info === undefined)
      throw new ChainError('not-open', 'The connection to the chain is not open.')
    if (this.#state.kind === 'wrong-chain')
      throw new ChainError('wrong-chain', 'Another chain has taken the place of the one this was opened on.')
    if (this.#cut !== undefined) throw down(this.#cut)
    return this.#info
  }

  #move(state: ChainState): void {
    this.#state = state
    this.#events.emit('state', state)
  }
}

const LOST: SubmitResult = { kind: 'unknown', reason: 'the connection broke before the answer came' }

function down(reason: string): ChainError {
  return new ChainError('chain-down', `The chain cannot be reached: ${reason}.`)
}
