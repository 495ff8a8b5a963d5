import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { Clock, Logger } from '../ports.ts'
import type { StreamRecords } from '../store/stream-records.ts'
import type { StreamRow, StreamSessionRow, StreamViewerRow } from '../store/stream-rows.ts'
import type { EarningsSnapshot } from './earnings-contract.ts'
import { type Every, every } from './every.ts'

export type StreamRecorderDeps = {
  readonly records: StreamRecords
  readonly clock: Clock
  readonly logger: Logger
  /** As of ChainWatcherDeps. */
  readonly every?: Every
}

export type RecordedBroadcast = {
  /** 64 hex digits. */
  readonly streamId: string
  readonly creator: string
  readonly title: string
  readonly description: string
  readonly category: string
  /** Names the stream key where it is kept. */
  readonly streamKeyReference: string
  readonly trackerUsed?: string
  readonly relayUsed?: string
  /** The broadcast is also written to a file. */
  readonly isRecorded: boolean
}

/** What access tells of a viewer: an AccessRow or a PaidViewer. */
export type WatchingSession = {
  readonly wallet: AccountHex
  readonly session: AccountHex
  readonly isWatching: boolean
}

/** Rows are written this often while something changes, and at the end. */
const WRITE_EVERY_MS = 5_000

/**
 * Writes a broadcast's rows: fed with what Broadcaster, access and earnings say anyway. A failing store costs rows, not
 * the broadcast: it is logged and tried again with the next change.
 */
export class StreamRecorder {
  readonly #deps: StreamRecorderDeps
  #stream: StreamRow
  #session: StreamSessionRow
  readonly #viewers: Map<AccountHex, StreamViewerRow>
  readonly #changed = new Set<'stream' | AccountHex>()
  readonly #stop: () => void
  #writing: Promise<void> = Promise.resolve()

  private constructor(
    deps: StreamRecorderDeps,
    stream: StreamRow,
    session: StreamSessionRow,
    viewers: readonly StreamViewerRow[],
  ) {
    this.#deps = deps
    this.#stream = stream
    this.#session = session
    this.#viewers = new Map(viewers.map(row => [row.viewer, row]))
    this.#changed.add('stream')
    this.#stop = (deps.every ?? every)(WRITE_EVERY_MS, () => void this.#write())
  }

  /** A broadcast that goes on after a reload keeps its start, its viewers and its sums. */
  static async begin(deps: StreamRecorderDeps, broadcast: RecordedBroadcast): Promise<StreamRecorder> {
    const now = deps.clock.wallMs()
    const { streamId, creator, title, description, category, streamKeyReference } = broadcast
    const before = await deps.records.get(streamId).catch((error: unknown) => {
      deps.logger.warn('records of earlier broadcasts cannot be read', { error })
      return undefined
    })
    const stream: StreamRow = {
      ...{ id: streamId, creator, title, description, category, streamKeyReference },
      status: 'live',
      viewerCount: before?.stream.viewerCount ?? 0,
      totalTicks: before?.stream.totalTicks ?? 0,
      startedAt: before?.stream.startedAt ?? now,
    }
    const session: StreamSessionRow = {
      id: `${streamId}/${now}`,
      streamId,
      ...(broadcast.relayUsed !== undefined && { relayUsed: broadcast.relayUsed }),
      ...(broadcast.trackerUsed !== undefined && { trackerUsed: broadcast.trackerUsed }),
      recorded: broadcast.isRecorded,
      startedAt: now,
    }
    const recorder = new StreamRecorder(deps, stream, session, before?.viewers ?? [])
    await recorder.#write()
    return recorder
  }

  get stream(): StreamRow {
    return this.#stream
  }

  /** Of `stats`: the row keeps the most at once. */
  setViewers(count: number): void {
    if (count > this.#stream.viewerCount) this.#setStream({ viewerCount: count })
  }

  setRoute(route: { readonly trackerUsed?: string; readonly relayUsed?: string }): void {
    this.#session = { ...this.#session, ...route }
    this.#changed.add('stream')
  }

  /** Who has a session: told by access, also before anything was paid. */
  setSessions(sessions: readonly WatchingSession[]): void {
    for (const { session, wallet } of sessions) {
      const row = this.#viewers.get(session)
      if (row === undefined || row.wallet !== wallet) this.#setViewer(session, { wallet })
    }
  }

  /** What each session has paid so far; retracted payments are taken back by the next snapshot. */
  setEarnings({ viewers }: Pick<EarningsSnapshot, 'viewers'>): void {
    let ticks = 0n
    const paying = new Set<AccountHex>()
    for (const { viewer, isKnown, sessions } of viewers) {
      for (const { session, from, total, ticks: theirs, firstAtMs, lastAtMs } of sessions) {
        ticks += theirs
        paying.add(session ?? from)
        const row = this.#viewers.get(session ?? from)
        if (row?.paidAmount === total && BigInt(row.totalTicks) === theirs) continue
        this.#setViewer(session ?? from, {
          ...(isKnown && { wallet: viewer }),
          joinedAt: Math.min(row?.joinedAt ?? firstAtMs, firstAtMs),
          lastTickAt: lastAtMs,
          totalTicks: Number(theirs),
          paidAmount: total,
        })
      }
    }
    for (const [viewer, { paidAmount }] of this.#viewers) {
      // Retracted, or known by now to be another session's.
      if (paidAmount > 0n && !paying.has(viewer)) this.#setViewer(viewer, { totalTicks: 0, paidAmount: 0n })
    }
    if (BigInt(this.#stream.totalTicks) !== ticks) this.#setStream({ totalTicks: Number(ticks) })
  }

  /** The broadcast is over; resolves when its rows are written. Idempotent. */
  async end(): Promise<void> {
    this.#stop()
    if (this.#stream.status === 'ended') return this.#writing
    const endedAt = this.#deps.clock.wallMs()
    this.#session = { ...this.#session, endedAt }
    this.#setStream({ status: 'ended', endedAt })
    await this.#write()
  }

  #setStream(patch: Partial<StreamRow>): void {
    this.#stream = { ...this.#stream, ...patch }
    this.#changed.add('stream')
  }

  #setViewer(viewer: AccountHex, patch: Partial<StreamViewerRow>): void {
    const before = this.#viewers.get(viewer) ?? {
      streamId: this.#stream.id,
      viewer,
      joinedAt: this.#deps.clock.wallMs(),
      totalTicks: 0,
      paidAmount: 0n,
    }
    this.#viewers.set(viewer, { ...before, ...patch })
    this.#changed.add(viewer)
  }

  #write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      if (this.#changed.size === 0) return
      const changed = [...this.#changed]
      this.#changed.clear()
      const viewers = changed.flatMap(name => this.#viewers.get(name) ?? [])
      try {
        await this.#deps.records.put({ stream: this.#stream, session: this.#session, viewers })
      } catch (error) {
        for (const name of changed) this.#changed.add(name)
        this.#deps.logger.warn('records of this broadcast cannot be written', { error })
      }
    })
    return this.#writing
  }
}
