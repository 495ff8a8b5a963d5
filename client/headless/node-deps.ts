// Node 20 lacks it, and parts of libp2p call it when a connection is lost.
import 'core-js/actual/promise/with-resolvers.js'
import { createSigner, generateSeed, nodeCrypto } from '../../tracker/node-crypto.ts'
import { TrackerSession } from '../engine/net/tracker-session.ts'
import type { EngineDeps, Logger } from '../engine/ports.ts'
import { createNodePeer } from './node-peer.ts'

export type NodeDepsOptions = {
  /** Multiaddrs ending in `/p2p/<tracker peer id>`, tried in turn. */
  readonly trackers: readonly string[]
  readonly logger: Logger
}

/**
 * What the engine needs of a Node process: @roamhq/wrtc, node:crypto and a libp2p node with a peer id of its own,
 * new for each call. Dials nothing yet. Throws EngineError('tracker-unreachable') for an address it cannot read.
 */
export async function createNodeDeps({
  trackers,
  logger,
}: NodeDepsOptions): Promise<EngineDeps & { close(): Promise<void> }> {
  const clock = { nowMs: () => performance.now(), wallMs: () => Date.now() }
  const seed = generateSeed()
  const random = Math.random
  // Whoever runs a process names its trackers himself, so plain ws and private addresses are as good as others.
  const tracker = await TrackerSession.start(
    { trackers, seed, isDev: true },
    { signer: createSigner(seed), clock, random, logger },
  )
  return {
    crypto: nodeCrypto,
    tracker,
    createPeer: createNodePeer,
    clock,
    random,
    logger,
    generateSigner: () => Promise.resolve(createSigner(generateSeed())),
    close: () => tracker.close(),
  }
}
