import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { DevchainError } from './devchain-error.ts'
import { RpcCode, RpcError } from './rpc-error.ts'
import type { RpcClient, RpcMethods } from './rpc-method.ts'

/** Nobody else's business: there is play money on it, and switches that break it. */
const HOST = '127.0.0.1'
const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])
/** Several times the largest extrinsic of ours, and any batch of reads. */
const REQUEST_MAX_BYTES = 256 * 1024
const BATCH_MAX = 64
const CONNECTIONS_MAX = 256
const PENDING_MAX = 512
const SUBSCRIPTIONS_MAX = 256
/** Metadata is 0.5 MB; a client that lets this much pile up does not read any more. */
const UNSENT_MAX_BYTES = 64 * 1024 * 1024
const REQUEST_TIMEOUT_MS = 10_000

type Answer = {
  readonly jsonrpc: '2.0'
  readonly id: unknown
  readonly result?: unknown
  readonly error?: object
}

/** JSON-RPC over WebSocket and HTTP on one port of this machine. */
export class RpcServer {
  readonly #methods: () => RpcMethods
  readonly #http: Server
  readonly #sockets: WebSocketServer
  #port: number
  #isDown = false

  /** `methods` is asked at each request: another chain brings others. */
  constructor(methods: () => RpcMethods, port: number) {
    this.#methods = methods
    this.#port = port
    this.#http = createServer((request, response) => void this.#serve(request, response))
    this.#http.maxConnections = CONNECTIONS_MAX
    this.#http.requestTimeout = REQUEST_TIMEOUT_MS
    this.#http.on('connection', socket => {
      if (this.#isDown) socket.destroy()
    })
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: REQUEST_MAX_BYTES,
      perMessageDeflate: false,
    })
    this.#http.on('upgrade', (request, socket, head) => {
      if (!isFromHere(request)) {
        socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
        return
      }
      this.#sockets.handleUpgrade(request, socket, head, webSocket => this.#talk(webSocket))
    })
  }

  get port(): number {
    return this.#port
  }

  /** Throws DevchainError `port-taken`, `port-refused`. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException): void => reject(portError(this.#port, error))
      this.#http.once('error', fail)
      this.#http.listen(this.#port, HOST, () => {
        this.#http.off('error', fail)
        resolve()
      })
    })
    const address = this.#http.address()
    if (typeof address === 'object' && address !== null) this.#port = address.port
  }

  /**
   * Down: connections end, and new ones before they have said anything. The port stays ours: another program could have
   * it by the time we want it back.
   */
  set isDown(isDown: boolean) {
    this.#isDown = isDown
    if (isDown) this.#cut()
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.isDown = true
    if (!this.#http.listening) return
    await new Promise<void>(resolve => this.#http.close(() => resolve()))
  }

  #cut(): void {
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#http.closeAllConnections()
  }

  #talk(socket: WebSocket): void {
    const client = new SocketClient(socket)
    let pending = 0
    socket.on('error', () => socket.terminate())
    socket.on('close', () => client.cancelAll())
    socket.on('message', (data, isBinary) => {
      if (isBinary || pending >= PENDING_MAX) {
        socket.terminate()
        return
      }
      pending += 1
      void this.#answer(String(data), client).then(answer => {
        pending -= 1
        if (answer !== undefined) client.send(answer)
      })
    })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isFromHere(request)) {
      response.writeHead(403, { connection: 'close' }).end('This chain serves its own machine only.')
      return
    }
    response.setHeader('access-control-allow-origin', request.headers.origin ?? '*')
    response.setHeader('vary', 'origin')
    if (request.method === 'OPTIONS') {
      response.setHeader('access-control-allow-methods', 'POST')
      response.setHeader('access-control-allow-headers', 'content-type')
      response.setHeader('access-control-allow-private-network', 'true')
      response.setHeader('access-control-max-age', '600')
      response.writeHead(204).end()
      return
    }
    if (request.method !== 'POST') {
      response.writeHead(405, { allow: 'POST, OPTIONS' }).end('JSON-RPC: send a POST, or open a WebSocket.')
      return
    }
    const body = await readBody(request)
    if (body === undefined) {
      response.writeHead(413, { connection: 'close' }).end()
      return
    }
    const answer = await this.#answer(body, HTTP_CLIENT)
    response.setHeader('content-type', 'application/json')
    response.writeHead(200).end(answer === undefined ? '' : JSON.stringify(answer))
  }

  async #answer(text: string, client: RpcClient): Promise<Answer | readonly Answer[] | undefined> {
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      return failure(null, new RpcError(RpcCode.parse, 'Parse error'))
    }
    if (!Array.isArray(json)) return this.#call(json, client)
    if (json.length === 0 || json.length > BATCH_MAX) {
      return failure(null, new RpcError(RpcCode.invalidRequest, `A batch has 1 to ${BATCH_MAX} requests`))
    }
    const answers = await Promise.all(json.map(request => this.#call(request, client)))
    const told = answers.filter(answer => answer !== undefined)
    return told.length === 0 ? undefined : told
  }

  async #call(request: unknown, client: RpcClient): Promise<Answer | undefined> {
    const fields = typeof request === 'object' && request !== null ? (request as Record<string, unknown>) : {}
    const { id, method, params = [] } = fields
    const hasId = typeof id === 'number' || typeof id === 'string' || id === null
    try {
      if (typeof method !== 'string' || (id !== undefined && !hasId) || !Array.isArray(params)) {
        throw new RpcError(RpcCode.invalidRequest, 'Invalid Request')
      }
      const call = this.#methods().get(method)
      if (call === undefined) throw new RpcError(RpcCode.methodNotFound, 'Method not found')
      const result: unknown = await call(params, client)
      return id === undefined ? undefined : { jsonrpc: '2.0', id, result: result ?? null }
    } catch (error) {
      return failure(hasId ? id : null, error)
    }
  }
}

class SocketClient implements RpcClient {
  readonly #socket: WebSocket
  readonly #cancels = new Map<string, () => void>()

  constructor(socket: WebSocket) {
    this.#socket = socket
  }

  subscribe(method: string, subscription: string, onCancel: () => void): (result: unknown) => void {
    if (this.#cancels.size >= SUBSCRIPTIONS_MAX || this.#socket.readyState !== this.#socket.OPEN) {
      onCancel()
      throw new RpcError(RpcCode.invalidRequest, `At most ${SUBSCRIPTIONS_MAX} subscriptions a connection`)
    }
    this.#cancels.set(subscription, onCancel)
    return result => {
      if (!this.#cancels.has(subscription)) return
      this.send({ jsonrpc: '2.0', method, params: { subscription, result } })
    }
  }

  unsubscribe(subscription: string): boolean {
    const cancel = this.#cancels.get(subscription)
    this.#cancels.delete(subscription)
    cancel?.()
    return cancel !== undefined
  }

  cancelAll(): void {
    for (const subscription of [...this.#cancels.keys()]) this.unsubscribe(subscription)
  }

  send(message: unknown): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    if (this.#socket.bufferedAmount > UNSENT_MAX_BYTES) this.#socket.terminate()
    else this.#socket.send(JSON.stringify(message))
  }
}

const HTTP_CLIENT: RpcClient = {
  subscribe(_method, _id, onCancel) {
    onCancel()
    throw new RpcError(RpcCode.invalidRequest, 'Subscriptions need a WebSocket')
  },
  unsubscribe: () => false,
}

function failure(id: unknown, error: unknown): Answer {
  // Chopsticks' own errors carry a code too.
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined
  const message = error instanceof Error ? error.message : String(error)
  const data = error instanceof RpcError ? error.data : undefined
  return {
    jsonrpc: '2.0',
    id,
    error: { code: code ?? RpcCode.internal, message, ...(data !== undefined && { data }) },
  }
}

/** A page of elsewhere, or one whose name was made to point here, has no business with it. */
function isFromHere({ headers }: IncomingMessage): boolean {
  return (
    isLoopback(`http://${headers.host ?? ''}`) && (headers.origin === undefined || isLoopback(headers.origin))
  )
}

function isLoopback(origin: string): boolean {
  return URL.canParse(origin) && LOOPBACK_NAMES.has(new URL(origin).hostname)
}

/** Undefined: too long, or cut off. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of request) {
      const bytes = Buffer.from(chunk as Uint8Array)
      length += bytes.length
      if (length > REQUEST_MAX_BYTES) return undefined
      chunks.push(bytes)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(chunks).toString('utf8')
}

function portError(port: number, error: NodeJS.ErrnoException): DevchainError {
  if (error.code === 'EADDRINUSE') {
    return new DevchainError(
      'port-taken',
      `Port ${port} is in use by another program, perhaps another local chain. Stop that one, or choose another port for the chain.`,
      { cause: error },
    )
  }
  return new DevchainError(
    'port-refused',
    `The local chain cannot listen at port ${port} (${error.code ?? error.message}). Choose another port for it.`,
    { cause: error },
  )
}
