import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { type Identify, identify } from '@libp2p/identify'
import type { Connection, Libp2p } from '@libp2p/interface'
import { webSockets } from '@libp2p/websockets'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import type { Signer } from '../../../shared/protocol/crypto-port.ts'
import { type PeerId, peerIdFromPublicKey, type StreamId } from '../../../shared/protocol/ids.ts'
import { ROOM_PROTOCOL } from '../../../shared/protocol/room-message.ts'
import { EngineError } from '../engine-error.ts'
import type { Clock, Logger, RoomMembership, TrackerPort, TrackerRoom } from '../ports.ts'
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
  /** Multiaddrs ending in `/p2p/<tracker peer id>`; tried in turn. */
  readonly trackers: readonly string[]
  /** 32-byte Ed25519 seed of this tab's or process's peer id. */
  readonly seed: Uint8Array
  /** Allow plain `ws` and private addresses: only where the page itself came from such an address. */
  readonly isDev: boolean
}

/** A tracker that has not opened a stream in this time is passed over. */
const DIAL_TIMEOUT_MS = 5_000

/** A peer's libp2p node and its rooms, in browser and Node (docs/spec/tracker.md). */
export class TrackerSession implements TrackerPort {
  readonly self: PeerId
  readonly signer: Signer
  /** For the directory, which loads gossipsub beside it. */
  readonly node: Libp2p<{ identify: Identify }>
  readonly #trackers: readonly Multiaddr[]
  readonly #deps: TrackerSessionDeps
  readonly #rooms = new Set<RoomSession>()
  readonly #closed = new AbortController()

  private constructor(
    node: Libp2p<{ identify: Identify }>,
    trackers: readonly Multiaddr[],
    deps: TrackerSessionDeps,
  ) {
    this.node = node
    this.signer = deps.signer
    this.self = peerIdFromPublicKey(deps.signer.publicKey)
    this.#trackers = trackers
    this.#deps = deps
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
      services: { identify: identify({ runOnConnectionOpen: false }) },
    })
    return new TrackerSession(node, trackers, deps)
  }

  openRoom(membership: RoomMembership): TrackerRoom {
    const { clock, random, logger } = this.#deps
    const room = new RoomSession(membership, {
      clock,
      random,
      logger: logger.scope('room'),
      trackerCount: this.#trackers.length,
      openStream: (index, signal) => this.#openStream(index, signal),
      onClose: () => this.#rooms.delete(room),
    })
    this.#rooms.add(room)
    return room
  }

  async getPicture(streamId: StreamId, { signal }: { signal: AbortSignal }): Promise<Uint8Array | undefined> {
    const stream = await this.#openStream(0, signal)
    try {
      stream.send({ kind: 'get-picture', streamId })
      for await (const message of stream.messages()) {
        if (message.kind === 'refused') return undefined
        if (message.kind !== 'picture' || message.streamId !== streamId) continue
        return message.picture.length === 0 ? undefined : message.picture
      }
      return undefined
    } finally {
      stream.close()
    }
  }

  /** A connection to the first tracker that answers, for other protocols than rooms. */
  async connect({ signal }: { readonly signal: AbortSignal }): Promise<Connection> {
    let failure: unknown
    for (const address of this.#trackers) {
      const limits = AbortSignal.any([signal, this.#closed.signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)])
      try {
        return await this.node.dial(address, { signal: limits })
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  /** Asks a tracker which protocols it speaks; rooms do without. */
  async identify(connection: Connection): Promise<void> {
    await this.node.services.identify.identify(connection)
  }

  async close(): Promise<void> {
    for (const room of [...this.#rooms]) room.close()
    // Leave travels on the stream that stopping would cut: one turn of the loop lets it out.
    await new Promise(resolve => setTimeout(resolve, 20))
    this.#closed.abort()
    await this.node.stop()
  }

  async #openStream(index: number, signal: AbortSignal): Promise<RoomStream> {
    const address = this.#trackers[index % this.#trackers.length]
    if (address === undefined) throw new RangeError('no tracker')
    const limits = AbortSignal.any([signal, this.#closed.signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)])
    return openRoomStream(await this.node.dialProtocol(address, ROOM_PROTOCOL, { signal: limits }), signal)
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
    `“${text}” is no tracker address: it looks like /dns4/example.org/tcp/443/wss/p2p/12D3KooW…`,
  )
}
