import type { StreamId } from '../../../shared/protocol/ids.ts'
import type { CreatorStreamKeeper, CreatorStreamState, StoredCreatorStream } from '../creator-stream.ts'
import { webSigner } from '../crypto/web-crypto.ts'
import { STRICT, type VilokanamDatabase } from './database.ts'

const ROW = 'stream/'
const KEY = 'stream-key/'
/** A page that is being reloaded lets go of its lock when it is gone; the next one may be a little early. */
const LOCK_PATIENCE_MS = 2_000
/** Older ones cannot be resumed; they are cleared away when a new stream begins. */
const KEPT_MS = 10 * 60_000

/**
 * A creator's running streams in this browser: rows and non-extractable stream keys in `creator_state`, one tab a stream
 * by Web Lock. `database` stays the caller's.
 */
export function browserCreatorStreams(
  database: VilokanamDatabase,
  locks: LockManager = navigator.locks,
  wallMs: () => number = () => Date.now(),
): CreatorStreamKeeper {
  const list = async (): Promise<StoredCreatorStream[]> => {
    const transaction = database.transaction('creator_state')
    const [names, values] = await Promise.all([
      transaction.store.getAllKeys(),
      transaction.store.getAll(),
      transaction.done,
    ])
    const byName = new Map(names.map((name, index) => [name, values[index]]))
    const stored: StoredCreatorStream[] = []
    for (const [name, value] of byName) {
      if (!name.startsWith(ROW) || !isState(value)) continue
      const pair = byName.get(KEY + value.keyReference)
      if (isKeyPair(pair)) stored.push({ state: value, signer: await webSigner(pair) })
    }
    return stored.sort((a, b) => b.state.aliveAtMs - a.state.aliveAtMs)
  }

  const forget = async (state: CreatorStreamState): Promise<void> => {
    const transaction = database.transaction('creator_state', 'readwrite')
    await Promise.all([
      transaction.store.delete(ROW + state.streamId),
      transaction.store.delete(KEY + state.keyReference),
      transaction.done,
    ])
  }

  return {
    async createKey() {
      for (const { state } of await list()) if (wallMs() - state.aliveAtMs > KEPT_MS) await forget(state)
      const pair = (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair
      const reference = crypto.randomUUID()
      await database.put('creator_state', pair, KEY + reference)
      return { reference, signer: await webSigner(pair) }
    },

    async save(state) {
      const transaction = database.transaction('creator_state', 'readwrite', STRICT)
      await Promise.all([transaction.store.put(state, ROW + state.streamId), transaction.done])
    },

    list,
    forget,
    lock: streamId => hold(locks, streamId),
  }
}

function hold(locks: LockManager, streamId: StreamId): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const patience = AbortSignal.timeout(LOCK_PATIENCE_MS)
    locks
      .request(`vilokanam/stream/${streamId}`, { signal: patience }, () => {
        return new Promise<void>(release => resolve(release))
      })
      .catch((error: unknown) => {
        if (patience.aborted) resolve(undefined)
        else reject(error)
      })
  })
}

function isState(value: unknown): value is CreatorStreamState {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === 1
}

function isKeyPair(value: unknown): value is CryptoKeyPair {
  return typeof value === 'object' && value !== null && 'privateKey' in value
}
