import { setMaxListeners } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Logger, type Transport, transportSymbol, type Upgrader } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { type WebSocket, WebSocketServer } from 'ws'
import { HandshakeQueue } from './handshake-queue.ts'
import type { NetworkAddress } from './network-address.ts'
import { FRAME_MAX_BYTES, socketConnection } from './socket-connection.ts'

/** A peer that is gone without a FIN (a phone out of reach) is noticed after one to two of these. */
const HEARTBEAT_MS = 15_000

/** Half a second of one core: each of them is over before its peer gives up. */
const HANDSHAKES_AT_ONCE = 100
/** A peer gives up after 5 s, in which a core does about a thousand. */
const HANDSHAKES_WAITING_MAX = 2_000
/** One that takes longer (a peer far away, or one that says nothing) goes on, but no longer keeps others waiting. */
const HANDSHAKE_TURN_MS = 1_000

/** How one connection came in. */
export type Arrival = {
  /** Of the peer, or what a trusted proxy says it is. */
  readonly from: NetworkAddress
  /** `Host` of the request: the name this peer knows the tracker by, without port. */
  readonly hostname: string
}

/**
 * libp2p's WebSocket transport for a server that already has a port: HTTP, WebSocket and libp2p share it, so there
 * is one port to open, to proxy and to certify. It listens to nothing itself; `upgrade` is given each request.
 */
export class SocketTransport implements Transport {
  readonly [transportSymbol] = true as const
  readonly [Symbol.toStringTag] = '@vilokanam/socket-transport'
  readonly #upgrader: Upgrader
  readonly #log: Logger
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: FRAME_MAX_BYTES,
  })
  /** Whether each answered since the last ping. */
  readonly #sockets = new Map<WebSocket, boolean>()
  readonly #arrivals = new Map<string, Arrival>()
  readonly #handshakes = new HandshakeQueue({
    atOnce: HANDSHAKES_AT_ONCE,
    waitingMax: HANDSHAKES_WAITING_MAX,
  })
  readonly #heartbeat: NodeJS.Timeout
  readonly #closing = new AbortController()

  constructor(upgrader: Upgrader, log: Logger) {
    this.#upgrader = upgrader
    this.#log = log
    // Each handshake under way listens.
    setMaxListeners(0, this.#closing.signal)
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS)
  }

  get size(): number {
    return this.#sockets.size
  }

  /** How the connection from that remote address came in; undefined once it is closed. */
  arrivalOf(remoteAddr: Multiaddr): Arrival | undefined {
    return this.#arrivals.get(keyOf(remoteAddr))
  }

  /**
   * Takes the request over, when its turn comes. `onClose` is called once, when the socket has closed. False: too many
   * wait, and nothing was done.
   */
  upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    arrival: Arrival,
    onClose: () => void,
  ): boolean {
    const port = request.socket.remotePort ?? 0
    const isTaken = this.#handshakes.enter(leave => {
      // Its patience has run out meanwhile.
      if (socket.destroyed) {
        leave()
        return
      }
      socket.once('close', leave)
      setTimeout(leave, HANDSHAKE_TURN_MS).unref()
      this.#server.handleUpgrade(request, socket, head, webSocket => {
        void this.#accept(webSocket, multiaddrOf(arrival.from.address, port), arrival).then(leave)
      })
    })
    if (!isTaken) return false
    if (socket.destroyed) onClose()
    else socket.once('close', onClose)
    return true
  }

  /** Resolves when the handshake is over, whether or not it came to anything. */
  async #accept(socket: WebSocket, remoteAddr: Multiaddr, arrival: Arrival): Promise<void> {
    const key = keyOf(remoteAddr)
    this.#sockets.set(socket, true)
    this.#arrivals.set(key, arrival)
    socket.on('pong', () => this.#sockets.set(socket, true))
    socket.once('close', () => {
      this.#sockets.delete(socket)
      if (this.#arrivals.get(key) === arrival) this.#arrivals.delete(key)
    })
    const connection = socketConnection(socket, remoteAddr, this.#log)
    try {
      await this.#upgrader.upgradeInbound(connection, { signal: this.#closing.signal })
    } catch {
      socket.terminate()
    }
  }

  #beat(): void {
    for (const [socket, isAlive] of this.#sockets) {
      if (!isAlive) {
        socket.terminate()
        continue
      }
      this.#sockets.set(socket, false)
      socket.ping()
    }
  }

  /** Cuts whatever is still open. Idempotent. */
  close(): void {
    clearInterval(this.#heartbeat)
    this.#closing.abort()
    for (const socket of this.#sockets.keys()) socket.terminate()
    this.#server.close()
  }

  dial(): never {
    throw new Error('a tracker is dialled, it does not dial')
  }

  createListener(): never {
    throw new Error('the HTTP server listens')
  }

  listenFilter(): Multiaddr[] {
    return []
  }

  dialFilter(): Multiaddr[] {
    return []
  }
}

function multiaddrOf(address: string, port: number): Multiaddr {
  const family = address.includes(':') ? 'ip6' : 'ip4'
  return multiaddr(`/${family}/${address}/tcp/${port}/ws`)
}

/** A libp2p connection's own address carries the peer id behind ours. */
function keyOf(remoteAddr: Multiaddr): string {
  const { host, port } = remoteAddr.toOptions()
  return `${host} ${port}`
}
