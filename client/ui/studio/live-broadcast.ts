import type { AccountSigner } from '../../../shared/protocol/account-signature.ts'
import type { Signer } from '../../../shared/protocol/crypto-port.ts'
import type { StreamId } from '../../../shared/protocol/ids.ts'
import { Broadcaster } from '../../engine/broadcaster.ts'
import type { CreatorStreamKeeper, StoredCreatorStream } from '../../engine/creator-stream.ts'
import type { EngineError } from '../../engine/engine-error.ts'
import type { BroadcasterEvents } from '../../engine/events.ts'
import { type CaptureProducer, createCaptureProducer } from '../../engine/media/capture.ts'
import type { PaidStream } from '../../engine/paid/paid-stream.ts'
import type { EngineDeps } from '../../engine/ports.ts'
import type { StudioSettings } from './studio-settings.ts'

export type LiveBroadcastDeps = {
  readonly engine: EngineDeps
  /** Multiaddrs for the manifest. */
  readonly trackers: readonly string[]
  /** What is on; stays the caller's. */
  readonly stream: MediaStream
  /** The creator's account; undefined makes one for this broadcast. */
  readonly accountSigner: Signer | AccountSigner | undefined
  /** Prepared; closed with the broadcast. Undefined: a free stream. */
  readonly paid: PaidStream | undefined
  /** Undefined where the browser keeps no storage: then a reload ends the stream. */
  readonly keeper: CreatorStreamKeeper | undefined
  onStats(stats: BroadcasterEvents['stats']): void
  /** Over without stop(): the source ended (no error), or something failed. Called at most once. */
  onEnd(error?: EngineError): void
}

export type LiveBroadcastOptions = {
  readonly settings: StudioSettings
  readonly slots: number | undefined
  /** Goes on with this one, of the same title and price, instead of a new one. */
  readonly resumed?: StoredCreatorStream
}

/** Cards on Home show a recent picture; a tracker carries one of each stream, so not often. */
const PICTURE_EVERY_MS = 20_000
const FIRST_PICTURE_AFTER_MS = 1_500

/** One broadcast from a capture to the mesh: encoder, broadcaster, and a preview picture now and then. */
export class LiveBroadcast {
  readonly broadcaster: Broadcaster
  readonly producer: CaptureProducer
  readonly streamId: StreamId
  readonly paid: PaidStream | undefined
  #pictureTimer: ReturnType<typeof setTimeout>
  #isStopped = false

  private constructor(
    broadcaster: Broadcaster,
    producer: CaptureProducer,
    streamId: StreamId,
    paid: PaidStream | undefined,
  ) {
    this.broadcaster = broadcaster
    this.producer = producer
    this.streamId = streamId
    this.paid = paid
    this.#pictureTimer = setTimeout(this.#sendPicture, FIRST_PICTURE_AFTER_MS)
  }

  /** Throws EngineError of the encoder or the broadcaster; nothing stays open then. */
  static async start(
    deps: LiveBroadcastDeps,
    options: LiveBroadcastOptions,
    { signal }: { signal: AbortSignal },
  ): Promise<LiveBroadcast> {
    signal.throwIfAborted()
    const { settings, slots } = options
    const { quality } = settings
    const { paid } = deps
    const producer = await createCaptureProducer(deps.stream, {
      maxWidth: quality.width,
      maxHeight: quality.height,
      videoBitrate: quality.videoBitrate,
    })
    const broadcaster = new Broadcaster(deps.engine, slots === undefined ? {} : { slots })
    try {
      const streamId = await open(broadcaster, producer, deps, options, signal)
      paid?.follow(broadcaster)
      const live = new LiveBroadcast(broadcaster, producer, streamId, paid)
      live.#run(deps)
      return live
    } catch (error) {
      broadcaster.close()
      await Promise.all([producer.close(), paid?.close()])
      throw error
    }
  }

  #run(deps: LiveBroadcastDeps): void {
    const end = (error?: EngineError): void => {
      if (this.#isStopped) return
      void this.stop()
      deps.onEnd(error)
    }
    this.broadcaster.on('stats', stats => deps.onStats(stats))
    this.broadcaster.on('state', state => {
      if (state.kind === 'failed') end(state.error)
      if (state.kind === 'stopped') end()
    })
    this.producer.start(frame => this.broadcaster.push(frame), end)
  }

  /** Viewers are told. Idempotent. */
  async stop(): Promise<void> {
    if (this.#isStopped) return
    this.#isStopped = true
    clearTimeout(this.#pictureTimer)
    await this.producer.close()
    await this.broadcaster.stopStream()
    await this.paid?.close()
  }

  readonly #sendPicture = async (): Promise<void> => {
    try {
      const picture = await this.producer.capturePicture()
      if (picture !== undefined && !this.#isStopped) await this.broadcaster.setPicture(picture)
    } catch {
      // A card without a picture is no reason to disturb a running stream.
    }
    if (!this.#isStopped) this.#pictureTimer = setTimeout(this.#sendPicture, PICTURE_EVERY_MS)
  }
}

async function open(
  broadcaster: Broadcaster,
  { tracks }: CaptureProducer,
  { paid, keeper, accountSigner, trackers }: LiveBroadcastDeps,
  { settings, resumed }: LiveBroadcastOptions,
  signal: AbortSignal,
): Promise<StreamId> {
  if (resumed !== undefined && keeper !== undefined) {
    const access = paid === undefined ? {} : { access: paid }
    return (await broadcaster.resumeStream(resumed, { keeper, tracks, ...access, signal })).streamId
  }
  const { streamId } = await broadcaster.startStream({
    title: settings.title.trim(),
    description: settings.description.trim(),
    category: settings.category.trim(),
    tracks,
    trackers,
    ...(accountSigner && { accountSigner }),
    ...(paid && { paid: paid.forBroadcast }),
    ...(keeper && { keeper }),
    signal,
  })
  return streamId
}
