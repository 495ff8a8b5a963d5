/** The engine's peers of `bench:swarm`: each with keys, crypto and a tracker connection of its own. */
import { Broadcaster } from '../client/engine/broadcaster.ts'
import type { EngineDeps } from '../client/engine/ports.ts'
import { Viewer } from '../client/engine/viewer.ts'
import { createNodeDeps } from '../client/headless/node-deps.ts'
import { parseStreamId } from '../shared/protocol/ids.ts'
import { silent } from './silent.ts'
import { SwarmWorker, type ToWorker } from './swarm-worker.ts'
import { SyntheticStream } from './synthetic-stream.ts'

const worker = new SwarmWorker(handle)

function createDeps(): Promise<EngineDeps> {
  return createNodeDeps({ trackers: worker.options.trackers, logger: silent })
}

function handle(message: ToWorker): void {
  if (message.kind !== 'join') return
  const { peer, streamId } = message
  if (streamId === undefined) void broadcast()
  else void join(peer, streamId)
}

async function broadcast(): Promise<void> {
  const { slots, kbps } = worker.options
  const deps = await createDeps()
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
  const deps = await createDeps()
  const viewer = new Viewer(deps, { slots: worker.options.slots })
  worker.addPeer(peer, deps.tracker.self, () => viewer.stats?.path.at(-2) ?? '')
  let isFlowing = false
  viewer.on('frame', ({ seq }) => {
    worker.mark(peer, seq)
    if (!isFlowing) worker.send({ kind: 'flowing', peer })
    isFlowing = true
  })
  // A tracker that takes long to answer is not given up: joining goes on by itself.
  await viewer.joinStream(parseStreamId(text)).catch(() => {})
}
