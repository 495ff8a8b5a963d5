import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Connection, Libp2p } from '@libp2p/interface'
import { webSockets } from '@libp2p/websockets'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import type { Signer } from '../../../shared/protocol/crypto-port.ts'
import { type PeerId, peerIdFromPublicKey, type StreamId } from '../../../shared/protocol/ids.ts'
import { ROOM_PROTOCOL } from '../../../shared/protocol/room-message.ts'
import { EngineError } from '../engine-error.ts'
import type { Clock, Logger, RoomMembership, TrackerPort, TrackerRoom } from '../ports.ts'
import { PictureRequests } from './tracker-pictures.ts'
import { RoomSession } from './tracker-room-session.ts'
import { openRoomStream, type RoomStream } from './tracker-room-stream.ts'

export type TrackerSessionDeps = {
  /** The peer key; must be the one of `seed`. */
  readonly signer: Signer
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
}

export type TrackerSessionOptions = {
  /** Multiaddrs ending in `/p2p/<tracker peer id>`; the first that answers is used. */
  readonly trackers: readonly string[]
  /** 32-byte Ed25519 seed of this tab's or process's peer id. */
  readonly seed: Uint8Array
  /** Allow plain `ws` and private addresses: only where the page itself came from such an address. */
  readonly isDev: boolean
}

/** A tracker that has not opened a stream in this time is passed over. */
const DIAL_TIMEOUT_MS = 5_000
/** TCP, the upgrade, and noise with its negotiation: five round trips, and six with TLS. */
const ROUND_TRIPS_PER_DIAL = 5
/** Leave travels on the stream that stopping would cut: it has gone by then. */
const LEAVE_MS = 20

/** libp2p's own parts: what the directory needs to load gossipsub later than the rest. */
export type Libp2pComponents = Parameters<NonNullable<Libp2pOptions['transports']>[number]>[0]
type Node = Libp2p<{ parts: { readonly components: Libp2pComponents } }>

/** A peer's libp2p node, its rooms and its pictures, in browser and Node (docs/spec/tracker.md). */
export class TrackerSession implements TrackerPort {
  readonly self: PeerId
  readonly signer: Signer
  readonly #node: Node
  readonly #trackers: readonly Multiaddr[]
  readonly #deps: TrackerSessionDeps
  readonly #rooms = new Set<RoomSession>()
  readonly #pictures: PictureRequests
  readonly #closed = new AbortController()
  /** Of the newest dial. */
  #rttMs = 0

  private constructor(node: Node, trackers: readonly Multiaddr[], deps: TrackerSessionDeps) {
    this.#node = node
    this.signer = deps.signer
    this.self = peerIdFromPublicKey(deps.signer.publicKey)
    this.#trackers = trackers
    this.#deps = deps
    this.#pictures = new PictureRequests(signal => this.#openAnywhere(signal))
  }

  /** Starts libp2p; dials nothing yet. Throws EngineError `tracker-unreachable` for an address it cannot read. */
  static async start(options: TrackerSessionOptions, deps: TrackerSessionDeps): Promise<TrackerSession> {
    const trackers = options.trackers.map(readAddress)
    if (trackers.length === 0) {
      throw new EngineError('tracker-unreachable', 'No tracker is configured: name at least one.')
    }
    const node = await createLibp2p({
      privateKey: await generateKeyPairFromSeed('Ed25519', options.seed),
      transports: [webSockets()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      // libp2p's default gate in browsers refuses plain ws and private addresses, which is what a developer has.
      ...(options.isDev ? { connectionGater: { denyDialMultiaddr: () => false } } : {}),
      connectionMonitor: { enabled: false },
      services: { parts: (components: Libp2pComponents) => ({ components }) },
    })
    return new TrackerSession(node, trackers, deps)
  }

  /** For protocols that only some pages load. */
  get components(): Libp2pComponents {
    return this.#node.services.parts.components
  }

  openRoom(membership: RoomMembership): TrackerRoom {
    const { clock, random, logger } = this.#deps
    const room = new RoomSession(membership, {
      clock,
      random,
      logger: logger.scope('room'),
      trackerCount: this.#trackers.length,
      rttMs: () => this.#rttMs,
      openStream: (index, signal) => this.#openStream(index, signal),
      hangUp: index => this.#hangUp(index),
      onClose: () => this.#rooms.delete(room),
    })
    this.#rooms.add(room)
    return room
  }

  getPicture(streamId: StreamId, { signal }: { signal: AbortSignal }): Promise<Uint8Array | undefined> {
    return this.#pictures.get(streamId, signal)
  }

  /** A connection to the first tracker that answers, for other protocols than rooms. */
  async connect({ signal }: { readonly signal: AbortSignal }): Promise<Connection> {
    let failure: unknown = new EngineError('tracker-unreachable', 'No tracker answers.')
    for (const address of this.#trackers) {
      signal.throwIfAborted()
      try {
        return await this.#dial(address, signal)
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  /** Resolves when that connection is gone, or at once when aborted. */
  whenClosed(connection: Connection, signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const done = (): void => {
        this.#node.removeEventListener('connection:close', onClose)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const onClose = ({ detail }: CustomEvent<Connection>): void => {
        if (detail.id === connection.id) done()
      }
      this.#node.addEventListener('connection:close', onClose)
      signal.addEventListener('abort', done, { once: true })
      if (connection.status !== 'open' || signal.aborted) done()
    })
  }

  /** Idempotent. */
  async close(): Promise<void> {
    for (const room of [...this.#rooms]) room.close()
    this.#pictures.close()
    if (this.#closed.signal.aborted) return
    await new Promise(resolve => setTimeout(resolve, LEAVE_MS))
    this.#closed.abort()
    await this.#node.stop()
  }

  async #openStream(index: number, signal: AbortSignal): Promise<RoomStream> {
    const address = this.#trackers[index % this.#trackers.length]
    if (address === undefined) throw new RangeError('no tracker')
    const connection = await this.#dial(address, signal)
    try {
      return openRoomStream(
        await connection.newStream(ROOM_PROTOCOL, { signal: this.#limits(signal) }),
        signal,
      )
    } catch (error) {
      // A connection on which nothing opens any more (a laptop that slept) is found again by every dial.
      if (!signal.aborted) connection.abort(new Error('it opens no stream'))
      throw error
    }
  }

  async #openAnywhere(signal: AbortSignal): Promise<RoomStream> {
    const connection = await this.connect({ signal })
    return openRoomStream(await connection.newStream(ROOM_PROTOCOL, { signal: this.#limits(signal) }), signal)
  }

  async #dial(address: Multiaddr, signal: AbortSignal): Promise<Connection> {
    const { clock } = this.#deps
    const startedAtMs = clock.nowMs()
    const startedAtWallMs = clock.wallMs()
    const connection = await this.#node.dial(address, { signal: this.#limits(signal) })
    const isNew = connection.timeline.open >= startedAtWallMs
    if (isNew) this.#rttMs = Math.round((clock.nowMs() - startedAtMs) / ROUND_TRIPS_PER_DIAL)
    return connection
  }

  #hangUp(index: number): void {
    const address = this.#trackers[index % this.#trackers.length]
    for (const connection of this.#node.getConnections()) {
      if (connection.remotePeer.toString() === address?.getPeerId())
        connection.abort(new Error('it went silent'))
    }
  }

  #limits(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#closed.signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)])
  }
}

function readAddress(text: string): Multiaddr {
  try {
    const address = multiaddr(text)
    if (address.getPeerId() !== null) return address
  } catch {
    // Said below, with what it should look like.
  }
  throw new EngineError(
    'tracker-unreachable',
    `“${text}” is no tracker address: it looks like /dns4/example.org/tcp/443/tls/ws/p2p/12D3KooW…`,
  )
}
