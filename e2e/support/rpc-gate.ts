import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import type { Disposer } from './disposer.ts'

export type RpcGateOptions = {
  /** In what the node answers one text becomes another: a node of another chain, say. */
  readonly disguise?: { readonly from: string; readonly to: string }
}

/** One page's own way to a node: cut and mended while the chain, and everybody else, goes on. */
export class RpcGate {
  readonly #server: Server
  readonly #target: URL
  readonly #disguise: RpcGateOptions['disguise']
  readonly #sockets = new Set<WebSocket>()
  #isShut = false

  private constructor(target: string, { disguise }: RpcGateOptions) {
    this.#target = new URL(target)
    this.#disguise = disguise
    this.#server = createServer((incoming, answer) => this.#forward(incoming, answer))
    const sockets = new WebSocketServer({ server: this.#server })
    sockets.on('connection', (socket, { headers }) => this.#pipe(socket, headers.origin))
  }

  /** `target`: `ws://host:port`. It ends with the disposer. */
  static async open(disposer: Disposer, target: string, options: RpcGateOptions = {}): Promise<RpcGate> {
    const gate = new RpcGate(target, options)
    await new Promise<void>(resolve => gate.#server.listen(0, '127.0.0.1', resolve))
    disposer.defer(() => {
      gate.shut()
      gate.#server.close()
      gate.#server.closeAllConnections()
    })
    return gate
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Connections end, and none is answered until `reopen`. */
  shut(): void {
    this.#isShut = true
    for (const socket of this.#sockets) socket.terminate()
    this.#sockets.clear()
  }

  reopen(): void {
    this.#isShut = false
  }

  #pipe(page: WebSocket, origin: string | undefined): void {
    if (this.#isShut) return page.terminate()
    const node = new WebSocket(this.#target, origin === undefined ? {} : { origin })
    const waiting: RawData[] = []
    for (const socket of [page, node]) {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        page.terminate()
        node.terminate()
      })
    }
    page.on('message', data => {
      if (node.readyState === WebSocket.OPEN) node.send(data.toString())
      else waiting.push(data)
    })
    node.on('open', () => {
      for (const data of waiting.splice(0)) node.send(data.toString())
    })
    node.on('message', data => page.send(this.#dress(data.toString())))
  }

  /** What closing pages send. */
  #forward(incoming: IncomingMessage, answer: ServerResponse): void {
    if (this.#isShut) return void incoming.socket.destroy()
    const { hostname, port } = this.#target
    const { host: _, ...headers } = incoming.headers
    const outgoing = request({ hostname, port, method: incoming.method, headers }, response => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
    })
    outgoing.on('error', () => answer.destroy())
    incoming.pipe(outgoing)
  }

  #dress(text: string): string {
    return this.#disguise === undefined ? text : text.replaceAll(this.#disguise.from, this.#disguise.to)
  }
}
