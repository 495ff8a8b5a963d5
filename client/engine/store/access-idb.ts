import type { AccessStore, StoredAccess } from '../paid/access-store.ts'
import { STRICT, type VilokanamDatabase } from './database.ts'

const PREFIX = 'access/'

/** Who owes a creator, in this browser. `database` stays the caller's. */
export function browserAccessStore(database: VilokanamDatabase): AccessStore {
  const nameOf = (chain: string, payout: string): string => `${PREFIX}${chain} ${payout}`
  return {
    async load(chain, payout) {
      const row = await database.get('creator_state', nameOf(chain, payout))
      return isStored(row) ? row : undefined
    },

    async save(chain, payout, stored) {
      const transaction = database.transaction('creator_state', 'readwrite', STRICT)
      await Promise.all([transaction.store.put(stored, nameOf(chain, payout)), transaction.done])
    },
  }
}

/** Of this version: what another one wrote is left alone until it is overwritten. */
function isStored(row: unknown): row is StoredAccess {
  if (typeof row !== 'object' || row === null || !('snapshot' in row) || !('streamId' in row)) return false
  const { snapshot } = row
  return typeof snapshot === 'object' && snapshot !== null && 'version' in snapshot && snapshot.version === 1
}
