import { ChainError, wrongChain } from './chain-error.ts'
import type { BlockRef, ChainInfo } from './chain-port.ts'
import type { Head } from './head-path.ts'
import { type HeadKind, PolkadotConnection } from './polkadot-connection.ts'
import { chainErrorOf } from './rpc-failure.ts'

/** Between rounds over all endpoints: half a second, doubling up to this. */
const BACK_OFF_FIRST_MS = 500
const BACK_OFF_MAX_MS = 15_000
/** Without a new head for this long the node is asked whether it is there at all. */
const SILENCE_MS = 20_000
const PING_MS = 5_000

export type EndpointRingDeps = {
  readonly signal: AbortSignal
  readonly expected: () => { readonly genesis?: string; readonly identity?: string } | undefined
  readonly onHead: (kind: HeadKind, head: Head) => void
  readonly onConnecting: (endpoint: string) => void
  readonly onReady: (connection: PolkadotConnection, info: ChainInfo, best: Head, finalised: BlockRef) => void
  readonly onDown: (reason: string) => void
  readonly onWrongChain: (expected: string, found: string) => void
}

/** Keeps one of several endpoints connected: the next one when it is lost, all of them again after a pause. */
export class EndpointRing {
  readonly #endpoints: readonly string[]
  readonly #deps: EndpointRingDeps
  readonly #metadata: Record<string, `0x${string}`> = {}
  #next = 0
  #current: PolkadotConnection | undefined
  /** The round that is under way; settles with it. */
  #round: Promise<void> | undefined
  /** Of this round. */
  #wrong: { readonly expected: string; readonly found: string } | undefined
  #pauseMs = BACK_OFF_FIRST_MS
  #timer: ReturnType<typeof setTimeout> | undefined
  #silence: ReturnType<typeof setTimeout> | undefined

  constructor(endpoints: readonly string[], deps: EndpointRingDeps) {
    if (endpoints.length === 0) throw new ChainError('bad-endpoint', 'Name at least one node of the chain.')
    this.#endpoints = endpoints
    this.#deps = deps
  }

  /**
   * Rejects when no endpoint answers rightly in this round; later rounds follow by themselves.
   * Throws ChainError('chain-down', 'wrong-chain').
   */
  connect(): Promise<void> {
    if (this.#current !== undefined) return Promise.resolve()
    clearTimeout(this.#timer)
    this.#round ??= this.#tryAll().finally(() => {
      this.#round = undefined
    })
    return this.#round
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    clearTimeout(this.#silence)
    const connection = this.#current
    this.#current = undefined
    await connection?.close()
    await this.#round?.catch(() => {})
  }

  async #tryAll(): Promise<void> {
    let failure = new ChainError('chain-down', 'No node of the chain answers.')
    this.#wrong = undefined
    for (let tried = 0; tried < this.#endpoints.length; tried++) {
      const endpoint = this.#endpoints[this.#next % this.#endpoints.length] ?? ''
      this.#next += 1
      this.#deps.onConnecting(endpoint)
      try {
        await this.#tryOne(endpoint)
        this.#pauseMs = BACK_OFF_FIRST_MS
        return
      } catch (error) {
        if (this.#deps.signal.aborted) throw error
        const found = chainErrorOf(error)
        // Of several failures the one that says most: a wrong chain needs the user, silence may pass.
        if (failure.code !== 'wrong-chain') failure = found
      }
    }
    const wrong = this.#wrongOfRound()
    if (wrong === undefined) this.#deps.onDown(failure.message)
    else this.#deps.onWrongChain(wrong.expected, wrong.found)
    this.#timer = setTimeout(() => this.#retry(), this.#pauseMs)
    this.#pauseMs = Math.min(BACK_OFF_MAX_MS, this.#pauseMs * 2)
    throw failure
  }

  #wrongOfRound() {
    return this.#wrong
  }

  async #tryOne(endpoint: string): Promise<void> {
    const { signal, onHead, onReady } = this.#deps
    let isLost = false
    const connection = await PolkadotConnection.open(
      endpoint,
      {
        metadata: this.#metadata,
        onHead,
        onLost: reason => {
          isLost = true
          this.#lost(connection, reason)
        },
      },
      signal,
    )
    try {
      const info = await connection.info()
      this.#checkChain(info)
      const [best, finalised] = [await connection.bestHead(), await connection.finalisedHead()]
      signal.throwIfAborted()
      if (isLost) throw new ChainError('chain-down', `${endpoint}: the connection was closed`)
      this.#current = connection
      onReady(connection, info, best, finalised.block)
      this.#listenForSilence(connection)
      await connection.follow({
        onHead: (kind, head) => {
          if (this.#current !== connection) return
          this.#listenForSilence(connection)
          onHead(kind, head)
        },
      })
    } catch (error) {
      if (this.#current === connection) this.#current = undefined
      await connection.close()
      throw error
    }
  }

  #checkChain(info: ChainInfo): void {
    const expected = this.#deps.expected()
    for (const name of ['genesis', 'identity'] as const) {
      const wanted = expected?.[name]
      if (wanted === undefined || wanted === info[name]) continue
      this.#wrong = { expected: wanted, found: info[name] }
      throw wrongChain(wanted, info[name])
    }
  }

  #lost(connection: PolkadotConnection, reason: string): void {
    if (this.#current !== connection || this.#deps.signal.aborted) return
    this.#current = undefined
    clearTimeout(this.#silence)
    this.#deps.onDown(reason)
    this.#retry()
  }

  #retry(): void {
    if (!this.#deps.signal.aborted) this.connect().catch(() => {})
  }

  /** A half-open connection never closes: no head and no answer end it. */
  #listenForSilence(connection: PolkadotConnection): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(async () => {
      const answer = connection.request('system_health').then(
        () => true,
        () => false,
      )
      const late = new Promise<boolean>(resolve => setTimeout(() => resolve(false), PING_MS))
      if ((await Promise.race([answer, late])) && this.#current === connection) {
        this.#listenForSilence(connection)
        return
      }
      this.#lost(connection, 'the node stopped answering')
      await connection.close()
    }, SILENCE_MS)
  }
}
