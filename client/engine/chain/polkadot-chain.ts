import { TypedEmitter } from '../typed-emitter.ts'
import { checkEndpoint, httpEndpoint, submissionBody } from './chain-endpoint.ts'
import { ChainError, wrongChain } from './chain-error.ts'
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
} from './chain-port.ts'
import { EndpointRing } from './endpoint-ring.ts'
import { partialFee } from './fix-payment-info.ts'
import { type Head, HeadPath } from './head-path.ts'
import { polkadotCalls } from './polkadot-calls.ts'
import type { HeadKind, PolkadotConnection } from './polkadot-connection.ts'
import { extrinsicHash, signExtrinsic } from './polkadot-extrinsic.ts'
import { poolAnswer } from './pool-answer.ts'
import { chainErrorOf, rpcCodeOf } from './rpc-failure.ts'
import { withSignal } from './with-signal.ts'

export type PolkadotChainOptions = {
  /** `ws:` or `wss:`, in the order they are tried; at least one. */
  readonly endpoints: readonly string[]
  /** Whoever serves another is passed over; without it the first one that answers decides. */
  readonly expected?: { readonly genesis?: string; readonly identity?: string }
}

export type PolkadotChainDeps = {
  /** ms, monotonic. */
  readonly now?: () => number
}

type Signalled = { readonly signal?: AbortSignal }

/** So many extrinsics of ours are remembered, for what a refusal of them means. */
const SIGNED_KEPT = 256

/**
 * ChainPort over polkadot-js, which is loaded by `open()`. One endpoint at a time; when it is lost the next one takes
 * over, and blocks that passed meanwhile are told as one move. Throws ChainError('bad-endpoint') for an address that
 * is none.
 */
export class PolkadotChain implements ChainPort {
  readonly #ring: EndpointRing
  readonly #events = new TypedEmitter<ChainEvents>()
  readonly #closing = new AbortController()
  readonly #path = new HeadPath({
    header: hash => this.#live().head(hash),
    hashAt: number => this.#live().hashAt(number),
  })
  /** Last blocks of extrinsics signed here, by hash. */
  readonly #signed = new Map<string, number>()
  #state: ChainState = { kind: 'idle' }
  #info: ChainInfo | undefined
  /** Kept when the connection is lost: calls and signatures need no request. */
  #last: PolkadotConnection | undefined
  #calls: ChainCalls | undefined
  #finalised: BlockRef | undefined
  #heads: Partial<Record<HeadKind, Head>> = {}
  #isMoving = false

  constructor(options: PolkadotChainOptions, deps: PolkadotChainDeps = {}) {
    const { expected } = options
    const now = deps.now ?? (() => performance.now())
    this.#ring = new EndpointRing(options.endpoints.map(checkEndpoint), {
      signal: this.#closing.signal,
      expected: () => (this.#info === undefined ? expected : { identity: this.#info.identity }),
      onHead: (kind, head) => this.#onHead(kind, head),
      onConnecting: endpoint => this.#move({ kind: 'connecting', endpoint }),
      onReady: (connection, info, best, finalised) => this.#onReady(connection, info, best, finalised),
      onDown: reason => this.#move({ kind: 'down', reason, sinceMs: now() }),
      onWrongChain: (wanted, found) => this.#move({ kind: 'wrong-chain', expected: wanted, found }),
    })
  }

  get state(): ChainState {
    return this.#state
  }

  get calls(): ChainCalls {
    if (this.#calls === undefined) throw notOpen()
    return this.#calls
  }

  on<Name extends keyof ChainEvents>(name: Name, listener: (payload: ChainEvents[Name]) => void): () => void {
    return this.#events.on(name, listener)
  }

  async open({ signal }: Signalled = {}): Promise<ChainInfo> {
    signal?.throwIfAborted()
    if (this.#closing.signal.aborted) throw notOpen()
    if (this.#state.kind === 'ready') return this.#state.info
    await withSignal(this.#ring.connect(), signal)
    if (this.#info === undefined) throw notOpen()
    return this.#info
  }

  best(): BlockRef | undefined {
    return this.#path.best
  }

  finalised(): BlockRef | undefined {
    return this.#finalised
  }

  balance(account: AccountHex, { at, signal }: AtOptions = {}): Promise<Balance> {
    return this.#ask(async chain => chain.balance(account, at ?? (await chain.bestHead()).block.hash), signal)
  }

  block(hash: string, { signal }: Signalled = {}): Promise<Block> {
    return this.#ask(chain => chain.block(hash), signal)
  }

  async blockHash(number: number, { signal }: Signalled = {}): Promise<string> {
    const hash = await this.#ask(chain => chain.hashAt(number), signal)
    if (hash === undefined) throw new ChainError('no-such-block', `The chain has no block ${number} yet.`)
    return hash
  }

  fee(call: Call, account: AccountHex, { signal }: Signalled = {}): Promise<bigint> {
    return this.#ask(async ({ api }) => {
      try {
        return await partialFee(api, api.registry.createType('Call', call), account)
      } catch (error) {
        throw chainErrorOf(error)
      }
    }, signal)
  }

  async sign(
    call: Call,
    signer: ExtrinsicSigner,
    { nonce, era, signal }: { readonly nonce: number; readonly era: Era } & Signalled,
  ): Promise<Extrinsic> {
    signal?.throwIfAborted()
    if (this.#last === undefined) throw notOpen()
    if (this.#state.kind === 'wrong-chain') this.#live()
    const extrinsic = await withSignal(signExtrinsic(this.#last.api, call, signer, { nonce, era }), signal)
    this.#signed.set(extrinsic.hash, extrinsic.lastBlock)
    const [oldest] = this.#signed.keys()
    if (this.#signed.size > SIGNED_KEPT && oldest !== undefined) this.#signed.delete(oldest)
    return extrinsic
  }

  /** Once the request is on its way, whatever goes wrong is 'unknown'. */
  submit(extrinsic: Uint8Array, { signal }: Signalled = {}): Promise<SubmitResult> {
    return this.#ask(async (chain): Promise<SubmitResult> => {
      try {
        await chain.submit(extrinsic)
        return { kind: 'accepted' }
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error)
        const code = rpcCodeOf(error)
        if (code === undefined) return { kind: 'unknown', reason: `no answer: ${text.slice(0, 200)}` }
        const lastBlock = this.#signed.get(extrinsicHash(extrinsic))
        const best = this.#path.best?.number
        const isAlive = lastBlock === undefined || best === undefined ? undefined : best < lastBlock
        return poolAnswer({ code, text }, isAlive)
      }
    }, signal)
  }

  submission(extrinsic: Uint8Array): { readonly url: string; readonly body: string } {
    if (this.#last === undefined) throw notOpen()
    return { url: httpEndpoint(this.#last.endpoint), body: submissionBody(extrinsic) }
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#closing.abort(notOpen())
    await this.#ring.close()
    this.#move({ kind: 'idle' })
    this.#events.removeAllListeners()
  }

  #ask<Answer>(
    request: (connection: PolkadotConnection) => Promise<Answer>,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    try {
      return withSignal(request(this.#live()), signal)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #live(): PolkadotConnection {
    switch (this.#state.kind) {
      case 'ready':
        if (this.#last !== undefined) return this.#last
        throw notOpen()
      case 'idle':
        throw notOpen()
      case 'wrong-chain':
        throw wrongChain(this.#state.expected, this.#state.found)
      case 'connecting':
      case 'down':
        throw new ChainError(
          'chain-down',
          `The chain cannot be reached${this.#state.kind === 'down' ? `: ${this.#state.reason}` : ' yet'}.`,
        )
    }
  }

  #onReady(connection: PolkadotConnection, info: ChainInfo, best: Head, finalised: BlockRef): void {
    this.#last = connection
    this.#info = info
    this.#calls = polkadotCalls(connection.api)
    const isFirst = this.#path.best === undefined
    this.#finalised ??= finalised
    // The first head has no history: it is known before anybody is told that the chain is ready.
    if (isFirst) void this.#path.advance(best)
    this.#move({ kind: 'ready', endpoint: connection.endpoint, info })
    this.#onHead('best', best)
    this.#onHead('finalised', { block: finalised, parent: '' })
  }

  /** Heads come faster than their parents are fetched: the newest of each kind is enough. */
  #onHead(kind: HeadKind, head: Head): void {
    this.#heads[kind] = head
    if (this.#isMoving) return
    this.#isMoving = true
    void this.#moveHeads().finally(() => {
      this.#isMoving = false
    })
  }

  async #moveHeads(): Promise<void> {
    while (this.#heads.best !== undefined || this.#heads.finalised !== undefined) {
      const { best, finalised } = this.#heads
      this.#heads = {}
      if (best !== undefined) {
        // A request failed: the connection is gone or the node forgot a fork; the next head tells it again.
        const move = await this.#path.advance(best).catch(() => undefined)
        if (move !== undefined) this.#events.emit('best', move)
      }
      if (finalised !== undefined && finalised.block.number > (this.#finalised?.number ?? -1)) {
        this.#finalised = finalised.block
        this.#events.emit('finalised', finalised.block)
      }
    }
  }

  #move(state: ChainState): void {
    if (this.#state.kind === 'idle' && state.kind === 'idle') return
    this.#state = state
    this.#events.emit('state', state)
  }
}

function notOpen(): ChainError {
  return new ChainError('not-open', 'The connection to the chain is not open.')
}
