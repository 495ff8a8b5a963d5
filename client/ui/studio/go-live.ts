import type { EngineError } from '../../engine/engine-error.ts'
import type { BroadcasterEvents } from '../../engine/events.ts'
import { openAccountKey } from '../../engine/store/account-key.ts'
import type { AppContext } from '../app-context.ts'
import { noteKeyReference, recordBroadcast, writeOnChain } from './broadcast-records.ts'
import { LiveBroadcast } from './live-broadcast.ts'
import type { PaidSetup } from './paid-setup.ts'
import { openKeeper, type ResumableStream } from './resumable-stream.ts'
import type { StudioSettings } from './studio-settings.ts'

export type GoLiveDeps = {
  readonly context: AppContext
  readonly setup: PaidSetup
  /** What is on; stays the caller's. */
  readonly stream: MediaStream
  onStats(stats: BroadcasterEvents['stats']): void
  /** Over without stop(): the source ended (no error), or something failed. Called at most once. */
  onEnd(error?: EngineError): void
  /** How writing on chain went, in a sentence. */
  onRecord(sentence: string): void
}

export type GoLiveOptions = {
  readonly settings: StudioSettings
  readonly slots: number | undefined
  readonly resumed?: ResumableStream
}

export type OnAir = {
  readonly live: LiveBroadcast
  /** False: the browser keeps no storage, so the channel ends with this stream. */
  readonly isAccountKept: boolean
  /** Tells the viewers and ends the books. Idempotent. */
  stop(): Promise<void>
}

/** From a form to a running broadcast. Throws what preparing payment, the wallet, the encoder and the broadcaster throw. */
export async function goLive(
  deps: GoLiveDeps,
  options: GoLiveOptions,
  { signal }: { readonly signal: AbortSignal },
): Promise<OnAir> {
  const { context, setup, stream, onStats, onEnd } = deps
  const { resumed, ...rest } = options
  const [engine, { trackers }, kept] = await Promise.all([context.engine(), context.config(), openKeeper()])
  const noted = kept === undefined ? undefined : noteKeyReference(kept)
  const prepared = resumed === undefined ? await setup.prepare(engine, { signal }) : undefined
  const paid =
    resumed === undefined
      ? prepared?.paid
      : await setup.prepareAgain(resumed.manifest, context, engine, { signal })
  const accountSigner = prepared?.accountSigner ?? (await openAccountKey({ signal }).catch(() => undefined))
  const live = await LiveBroadcast.start(
    {
      ...{ engine, trackers, stream, accountSigner, paid, onStats },
      keeper: noted?.keeper,
      onEnd: error => {
        void endBooks().catch(() => undefined)
        onEnd(error)
      },
    },
    { ...rest, ...(resumed !== undefined && { resumed: resumed.stored }) },
    { signal },
  )
  const books = recordBroadcast(live, engine, {
    streamKeyReference: resumed?.stored.state.keyReference ?? noted?.reference() ?? '',
    trackerUsed: trackers[0],
  })
  // Its own books are the creator's convenience: a stream runs without them.
  books.catch((error: unknown) => engine.logger.warn('the broadcast is not recorded', { why: String(error) }))
  const endBooks = async () => (await books)()
  const record = (kind: 'start' | 'end') => {
    const { account, isRecordedOnChain, isPaid } = setup.settings
    const [info, room] = [live.broadcaster.streamInfo, setup.room]
    if (!isPaid || !isRecordedOnChain || account === undefined || room === undefined) return
    if (info !== undefined) void writeOnChain(kind, info, account, room.chain).then(deps.onRecord)
  }
  if (resumed === undefined) record('start')
  return {
    live,
    isAccountKept: accountSigner !== undefined,
    async stop() {
      record('end')
      await live.stop()
      await endBooks().catch(() => undefined)
    },
  }
}
