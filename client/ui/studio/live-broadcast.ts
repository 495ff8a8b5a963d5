import type { Signer } from '../../../shared/protocol/crypto-port.ts'
import type { StreamId } from '../../../shared/protocol/ids.ts'
import { Broadcaster } from '../../engine/broadcaster.ts'
import type { EngineError } from '../../engine/engine-error.ts'
import type { BroadcasterEvents } from '../../engine/events.ts'
import { type CaptureProducer, createCaptureProducer } from '../../engine/media/capture.ts'
import type { EngineDeps } from '../../engine/ports.ts'
import type { StudioSettings } from './studio-settings.ts'

export type LiveBroadcastDeps = {
  readonly engine: EngineDeps
  /** Multiaddrs for the manifest. */
  readonly trackers: readonly string[]
  /** What is on; stays the caller's. */
  readonly stream: MediaStream
  /** The creator's account; undefined makes one for this broadcast. */
  readonly accountSigner: Signer | undefined
  onStats(stats: BroadcasterEvents['stats']): void
  /** Over without stop(): the source ended (no error), or something failed. Called at most once. */
  onEnd(error?: EngineError): void
}

export type LiveBroadcastOptions = { readonly settings: StudioSettings; readonly slots: number | undefined }

/** Cards on Home show a recent picture; a tracker carries one of each stream, so not often. */
const PICTURE_EVERY_MS = 20_000
const FIRST_PICTURE_AFTER_MS = 1_500

/** One broadcast from a capture to the mesh: encoder, broadcaster, and a preview picture now and then. */
export class LiveBroadcast {
  readonly broadcaster: Broadcaster
  readonly producer: CaptureProducer
  readonly streamId: StreamId
  #pictureTimer: ReturnType<typeof setTimeout>
  #isStopped = false

  private constructor(broadcaster: Broadcaster, producer: CaptureProducer, streamId: StreamId) {
    this.broadcaster = broadcaster
    this.producer = producer
    this.streamId = streamId
    this.#pictureTimer = setTimeout(this.#sendPicture, FIRST_PICTURE_AFTER_MS)
  }

  /** Throws EngineError of the encoder or the broadcaster; nothing stays open then. */
  static async start(
    deps: LiveBroadcastDeps,
    { settings, slots }: LiveBroadcastOptions,
    { signal }: { signal: AbortSignal },
  ): Promise<LiveBroadcast> {
    signal.throwIfAborted()
    const { quality } = settings
    const producer = await createCaptureProducer(deps.stream, {
      maxWidth: quality.width,
      maxHeight: quality.height,
      videoBitrate: quality.videoBitrate,
    })
    const broadcaster = new Broadcaster(deps.engine, slots === undefined ? {} : { slots })
    try {
      const { streamId } = await broadcaster.startStream({
        title: settings.title.trim(),
        description: settings.description.trim(),
        category: settings.category.trim(),
        tracks: producer.tracks,
        trackers: deps.trackers,
        ...(deps.accountSigner && { accountSigner: deps.accountSigner }),
        signal,
      })
      const live = new LiveBroadcast(broadcaster, producer, streamId)
      live.#run(deps)
      return live
    } catch (error) {
      broadcaster.close()
      await producer.close()
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
