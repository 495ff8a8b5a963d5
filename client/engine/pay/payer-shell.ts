import type {
  PayerCore,
  PayerEffect,
  PayerEvent,
  SessionRow,
  WalletRequest,
} from '../../../shared/pay/payer-contract.ts'
import { assertNever } from '../../../shared/protocol/assert-never.ts'
import type { Signer } from '../../../shared/protocol/crypto-port.ts'
import type { ChainPort, ChainState, ExtrinsicSigner } from '../chain/chain-port.ts'
import type { LedgerStore } from '../store/ledger-store.ts'
import { Deferred } from './deferred.ts'
import { findExtrinsic, inclusionOf } from './find-extrinsic.ts'
import { payerCalls } from './session-calls.ts'

/** The core asks to be polled at least this often. */
const POLL_MS = 500

export type WalletSent = { readonly hash: string; readonly lastBlock: number }

export type PayerShellDeps = {
  readonly core: PayerCore
  readonly ledger: LedgerStore
  readonly chain: ChainPort
  /** The session key. */
  readonly signer: Signer
  /** Monotonic, ms. */
  readonly now: () => number
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Returns its stop. */
  readonly every: (ms: number, tick: () => void) => () => void
  /** Signs by its prompt, keeps and sends. Rejects when nothing was sent. */
  readonly askWallet: (
    request: WalletRequest,
    amounts: { readonly budget: bigint; readonly feeReserve: bigint },
  ) => Promise<WalletSent>
  readonly onChange: () => void
  readonly onFinished: (session: SessionRow) => void
}

/** Carries out what the payer core of one session decides, and tells it what came of it. */
export class PayerShell {
  readonly #deps: PayerShellDeps
  readonly #session: SessionRow
  readonly #signer: ExtrinsicSigner
  readonly #stop = new AbortController()
  readonly #subscriptions: (() => void)[] = []
  /** What was looked for since the last poll: the same question at the same block has the same answer. */
  readonly #looked = new Set<string>()
  #nextPoll = new Deferred<void>()
  /** Commits are carried out in the order the core gave them. */
  #commits: Promise<void> = Promise.resolve()

  /** `first`: 'open' or 'recover', of that session. The lock of its account has to be held. */
  constructor(deps: PayerShellDeps, first: PayerEvent & { readonly kind: 'open' | 'recover' }) {
    this.#deps = deps
    this.#session = first.kind === 'open' ? first.session : first.rows.session
    this.#signer = {
      account: this.#session.session,
      scheme: 'ed25519',
      sign: payload => deps.signer.sign(payload),
    }
    const { chain } = deps
    this.#subscriptions.push(
      chain.on('state', state => this.#chainState(state)),
      chain.on('best', ({ block, retracted }) => this.step({ kind: 'best', block, retracted })),
      chain.on('finalised', block => this.step({ kind: 'finalised', block })),
      deps.every(POLL_MS, () => this.#poll()),
    )
    this.step(first)
    this.#chainState(chain.state)
  }

  /** Aborts with `close()`. */
  get closed(): AbortSignal {
    return this.#stop.signal
  }

  /** Does nothing after `close()`. */
  step(event: PayerEvent): void {
    if (this.#stop.signal.aborted) return
    const { core, now, random, onChange } = this.#deps
    const effects = core.step(event, { nowMs: now(), random, calls: this.#calls() })
    for (const effect of effects) this.#carryOut(effect)
    onChange()
  }

  /** Resolves when everything that was to be written is. */
  async settled(): Promise<void> {
    await this.#commits
  }

  /** Nothing is signed, sent or written afterwards. What is being written is finished. */
  async close(): Promise<void> {
    this.#stop.abort()
    for (const unsubscribe of this.#subscriptions.splice(0)) unsubscribe()
    await this.#commits
  }

  #poll(): void {
    this.#looked.clear()
    this.#nextPoll.resolve()
    this.#nextPoll = new Deferred()
    this.step({ kind: 'poll' })
  }

  #calls() {
    const { chain } = this.#deps
    return this.#isOwnChain() ? payerCalls(chain.calls, this.#session) : undefined
  }

  #isOwnChain(): boolean {
    const { state } = this.#deps.chain
    return state.kind === 'ready' && state.info.identity === this.#session.chain
  }

  #chainState(state: ChainState): void {
    switch (state.kind) {
      case 'idle':
      case 'connecting':
        return
      case 'down':
        return this.step({ kind: 'chain-down', reason: state.reason })
      case 'wrong-chain':
        return this.step(this.#otherChain(state.found))
      case 'ready': {
        const { identity, isLocal, blockMs } = state.info
        this.step({ kind: 'chain-ready', identity, isLocal, blockMs })
        const best = this.#deps.chain.best()
        const finalised = this.#deps.chain.finalised()
        if (best !== undefined) this.step({ kind: 'best', block: best, retracted: [] })
        if (finalised !== undefined) this.step({ kind: 'finalised', block: finalised })
        return
      }
      default:
        return assertNever(state)
    }
  }

  /** A local chain that was started anew has the same genesis: this session's chain is gone. Any other is a mistake. */
  #otherChain(found: string): PayerEvent {
    const [genesis = '', firstBlock] = this.#session.chain.split('/')
    if (firstBlock !== undefined && found.startsWith(`${genesis}/`))
      return { kind: 'chain-ready', identity: found, isLocal: true, blockMs: 0 }
    return {
      kind: 'chain-down',
      reason: 'what answers is another chain than the one this session was opened on',
    }
  }

  #carryOut(effect: PayerEffect): void {
    switch (effect.kind) {
      case 'commit':
        this.#commits = this.#commits.then(() => this.#commit(effect))
        return
      case 'watch':
        return
      case 'finished':
        return this.#deps.onFinished(effect.session)
      case 'ask-wallet':
        void this.#askWallet(effect)
        return
      case 'sign':
        return this.#request('sign', () => this.#sign(effect))
      case 'submit':
        return this.#request('submit', () => this.#submit(effect))
      case 'read-accounts':
        return this.#request('read-accounts', () => this.#readAccounts(effect))
      case 'find':
        return this.#request('find', () => this.#find(effect))
      case 'estimate-fees':
        return this.#request('estimate-fees', () => this.#estimateFees(effect))
      default:
        return assertNever(effect)
    }
  }

  async #commit({ id, session, slots, ticks }: PayerEffect & { readonly kind: 'commit' }): Promise<void> {
    try {
      await this.#deps.ledger.commit({
        ...(session !== undefined && { session }),
        ...(slots !== undefined && { slots }),
        ...(ticks !== undefined && { ticks }),
      })
    } catch (error) {
      return this.step({ kind: 'commit-failed', id, reason: reasonOf(error) })
    }
    this.step({ kind: 'committed', id })
  }

  async #askWallet(effect: PayerEffect & { readonly kind: 'ask-wallet' }): Promise<void> {
    const { request } = effect
    try {
      const sent = await this.#deps.askWallet(request, effect)
      this.step({ kind: 'wallet-sent', request, ...sent })
    } catch (error) {
      this.step({ kind: 'wallet-refused', request, reason: reasonOf(error) })
    }
  }

  /** The answer, or that there was none: asked again with back-off by the core. */
  #request(
    effect: (PayerEvent & { kind: 'request-failed' })['effect'],
    work: () => Promise<PayerEvent>,
  ): void {
    const run = async (): Promise<void> => {
      let answer: PayerEvent
      try {
        answer = await work()
      } catch (error) {
        answer = { kind: 'request-failed', effect, reason: reasonOf(error) }
      }
      this.step(answer)
    }
    void run()
  }

  async #sign(effect: PayerEffect & { readonly kind: 'sign' }): Promise<PayerEvent> {
    const { id, nonce, call, birth, period } = effect
    const { bytes, hash, lastBlock } = await this.#deps.chain.sign(call, this.#signer, {
      nonce,
      era: { birth, period },
      signal: this.#stop.signal,
    })
    return { kind: 'signed', id, bytes, hash, lastBlock }
  }

  async #submit({ nonce, bytes }: PayerEffect & { readonly kind: 'submit' }): Promise<PayerEvent> {
    const result = await this.#deps.chain.submit(bytes, { signal: this.#stop.signal })
    return { kind: 'submitted', nonce, result }
  }

  async #readAccounts({
    block,
    isFinal,
  }: PayerEffect & { readonly kind: 'read-accounts' }): Promise<PayerEvent> {
    const { session, budgetAccount } = this.#session
    const at = { at: block.hash, signal: this.#stop.signal }
    const [own, budget] = await Promise.all([
      this.#deps.chain.balance(session, at),
      this.#deps.chain.balance(budgetAccount, at),
    ])
    return {
      kind: 'accounts',
      accounts: {
        block,
        isFinal,
        sessionFree: own.free,
        sessionNonce: own.nonce,
        budgetFree: budget.free,
      },
    }
  }

  async #find({ nonce, at, downTo }: PayerEffect & { readonly kind: 'find' }): Promise<PayerEvent> {
    const { session } = this.#session
    const question = `${nonce} ${at.hash} ${downTo}`
    if (this.#looked.has(question)) await this.#nextPoll.promise
    this.#looked.add(question)
    const result = await findExtrinsic(
      this.#deps.chain,
      at,
      downTo,
      extrinsic => extrinsic.signer === session && extrinsic.nonce === nonce,
      { signal: this.#stop.signal },
    )
    if (result.kind !== 'found')
      return { kind: 'not-found', at, nonce, isUnreadable: result.kind === 'unreadable' }
    const inclusion = inclusionOf(result.block, result.extrinsic, this.#session)
    return { kind: 'found', at, inclusion }
  }

  async #estimateFees({
    payment,
    closing,
  }: PayerEffect & { readonly kind: 'estimate-fees' }): Promise<PayerEvent> {
    const { chain } = this.#deps
    const { session } = this.#session
    const options = { signal: this.#stop.signal }
    const [ofPayment, ofClosing] = await Promise.all([
      chain.fee(payment, session, options),
      chain.fee(closing, session, options),
    ])
    return { kind: 'fees', payment: ofPayment, closing: ofClosing }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
