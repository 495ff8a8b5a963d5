import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { LedgerRows, SessionRow, SlotRow, TickRow } from '../../../shared/pay/payer-contract.ts'
import type { Signer } from '../../../shared/protocol/crypto-port.ts'
import { jsonLine, parseJsonLine } from './ledger-json.ts'
import {
  checkSlot,
  checkTick,
  type LedgerCommit,
  LedgerError,
  type LedgerStore,
  type WalletRow,
} from './ledger-store.ts'

/** The files a ledger is kept in. Whatever resolves is on the disk, not only with the system. */
export interface LedgerFiles {
  /** Names of all ledgers. */
  list(): Promise<readonly string[]>
  /** '' for one that does not exist. */
  read(name: string): Promise<string>
  append(name: string, text: string): Promise<void>
  /** Leaves the first `length` bytes: what comes after them was not written to its end. */
  truncate(name: string, length: number): Promise<void>
  /** A new key that only its owner can read; kept before it is handed out. */
  makeKey(): Promise<Signer>
  key(name: string): Promise<Signer | undefined>
  dropKey(name: string): Promise<void>
  /** Synchronous. */
  noteFarewell(name: string): void
  hasFarewell(name: string): boolean
}

type Ledger = {
  session: SessionRow | undefined
  readonly slots: Map<number, SlotRow>
  readonly ticks: Map<number, TickRow>
  readonly wallet: Map<string, WalletRow>
}

/**
 * `LedgerStore` of one process: a file a session, a line a commit. A line that was cut off by a crash was never
 * acknowledged, and is taken away when its file is first read.
 */
export class LinesLedger implements LedgerStore {
  readonly #files: LedgerFiles
  readonly #ledgers = new Map<AccountHex, Promise<Ledger>>()
  /** Commits of one session are written in the order they were given. */
  readonly #tails = new Map<AccountHex, Promise<void>>()

  constructor(files: LedgerFiles) {
    this.#files = files
  }

  makeKey(): Promise<Signer> {
    return guarded('unwritable', () => this.#files.makeKey())
  }

  key(session: AccountHex): Promise<Signer | undefined> {
    return guarded('unreadable', () => this.#files.key(session))
  }

  dropKey(session: AccountHex): Promise<void> {
    return guarded('unwritable', () => this.#files.dropKey(session))
  }

  async commit(rows: LedgerCommit): Promise<void> {
    const session = sessionOf(rows)
    if (session === undefined) return
    const tail = this.#tails.get(session) ?? Promise.resolve()
    const written = tail.then(() => this.#write(session, rows))
    this.#tails.set(
      session,
      written.catch(() => {}),
    )
    return guarded('unwritable', () => written)
  }

  async #write(session: AccountHex, rows: LedgerCommit): Promise<void> {
    const ledger = await this.#load(session)
    for (const slot of rows.slots ?? []) checkSlot(ledger.slots.get(slot.nonce), slot)
    for (const tick of rows.ticks ?? []) checkTick(ledger.ticks.get(tick.index), tick)
    try {
      await this.#files.append(session, `${jsonLine(rows)}\n`)
    } catch (error) {
      // Half a line may be there: the next reading takes it away before anything is written behind it.
      this.#ledgers.delete(session)
      throw error
    }
    apply(ledger, rows)
  }

  async read(session: AccountHex): Promise<LedgerRows | undefined> {
    const ledger = await guarded('unreadable', () => this.#load(session))
    if (ledger.session === undefined) return undefined
    return {
      session: ledger.session,
      slots: [...ledger.slots.values()].sort((one, other) => one.nonce - other.nonce),
      ticks: [...ledger.ticks.values()].sort((one, other) => one.index - other.index),
    }
  }

  async walletRows(session: AccountHex): Promise<readonly WalletRow[]> {
    const ledger = await guarded('unreadable', () => this.#load(session))
    return [...ledger.wallet.values()]
  }

  async sessions(): Promise<readonly SessionRow[]> {
    return guarded('unreadable', async () => {
      const names = await this.#files.list()
      const ledgers = await Promise.all(names.map(name => this.#load(name)))
      return ledgers.flatMap(({ session }) => (session === undefined ? [] : [session]))
    })
  }

  noteFarewell(session: AccountHex): void {
    this.#files.noteFarewell(session)
  }

  hasFarewell(session: AccountHex): boolean {
    return this.#files.hasFarewell(session)
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await Promise.all(this.#tails.values())
  }

  #load(session: AccountHex): Promise<Ledger> {
    const known = this.#ledgers.get(session)
    if (known !== undefined) return known
    const loading = this.#readFile(session)
    this.#ledgers.set(session, loading)
    loading.catch(() => this.#ledgers.delete(session))
    return loading
  }

  async #readFile(session: AccountHex): Promise<Ledger> {
    const ledger: Ledger = { session: undefined, slots: new Map(), ticks: new Map(), wallet: new Map() }
    const text = await this.#files.read(session)
    const end = text.lastIndexOf('\n') + 1
    // ASCII throughout but for titles, so that bytes have to be counted.
    if (end < text.length)
      await this.#files.truncate(session, new TextEncoder().encode(text.slice(0, end)).length)
    const lines = text.slice(0, end).split('\n').slice(0, -1)
    for (const [index, line] of lines.entries()) {
      try {
        apply(ledger, parseJsonLine(line) as LedgerCommit)
      } catch (cause) {
        throw new LedgerError(
          'unreadable',
          `Line ${index + 1} of the ledger of session ${session} cannot be read. Restore the file from a copy; the wallet alone can take the budget back meanwhile.`,
          { cause },
        )
      }
    }
    return ledger
  }
}

function apply(ledger: Ledger, rows: LedgerCommit): void {
  if (rows.session !== undefined) ledger.session = rows.session
  for (const slot of rows.slots ?? []) ledger.slots.set(slot.nonce, slot)
  for (const tick of rows.ticks ?? []) ledger.ticks.set(tick.index, tick)
  for (const row of rows.wallet ?? []) ledger.wallet.set(row.hash, row)
}

function sessionOf(rows: LedgerCommit): AccountHex | undefined {
  const first = rows.session ?? rows.slots?.[0] ?? rows.ticks?.[0] ?? rows.wallet?.[0]
  return first?.session
}

async function guarded<T>(code: 'unwritable' | 'unreadable', work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof LedgerError) throw cause
    const what = code === 'unwritable' ? 'written' : 'read'
    throw new LedgerError(
      code,
      `The payment ledger could not be ${what} (${cause instanceof Error ? cause.message : String(cause)}). Check the disk and who may write to its folder.`,
      { cause },
    )
  }
}
