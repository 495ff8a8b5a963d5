import type { CryptoPort, Signer } from '../../../shared/protocol/crypto-port.ts'
import type { StreamId } from '../../../shared/protocol/ids.ts'
import { Broadcaster } from '../broadcaster.ts'
import type { EncodedFrame } from '../events.ts'
import type { EngineDeps, Logger, PeerConnectionFactory } from '../ports.ts'
import type { StartStreamOptions } from '../stream-opening.ts'
import { Viewer } from '../viewer.ts'
import { MemoryTracker } from './memory-tracker.ts'

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, scope: () => silent }

export const testVideo = {
  kind: 'video',
  id: 0,
  codec: 'vp8',
  width: 64,
  height: 64,
  frameRate: 30,
  bitrate: 500_000,
  temporalLayers: 1,
} as const

const FRAME_US = 33_333

/** What Node lends: the engine itself may not import its hosts. */
export type NodeHost = {
  readonly crypto: CryptoPort
  readonly createPeer: PeerConnectionFactory
  readonly newSigner: () => Signer
}

/** Real peers over real WebRTC in this process, and a tracker without a socket. */
export class NodeMesh {
  readonly tracker: MemoryTracker
  readonly #host: NodeHost
  readonly #closers: (() => void)[] = []

  constructor(host: NodeHost) {
    this.#host = host
    this.tracker = new MemoryTracker({ crypto: host.crypto, wallMs: Date.now, random: Math.random })
  }

  deps(patch: Partial<EngineDeps> = {}): EngineDeps {
    const { crypto, createPeer, newSigner } = this.#host
    return {
      crypto,
      tracker: this.tracker.port(newSigner()),
      createPeer,
      clock: { nowMs: () => performance.now(), wallMs: Date.now },
      random: Math.random,
      logger: silent,
      generateSigner: () => Promise.resolve(newSigner()),
      ...patch,
    }
  }

  keep<Kept extends { close(): void }>(kept: Kept): Kept {
    this.#closers.push(() => kept.close())
    return kept
  }

  /** A broadcaster that is live and pushes 30 frames a second. */
  async broadcast(
    slots: number,
    options: Partial<StartStreamOptions> = {},
    more: { readonly deps?: EngineDeps; readonly fromUs?: number } = {},
  ) {
    const broadcaster = this.keep(new Broadcaster(more.deps ?? this.deps(), { slots }))
    const { streamId } = await broadcaster.startStream({ title: 'test', tracks: [testVideo], ...options })
    const source = this.keep(new TestSource(broadcaster, more.fromUs))
    return { broadcaster, streamId, source }
  }

  /** A viewer that is attached. */
  async viewer(streamId: StreamId, slots: number, patch: Partial<EngineDeps> = {}): Promise<Viewer> {
    const viewer = this.keep(new Viewer(this.deps(patch), { slots }))
    await viewer.joinStream(streamId)
    await until(() => viewer.state.kind === 'live')
    return viewer
  }

  close(): void {
    for (const close of this.#closers.splice(0)) close()
  }
}

/** Pushes a frame each 33 ms: 40 kB each second, else 2 kB, filled with its number. */
export class TestSource {
  readonly #timer: ReturnType<typeof setInterval>
  pushed = 0

  constructor(broadcaster: { push(frame: EncodedFrame): void }, fromUs = 0) {
    this.#timer = setInterval(() => {
      broadcaster.push(testFrame(this.pushed, fromUs))
      this.pushed += 1
    }, 33)
  }

  close(): void {
    clearInterval(this.#timer)
  }
}

export function testFrame(index: number, fromUs = 0): EncodedFrame {
  const isKey = index % 30 === 0
  return {
    track: testVideo.id,
    timestampUs: fromUs + index * FRAME_US,
    durationUs: FRAME_US,
    isKey,
    temporalLayer: 0,
    payload: new Uint8Array(isKey ? 40_000 : 2_000).fill(index),
  }
}

/** Connections that can fall silent without closing, as those of a killed process do. */
export function mutable(createPeer: PeerConnectionFactory): {
  readonly createPeer: PeerConnectionFactory
  mute(): void
} {
  let isMuted = false
  return {
    createPeer: losing(createPeer, () => isMuted),
    mute: () => {
      isMuted = true
    },
  }
}

/** Connections on which what `isLost` names never leaves this side. */
export function losing(
  createPeer: PeerConnectionFactory,
  isLost: (data: Uint8Array) => boolean,
): PeerConnectionFactory {
  const gag = (sender: { send(data: never): void }): void => {
    const send = sender.send.bind(sender)
    sender.send = data => {
      if (!isLost(data)) send(data)
    }
  }
  return options => {
    const peer = createPeer(options)
    gag(peer)
    const connection = peer._pc
    const create = connection.createDataChannel.bind(connection)
    connection.createDataChannel = (label, init) => {
      const channel = create(label, init)
      gag(channel)
      return channel
    }
    return peer
  }
}

export async function until(condition: () => boolean, limitMs = 10_000): Promise<void> {
  const end = Date.now() + limitMs
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${limitMs} ms: ${condition}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
