import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Connection, Stream } from '@libp2p/interface'
import type { FastifyInstance } from 'fastify'
import { DIRECTORY_LIST_PROTOCOL } from '../shared/overlay/room-directory.ts'
import { type PeerId, parsePeerId } from '../shared/protocol/ids.ts'
import { type IceServer, ROOM_PROTOCOL } from '../shared/protocol/room-message.ts'
import { AnnouncedStreams } from './announced-streams.ts'
import { type Clock, systemClock } from './clock.ts'
import { DirectoryGossip } from './directory-gossip.ts'
import { writeDirectoryList } from './directory-list.ts'
import { createHttpServer } from './http-server.ts'
import { type Libp2pHost, startLibp2pHost } from './libp2p-host.ts'
import { ROOM_STREAMS_PER_CONNECTION_MAX } from './limits.ts'
import type { Logger } from './logger.ts'
import { TrackerMetrics } from './metrics.ts'
import type { NetworkAddress } from './network-address.ts'
import { generateSeed, nodeCrypto } from './node-crypto.ts'
import { PeerLimits } from './peer-limits.ts'
import { Pictures } from './pictures.ts'
import { multiaddrFor, parseHost, type RequestOrigin } from './public-address.ts'
import { RoomHub } from './room-hub.ts'
import { RoomSession } from './room-session.ts'
import { RoomStream } from './room-stream.ts'
import type { Arrival } from './socket-transport.ts'
import { type StunServer, startStunServer } from './stun-server.ts'
import { listenError } from './tracker-error.ts'
import { type TurnOptions, turnServer } from './turn-credentials.ts'

export type TrackerOptions = {
  /** Address to listen on. */
  readonly host: string
  /** TCP, for HTTP, WebSocket and libp2p alike; 0 takes any free one. */
  readonly port: number
  /** UDP; 0 takes any free one. Absent: no STUN. */
  readonly stunPort?: number
  /** The built client; absent: an API without pages. */
  readonly siteDir?: string
  /** PEM. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** Multiaddrs to tell peers, without `/p2p/…`; none: derived from each request's Host. */
  readonly announce?: readonly string[]
  readonly turn?: TurnOptions
  /** Chain nodes for pages to start with, ws or wss. */
  readonly chainEndpoints?: readonly string[]
  /** On one's own machine: loopback has no limits, and pages may dial plain ws. */
  readonly isDev?: boolean
  /** Believe the last entry of X-Forwarded-For, and X-Forwarded-Proto and -Host. */
  readonly isTrustingProxy?: boolean
  readonly connectionsMax?: number
  /** 32-byte Ed25519 seed of the tracker's peer id; absent: a new one. */
  readonly seed?: Uint8Array
}

export type TrackerDeps = {
  readonly logger: Logger
  readonly clock?: Clock
  /** Uniform in [0, 1). */
  readonly random?: () => number
}

export interface Tracker {
  readonly peerId: PeerId
  /** What `announce` says, else where this process listens; each ends in `/p2p/<peerId>`. */
  readonly multiaddrs: readonly string[]
  readonly httpUrl: string
  readonly stunPort: number | undefined
  /** Tells its peers, frees its ports. Idempotent. */
  close(): Promise<void>
}

const CONNECTIONS_MAX = 10_000
const TICK_MS = 250
const TOO_MANY = 'HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\n\r\n'
const TOO_BUSY = 'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n\r\n'
/** For `shutting-down` to reach peers that read. */
const GOODBYE_MS = 100

/** Starts a tracker. Throws TrackerError, with a sentence for the operator, when it cannot listen. */
export async function createTracker(options: TrackerOptions, deps: TrackerDeps): Promise<Tracker> {
  const host = await startLibp2pHost(
    options.seed ?? generateSeed(),
    options.connectionsMax ?? CONNECTIONS_MAX,
  )
  const tracker = new TrackerProcess(host, options, deps)
  try {
    await tracker.listen()
    return tracker
  } catch (error) {
    await tracker.close()
    throw error
  }
}

class TrackerProcess implements Tracker {
  readonly peerId: PeerId
  readonly #host: Libp2pHost
  readonly #options: TrackerOptions
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #limits: PeerLimits
  readonly #streams: AnnouncedStreams
  readonly #pictures = new Pictures()
  readonly #metrics: TrackerMetrics
  readonly #gossip: DirectoryGossip
  readonly #hub: RoomHub
  #http: FastifyInstance | undefined
  #port: number
  #stun: StunServer | undefined
  #timer: NodeJS.Timeout | undefined
  #closing: Promise<void> | undefined

  constructor(host: Libp2pHost, options: TrackerOptions, deps: TrackerDeps) {
    this.#host = host
    this.#options = options
    this.#port = options.port
    this.#logger = deps.logger
    this.#clock = deps.clock ?? systemClock
    this.peerId = parsePeerId(host.node.peerId.toString())
    const isDev = options.isDev ?? false
    const clock = this.#clock
    this.#limits = new PeerLimits({ clock, isDev })
    this.#streams = new AnnouncedStreams({ crypto: nodeCrypto, clock })
    this.#metrics = new TrackerMetrics({
      connections: () => host.transport.size,
      peers: () => this.#hub.peerCount,
      rooms: () => this.#hub.roomCount,
      streams: () => this.#streams.size,
    })
    this.#hub = new RoomHub(
      {
        streams: this.#streams,
        pictures: this.#pictures,
        metrics: this.#metrics,
        crypto: nodeCrypto,
        clock,
        random: deps.random ?? Math.random,
        publish: stream => this.#gossip.publish(stream.record),
        iceServers: (peer, hostname) => this.#iceServers(hostname, peer),
      },
      { isDev },
    )
    this.#gossip = new DirectoryGossip({
      pubsub: host.node.services.pubsub,
      clock,
      hasCreator: streamId => this.#hub.creatorOf(streamId) !== undefined,
      take: record => this.#hub.announce('gossip', record),
    })
  }

  get #connectionsMax(): number {
    return this.#options.connectionsMax ?? CONNECTIONS_MAX
  }

  get multiaddrs(): readonly string[] {
    return this.#trackers(this.#ownOrigin())
  }

  get httpUrl(): string {
    const { host, isSecure } = this.#ownOrigin()
    return `${isSecure ? 'https' : 'http'}://${host}`
  }

  get stunPort(): number | undefined {
    return this.#stun?.port
  }

  async listen(): Promise<void> {
    const { host, port, stunPort } = this.#options
    const streams = { maxInboundStreams: ROOM_STREAMS_PER_CONNECTION_MAX }
    await this.#host.node.handle(
      ROOM_PROTOCOL,
      ({ stream, connection }) => this.#room(stream, connection),
      streams,
    )
    await this.#host.node.handle(DIRECTORY_LIST_PROTOCOL, ({ stream, connection }) =>
      this.#list(stream, connection),
    )
    if (stunPort !== undefined) this.#stun = await this.#startStun(host, stunPort)
    this.#http = await this.#createHttp()
    try {
      await this.#http.listen({ host, port })
    } catch (error) {
      throw listenError(error, `Port ${port} on ${host}`, '--port')
    }
    const bound = this.#http.server.address()
    if (typeof bound === 'object' && bound !== null) this.#port = bound.port
    this.#timer = setInterval(() => this.#hub.tick(), TICK_MS)
    this.#logger.info('listening', { url: this.httpUrl, peerId: this.peerId, stunPort: this.stunPort })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer)
    this.#hub.close()
    if (this.#host.transport.size > 0) await new Promise(resolve => setTimeout(resolve, GOODBYE_MS))
    this.#host.transport.close()
    await this.#host.node.stop()
    await this.#http?.close()
    await this.#stun?.close()
    this.#metrics.close()
    this.#logger.info('stopped')
  }

  async #startStun(host: string, port: number): Promise<StunServer> {
    const onAnswer = (): void => this.#metrics.stunAnswers.inc()
    try {
      const deps = { clock: this.#clock, logger: this.#logger.scope('stun'), onAnswer }
      return await startStunServer({ host, port }, deps)
    } catch (error) {
      throw listenError(error, `UDP port ${port} on ${host}`, '--stun-port (or --no-stun)')
    }
  }

  #createHttp(): Promise<FastifyInstance> {
    const { siteDir, tls, isTrustingProxy = false, isDev = false, chainEndpoints = [] } = this.#options
    return createHttpServer(
      { siteDir, tls, isTrustingProxy, isDev, chainEndpoints, connectionsMax: this.#connectionsMax },
      {
        streams: this.#streams,
        metrics: this.#metrics,
        peersOf: streamId => this.#hub.peersOf(streamId),
        announce: record => this.#hub.announce('http', record),
        mayAsk: address => this.#limits.mayAsk(address),
        mayOpenStream: address => this.#limits.mayOpenStreamFrom(address),
        trackers: origin => this.#trackers(origin),
        iceServers: origin => this.#iceServers(parseHost(origin)?.name ?? ''),
        onUpgrade: (request, socket, head, arrival) => this.#upgrade(request, socket, head, arrival),
      },
    )
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, arrival: Arrival): void {
    const isFull = this.#closing !== undefined || this.#host.transport.size >= this.#connectionsMax
    const release = isFull ? undefined : this.#limits.connect(arrival.from)
    if (release === undefined) {
      this.#metrics.refused.inc({ code: 'too-many-connections' })
      socket.end(TOO_MANY)
      return
    }
    if (this.#host.transport.upgrade(request, socket, head, arrival, release)) return
    release()
    socket.end(TOO_BUSY)
  }

  #room(stream: Stream, connection: Connection): void {
    const from = this.#whoIs(connection)
    if (from === undefined) {
      stream.abort(new Error('unknown peer'))
      return
    }
    const close = (): void => {
      connection.close().catch(() => {})
    }
    const session = new RoomSession(from, new RoomStream(stream), close, {
      hub: this.#hub,
      streams: this.#streams,
      pictures: this.#pictures,
      limits: this.#limits,
      metrics: this.#metrics,
      clock: this.#clock,
    })
    session.run().catch((error: unknown) => {
      this.#logger.error('a room session failed', {
        error: error instanceof Error ? error.stack : String(error),
      })
      stream.abort(new Error('failed'))
    })
  }

  #list(stream: Stream, connection: Connection): void {
    const from = this.#whoIs(connection)
    if (from === undefined || !this.#limits.mayList(from.address)) {
      stream.abort(new Error('too many lists'))
      return
    }
    void writeDirectoryList(stream, this.#streams.listed())
  }

  #whoIs(connection: Connection): { peer: PeerId; address: NetworkAddress; hostname: string } | undefined {
    const arrival = this.#host.transport.arrivalOf(connection.remoteAddr)
    if (arrival === undefined || connection.remotePeer.type !== 'Ed25519') return undefined
    const { from: address, hostname } = arrival
    return { peer: parsePeerId(connection.remotePeer.toString()), address, hostname }
  }

  #trackers(origin: RequestOrigin): readonly string[] {
    const { announce = [] } = this.#options
    if (announce.length > 0) return announce.map(address => `${address}/p2p/${this.peerId}`)
    const derived = multiaddrFor(origin, this.peerId)
    return derived === undefined ? [] : [derived]
  }

  /** Our own STUN under the name that the peer knows us by, and TURN for a peer that is joined. */
  #iceServers(hostname: string, peer?: PeerId): readonly IceServer[] {
    const servers: IceServer[] = []
    const name = hostname.includes(':') ? `[${hostname}]` : hostname
    if (this.#stun !== undefined && name !== '') servers.push({ urls: [`stun:${name}:${this.#stun.port}`] })
    const { turn } = this.#options
    if (turn !== undefined && peer !== undefined) servers.push(turnServer(turn, peer, this.#clock.wallMs()))
    return servers
  }

  #ownOrigin(): RequestOrigin {
    const name = NAME_OF_ANY[this.#options.host] ?? this.#options.host
    const host = name.includes(':') ? `[${name}]` : name
    return { host: `${host}:${this.#port}`, isSecure: this.#options.tls !== undefined }
  }
}

/** Addresses that one listens on but does not dial. */
const NAME_OF_ANY: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
