import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type {
  GrantFigures,
  PayerEvent,
  PayerView,
  PayTerms,
  SessionRow,
  WalletRequest,
} from '../../../shared/pay/payer-contract.ts'
import type { Signer } from '../../../shared/protocol/crypto-port.ts'
import type { ExtrinsicSigner } from '../chain/chain-port.ts'
import type { WalletRow } from '../store/ledger-store.ts'
import { TypedEmitter } from '../typed-emitter.ts'
import { Deferred } from './deferred.ts'
import { followFunding } from './follow-funding.ts'
import { nextMove } from './next-move.ts'
import type { PayDeps, Unit } from './pay-deps.ts'
import { PayError } from './pay-error.ts'
import { figuresOf, isSameFigures, noFigures } from './pay-figures.ts'
import type {
  FundingStep,
  PayFigures,
  PaySession,
  PaySessionEvents,
  PaySessionState,
} from './pay-session-contract.ts'
import { IN_ANOTHER_TAB, stateOf } from './pay-words.ts'
import { PayerShell, type WalletSent } from './payer-shell.ts'
import { payErrorOf } from './plan-funding.ts'
import type { HeldLock } from './session-locks.ts'
import { settleWalletRows } from './settle-wallet-rows.ts'
import { type Asking, expectIncluded, leftMeanwhile, promptWallet, raiseFees } from './wallet-prompt.ts'

export type LiveSessionOptions = {
  readonly row: SessionRow
  readonly signer: Signer
  readonly unit: Unit
  /** Undefined while another tab has it. */
  readonly lock: HeldLock | undefined
  readonly onChange: () => void
}

/** A session that this tab pays, or may take over: the payer core in its shell, the lock, and the wallet's prompts. */
export class LiveSession implements PaySession {
  readonly #deps: PayDeps
  readonly #options: LiveSessionOptions
  readonly #events = new TypedEmitter<PaySessionEvents>()
  readonly #over = new Deferred<void>()
  #row: SessionRow
  #lock: HeldLock | undefined
  #shell: PayerShell | undefined
  #view: PayerView | undefined
  #funding: FundingStep = 'prompt'
  #asking: Asking | undefined
  /** Signed by the wallet and in no block yet: an account is not swept before what is still to come to it. */
  #raise: Deferred<void> | undefined
  #terms: PayTerms | undefined
  #grant: GrantFigures | undefined
  #state: PaySessionState
  #figures: PayFigures
  #downSinceMs = 0
  #isOver = false

  constructor(deps: PayDeps, options: LiveSessionOptions) {
    this.#deps = deps
    this.#options = options
    this.#row = options.row
    this.#state = { kind: 'in-another-tab', sentence: IN_ANOTHER_TAB }
    this.#figures = noFigures(options.row)
    if (options.lock !== undefined) this.#hold(options.lock)
  }

  get id(): AccountHex {
    return this.#row.session
  }

  get wallet(): AccountHex {
    return this.#row.wallet
  }

  get budgetAccount(): AccountHex {
    return this.#row.budgetAccount
  }

  get payout(): AccountHex {
    return this.#row.payout
  }

  get acceptedPrice(): bigint {
    return this.#row.priceAccepted
  }

  get signer(): Signer {
    return this.#options.signer
  }

  get state(): PaySessionState {
    return this.#state
  }

  get figures(): PayFigures {
    return this.#figures
  }

  get mayWatch(): boolean {
    return this.#shell !== undefined && this.#view?.watch.kind === 'may'
  }

  /** @internal What the core knows; undefined while another tab pays. */
  get view(): PayerView | undefined {
    return this.#shell === undefined ? undefined : this.#view
  }

  /** @internal This tab is the one that may pay. */
  get hasLock(): boolean {
    return this.#lock !== undefined
  }

  /** @internal Resolves when it is closed for good, or another tab took it. */
  get over(): Promise<void> {
    return this.#over.promise
  }

  on<Name extends keyof PaySessionEvents>(
    name: Name,
    listener: (payload: PaySessionEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener)
  }

  /** @internal One prompt; resolves when the funding is in a block. Throws PayError. */
  async fund(
    wallet: ExtrinsicSigner,
    onStep: (step: FundingStep) => void,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    const answer = new Deferred<void>()
    const done = (error?: PayError): void => (error === undefined ? answer.resolve() : answer.reject(error))
    this.#asking = { wallet, signal, onStep, done }
    this.#start({ kind: 'open', session: this.#row })
    await answer.promise
    await this.#until(() => this.mayWatch || this.#view?.watch.kind === 'stop', signal)
  }

  /** @internal Goes on from the ledger. */
  async recover(intent: 'resume' | 'close'): Promise<void> {
    const rows = await this.#deps.ledger.read(this.id)
    if (rows === undefined)
      throw new PayError('no-such-session', 'This session is not in the ledger any more.')
    const session = await settleWalletRows(this.#deps.chain, this.#deps.ledger, rows.session)
    this.#funding = 'sent'
    this.#start({ kind: 'recover', rows: { ...rows, session }, intent })
  }

  tick(count: number, epoch: number, price: bigint): void {
    if (!this.mayWatch) return
    for (let index = 0; index < count; index++) this.#shell?.step({ kind: 'tick', epoch, price })
  }

  terms(terms: PayTerms): void {
    this.#terms = terms
    this.#shell?.step({ kind: 'terms', terms })
  }

  grant(grant: GrantFigures): void {
    this.#grant = grant
    this.#shell?.step({ kind: 'grant', grant })
  }

  acceptPrice(price: bigint): void {
    this.#shell?.step({ kind: 'accept-price', price })
  }

  goOn(): void {
    this.#shell?.step({ kind: 'go-on' })
  }

  async raiseBudget(
    more: bigint,
    wallet: ExtrinsicSigner,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    if (this.#shell === undefined) throw new PayError('in-another-tab', IN_ANOTHER_TAB)
    if (wallet.account !== this.wallet)
      throw new PayError(
        'refused',
        'A budget is raised by the wallet that opened it: choose that account, or leave and open a new budget.',
      )
    if (this.#asking !== undefined)
      throw new PayError('refused', 'Your wallet is asked already. Answer its prompt first.')
    if (this.#view?.session?.phase.kind !== 'open')
      throw new PayError(
        'not-included',
        'The budget can be raised as soon as its funding is final, which takes some blocks more. Try again in half a minute.',
      )
    const answer = new Deferred<void>()
    const done = (error?: PayError): void => (error === undefined ? answer.resolve() : answer.reject(error))
    const feeReserve = await raiseFees(this.#deps.chain, this.#row, more, this.#terms?.price ?? 0n, signal)
    this.#asking = { wallet, signal, onStep: () => {}, done }
    this.#shell.step({ kind: 'raise', budget: more, feeReserve })
    await answer.promise
  }

  async takeOver({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (this.#shell !== undefined) return
    const lock = await this.#deps.locks.takeOver(this.id, signal === undefined ? {} : { signal })
    this.#hold(lock)
    await this.recover('resume')
  }

  async leave({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (this.#isOver) return
    await this.#raise?.promise
    if (this.#shell === undefined) throw new PayError('in-another-tab', IN_ANOTHER_TAB)
    this.#shell.step({ kind: 'leave' })
    await this.#until(() => this.#isOver || this.#isEmptied(), signal)
  }

  closeNow(): boolean {
    const farewell = this.#shell === undefined ? [] : (this.#view?.farewell ?? [])
    if (farewell.length === 0 || this.#raise !== undefined) return false
    const { chain, ledger, sendLast } = this.#deps
    try {
      // Noted before it is sent: a payment after a farewell would be one too many.
      ledger.noteFarewell(this.id)
    } catch {
      // Not noted, so not sent: the next visit closes it, or goes on.
      return false
    }
    for (const bytes of farewell) {
      const { url, body } = chain.submission(bytes)
      sendLast(url, body)
    }
    this.#shell?.step({ kind: 'farewell-sent' })
    return true
  }

  /** @internal Lets go without closing: the next visit goes on. */
  async stop(): Promise<void> {
    const shell = this.#shell
    this.#shell = undefined
    await shell?.close()
    this.#lock?.release()
    this.#lock = undefined
  }

  #hold(lock: HeldLock): void {
    this.#lock = lock
    const lost = (): void => void this.#letGo(lock)
    if (lock.lost.aborted) lost()
    else lock.lost.addEventListener('abort', lost, { once: true })
  }

  /** Another tab asked for it, or took it: what is being written is finished, then it is theirs. */
  async #letGo(lock: HeldLock): Promise<void> {
    if (this.#lock !== lock || this.#isOver) return
    await this.stop()
    lock.release()
    this.#state = { kind: 'in-another-tab', sentence: IN_ANOTHER_TAB }
    this.#events.emit('state', this.#state)
    this.#options.onChange()
  }

  #start(first: PayerEvent & { readonly kind: 'open' | 'recover' }): void {
    const core = this.#deps.makeCore()
    const { chain, ledger, now, random, every } = this.#deps
    this.#view = core.view
    this.#shell = new PayerShell(
      {
        core,
        ledger,
        chain,
        signer: this.signer,
        now,
        random,
        every,
        askWallet: (request, amounts) => this.#askWallet(request, amounts),
        onChange: () => this.#changed(core.view),
        onFinished: session => void this.#finish(session),
      },
      first,
    )
    if (this.#terms !== undefined) this.terms(this.#terms)
    if (this.#grant !== undefined) this.grant(this.#grant)
    this.#changed(core.view)
    void followFunding(this.#deps, this.#shell, () => this.#row)
  }

  #changed(view: PayerView): void {
    const wasUp = this.#view?.isChainUp
    this.#view = view
    if (this.#shell === undefined) return
    if (wasUp !== view.isChainUp) this.#downSinceMs = this.#deps.now()
    const state = stateOf(view, this.#funding, this.#options.unit, this.#downSinceMs)
    const figures = figuresOf(view, this.#row, this.#grant)
    const isOther = state.kind !== this.#state.kind || state.sentence !== this.#state.sentence
    this.#state = state
    this.#row = view.session ?? this.#row
    const isMoved = !isSameFigures(figures, this.#figures)
    this.#figures = figures
    if (isOther) this.#events.emit('state', state)
    if (isMoved) this.#events.emit('figures', figures)
    if (isOther || isMoved) this.#options.onChange()
  }

  async #finish(session: SessionRow): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    this.#row = session
    const shell = this.#shell
    await shell?.settled()
    if (this.#view !== undefined) this.#changed(this.#view)
    try {
      await settleWalletRows(this.#deps.chain, this.#deps.ledger, session)
      await this.#deps.ledger.dropKey(session.session)
    } catch {
      // A key that stays opens an empty account only; fees that were not noted are on the chain.
    }
    await this.stop()
    this.#over.resolve()
    this.#options.onChange()
  }

  #isEmptied(): boolean {
    const accounts = this.#view?.accounts
    return this.#view?.session?.phase.kind === 'closing' && accounts?.session === 0n && accounts.budget === 0n
  }

  async #until(isTrue: () => boolean, signal: AbortSignal | undefined): Promise<void> {
    while (!isTrue() && !this.#isOver) {
      signal?.throwIfAborted()
      const change = new Deferred<void>()
      const subscriptions = [
        this.on('state', () => change.resolve()),
        this.on('figures', () => change.resolve()),
      ]
      signal?.addEventListener('abort', () => change.resolve(), { once: true })
      const stopWaiting = new AbortController()
      const move = nextMove(this.#deps.chain, { signal: stopWaiting.signal }).catch(() => {})
      await Promise.race([change.promise, this.#over.promise, move])
      stopWaiting.abort()
      for (const unsubscribe of subscriptions) unsubscribe()
      if (this.#shell === undefined && !this.#isOver) throw new PayError('in-another-tab', IN_ANOTHER_TAB)
    }
  }

  async #askWallet(
    request: WalletRequest,
    amounts: { readonly budget: bigint; readonly feeReserve: bigint },
  ): Promise<WalletSent> {
    const asking = this.#asking
    if (asking === undefined) throw new PayError('refused', 'No wallet was chosen to ask.')
    try {
      const row = await promptWallet(this.#deps, this.#row, request, amounts, {
        wallet: asking.wallet,
        ...(asking.signal !== undefined && { signal: asking.signal }),
        onStep: step => this.#step(step, asking.onStep),
        onSigned: () => this.#signed(request),
      })
      // A raise counts only once it is there; a funding is looked for by the core itself.
      if (request === 'raise') await this.#included(row, asking)
      else void this.#included(row, asking).catch((error: unknown) => this.#fundingFailed(error, asking))
      return { hash: row.hash, lastBlock: row.lastBlock }
    } catch (error) {
      const failure = payErrorOf(error)
      this.#asking = undefined
      asking.done(failure)
      throw failure
    } finally {
      this.#raise?.resolve()
      this.#raise = undefined
    }
  }

  #signed(request: WalletRequest): void {
    if (request === 'fund') return
    if (this.#view?.session?.phase.kind !== 'open' || this.#shell === undefined) throw leftMeanwhile()
    this.#raise = new Deferred()
  }

  async #included(row: WalletRow, asking: Asking): Promise<void> {
    await expectIncluded(this.#deps.chain, row, this.wallet)
    this.#step('included', asking.onStep)
    this.#asking = undefined
    asking.done()
  }

  #fundingFailed(error: unknown, asking: Asking): void {
    const failure = payErrorOf(error)
    this.#asking = undefined
    this.#shell?.step({ kind: 'wallet-refused', request: 'fund', reason: failure.message })
    asking.done(failure)
  }

  #step(step: FundingStep, onStep: (step: FundingStep) => void): void {
    this.#funding = step
    onStep(step)
    if (this.#view !== undefined) this.#changed(this.#view)
  }
}
