import type { Evidence } from '../../../shared/pay/evidence.ts'
import type { EarningsBlock, EarningsCursor, EarningsScope, EarningsStore } from '../store/earnings-store.ts'
import { evidenceOf } from './block-evidence.ts'
import { type BookEvent, stepBook } from './earnings-book.ts'

/** The book of one scope: what is stored and what was told are the same at every moment. */
export class EarningsJournal {
  readonly scope: EarningsScope
  readonly #store: EarningsStore
  readonly #tell: (evidence: Evidence) => void
  readonly #blocks: Map<string, EarningsBlock>
  /** When aborted nothing more is stored. */
  readonly #signal: AbortSignal
  #cursor: EarningsCursor

  private constructor(
    scope: EarningsScope,
    store: EarningsStore,
    tell: (evidence: Evidence) => void,
    signal: AbortSignal,
    stored: { readonly cursor: EarningsCursor; readonly blocks: readonly EarningsBlock[] },
  ) {
    this.scope = scope
    this.#store = store
    this.#tell = tell
    this.#signal = signal
    this.#cursor = stored.cursor
    this.#blocks = new Map(stored.blocks.map(block => [block.block.hash, block]))
  }

  /** `begin` is asked where nothing is stored yet. */
  static async open(
    scope: EarningsScope,
    store: EarningsStore,
    tell: (evidence: Evidence) => void,
    begin: () => Promise<EarningsCursor>,
    signal: AbortSignal,
  ): Promise<EarningsJournal> {
    const stored = await store.load(scope)
    if (stored !== undefined) return new EarningsJournal(scope, store, tell, signal, stored)
    const cursor = await begin()
    await store.commit(scope, { cursor, put: [], drop: [] })
    return new EarningsJournal(scope, store, tell, signal, { cursor, blocks: [] })
  }

  get cursor(): EarningsCursor {
    return this.#cursor
  }

  /** Oldest first. */
  get blocks(): readonly EarningsBlock[] {
    return [...this.#blocks.values()].toSorted((a, b) => a.block.number - b.block.number)
  }

  block(hash: string): EarningsBlock | undefined {
    return this.#blocks.get(hash)
  }

  /** Stored first, then told; throws once the journal's signal is aborted. False when the event contradicts what was read before: nothing of it is kept. */
  async apply(event: BookEvent): Promise<boolean> {
    this.#signal.throwIfAborted()
    const change = stepBook(this.#cursor, event)
    if (change === undefined) return false
    const { cursor, put, drop, evidence } = change
    await this.#store.commit(this.scope, { cursor, put, drop })
    this.#cursor = cursor
    for (const hash of drop) this.#blocks.delete(hash)
    for (const block of put) this.#blocks.set(block.block.hash, block)
    for (const each of evidence) this.#tell(each)
    return true
  }

  /** What of all that was ever told still stands; of payments and sessions only those of blocks above `above`. */
  history(above: number): readonly Evidence[] {
    return [
      ...this.blocks.filter(({ block }) => block.number > above).flatMap(evidenceOf),
      ...this.#cursor.unread.map(({ from, to, reason }): Evidence => ({ kind: 'gap', from, to, reason })),
      { kind: 'finalised', block: this.#cursor.final },
    ]
  }
}
