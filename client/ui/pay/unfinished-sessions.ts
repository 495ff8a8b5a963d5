import { hexText } from '../../../shared/protocol/hex.ts'
import { parseStreamId, streamIdToBytes } from '../../../shared/protocol/ids.ts'
import { browserSessionLocks } from '../../engine/pay/session-locks.ts'
import { openDatabase } from '../../engine/store/database.ts'

/**
 * Sessions of earlier visits that are not settled, by a look into this browser's books alone: no chain, no library of
 * it. Those that a tab pays at present are left out, and those of `exceptStream` (its id as in an address).
 */
export async function countUnfinished(exceptStream?: string): Promise<number> {
  // To open a database is to make it: a visitor who never paid keeps none.
  const kept = await indexedDB.databases()
  if (!kept.some(({ name }) => name === 'vilokanam')) return 0
  const database = await openDatabase()
  try {
    const except = exceptStream === undefined ? undefined : hexText(idBytes(exceptStream)).slice(2)
    const locks = browserSessionLocks()
    const rows = (await database.getAll('sessions')).filter(
      ({ phase, streamId }) => phase.kind !== 'closed' && phase.kind !== 'archived' && streamId !== except,
    )
    const held = await Promise.all(rows.map(({ session }) => locks.isHeld(session)))
    return held.filter(isHeld => !isHeld).length
  } finally {
    database.close()
  }
}

/** Empty for what is no id: no session has one. */
export function idBytes(text: string): Uint8Array {
  try {
    return streamIdToBytes(parseStreamId(text))
  } catch {
    return new Uint8Array()
  }
}
