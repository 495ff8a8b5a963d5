import 'core-js/actual/promise/with-resolvers.js'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { Libp2p, Stream } from '@libp2p/interface'
import { webSockets } from '@libp2p/websockets'
import { multiaddr } from '@multiformats/multiaddr'
import { decode } from 'it-length-prefixed'
import { createLibp2p } from 'libp2p'
import { lengthPrefixed, Outbox } from '../../shared/overlay/room-outbox.ts'
import { type PeerId, peerIdFromPublicKey } from '../../shared/protocol/ids.ts'
import {
  decodeFromTracker,
  encodeToTracker,
  type FromTracker,
  ROOM_PROTOCOL,
  type ToTracker,
} from '../../shared/protocol/room-message.ts'
import { createSigner, generateSeed } from '../node-crypto.ts'

type Kind = FromTracker['kind']
type OfKind<K extends Kind> = Extract<FromTracker, { kind: K }>

const WAIT_MS = 5_000

/** A peer that speaks to a tracker over real libp2p and says whatever a test wants. */
export class RoomClient {
  readonly self: PeerId
  readonly signer
  readonly node: Libp2p
  readonly #tracker: string

  private constructor(node: Libp2p, signer: ReturnType<typeof createSigner>, tracker: string) {
    this.node = node
    this.signer = signer
    this.self = peerIdFromPublicKey(signer.publicKey)
    this.#tracker = tracker
  }

  static async start(tracker: string): Promise<RoomClient> {
    const seed = generateSeed()
    const node = await createLibp2p({
      privateKey: await generateKeyPairFromSeed('Ed25519', seed),
      transports: [webSockets({ websocket: { rejectUnauthorized: false } })],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionMonitor: { enabled: false },
      services: { identify: identify({ runOnConnectionOpen: false }) },
    })
    return new RoomClient(node, createSigner(seed), tracker)
  }

  async open(protocol = ROOM_PROTOCOL): Promise<ClientStream> {
    const signal = AbortSignal.timeout(WAIT_MS)
    return new ClientStream(await this.node.dialProtocol(multiaddr(this.#tracker), protocol, { signal }))
  }

  async close(): Promise<void> {
    await this.node.stop()
  }
}

/** Keeps what came and was not waited for. */
export class ClientStream {
  readonly received: FromTracker[] = []
  readonly raw: Uint8Array[] = []
  readonly ended: Promise<void>
  isEnded = false
  readonly #outbox = new Outbox(4 * 1024 * 1024)
  readonly #waiting = new Set<() => void>()

  constructor(stream: Stream) {
    stream.sink(this.#outbox.drain()).catch(() => {})
    this.ended = this.#read(stream)
  }

  send(message: ToTracker): void {
    this.sendBytes(lengthPrefixed(encodeToTracker(message)))
  }

  sendBytes(bytes: Uint8Array): void {
    this.#outbox.push(bytes)
  }

  close(): void {
    this.#outbox.end()
  }

  /** The next of that kind, which it takes out. Rejects after 5 s, or when the stream ends first. */
  async next<K extends Kind>(kind: K): Promise<OfKind<K>> {
    const end = performance.now() + WAIT_MS
    for (;;) {
      const index = this.received.findIndex(message => message.kind === kind)
      const [message] = index < 0 ? [] : this.received.splice(index, 1)
      if (message !== undefined) return message as OfKind<K>
      if (this.isEnded || performance.now() > end) {
        throw new Error(`no ${kind}; came: ${this.received.map(message => message.kind).slice(-9)}`)
      }
      await this.#change(end - performance.now())
    }
  }

  async #read(stream: Stream): Promise<void> {
    try {
      for await (const bytes of decode(stream.source)) {
        this.raw.push(bytes.subarray())
        if (stream.protocol === ROOM_PROTOCOL) this.received.push(decodeFromTracker(bytes.subarray()))
        this.#changed()
      }
    } catch {
      // Cut off: an end like any other here.
    }
    this.isEnded = true
    this.#changed()
  }

  #changed(): void {
    for (const wake of [...this.#waiting]) wake()
  }

  #change(limitMs: number): Promise<void> {
    return new Promise(resolve => {
      const done = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, limitMs)
      this.#waiting.add(done)
    })
  }
}
