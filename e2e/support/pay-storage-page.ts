import { browserSessionLocks, type HeldLock } from '../../client/engine/pay/session-locks.ts'
import { openAccountKey } from '../../client/engine/store/account-key.ts'
import { openDatabase, type VilokanamDatabase } from '../../client/engine/store/database.ts'
import { IdbLedger } from '../../client/engine/store/ledger-idb.ts'
import { LEDGER_RULES } from '../../client/engine/store/testing/ledger-contract.ts'
import { hexText } from '../../shared/protocol/hex.ts'

const SESSION = `0x${'ab'.repeat(32)}`

/** What the test asks this page to do, with a browser's own storage and locks. */
export type PayStorageProbe = {
  readonly titles: readonly string[]
  /** On storage of its own. Rejects where the rule does not hold. */
  check(title: string): Promise<void>
  /** The account key as version 1 of the site left it, then as this version finds it. */
  migrate(): Promise<{ readonly before: string; readonly after: string; readonly stores: readonly string[] }>
  canReadSessionKey(): Promise<boolean>
  acquire(): Promise<boolean>
  takeOver(): Promise<void>
  isHeld(): Promise<boolean>
  isLost(): boolean
  /** Lets go when asked, as a page that works does; else it sleeps. */
  beAwake(): void
}

declare global {
  interface Window {
    payStorage: PayStorageProbe
  }
}

const locks = browserSessionLocks()
let held: HeldLock | undefined

async function wipe(): Promise<void> {
  localStorage.clear()
  await new Promise<void>((resolve, reject) => {
    const request = indexedDB.deleteDatabase('vilokanam')
    request.onsuccess = () => resolve()
    request.onerror = () => reject(request.error)
    request.onblocked = () => reject(new Error('the database is still open'))
  })
}

window.payStorage = {
  titles: LEDGER_RULES.map(({ title }) => title),

  async check(title) {
    await wipe()
    const opened: VilokanamDatabase[] = []
    try {
      await LEDGER_RULES.find(rule => rule.title === title)?.check(async () => {
        const database = await openDatabase()
        opened.push(database)
        return new IdbLedger(database)
      })
    } finally {
      for (const database of opened) database.close()
    }
  },

  async migrate() {
    await wipe()
    const pair = (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair
    const old = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('vilokanam', 1)
      request.onupgradeneeded = () => request.result.createObjectStore('account')
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
    await new Promise<void>((resolve, reject) => {
      const transaction = old.transaction('account', 'readwrite')
      transaction.objectStore('account').put(pair, 'creator')
      transaction.oncomplete = () => resolve()
      transaction.onerror = () => reject(transaction.error)
    })
    old.close()
    const before = hexText(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)))
    const after = hexText((await openAccountKey()).publicKey)
    const database = await openDatabase()
    const stores = [...database.objectStoreNames]
    database.close()
    return { before, after, stores }
  },

  async canReadSessionKey() {
    await wipe()
    const database = await openDatabase()
    try {
      const signer = await new IdbLedger(database).makeKey()
      const pair = await database.get('session_keys', hexText(signer.publicKey))
      if (pair === undefined) throw new Error('the key was not kept')
      return await crypto.subtle.exportKey('pkcs8', pair.privateKey).then(
        () => true,
        () => false,
      )
    } finally {
      database.close()
    }
  },

  async acquire() {
    held = await locks.acquire(SESSION)
    return held !== undefined
  },

  async takeOver() {
    held = await locks.takeOver(SESSION)
  },

  isHeld: () => locks.isHeld(SESSION),

  isLost: () => held?.lost.aborted === true,

  beAwake() {
    held?.lost.addEventListener('abort', () => held?.release())
  },
}
