import type { StreamRow, StreamSessionRow, StreamViewerRow } from './stream-rows.ts'

export type StreamRecordsChange = {
  readonly stream?: StreamRow
  readonly session?: StreamSessionRow
  readonly viewers?: readonly StreamViewerRow[]
}

export type RecordedStream = {
  readonly stream: StreamRow
  readonly sessions: readonly StreamSessionRow[]
  readonly viewers: readonly StreamViewerRow[]
}

/** A creator's own broadcasts: what was shown, when, to whom, and what they paid. Rows of one key replace each other. */
export interface StreamRecords {
  /** One transaction. */
  put(change: StreamRecordsChange): Promise<void>
  get(streamId: string): Promise<RecordedStream | undefined>
  /** Newest first. */
  list(): Promise<readonly StreamRow[]>
}

/** Lasts as long as this object. */
export class MemoryStreamRecords implements StreamRecords {
  readonly #streams = new Map<string, StreamRow>()
  readonly #sessions = new Map<string, StreamSessionRow>()
  readonly #viewers = new Map<string, StreamViewerRow>()

  async put({ stream, session, viewers = [] }: StreamRecordsChange): Promise<void> {
    if (stream !== undefined) this.#streams.set(stream.id, stream)
    if (session !== undefined) this.#sessions.set(session.id, session)
    for (const row of viewers) this.#viewers.set(`${row.streamId}/${row.viewer}`, row)
  }

  async get(streamId: string): Promise<RecordedStream | undefined> {
    const stream = this.#streams.get(streamId)
    if (stream === undefined) return undefined
    return {
      stream,
      sessions: [...this.#sessions.values()].filter(row => row.streamId === streamId),
      viewers: [...this.#viewers.values()].filter(row => row.streamId === streamId),
    }
  }

  async list(): Promise<readonly StreamRow[]> {
    return newestFirst([...this.#streams.values()])
  }

  /** Changes that make these records out of none. */
  changes(): readonly StreamRecordsChange[] {
    return [
      ...[...this.#streams.values()].map(stream => ({ stream })),
      ...[...this.#sessions.values()].map(session => ({ session })),
      { viewers: [...this.#viewers.values()] },
    ]
  }
}

export function newestFirst(streams: readonly StreamRow[]): readonly StreamRow[] {
  return streams.toSorted((a, b) => b.startedAt - a.startedAt)
}
