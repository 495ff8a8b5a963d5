import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { Clock } from '../ports.ts'
import type { UnreadBlocks } from '../store/earnings-store.ts'
import { TypedEmitter } from '../typed-emitter.ts'
import type {
  ChainWatcher,
  Earnings,
  EarningsEvents,
  EarningsSnapshot,
  IncomePoint,
  SessionBinding,
} from './earnings-contract.ts'
import { earningsCsv } from './earnings-csv.ts'
import { type Every, every } from './every.ts'
import { incomeByViewer, incomeOf } from './income-by-viewer.ts'
import { type AttributedPayment, paymentRows } from './payment-rows.ts'

export type PayoutEarningsDeps = {
  readonly watcher: ChainWatcher
  readonly clock: Clock
  /** As of ChainWatcherDeps. */
  readonly every?: Every
}

const SNAPSHOT_EVERY_MS = 1_000
const MINUTE_MS = 60_000
const PAYMENTS_SHOWN = 200

/** Adds up what a ChainWatcher has read; keeps nothing that the watcher's book does not say again. */
export class PayoutEarnings implements Earnings {
  readonly #watcher: ChainWatcher
  readonly #clock: Clock
  readonly #events = new TypedEmitter<EarningsEvents>()
  readonly #bindings = new Map<AccountHex, SessionBinding>()
  readonly #disposers: (() => void)[]
  #isQueued = false
  #isClosed = false

  constructor({ watcher, clock, every: repeat = every }: PayoutEarningsDeps) {
    this.#watcher = watcher
    this.#clock = clock
    this.#disposers = [
      watcher.on('evidence', ({ kind }) => {
        if (kind === 'paid' || kind === 'retracted') this.#queue()
      }),
      repeat(SNAPSHOT_EVERY_MS, () => this.#emit()),
    ]
  }

  on<Name extends keyof EarningsEvents>(
    name: Name,
    listener: (payload: EarningsEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener)
  }

  bind(binding: SessionBinding): void {
    this.#bindings.set(binding.budget, binding)
  }

  get snapshot(): EarningsSnapshot {
    const { check, state } = this.#watcher
    const book = this.#watcher.book
    const payments = this.#payments()
    const since = this.#clock.wallMs() - MINUTE_MS
    const lastMinute = incomeOf(payments.filter(({ atMs }) => atMs > since)).total
    return {
      income: incomeOf(payments),
      lastMinute,
      perSecond: lastMinute / 60n,
      perHour: lastMinute * 60n,
      viewers: incomeByViewer(payments),
      payments: payments.slice(-PAYMENTS_SHOWN).toReversed(),
      gaps: (book?.unread ?? []).map(gapText),
      check,
      watcher: state,
      archived: book?.archived ?? [],
    }
  }

  series({ widthMs, points }: { readonly widthMs: number; readonly points: number }): readonly IncomePoint[] {
    // Aligned to the width, so that bars grow and move on but never change their sums.
    const end = (Math.floor(this.#clock.wallMs() / widthMs) + 1) * widthMs
    const start = end - widthMs * points
    const sums = Array.from({ length: points }, () => 0n)
    for (const { atMs, planck } of this.#payments()) {
      const bucket = Math.floor((atMs - start) / widthMs)
      const sum = sums[bucket]
      if (sum !== undefined) sums[bucket] = sum + planck
    }
    return sums.map((planck, bucket) => ({ atMs: start + bucket * widthMs, planck }))
  }

  exportCsv(): string {
    const units = this.#watcher.book?.chain ?? { symbol: 'units', decimals: 0 }
    return earningsCsv(this.#payments(), units)
  }

  close(): void {
    this.#isClosed = true
    for (const dispose of this.#disposers.splice(0)) dispose()
    this.#events.removeAllListeners()
  }

  #payments(): readonly AttributedPayment[] {
    const book = this.#watcher.book
    return book === undefined ? [] : paymentRows(book.blocks, book.final, this.#bindings.values())
  }

  /** Once for all that a block tells. */
  #queue(): void {
    if (this.#isQueued) return
    this.#isQueued = true
    queueMicrotask(() => {
      this.#isQueued = false
      this.#emit()
    })
  }

  #emit(): void {
    if (!this.#isClosed) this.#events.emit('snapshot', this.snapshot)
  }
}

/** A gap as a sentence. */
export function gapText({ from, to, reason }: UnreadBlocks): string {
  const blocks = from === to ? `Block ${from} is` : `Blocks ${from}–${to} are`
  return `${blocks} unread (${reason}): what was paid there is unknown, not zero. It is tried again by itself; an archive endpoint may still have it.`
}
