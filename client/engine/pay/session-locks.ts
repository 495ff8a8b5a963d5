import type { AccountHex } from '../../../shared/pay/evidence.ts'

/** Held until `release()`; `lost` aborts when somebody else took it, from then on nothing may be signed or written. */
export interface HeldLock {
  readonly lost: AbortSignal
  /** Idempotent. */
  release(): void
}

/** At most one payer a session account, among all tabs (or processes) that share its storage. */
export interface SessionLocks {
  /** Undefined when another holds it. */
  acquire(account: AccountHex): Promise<HeldLock | undefined>
  /** Somebody holds it, here or in another tab. */
  isHeld(account: AccountHex): Promise<boolean>
  /** Asks the holder to let go, waits a little, then takes it. */
  takeOver(account: AccountHex, options?: { readonly signal?: AbortSignal }): Promise<HeldLock>
}

/**
 * A tab that was asked writes its last row and lets go well within this. One that does not is asleep or stuck: its lock
 * is taken, and the unique keys of the ledger keep it from paying beside us when it wakes.
 */
const PATIENCE_MS = 1_500

/** Among the tabs of one browser. */
export function browserSessionLocks(
  locks: LockManager = navigator.locks,
  channelOf: (name: string) => BroadcastChannel = name => new BroadcastChannel(name),
): SessionLocks {
  return {
    acquire: account => request(locks, channelOf, account, { ifAvailable: true }),
    async isHeld(account) {
      const { held = [] } = await locks.query()
      return held.some(({ name }) => name === nameOf(account))
    },
    async takeOver(account, { signal } = {}) {
      signal?.throwIfAborted()
      const channel = channelOf(nameOf(account))
      try {
        channel.postMessage('let-go')
        const polite = new AbortController()
        const timer = setTimeout(() => polite.abort(), PATIENCE_MS)
        try {
          const within = signal === undefined ? polite.signal : AbortSignal.any([polite.signal, signal])
          const held = await request(locks, channelOf, account, { signal: within })
          if (held !== undefined) return held
        } catch (error) {
          if (!polite.signal.aborted) throw error
        } finally {
          clearTimeout(timer)
        }
        signal?.throwIfAborted()
        const held = await request(locks, channelOf, account, { steal: true })
        if (held === undefined) throw new Error('a stolen lock is always granted')
        return held
      } finally {
        channel.close()
      }
    },
  }
}

function nameOf(account: AccountHex): string {
  return `vilokanam/session/${account}`
}

function request(
  locks: LockManager,
  channelOf: (name: string) => BroadcastChannel,
  account: AccountHex,
  options: LockOptions,
): Promise<HeldLock | undefined> {
  return new Promise((resolve, reject) => {
    const lost = new AbortController()
    let channel: BroadcastChannel | undefined
    locks
      .request(nameOf(account), options, lock => {
        if (lock === null) return resolve(undefined)
        return new Promise<void>(letGo => {
          channel = channelOf(nameOf(account))
          channel.onmessage = () => lost.abort()
          resolve({ lost: lost.signal, release: letGo })
        })
      })
      // Of a lock that was granted: rejects with AbortError when it is stolen, resolves when it was let go.
      .catch((error: unknown) => {
        lost.abort()
        reject(error)
      })
      .finally(() => channel?.close())
  })
}

/** Within one process: for Node, where a ledger's folder belongs to one process, and for tests of several tabs. */
export class MemorySessionLocks implements SessionLocks {
  readonly #held = new Map<AccountHex, { lost: AbortController; released: Promise<void> }>()

  acquire(account: AccountHex): Promise<HeldLock | undefined> {
    if (this.#held.has(account)) return Promise.resolve(undefined)
    const lost = new AbortController()
    let settle: () => void = () => {}
    const released = new Promise<void>(resolve => {
      settle = resolve
    })
    const entry = { lost, released }
    this.#held.set(account, entry)
    return Promise.resolve({
      lost: lost.signal,
      release: () => {
        if (this.#held.get(account) === entry) this.#held.delete(account)
        settle()
      },
    })
  }

  isHeld(account: AccountHex): Promise<boolean> {
    return Promise.resolve(this.#held.has(account))
  }

  async takeOver(account: AccountHex, { signal }: { readonly signal?: AbortSignal } = {}): Promise<HeldLock> {
    for (;;) {
      signal?.throwIfAborted()
      const holder = this.#held.get(account)
      if (holder === undefined) {
        const held = await this.acquire(account)
        if (held !== undefined) return held
        continue
      }
      holder.lost.abort()
      const patience = new Promise<void>(resolve => setTimeout(resolve, PATIENCE_MS))
      await Promise.race([holder.released, patience, ...(signal === undefined ? [] : [aborted(signal)])])
      if (this.#held.get(account) === holder) this.#held.delete(account)
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
