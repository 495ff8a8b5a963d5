import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { SessionRow, SlotRow, TickRow } from '../../../shared/pay/payer-contract.ts'
import type { WalletRow } from './ledger-store.ts'
import type { StreamRow, StreamSessionRow, StreamViewerRow } from './stream-rows.ts'

/**
 * Everything this site keeps in a browser: one database, one schema, one version number. Rows are written by the file
 * that owns their type; values of type `unknown` are checked by the one who reads them.
 */
export interface VilokanamSchema extends DBSchema {
  /** The creator's key of free streams (account-key.ts). */
  account: { key: 'creator'; value: CryptoKeyPair }
  /** One row a session account: a viewing that this browser paid for. */
  sessions: { key: AccountHex; value: SessionRow; indexes: { wallet: AccountHex; stream: string } }
  /** Session keys, by account; a page can sign with one and cannot read it. Apart from the rows, which are replaced often. */
  session_keys: { key: AccountHex; value: CryptoKeyPair }
  /** At most one call for an account and nonce: the key is the unique index. */
  slots: { key: [AccountHex, number]; value: SlotRow; indexes: { session: AccountHex } }
  /** One row a second of media shown; numbered from 1 in each session, without gaps. */
  ticks: { key: [AccountHex, number]; value: TickRow; indexes: { session: AccountHex } }
  /** What each session asked of its wallet, by session account and extrinsic hash. */
  session_wallet: { key: [AccountHex, string]; value: WalletRow; indexes: { session: AccountHex } }
  /** A creator's broadcasts, by stream id. */
  streams: { key: string; value: StreamRow }
  /** Each time a broadcast was on air: key `id`. */
  stream_sessions: { key: string; value: StreamSessionRow; indexes: { stream: string } }
  /** Who watched: by stream id and the viewer's session account. */
  stream_viewers: {
    key: [string, AccountHex]
    value: StreamViewerRow
    indexes: { stream: string }
  }
  /** What was read of each block: chain identity, height, hash. */
  earnings_blocks: { key: [string, number, string]; value: unknown }
  /** What a creator's page must know after a reload (epochs, sequence reservations, debts), by a name of its owner's. */
  creator_state: { key: string; value: unknown }
  /** How far the chain was read, by chain identity and reader. */
  cursor: { key: string; value: unknown }
}

export type VilokanamDatabase = IDBPDatabase<VilokanamSchema>

const DATABASE = 'vilokanam'
/** 1: `account`. 2: payments and earnings. */
const VERSION = 2

/**
 * Opens, and where needed migrates, the database. Rejects where the browser keeps no IndexedDB. A page that holds it
 * open lets go as soon as a newer page wants to migrate, so that two versions of the site in two tabs cannot wait for
 * each other for ever; its next transaction then throws InvalidStateError and the page has to be loaded again.
 */
export async function openDatabase({ signal }: { signal?: AbortSignal } = {}): Promise<VilokanamDatabase> {
  signal?.throwIfAborted()
  const database = await openDB<VilokanamSchema>(DATABASE, VERSION, {
    upgrade(db, oldVersion) {
      if (oldVersion < 1) db.createObjectStore('account')
      if (oldVersion < 2) createPaymentStores(db)
    },
    blocking(_current, _wanted, event) {
      ;(event.target as IDBDatabase).close()
    },
  })
  if (signal?.aborted === true) {
    database.close()
    signal.throwIfAborted()
  }
  return database
}

function createPaymentStores(db: VilokanamDatabase): void {
  const sessions = db.createObjectStore('sessions', { keyPath: 'session' })
  sessions.createIndex('wallet', 'wallet')
  sessions.createIndex('stream', 'streamId')
  db.createObjectStore('session_keys')
  db.createObjectStore('slots', { keyPath: ['session', 'nonce'] }).createIndex('session', 'session')
  db.createObjectStore('ticks', { keyPath: ['session', 'index'] }).createIndex('session', 'session')
  db.createObjectStore('session_wallet', { keyPath: ['session', 'hash'] }).createIndex('session', 'session')
  db.createObjectStore('streams', { keyPath: 'id' })
  db.createObjectStore('stream_sessions', { keyPath: 'id' }).createIndex('stream', 'streamId')
  db.createObjectStore('stream_viewers', { keyPath: ['streamId', 'viewer'] }).createIndex(
    'stream',
    'streamId',
  )
  db.createObjectStore('earnings_blocks')
  db.createObjectStore('creator_state')
  db.createObjectStore('cursor')
}

/** For rows that money rests on: the default only promises that the row was handed to the system, not that it was flushed. */
export const STRICT = { durability: 'strict' } as const satisfies IDBTransactionOptions
