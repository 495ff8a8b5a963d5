import { setMaxListeners } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Logger, type Transport, transportSymbol, type Upgrader } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { type WebSocket, WebSocketServer } from 'ws'
import type { NetworkAddress } from './network-address.ts'
import { FRAME_MAX_BYTES, socketConnection } from './socket-connection.ts'

/** A peer that is gone without a FIN (a phone out of reach) is noticed after one to two of these. */
const HEARTBEAT_MS = 15_000

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

  /** Takes the request over. `onClose` is called once, when the socket has closed or the handshake failed. */
  upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    arrival: Arrival,
    onClose: () => void,
  ): void {
    socket.once('close', onClose)
    const port = request.socket.remotePort ?? 0
    this.#server.handleUpgrade(request, socket, head, webSocket => {
      this.#accept(webSocket, multiaddrOf(arrival.from.address, port), arrival)
    })
  }

  #accept(socket: WebSocket, remoteAddr: Multiaddr, arrival: Arrival): void {
    const key = keyOf(remoteAddr)
    this.#sockets.set(socket, true)
    this.#arrivals.set(key, arrival)
    socket.on('pong', () => this.#sockets.set(socket, true))
    socket.once('close', () => {
      this.#sockets.delete(socket)
      if (this.#arrivals.get(key) === arrival) this.#arrivals.delete(key)
    })
    const connection = socketConnection(socket, remoteAddr, this.#log)
    this.#upgrader
      .upgradeInbound(connection, { signal: this.#closing.signal })
      .catch(() => socket.terminate())
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
