import type { GossipSub, GossipSubComponents } from '@chainsafe/libp2p-gossipsub'
import type { Connection, Libp2p, Message } from '@libp2p/interface'
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

/** Streams kept: a page shows some dozens; a flood of announcements goes no further. */
const STREAMS_MAX = DIRECTORY_LIST_MAX
const SWEEP_MS = 1_000
const RETRY_MS = 1_000
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
  #gossip: GossipSub | undefined
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

  get streams(): readonly VerifiedAnnouncement[] {
    return [...this.#entries.values()].map(({ verified }) => verified)
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return
    this.#closed.abort()
    clearInterval(this.#timer)
    this.removeAllListeners()
    await this.#gossip?.stop()
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed
    while (!signal.aborted) {
      try {
        const connection = await this.#deps.tracker.connect({ signal })
        await this.#readList(connection)
        await this.#listen(connection)
        this.#setState({ kind: 'connected' })
        await closing(this.#deps.tracker.node, connection, signal)
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
    const { node } = this.#deps.tracker
    if (this.#gossip === undefined) {
      const { gossipsub } = await import('@chainsafe/libp2p-gossipsub')
      const make = gossipsub({
        globalSignaturePolicy: 'StrictNoSign',
        allowedTopics: [DIRECTORY_TOPIC],
        fallbackToFloodsub: false,
        emitSelf: false,
      })
      // libp2p takes its services when it is made; a page that began on Watch wants this one only now.
      const { components } = node as unknown as { readonly components: GossipSubComponents }
      const gossip = make(components) as GossipSub
      this.#gossip = gossip
      await gossip.start()
      gossip.addEventListener('message', ({ detail }: CustomEvent<Message>) => {
        if (detail.topic === DIRECTORY_TOPIC) void this.#take(detail.data)
      })
      gossip.subscribe(DIRECTORY_TOPIC)
    }
    // gossipsub waits to hear which protocols a peer speaks; nothing else asks the tracker for that.
    await this.#deps.tracker.identify(connection)
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

/** Resolves when the connection is gone, or at once when aborted. */
function closing(node: Libp2p, connection: Connection, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      node.removeEventListener('connection:close', onClose)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const onClose = ({ detail }: CustomEvent<Connection>): void => {
      if (detail.id === connection.id) done()
    }
    node.addEventListener('connection:close', onClose)
    signal.addEventListener('abort', done, { once: true })
    if (connection.status !== 'open') done()
  })
}
