import type { BlockRef, Evidence } from '../../../shared/pay/evidence.ts'
import { ChainError } from '../chain/chain-error.ts'
import type { ChainInfo, ChainState } from '../chain/chain-port.ts'
import type { Logger } from '../ports.ts'
import { EarningsConflict, type EarningsCursor } from '../store/earnings-store.ts'
import { TypedEmitter } from '../typed-emitter.ts'
import { balanceAt, checkBalance } from './balance-check.ts'
import type { ReadStamp } from './block-evidence.ts'
import { BlockReader } from './block-reader.ts'
import { tipOf } from './earnings-book.ts'
import type {
  BalanceCheck,
  ChainWatcher,
  ChainWatcherDeps,
  ChainWatcherEvents,
  ChainWatcherOptions,
  WatcherBook,
  WatcherState,
} from './earnings-contract.ts'
import { EarningsJournal } from './earnings-journal.ts'
import { every } from './every.ts'
import { GapFiller } from './gap-filler.ts'
import { HeadWatch, whyBehind } from './head-watch.ts'
import { type SyncResult, syncTrail } from './trail-sync.ts'
import { archiveVanished, isAnotherLife, VANISHED } from './vanished-chain.ts'

const TICK_MS = 1_000
const CHECK_EVERY_MS = 10_000
/** A block this far below the best one was made a while ago: its time is reckoned. */
const FRESH_BLOCKS = 2

type Following = {
  readonly info: ChainInfo
  readonly journal: EarningsJournal
  readonly reader: BlockReader
  readonly filler: GapFiller
  readonly archived: readonly string[]
}

/** See the contract. One loop does everything in turn: heads first, then old gaps, then the cross-check. */
export class PayoutWatcher implements ChainWatcher {
  readonly #deps: ChainWatcherDeps
  readonly #options: ChainWatcherOptions
  readonly #logger: Logger
  readonly #events = new TypedEmitter<ChainWatcherEvents>()
  readonly #opened = new TypedEmitter<{ opened: undefined }>()
  readonly #closing = new AbortController()
  readonly #disposers: (() => void)[] = []
  #state: WatcherState = { kind: 'idle' }
  #check: BalanceCheck = { kind: 'open', sentence: 'Compared once blocks are read.' }
  #following: Following | undefined
  readonly #head: HeadWatch
  /** Heads may have moved since they were last looked at. */
  #isDirty = true
  #isNudged = false
  #wake: (() => void) | undefined
  #retracted = new Set<string>()
  #lastSync: SyncResult | undefined
  #checkedAtMs = Number.NEGATIVE_INFINITY
  #checkedAt: string | undefined
  #trouble: string | undefined
  #loop: Promise<void> | undefined

  constructor(deps: ChainWatcherDeps, options: ChainWatcherOptions) {
    this.#deps = deps
    this.#options = options
    this.#logger = deps.logger.scope('earnings')
    this.#head = new HeadWatch(deps.clock.nowMs())
  }

  get state(): WatcherState {
    return this.#state
  }

  get check(): BalanceCheck {
    return this.#check
  }

  on<Name extends keyof ChainWatcherEvents>(
    name: Name,
    listener: (payload: ChainWatcherEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener)
  }

  get book(): WatcherBook | undefined {
    if (this.#following === undefined) return undefined
    const { info, journal, archived } = this.#following
    const { final, unread } = journal.cursor
    return { chain: info, blocks: journal.blocks, final: final.number, unread, archived }
  }

  follow(
    listener: (evidence: Evidence) => void,
    { above = -1 }: { readonly above?: number } = {},
  ): () => void {
    const replay = () => {
      for (const each of this.#history(above)) listener(each)
    }
    // Before the chain has answered nothing but heads can be told.
    const endOpened = this.#opened.on('opened', replay)
    if (this.#following !== undefined) replay()
    const endTold = this.#events.on('evidence', listener)
    return () => {
      endOpened()
      endTold()
    }
  }

  async start({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    signal?.throwIfAborted()
    if (this.#state.kind !== 'idle') return
    this.#setState({ kind: 'starting', sentence: 'Connecting to the chain.' })
    this.#listen()
    const both = AbortSignal.any([this.#closing.signal, ...(signal === undefined ? [] : [signal])])
    both.addEventListener('abort', () => this.#wake?.(), { once: true })
    try {
      while (this.#following === undefined) await this.#tryToOpen(both)
    } catch (error) {
      if (this.#closing.signal.aborted && signal?.aborted !== true) return
      await this.close()
      throw error
    }
    this.#loop = this.#run(this.#following)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#wake?.()
    for (const dispose of this.#disposers.splice(0)) dispose()
    await this.#loop
    if (this.#state.kind !== 'vanished') this.#setState({ kind: 'closed' })
  }

  #listen(): void {
    const { chain } = this.#deps
    const heads = () => this.#nudge()
    this.#disposers.push(
      chain.on('best', ({ retracted }) => {
        for (const { hash } of retracted) this.#retracted.add(hash)
        heads()
      }),
      chain.on('finalised', heads),
      chain.on('state', state => this.#chainMoved(state)),
      (this.#deps.every ?? every)(TICK_MS, () => this.#tick()),
    )
  }

  async #tryToOpen(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    try {
      const info = await this.#deps.chain.open({ signal })
      await this.#open(info, signal)
    } catch (error) {
      signal.throwIfAborted()
      this.#stumbled(error)
      await this.#pause(signal)
    }
  }

  async #open(info: ChainInfo, signal: AbortSignal): Promise<void> {
    const { chain, store, clock, archives = [] } = this.#deps
    const { payout, streamId } = this.#options
    const archived = await archiveVanished(store, info, payout)
    const scope = { chain: info.identity, genesis: info.genesis, payout, streamId }
    const journal = await EarningsJournal.open(
      scope,
      store,
      each => this.#tell(each),
      () => this.#firstCursor(signal),
      this.#closing.signal,
    )
    const stamp = (block: BlockRef) => this.#stamp(block, info)
    const reader = new BlockReader({ chain, archives, payout, stamp })
    const filler = new GapFiller({ journal, reader, clock })
    signal.throwIfAborted()
    this.#following = { info, journal, reader, filler, archived }
    this.#head.setBlockMs(info.blockMs)
    this.#opened.emit('opened', undefined)
  }

  async #firstCursor(signal: AbortSignal): Promise<EarningsCursor> {
    const final = this.#options.fromBlock ?? this.#deps.chain.finalised()
    if (final === undefined) throw new ChainError('chain-down', 'The chain has not said yet what is final.')
    const planck = await balanceAt(this.#deps.chain, this.#options.payout, final.hash, signal)
    return {
      revision: 0,
      final,
      trail: [],
      unread: [],
      opening: planck === undefined ? undefined : { block: final, planck },
    }
  }

  async #run(following: Following): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted && this.#state.kind !== 'vanished') {
      let isBusy = false
      try {
        isBusy = await this.#work(following, signal)
        this.#trouble = undefined
      } catch (error) {
        if (signal.aborted) return
        this.#isDirty = true
        this.#stumbled(error)
      }
      if (!isBusy) await this.#pause(signal)
    }
  }

  /** True when there may be more to do at once. */
  async #work({ journal, reader, filler }: Following, signal: AbortSignal): Promise<boolean> {
    const { chain, clock } = this.#deps
    const best = chain.best()
    const finalised = chain.finalised()
    if (this.#isDirty && best !== undefined && finalised !== undefined) {
      this.#isDirty = false
      const retracted = this.#retracted
      this.#retracted = new Set()
      this.#lastSync = await syncTrail({ journal, reader }, { best, finalised, retracted }, signal)
      if (this.#lastSync !== 'done') return false
      this.#moved(tipOf(journal.cursor))
      return true
    }
    if (await filler.fillOne(signal)) return true
    const { hash } = journal.cursor.final
    if (hash === this.#checkedAt || clock.nowMs() - this.#checkedAtMs < CHECK_EVERY_MS) return false
    const check = await checkBalance(chain, journal, signal)
    this.#checkedAt = hash
    this.#checkedAtMs = clock.nowMs()
    this.#check = check
    this.#events.emit('check', check)
    return false
  }

  #moved(best: BlockRef): void {
    const head = this.#head.moved(best, this.#deps.clock.nowMs())
    if (head === undefined) return
    this.#tell(head)
    this.#setState({ kind: 'following', best })
  }

  #chainMoved(state: ChainState): void {
    const following = this.#following
    if (following !== undefined && isAnotherLife(following.info, state)) {
      void this.#vanish(following)
      return
    }
    if (state.kind === 'ready') following?.filler.retryNow()
    this.#nudge()
  }

  async #vanish({ journal }: Following): Promise<void> {
    if (this.#state.kind === 'vanished') return
    this.#setState({ kind: 'vanished', sentence: VANISHED })
    this.#closing.abort()
    this.#wake?.()
    await this.#loop
    this.#tell(this.#head.lost(VANISHED))
    await this.#deps.store
      .archive(journal.scope, VANISHED)
      .catch((error: unknown) => this.#logger.error('cannot archive', { error }))
  }

  #tick(): void {
    if (this.#state.kind === 'vanished' || this.#state.kind === 'closed') return
    const { chain, clock } = this.#deps
    const old = this.#head.aged(clock.nowMs(), () => this.#trouble ?? whyBehind(chain.state, this.#lastSync))
    if (old !== undefined) {
      this.#tell(old)
      this.#setState({ kind: 'behind', sentence: old.reason ?? '', sinceMs: this.#head.movedAtMs })
    }
    this.#nudge()
  }

  #stamp(block: BlockRef, info: ChainInfo): ReadStamp {
    const behind = (this.#deps.chain.best()?.number ?? block.number) - block.number
    const isAtReckoned = behind > FRESH_BLOCKS
    const wallMs = this.#deps.clock.wallMs()
    const atMs = isAtReckoned ? wallMs - behind * info.blockMs : wallMs
    return { atMs, isAtReckoned, price: this.#options.price?.() ?? 0n }
  }

  /** Not fatal: it is tried again, and said when it lasts. */
  #stumbled(error: unknown): void {
    // A port tells its own failure as a change of state: without this the next try would come at once, for ever.
    this.#isNudged = false
    if (error instanceof ChainError) {
      this.#trouble = undefined
      this.#logger.debug('the chain does not answer', { code: error.code })
      return
    }
    if (error instanceof EarningsConflict) {
      this.#trouble = error.message
      return
    }
    this.#trouble =
      'This browser does not keep what was read of the chain: free some space, then reload the page.'
    this.#logger.error('cannot read on', { error })
  }

  #tell(evidence: Evidence): void {
    this.#events.emit('evidence', evidence)
  }

  #history(above: number): readonly Evidence[] {
    const { head } = this.#head
    const told = this.#following?.journal.history(above) ?? []
    return head === undefined ? told : [...told, head]
  }

  #setState(state: WatcherState): void {
    this.#state = state
    this.#events.emit('state', state)
  }

  #nudge(): void {
    this.#isDirty = true
    this.#isNudged = true
    this.#wake?.()
  }

  /** Until a head, another state of the chain, a tick, or the end. */
  async #pause(signal: AbortSignal): Promise<void> {
    if (!this.#isNudged && !signal.aborted) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    this.#isNudged = false
  }
}
