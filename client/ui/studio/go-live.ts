import type { EngineError } from '../../engine/engine-error.ts'
import type { BroadcasterEvents } from '../../engine/events.ts'
import type { RecordWriter } from '../../engine/paid/record-writer.ts'
import { openAccountKey } from '../../engine/store/account-key.ts'
import type { AppContext } from '../app-context.ts'
import { sentenceOf } from '../parts/sentence-of.ts'
import { noteKeyReference, recordBroadcast } from './broadcast-records.ts'
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
        endRecord()
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
  const record = resumed === undefined ? recordOnChain(live, setup, deps.onRecord) : undefined
  const endRecord = () => {
    const hash = live.broadcaster.streamInfo?.verified.hash
    void record?.then(writer => writer?.end(hash))
  }
  return {
    live,
    isAccountKept: accountSigner !== undefined,
    async stop() {
      endRecord()
      await live.stop()
      await endBooks().catch(() => undefined)
    },
  }
}

/** Where the creator wants it: one more prompt at the start, and one at the end. */
async function recordOnChain(
  { broadcaster }: LiveBroadcast,
  { room, settings: { account, isRecordedOnChain, isPaid } }: PaidSetup,
  onSentence: (sentence: string) => void,
): Promise<RecordWriter | undefined> {
  if (!isPaid || !isRecordedOnChain || account === undefined || room === undefined) return undefined
  try {
    const { RecordWriter } = await import('../../engine/paid/record-writer.ts')
    const writer = new RecordWriter({ chain: room.chain, signer: account.signer, onSentence })
    writer.start(broadcaster)
    return writer
  } catch (error) {
    onSentence(`The start is not on chain: ${sentenceOf(error)}`)
    return undefined
  }
}
