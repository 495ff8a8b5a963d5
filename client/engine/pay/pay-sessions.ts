import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { SessionRow } from '../../../shared/pay/payer-contract.ts'
import { hexText } from '../../../shared/protocol/hex.ts'
import type { ChainInfo, ExtrinsicSigner } from '../chain/chain-port.ts'
import type { WalletRow } from '../store/ledger-store.ts'
import { TypedEmitter } from '../typed-emitter.ts'
import { findSessionsOf } from './find-sessions.ts'
import { LiveSession } from './live-session.ts'
import { nextMove } from './next-move.ts'
import type { PayDeps } from './pay-deps.ts'
import { PayError } from './pay-error.ts'
import type {
  FoundSession,
  FundingStep,
  FundPlan,
  FundRequest,
  PaySession,
  PaySessions,
  PaySessionsEvents,
  SearchProgress,
  SearchResult,
  SessionSummary,
} from './pay-session-contract.ts'
import { IN_ANOTHER_TAB } from './pay-words.ts'
import { payErrorOf, planFunding } from './plan-funding.ts'
import { budgetAccountOf, takeBackCall } from './session-calls.ts'
import { summaryOf } from './session-summary.ts'
import { settleWalletRows } from './settle-wallet-rows.ts'
import { signByWallet, submitForWallet, waitForWallet } from './wallet-extrinsic.ts'

type Signalled = { readonly signal?: AbortSignal }

/** Makes `PaySessions` of what a page or a process has. Nothing is read or dialled before it is used. */
export function createPaySessions(deps: PayDeps): PaySessions {
  return new DevicePaySessions(deps)
}

class DevicePaySessions implements PaySessions {
  readonly #deps: PayDeps
  readonly #events = new TypedEmitter<PaySessionsEvents>()
  readonly #live = new Map<AccountHex, LiveSession>()
  #isClosed = false

  constructor(deps: PayDeps) {
    this.#deps = deps
  }

  on<Name extends keyof PaySessionsEvents>(
    name: Name,
    listener: (payload: PaySessionsEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener)
  }

  async plan(request: FundRequest, options: Signalled = {}): Promise<FundPlan> {
    return (await planFunding(this.#deps.chain, request, options)).plan
  }

  async open(
    request: FundRequest,
    { signal, onStep = () => {} }: Signalled & { readonly onStep?: (step: FundingStep) => void } = {},
  ): Promise<PaySession> {
    const options = signal === undefined ? {} : { signal }
    const { amounts, info } = await planFunding(this.#deps.chain, request, options)
    const { ledger, locks, wallClock } = this.#deps
    const signer = await stored(() => ledger.makeKey())
    const session = hexText(signer.publicKey)
    const wallet = request.wallet.account
    const row: SessionRow = {
      session,
      chain: info.identity,
      streamId: hexText(request.streamId).slice(2),
      title: request.title,
      creator: request.creator,
      wallet,
      budgetAccount: budgetAccountOf(wallet, session, info.hasMultisig),
      payout: request.payout,
      ...amounts,
      existentialDeposit: info.existentialDeposit,
      priceAccepted: request.acceptedPrice,
      startedAt: wallClock(),
      phase: { kind: 'funding' },
    }
    const lock = await locks.acquire(session)
    const live = this.#add(
      new LiveSession(this.#deps, { row, signer, unit: info, lock, onChange: () => this.#changed() }),
    )
    live.terms(request.terms)
    await live.fund(request.wallet, onStep, options)
    return live
  }

  async resume(
    streamId: Uint8Array,
    wallet: AccountHex | undefined,
    { signal }: Signalled = {},
  ): Promise<PaySession | undefined> {
    const stream = hexText(streamId).slice(2)
    const { ledger } = this.#deps
    const rows = await stored(() => ledger.sessions())
    const candidates = rows
      .filter(row => row.streamId === stream && (wallet === undefined || row.wallet === wallet))
      .filter(({ phase, session }) => isPayable(phase) && !ledger.hasFarewell(session))
      .sort((one, other) => other.startedAt - one.startedAt)
    const info = candidates.length === 0 ? undefined : await this.#open(signal)
    for (const row of candidates) {
      const own = this.#live.get(row.session)
      if (own !== undefined) return own
      if (row.chain !== info?.identity) continue
      const live = await this.#take(row, info)
      if (live === undefined) continue
      if (live.hasLock) await live.recover('resume')
      return live
    }
    return undefined
  }

  async recover({ except, signal }: Signalled & { readonly except?: Uint8Array } = {}): Promise<void> {
    const kept = except === undefined ? undefined : hexText(except).slice(2)
    let rows: readonly SessionRow[]
    try {
      rows = await this.#deps.ledger.sessions()
    } catch {
      // What cannot be read is said where the list is shown.
      return
    }
    const { ledger } = this.#deps
    const unfinished = rows.filter(
      ({ phase, session, streamId }) =>
        phase.kind !== 'closed' &&
        phase.kind !== 'archived' &&
        !this.#live.has(session) &&
        (streamId !== kept || !isPayable(phase) || ledger.hasFarewell(session)),
    )
    if (unfinished.length === 0) return
    const info = await this.#openSometime(signal)
    if (info === undefined) return
    await Promise.all(unfinished.map(row => this.#closeLeftOver(row, info, signal)))
  }

  async list({ signal }: Signalled = {}): Promise<readonly SessionSummary[]> {
    const { chain, ledger } = this.#deps
    const rows = await stored(() => ledger.sessions())
    const isUp = chain.state.kind === 'ready'
    const info =
      isUp || rows.some(({ phase }) => isPayable(phase) || phase.kind === 'closing')
        ? await this.#open(signal).catch(() => undefined)
        : undefined
    signal?.throwIfAborted()
    const summaries = await Promise.all(rows.map(row => this.#summary(row, info, signal)))
    return summaries
      .flatMap(one => (one === undefined ? [] : [one]))
      .sort((one, other) => other.createdAt - one.createdAt)
  }

  async closeByHand(id: AccountHex, { signal }: Signalled = {}): Promise<void> {
    const options = signal === undefined ? {} : { signal }
    const own = this.#live.get(id)
    if (own !== undefined) return own.leave(options)
    const rows = await stored(() => this.#deps.ledger.read(id))
    if (rows === undefined) throw new PayError('no-such-session', 'This browser knows no such session.')
    const { phase } = rows.session
    if (phase.kind === 'closed' || phase.kind === 'archived') return
    const info = await this.#open(signal)
    if (info.genesis !== rows.session.chain.split('/')[0])
      throw new PayError(
        'wrong-chain',
        `This session was opened on another chain than ${info.name}. Choose an endpoint of its chain in the settings, then close it.`,
      )
    const live = await this.#take(rows.session, info)
    if (live === undefined)
      throw new PayError(
        'no-such-session',
        'The key of this session is gone from this browser. Search with your wallet: it can take the budget back by itself.',
      )
    if (!live.hasLock) {
      this.#live.delete(id)
      throw new PayError('in-another-tab', IN_ANOTHER_TAB)
    }
    await live.recover('close')
    await live.leave(options)
  }

  async findByWallet(
    wallet: AccountHex,
    options: Signalled & {
      readonly blocks?: number
      readonly onProgress?: (progress: SearchProgress) => void
    } = {},
  ): Promise<SearchResult> {
    try {
      const result = await findSessionsOf(this.#deps.chain, wallet, options)
      const found = await Promise.all(
        result.found.map(async one => ({
          ...one,
          isKnownHere: (await this.#deps.ledger.key(one.session)) !== undefined,
        })),
      )
      return { ...result, found }
    } catch (cause) {
      options.signal?.throwIfAborted()
      throw payErrorOf(cause)
    }
  }

  async takeBack(found: FoundSession, wallet: ExtrinsicSigner, { signal }: Signalled = {}): Promise<bigint> {
    const options = signal === undefined ? {} : { signal }
    const { chain, ledger } = this.#deps
    if (wallet.account !== found.wallet)
      throw new PayError(
        'refused',
        'Only the wallet that opened this session can take its budget back: choose that account.',
      )
    if (found.budgetAccount === found.session)
      throw new PayError(
        'no-such-session',
        'On this chain the budget lies on the session account itself, which only the browser that opened it can empty. Open this site there.',
      )
    try {
      await chain.open(options)
      const call = takeBackCall(chain.calls, found.session, wallet.account)
      const { extrinsic, nonce, birth } = await signByWallet(chain, call, wallet, options)
      const row: WalletRow = {
        session: found.session,
        hash: extrinsic.hash,
        use: 'take-back',
        bytes: extrinsic.bytes,
        nonce,
        birth,
        lastBlock: extrinsic.lastBlock,
        budget: 0n,
        feeReserve: 0n,
      }
      if (found.isKnownHere) await ledger.commit({ wallet: [row] })
      await submitForWallet(chain, extrinsic.bytes, options)
      const included = await waitForWallet(chain, wallet.account, row, options)
      if (!included.extrinsic.isOk)
        throw new PayError(
          'failed',
          `The chain refused it (${included.extrinsic.error ?? 'no reason given'}); only the fee was spent. The budget may have come back already: search again.`,
        )
      this.#changed()
      return included.extrinsic.transfers
        .filter(({ from, to }) => from === found.budgetAccount && to === wallet.account)
        .reduce((sum, { planck }) => sum + planck, 0n)
    } catch (cause) {
      signal?.throwIfAborted()
      throw payErrorOf(cause)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#live.values()].map(live => live.stop()))
    this.#live.clear()
    this.#events.removeAllListeners()
  }

  #changed(): void {
    if (!this.#isClosed) this.#events.emit('changed', undefined)
  }

  #add(live: LiveSession): LiveSession {
    this.#live.set(live.id, live)
    void live.over.then(() => {
      if (this.#live.get(live.id) === live) this.#live.delete(live.id)
      this.#changed()
    })
    return live
  }

  /** Not started yet; undefined where the key is gone. */
  async #take(row: SessionRow, info: ChainInfo): Promise<LiveSession | undefined> {
    const { ledger, locks } = this.#deps
    const signer = await stored(() => ledger.key(row.session))
    if (signer === undefined) return undefined
    const lock = await locks.acquire(row.session)
    return this.#add(
      new LiveSession(this.#deps, { row, signer, unit: info, lock, onChange: () => this.#changed() }),
    )
  }

  async #closeLeftOver(row: SessionRow, info: ChainInfo, signal: AbortSignal | undefined): Promise<void> {
    if (row.chain.split('/')[0] !== info.genesis) return
    try {
      const live = await this.#take(row, info)
      if (live === undefined) return
      if (!live.hasLock) {
        // Another tab pays it, and closes it.
        this.#live.delete(live.id)
        return
      }
      await live.recover('close')
      const stop = new AbortController()
      signal?.addEventListener('abort', () => stop.abort(), { once: true })
      await Promise.race([live.over, whenAborted(stop.signal)])
    } catch {
      // It stays in the list, and is tried again on the next visit.
    }
  }

  async #summary(
    row: SessionRow,
    info: ChainInfo | undefined,
    signal: AbortSignal | undefined,
  ): Promise<SessionSummary | undefined> {
    const { chain, ledger, locks } = this.#deps
    const known = await stored(() => ledger.walletRows(row.session))
    // A page that went, or another one that took the budget back, left this to whoever looks next.
    if (known.some(({ outcome }) => outcome === undefined))
      await stored(() => settleWalletRows(chain, ledger, row))
    const [rows, wallet, key] = await stored(() =>
      Promise.all([ledger.read(row.session), ledger.walletRows(row.session), ledger.key(row.session)]),
    )
    if (rows === undefined) return undefined
    const view = this.#live.get(row.session)?.view
    const options = signal === undefined ? {} : { signal }
    const isReadable =
      info?.identity === row.chain && row.phase.kind !== 'closed' && row.phase.kind !== 'archived'
    const [budget, session] = isReadable
      ? await Promise.all([
          chain.balance(row.budgetAccount, options).catch(() => undefined),
          chain.balance(row.session, options).catch(() => undefined),
        ])
      : [undefined, undefined]
    return summaryOf({
      rows,
      wallet,
      view,
      onBudgetAccount: row.budgetAccount === row.session ? 0n : budget?.free,
      onSessionAccount: session?.free,
      isElsewhere: view === undefined && (await locks.isHeld(row.session)),
      hasKey: key !== undefined,
      unit: info ?? NO_UNIT,
    })
  }

  async #open(signal: AbortSignal | undefined): Promise<ChainInfo> {
    try {
      return await this.#deps.chain.open(signal === undefined ? {} : { signal })
    } catch (cause) {
      signal?.throwIfAborted()
      throw payErrorOf(cause)
    }
  }

  /** Undefined when the page went, or turned to another chain, before the chain was there. */
  async #openSometime(signal: AbortSignal | undefined): Promise<ChainInfo | undefined> {
    const { chain } = this.#deps
    for (;;) {
      if (isAborted(signal) || this.#isClosed) return undefined
      try {
        return await this.#open(signal)
      } catch {
        if (isAborted(signal)) return undefined
        const stop = new AbortController()
        const timeout = setTimeout(() => stop.abort(), CHAIN_RETRY_MS)
        await nextMove(chain, { signal: stop.signal }).catch(() => {})
        clearTimeout(timeout)
      }
    }
  }
}

/** A connection that never came up is asked for again by itself; this is for one that gave up. */
const CHAIN_RETRY_MS = 5_000
/** While the chain's own symbol is not known. */
const NO_UNIT = { symbol: 'planck', decimals: 0 }

function isPayable(phase: SessionRow['phase']): boolean {
  return phase.kind === 'open' || phase.kind === 'funding'
}

/** A call, so that the compiler does not take an earlier answer for this one. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

async function stored<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new PayError('storage', message, { cause })
  }
}
