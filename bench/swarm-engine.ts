/** The engine's peers of `bench:swarm`: each with keys, crypto and a tracker connection of its own. */
import { Broadcaster } from '../client/engine/broadcaster.ts'
import type { EngineDeps, Logger } from '../client/engine/ports.ts'
import { Relay } from '../client/engine/relay.ts'
import { MemoryTracker } from '../client/engine/testing/memory-tracker.ts'
import { Viewer } from '../client/engine/viewer.ts'
import { createNodePeer } from '../client/headless/node-peer.ts'
import { parseStreamId, peerIdFromPublicKey } from '../shared/protocol/ids.ts'
import { createSigner, generateSeed, nodeCrypto } from '../tracker/node-crypto.ts'
import { SwarmWorker, type ToWorker } from './swarm-worker.ts'
import { SyntheticStream } from './synthetic-stream.ts'

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, scope: () => silent }
const tracker = new MemoryTracker({ crypto: nodeCrypto, wallMs: Date.now, random: Math.random })
const worker = new SwarmWorker(handle)

function createDeps(): EngineDeps {
  return {
    crypto: nodeCrypto,
    tracker: tracker.port(createSigner(generateSeed())),
    createPeer: createNodePeer,
    clock: { nowMs: () => performance.now(), wallMs: Date.now },
    random: Math.random,
    logger: silent,
    generateSigner: () => Promise.resolve(createSigner(generateSeed())),
  }
}

function handle(message: ToWorker): void {
  if (message.kind !== 'join') return
  const { peer, streamId } = message
  if (streamId === undefined) void broadcast()
  else void join(peer, streamId)
}

async function broadcast(): Promise<void> {
  const { slots, kbps } = worker.options
  const deps = createDeps()
  const broadcaster = new Broadcaster(deps, { slots })
  const { streamId } = await broadcaster.startStream({
    title: 'swarm',
    tracks: [new SyntheticStream(kbps).track],
  })
  worker.addPeer(0, deps.tracker.self)
  worker.onFrame(frame => broadcaster.push(frame))
  worker.send({ kind: 'joined', peer: 0, streamId })
}

async function join(peer: number, text: string): Promise<void> {
  const deps = createDeps()
  const viewer = new Viewer(deps, { slots: worker.options.slots })
  worker.addPeer(peer, deps.tracker.self, () => viewer.stats?.path.at(-2) ?? '')
  let isFlowing = false
  viewer.on('frame', ({ seq }) => {
    worker.mark(peer, seq)
    if (!isFlowing) worker.send({ kind: 'flowing', peer })
    isFlowing = true
  })
  await viewer.joinStream(parseStreamId(text))
}
