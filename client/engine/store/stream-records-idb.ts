import type { VilokanamDatabase } from './database.ts'
import {
  newestFirst,
  type RecordedStream,
  type StreamRecords,
  type StreamRecordsChange,
} from './stream-records.ts'
import type { StreamRow } from './stream-rows.ts'

const STORES = ['streams', 'stream_sessions', 'stream_viewers'] as const

/** In this browser. `database` is the caller's to close. Money does not rest on these rows: see EarningsStore. */
export class IdbStreamRecords implements StreamRecords {
  readonly #database: VilokanamDatabase

  constructor(database: VilokanamDatabase) {
    this.#database = database
  }

  async put({ stream, session, viewers = [] }: StreamRecordsChange): Promise<void> {
    const transaction = this.#database.transaction(STORES, 'readwrite')
    const writes: Promise<unknown>[] = []
    if (stream !== undefined) writes.push(transaction.objectStore('streams').put(stream))
    if (session !== undefined) writes.push(transaction.objectStore('stream_sessions').put(session))
    for (const row of viewers) writes.push(transaction.objectStore('stream_viewers').put(row))
    await Promise.all([...writes, transaction.done])
  }

  async get(streamId: string): Promise<RecordedStream | undefined> {
    const transaction = this.#database.transaction(STORES, 'readonly')
    const [stream, sessions, viewers] = await Promise.all([
      transaction.objectStore('streams').get(streamId),
      transaction.objectStore('stream_sessions').index('stream').getAll(streamId),
      transaction.objectStore('stream_viewers').index('stream').getAll(streamId),
    ])
    return stream === undefined ? undefined : { stream, sessions, viewers }
  }

  async list(): Promise<readonly StreamRow[]> {
    return newestFirst(await this.#database.getAll('streams'))
  }
}
