import {
  EarningsConflict,
  type EarningsCursor,
  type EarningsScope,
  type EarningsStore,
  type StoredEarnings,
} from './earnings-store.ts'

/** Earnings that last as long as this object: for tests, and the state behind a file. */
export class MemoryEarningsStore implements EarningsStore {
  readonly #kept = new Map<string, StoredEarnings>()

  constructor(kept: readonly StoredEarnings[] = []) {
    for (const each of kept) this.#kept.set(earningsKey(each.scope), each)
  }

  async load(scope: EarningsScope): Promise<StoredEarnings | undefined> {
    return this.#kept.get(earningsKey(scope))
  }

  async commit(scope: EarningsScope, change: Parameters<EarningsStore['commit']>[1]): Promise<void> {
    const before = this.#kept.get(earningsKey(scope))
    this.checkRevision(scope, change.cursor)
    const gone = new Set([...change.drop, ...change.put.map(({ block }) => block.hash)])
    const blocks = [...(before?.blocks ?? []).filter(({ block }) => !gone.has(block.hash)), ...change.put]
    this.#kept.set(earningsKey(scope), {
      ...before,
      scope,
      cursor: change.cursor,
      blocks: blocks.toSorted((a, b) => a.block.number - b.block.number),
    })
  }

  /** Throws EarningsConflict for what `commit` would refuse. */
  checkRevision(scope: EarningsScope, { revision }: EarningsCursor): void {
    const kept = this.#kept.get(earningsKey(scope))?.cursor.revision ?? -1
    if (revision !== kept + 1) throw new EarningsConflict()
  }

  async list(): Promise<readonly StoredEarnings[]> {
    return [...this.#kept.values()]
  }

  async archive(scope: EarningsScope, sentence: string): Promise<void> {
    const before = this.#kept.get(earningsKey(scope))
    if (before !== undefined) this.#kept.set(earningsKey(scope), { ...before, archived: sentence })
  }
}

/** Names a scope in every store. */
export function earningsKey({ chain, payout, streamId }: EarningsScope): string {
  return `${chain}|${payout}|${streamId}`
}
