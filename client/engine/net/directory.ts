import type { GossipSub } from '@chainsafe/libp2p-gossipsub'
import type { Identify } from '@libp2p/identify'
import type { Connection, Message, SubscriptionChangeData } from '@libp2p/interface'
import { decode } from 'it-length-prefixed'
import { DIRECTORY_LIST_MAX, DIRECTORY_LIST_PROTOCOL } from '../../../shared/overlay/room-directory.ts'
import {
  peekAnnouncement,
  type VerifiedAnnouncement,
  verifyAnnouncement,
} from '../../../shared/protocol/announcement.ts'
import type { CryptoPort } from '../../../shared/protocol/crypto-port.ts'
import type { StreamId } from '../../../shared/protocol/ids.ts'
import { ANNOUNCEMENT_MAX_BYTES, ANNOUNCEMENT_TTL_MS } from '../../../shared/protocol/limits.ts'
import { DIRECTORY_TOPIC } from '../../../shared/protocol/room-message.ts'
import type { Clock, Logger } from '../ports.ts'
import { TypedEmitter } from '../typed-emitter.ts'
import type { TrackerSession } from './tracker-session.ts'

export type DirectoryState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  /** The list may be old; connecting goes on by itself. */
  | { readonly kind: 'unreachable' }

export type DirectoryEvents = {
  /** Everything that is live now, verified, in no order. */
  streams: readonly VerifiedAnnouncement[]
  state: DirectoryState
}

export type DirectoryDeps = {
  readonly tracker: TrackerSession
  readonly crypto: CryptoPort
  readonly clock: Clock
  readonly logger: Logger
}

type Gossip = { readonly pubsub: GossipSub; readonly identify: Identify }

/** Streams kept: a page shows some dozens; a flood of announcements goes no further. */
const STREAMS_MAX = DIRECTORY_LIST_MAX
const SWEEP_MS = 1_000
const RETRY_MS = 1_000
/** Gossip may still begin later. */
const SUBSCRIBE_TIMEOUT_MS = 3_000
const LIST_TIMEOUT_MS = 10_000

/**
 * What is live, for Home and Studio: the tracker's list at once, and gossip from then on. Every record is verified
 * here; one that is not renewed within 30 s of one's own clock is gone. Watch pages do not load this file.
 */
export class Directory extends TypedEmitter<DirectoryEvents> {
  readonly #deps: DirectoryDeps
  readonly #entries = new Map<
    StreamId,
    { readonly verified: VerifiedAnnouncement; readonly arrivedAtMs: number }
  >()
  readonly #closed = new AbortController()
  readonly #timer: ReturnType<typeof setInterval>
  #gossip: Gossip | undefined
  #state: DirectoryState = { kind: 'connecting' }

  constructor(deps: DirectoryDeps) {
    super()
    this.#deps = deps
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS)
    void this.#run()
  }

  get state(): DirectoryState {
    return this.#state
  }

  /** @internal What it listens with, once connected. */
  get gossip(): GossipSub | undefined {
    return this.#gossip?.pubsub
  }

  get streams(): readonly VerifiedAnnouncement[] {
    return [...this.#entries.values()].map(({ verified }) => verified)
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return
    this.#closed.abort()
    clearInterval(this.#timer)
    this.removeAllListeners()
    await this.#gossip?.pubsub.stop()
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed
    while (!signal.aborted) {
      try {
        const connection = await this.#deps.tracker.connect({ signal })
        await this.#readList(connection)
        await this.#listen(connection)
        // What was announced between the first list and the first gossip.
        await this.#readList(connection)
        this.#setState({ kind: 'connected' })
        await this.#deps.tracker.whenClosed(connection, signal)
      } catch (error) {
        this.#deps.logger.debug('directory', { why: String(error) })
      }
      if (signal.aborted) return
      this.#setState({ kind: 'unreachable' })
      await new Promise(resolve => setTimeout(resolve, RETRY_MS))
    }
  }

  async #readList(connection: Connection): Promise<void> {
    const signal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(LIST_TIMEOUT_MS)])
    const stream = await connection.newStream(DIRECTORY_LIST_PROTOCOL, { signal })
    const cutOff = (): void => stream.abort(new Error('the list took too long'))
    signal.addEventListener('abort', cutOff, { once: true })
    try {
      await stream.closeWrite()
      let count = 0
      for await (const record of decode(stream.source, {
        maxDataLength: ANNOUNCEMENT_MAX_BYTES,
        maxLengthLength: 3,
      })) {
        if (count++ >= DIRECTORY_LIST_MAX) break
        await this.#take(record.subarray())
      }
    } finally {
      signal.removeEventListener('abort', cutOff)
      if (stream.status !== 'closed') stream.abort(new Error('the list is read'))
    }
  }

  async #listen(connection: Connection): Promise<void> {
    this.#gossip ??= await this.#startGossip()
    if (this.#closed.signal.aborted) return this.#gossip.pubsub.stop()
    const { pubsub, identify } = this.#gossip
    const isHeard = heardFrom(pubsub, connection, this.#closed.signal)
    // gossipsub waits to hear which protocols a peer speaks; nothing else asks the tracker for that.
    await identify.identify(connection)
    await isHeard
  }

  async #startGossip(): Promise<Gossip> {
    const [{ gossipsub }, { identify: makeIdentify }] = await Promise.all([
      import('@chainsafe/libp2p-gossipsub'),
      import('@libp2p/identify'),
    ])
    const { components } = this.#deps.tracker
    const identify = makeIdentify({ runOnConnectionOpen: false })(components)
    const pubsub = gossipsub({
      globalSignaturePolicy: 'StrictNoSign',
      allowedTopics: [DIRECTORY_TOPIC],
      fallbackToFloodsub: false,
      emitSelf: false,
      unsubcribeBackoff: 1,
    })(components) as GossipSub
    await pubsub.start()
    pubsub.addEventListener('message', ({ detail }: CustomEvent<Message>) => {
      if (detail.topic === DIRECTORY_TOPIC) void this.#take(detail.data)
    })
    pubsub.subscribe(DIRECTORY_TOPIC)
    return { pubsub, identify }
  }

  async #take(record: Uint8Array): Promise<void> {
    const { crypto, clock, logger } = this.#deps
    try {
      if (record.length > ANNOUNCEMENT_MAX_BYTES) return
      const { streamId, seq } = peekAnnouncement(record)
      const known = this.#entries.get(streamId)
      if (known !== undefined && seq <= known.verified.announcement.seq) return
      if (known === undefined && this.#entries.size >= STREAMS_MAX) return
      const verified = await verifyAnnouncement(record, known?.verified.manifest, crypto, clock.wallMs())
      if (this.#closed.signal.aborted) return
      if (verified.announcement.status === 'ended') this.#entries.delete(streamId)
      else this.#entries.set(streamId, { verified, arrivedAtMs: clock.nowMs() })
      this.emit('streams', this.streams)
    } catch (error) {
      logger.debug('announcement refused', { why: String(error) })
    }
  }

  #sweep(): void {
    const oldest = this.#deps.clock.nowMs() - ANNOUNCEMENT_TTL_MS
    const before = this.#entries.size
    for (const [streamId, { arrivedAtMs }] of this.#entries)
      if (arrivedAtMs < oldest) this.#entries.delete(streamId)
    if (this.#entries.size !== before) this.emit('streams', this.streams)
  }

  #setState(state: DirectoryState): void {
    if (state.kind === this.#state.kind || this.#closed.signal.aborted) return
    this.#state = state
    this.emit('state', state)
  }
}

/** Resolves when the tracker has told its own subscription, by which time it knows ours, or after a while. */
function heardFrom(pubsub: GossipSub, { remotePeer }: Connection, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      clearTimeout(timer)
      pubsub.removeEventListener('subscription-change', onChange)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const onChange = ({ detail }: CustomEvent<SubscriptionChangeData>): void => {
      if (detail.peerId.equals(remotePeer)) done()
    }
    const timer = setTimeout(done, SUBSCRIBE_TIMEOUT_MS)
    pubsub.addEventListener('subscription-change', onChange)
    signal.addEventListener('abort', done, { once: true })
  })
}
