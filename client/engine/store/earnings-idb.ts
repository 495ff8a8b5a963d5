import { STRICT, type VilokanamDatabase } from './database.ts'
import { earningsKey } from './earnings-memory.ts'
import {
  type EarningsBlock,
  EarningsConflict,
  type EarningsCursor,
  type EarningsScope,
  type EarningsStore,
  type StoredEarnings,
} from './earnings-store.ts'

/** What stands in `cursor` under `earnings/` and the scope's name; its blocks stand in `earnings_blocks`. */
type CursorRow = {
  readonly scope: EarningsScope
  readonly cursor: EarningsCursor
  readonly archived?: string
}

const PREFIX = 'earnings/'
const STORES = ['cursor', 'earnings_blocks'] as const

/** Earnings in this browser. `database` is the caller's to close. */
export class IdbEarningsStore implements EarningsStore {
  readonly #database: VilokanamDatabase

  constructor(database: VilokanamDatabase) {
    this.#database = database
  }

  async load(scope: EarningsScope): Promise<StoredEarnings | undefined> {
    const transaction = this.#database.transaction(STORES, 'readonly')
    const key = earningsKey(scope)
    const [row, blocks] = await Promise.all([
      transaction.objectStore('cursor').get(PREFIX + key),
      transaction.objectStore('earnings_blocks').getAll(blocksOf(key)),
      transaction.done,
    ])
    return row === undefined ? undefined : stored(row as CursorRow, blocks as EarningsBlock[])
  }

  async commit(scope: EarningsScope, change: Parameters<EarningsStore['commit']>[1]): Promise<void> {
    const { cursor, put, drop } = change
    const transaction = this.#database.transaction(STORES, 'readwrite', STRICT)
    const cursors = transaction.objectStore('cursor')
    const blocks = transaction.objectStore('earnings_blocks')
    const key = earningsKey(scope)
    try {
      const before = (await cursors.get(PREFIX + key)) as CursorRow | undefined
      if (cursor.revision !== (before?.cursor.revision ?? -1) + 1) throw new EarningsConflict()
      const numbers = new Map(before?.cursor.trail.map(({ number, hash }) => [hash, number]))
      const writes: Promise<unknown>[] = [cursors.put({ ...before, scope, cursor }, PREFIX + key)]
      for (const hash of drop) {
        const number = numbers.get(hash)
        if (number !== undefined) writes.push(blocks.delete([key, number, hash]))
      }
      for (const block of put) writes.push(blocks.put(block, [key, block.block.number, block.block.hash]))
      await Promise.all([...writes, transaction.done])
    } catch (error) {
      abandon(transaction)
      throw error
    }
  }

  async list(): Promise<readonly StoredEarnings[]> {
    const transaction = this.#database.transaction(STORES, 'readonly')
    const rows = (await transaction
      .objectStore('cursor')
      .getAll(IDBKeyRange.bound(PREFIX, `${PREFIX}\uffff`))) as CursorRow[]
    return Promise.all(
      rows.map(async row => {
        const blocks = await transaction
          .objectStore('earnings_blocks')
          .getAll(blocksOf(earningsKey(row.scope)))
        return stored(row, blocks as EarningsBlock[])
      }),
    )
  }

  async archive(scope: EarningsScope, sentence: string): Promise<void> {
    const transaction = this.#database.transaction('cursor', 'readwrite', STRICT)
    const key = PREFIX + earningsKey(scope)
    const row = (await transaction.store.get(key)) as CursorRow | undefined
    if (row !== undefined) await transaction.store.put({ ...row, archived: sentence }, key)
    await transaction.done
  }
}

/** By height: the second part of a block's key. */
function blocksOf(key: string): IDBKeyRange {
  return IDBKeyRange.bound([key], [key, []])
}

function stored(row: CursorRow, blocks: readonly EarningsBlock[]): StoredEarnings {
  return { ...row, blocks }
}

/** Nothing of it is written; it may have failed, and so ended, by itself. */
function abandon(transaction: { readonly done: Promise<void>; abort(): void }): void {
  transaction.done.catch(() => undefined)
  try {
    transaction.abort()
  } catch {
    // InvalidStateError: it has ended already.
  }
}
