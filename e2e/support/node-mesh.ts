import { Broadcaster } from '../../client/engine/broadcaster.ts'
import type { LinkInfo } from '../../client/engine/events.ts'
import type { EngineDeps, Logger, PeerConnectionFactory, TrackerPort } from '../../client/engine/ports.ts'
import { Relay } from '../../client/engine/relay.ts'
import type { StreamMember } from '../../client/engine/stream-member.ts'
import { MemoryTracker } from '../../client/engine/testing/memory-tracker.ts'
import { Viewer } from '../../client/engine/viewer.ts'
import { createNodePeer } from '../../client/headless/node-peer.ts'
import type { PeerId, StreamId } from '../../shared/protocol/ids.ts'
import { createSigner, generateSeed, nodeCrypto } from '../../tracker/node-crypto.ts'
import type { Disposer } from './disposer.ts'
import { FrameLog } from './frame-log.ts'
import { HostileWire } from './hostile-wire.ts'
import { SYNTHETIC_TRACK, SyntheticSource } from './synthetic-source.ts'
import { until } from './until.ts'

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, scope: () => silent }

export type Creator = {
  readonly broadcaster: Broadcaster
  readonly streamId: StreamId
  readonly source: SyntheticSource
  readonly sent: FrameLog
}

export type Watcher = {
  readonly viewer: Viewer
  readonly log: FrameLog
  readonly violations: { readonly peer: PeerId; readonly reason: string }[]
}

export type PeerChanges = {
  readonly createPeer?: (honest: PeerConnectionFactory) => PeerConnectionFactory
  readonly tracker?: (honest: TrackerPort) => TrackerPort
}

/** Peers of one process over real WebRTC and one tracker; what it starts ends with the disposer. */
export class NodeMesh {
  readonly #disposer: Disposer
  readonly #tracker = new MemoryTracker({ crypto: nodeCrypto, wallMs: Date.now, random: Math.random })

  constructor(disposer: Disposer) {
    this.#disposer = disposer
  }

  deps(changes: PeerChanges = {}): EngineDeps {
    const tracker = this.#tracker.port(createSigner(generateSeed()))
    return {
      crypto: nodeCrypto,
      tracker: changes.tracker?.(tracker) ?? tracker,
      createPeer: changes.createPeer?.(createNodePeer) ?? createNodePeer,
      clock: { nowMs: () => performance.now(), wallMs: Date.now },
      random: Math.random,
      logger: silent,
      generateSigner: () => Promise.resolve(createSigner(generateSeed())),
    }
  }

  async startCreator(slots: number): Promise<Creator> {
    const broadcaster = new Broadcaster(this.deps(), { slots })
    this.#disposer.defer(() => broadcaster.close())
    let isAnnounced = false
    broadcaster.on('stats', stats => {
      isAnnounced = stats.isTrackerConnected
    })
    const { streamId } = await broadcaster.startStream({ title: 'test', tracks: [SYNTHETIC_TRACK] })
    const sent = new FrameLog()
    broadcaster.on('frame', sent.add)
    const source = new SyntheticSource(frame => broadcaster.push(frame))
    this.#disposer.defer(() => source.stop())
    source.start()
    await until('the tracker knows the stream', () => isAnnounced)
    return { broadcaster, streamId, source, sent }
  }

  async startViewer(streamId: StreamId, slots: number, changes?: PeerChanges): Promise<Watcher> {
    const viewer = new Viewer(this.deps(changes), { slots })
    this.#disposer.defer(() => viewer.close())
    const watcher: Watcher = { viewer, log: new FrameLog(), violations: [] }
    viewer.on('frame', watcher.log.add)
    viewer.on('violation', violation => watcher.violations.push(violation))
    await viewer.joinStream(streamId)
    return watcher
  }

  async startRelay(streamId: StreamId, slots: number, changes?: PeerChanges): Promise<Relay> {
    const relay = new Relay(this.deps(changes), { slots })
    this.#disposer.defer(() => relay.close())
    await relay.joinStream(streamId)
    return relay
  }

  async startHostile(streamId: StreamId, slots: number): Promise<{ relay: Relay; wire: HostileWire }> {
    const wire = new HostileWire()
    const relay = await this.startRelay(streamId, slots, { createPeer: honest => wire.wrap(honest) })
    return { relay, wire }
  }
}

export function idOf(member: StreamMember): PeerId {
  const self = member.stats?.self
  if (self === undefined) throw new Error('has not joined')
  return self
}

/** Its parent, once it has one. */
export function parentOf(member: StreamMember): PeerId | undefined {
  return member.stats?.path.at(-2)
}

export function isLinked(member: StreamMember, peer: PeerId, relation?: LinkInfo['relation']): boolean {
  const links = member.stats?.links ?? []
  return links.some(link => link.peer === peer && (relation === undefined || link.relation === relation))
}
