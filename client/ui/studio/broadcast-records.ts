import type { CreatorStreamKeeper } from '../../engine/creator-stream.ts'
import { type RowKeys, recordRows } from '../../engine/paid/record-rows.ts'
import type { EngineDeps } from '../../engine/ports.ts'
import { openDatabase } from '../../engine/store/database.ts'
import { IdbStreamRecords } from '../../engine/store/stream-records-idb.ts'
import type { LiveBroadcast } from './live-broadcast.ts'

/** Remembers which stream key the next broadcast gets: its row names it. */
export function noteKeyReference(keeper: CreatorStreamKeeper): {
  readonly keeper: CreatorStreamKeeper
  readonly reference: () => string
} {
  let reference = ''
  return {
    keeper: {
      ...keeper,
      async createKey() {
        const made = await keeper.createKey()
        reference = made.reference
        return made
      },
    },
    reference: () => reference,
  }
}

/** The creator's own books of this broadcast, written while it runs. Answers its end; nothing of it disturbs a stream. */
export async function recordBroadcast(
  { broadcaster, paid }: LiveBroadcast,
  { clock, logger }: EngineDeps,
  keys: RowKeys,
): Promise<() => Promise<void>> {
  const records = new IdbStreamRecords(await openDatabase())
  return recordRows(broadcaster, paid, { records, clock, logger: logger.scope('records') }, keys)
}
