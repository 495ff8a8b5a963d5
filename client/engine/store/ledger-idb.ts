import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { LedgerRows, SessionRow } from '../../../shared/pay/payer-contract.ts'
import type { Signer } from '../../../shared/protocol/crypto-port.ts'
import { hexText } from '../../../shared/protocol/hex.ts'
import { webSigner } from '../crypto/web-crypto.ts'
import { STRICT, type VilokanamDatabase } from './database.ts'
import {
  checkSlot,
  checkTick,
  type LedgerCommit,
  LedgerError,
  type LedgerStore,
  type WalletRow,
} from './ledger-store.ts'

const FAREWELL = 'vilokanam/farewell/'

/** `LedgerStore` in this browser; session keys are made non-extractable. `database` is the caller's to close. */
export class IdbLedger implements LedgerStore {
  readonly #database: VilokanamDatabase
  /** IndexedDB cannot be written synchronously, which a closing page needs. */
  readonly #notes: Storage

  constructor(database: VilokanamDatabase, notes: Storage = localStorage) {
    this.#database = database
    this.#notes = notes
  }

  async makeKey(): Promise<Signer> {
    return guarded('unwritable', async () => {
      const pair = (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair
      const signer = await webSigner(pair)
      const transaction = this.#database.transaction('session_keys', 'readwrite', STRICT)
      await Promise.all([transaction.store.add(pair, hexText(signer.publicKey)), transaction.done])
      return signer
    })
  }

  async key(session: AccountHex): Promise<Signer | undefined> {
    return guarded('unreadable', async () => {
      const pair = await this.#database.get('session_keys', session)
      return pair === undefined ? undefined : webSigner(pair)
    })
  }

  async dropKey(session: AccountHex): Promise<void> {
    await guarded('unwritable', async () => {
      const transaction = this.#database.transaction('session_keys', 'readwrite', STRICT)
      await Promise.all([transaction.store.delete(session), transaction.done])
    })
    this.#notes.removeItem(FAREWELL + session)
  }

  async commit(rows: LedgerCommit): Promise<void> {
    await guarded('unwritable', async () => {
      const transaction = this.#database.transaction(
        ['sessions', 'slots', 'ticks', 'session_wallet'],
        'readwrite',
        STRICT,
      )
      try {
        const writes: Promise<unknown>[] = []
        const slots = transaction.objectStore('slots')
        for (const slot of rows.slots ?? []) {
          checkSlot(await slots.get([slot.session, slot.nonce]), slot)
          writes.push(slots.put(slot))
        }
        const ticks = transaction.objectStore('ticks')
        for (const tick of rows.ticks ?? []) {
          checkTick(await ticks.get([tick.session, tick.index]), tick)
          writes.push(ticks.put(tick))
        }
        if (rows.session !== undefined) writes.push(transaction.objectStore('sessions').put(rows.session))
        for (const row of rows.wallet ?? []) writes.push(transaction.objectStore('session_wallet').put(row))
        await Promise.all([...writes, transaction.done])
      } catch (error) {
        // A transaction that was left alone would commit the rows before the one that failed.
        transaction.done.catch(() => {})
        try {
          transaction.abort()
        } catch {
          // It failed by itself, and is undone already.
        }
        throw error
      }
    })
  }

  async read(session: AccountHex): Promise<LedgerRows | undefined> {
    return guarded('unreadable', async () => {
      const transaction = this.#database.transaction(['sessions', 'slots', 'ticks'])
      const [row, slots, ticks] = await Promise.all([
        transaction.objectStore('sessions').get(session),
        transaction.objectStore('slots').index('session').getAll(session),
        transaction.objectStore('ticks').index('session').getAll(session),
        transaction.done,
      ])
      return row === undefined ? undefined : { session: row, slots, ticks }
    })
  }

  async walletRows(session: AccountHex): Promise<readonly WalletRow[]> {
    return guarded('unreadable', () => this.#database.getAllFromIndex('session_wallet', 'session', session))
  }

  async sessions(): Promise<readonly SessionRow[]> {
    return guarded('unreadable', () => this.#database.getAll('sessions'))
  }

  noteFarewell(session: AccountHex): void {
    this.#notes.setItem(FAREWELL + session, '1')
  }

  hasFarewell(session: AccountHex): boolean {
    return this.#notes.getItem(FAREWELL + session) !== null
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

async function guarded<T>(code: 'unwritable' | 'unreadable', work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof LedgerError) throw cause
    const what = code === 'unwritable' ? 'write to' : 'read'
    throw new LedgerError(
      code,
      `This browser could not ${what} the payment ledger (${cause instanceof Error ? cause.message : String(cause)}). Free some disk space, or allow this site to store data, and load the page again.`,
      { cause },
    )
  }
}
