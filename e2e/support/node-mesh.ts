import { Broadcaster } from '../../client/engine/broadcaster.ts'
import type { LinkInfo } from '../../client/engine/events.ts'
import type { EngineDeps, Logger, PeerConnectionFactory, TrackerPort } from '../../client/engine/ports.ts'
import { Relay } from '../../client/engine/relay.ts'
import type { StreamMember } from '../../client/engine/stream-member.ts'
import { Viewer } from '../../client/engine/viewer.ts'
import { createNodeDeps } from '../../client/headless/node-deps.ts'
import type { Signer } from '../../shared/protocol/crypto-port.ts'
import type { PeerId, StreamId } from '../../shared/protocol/ids.ts'
import { createTracker, type Tracker, type TrackerOptions } from '../../tracker/tracker.ts'
import type { Disposer } from './disposer.ts'
import { FrameLog } from './frame-log.ts'
import { HostileWire } from './hostile-wire.ts'
import { MeddlingTracker } from './meddling-tracker.ts'
import { SYNTHETIC_TRACK, SyntheticSource } from './synthetic-source.ts'

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, scope: () => silent }

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

export type Hostile = {
  readonly relay: Relay
  readonly signer: Signer
  /** Between it and other peers. */
  readonly wire: HostileWire
  /** Between it and the tracker. */
  readonly room: MeddlingTracker
}

/** Peers of one process over real WebRTC, and a real tracker; what it starts ends with the disposer. */
export class NodeMesh {
  readonly tracker: Tracker
  readonly #disposer: Disposer

  private constructor(tracker: Tracker, disposer: Disposer) {
    this.tracker = tracker
    this.#disposer = disposer
  }

  /** Where the site is, if the tracker has one. */
  get url(): string {
    return `${this.tracker.httpUrl}/`
  }

  static async start(disposer: Disposer, options: Partial<TrackerOptions> = {}): Promise<NodeMesh> {
    const tracker = await createTracker(
      { host: '127.0.0.1', port: 0, isDev: true, ...options },
      { logger: silent },
    )
    disposer.defer(() => tracker.close())
    return new NodeMesh(tracker, disposer)
  }

  async deps(changes: PeerChanges = {}): Promise<EngineDeps> {
    const deps = await createNodeDeps({ trackers: this.tracker.multiaddrs, logger: silent })
    this.#disposer.defer(() => deps.close())
    return {
      ...deps,
      tracker: changes.tracker?.(deps.tracker) ?? deps.tracker,
      createPeer: changes.createPeer?.(deps.createPeer) ?? deps.createPeer,
    }
  }

  async startCreator(slots: number): Promise<Creator> {
    const broadcaster = new Broadcaster(await this.deps(), { slots })
    this.#disposer.defer(() => broadcaster.close())
    const { streamId } = await broadcaster.startStream({ title: 'test', tracks: [SYNTHETIC_TRACK] })
    const sent = new FrameLog()
    broadcaster.on('frame', sent.add)
    const source = new SyntheticSource(frame => broadcaster.push(frame))
    this.#disposer.defer(() => source.stop())
    source.start()
    return { broadcaster, streamId, source, sent }
  }

  async startViewer(streamId: StreamId, slots: number, changes?: PeerChanges): Promise<Watcher> {
    const viewer = new Viewer(await this.deps(changes), { slots })
    const watcher: Watcher = { viewer, log: new FrameLog(), violations: [] }
    viewer.on('frame', watcher.log.add)
    viewer.on('violation', violation => watcher.violations.push(violation))
    await this.#join(viewer, streamId)
    return watcher
  }

  async startRelay(streamId: StreamId, slots: number, changes?: PeerChanges): Promise<Relay> {
    return this.#join(new Relay(await this.deps(changes), { slots }), streamId)
  }

  async startHostile(streamId: StreamId, slots: number): Promise<Hostile> {
    const wire = new HostileWire()
    const room = new MeddlingTracker()
    const deps = await this.deps({
      createPeer: honest => wire.wrap(honest),
      tracker: honest => room.wrap(honest),
    })
    const relay = await this.#join(new Relay(deps, { slots }), streamId)
    return { relay, signer: deps.tracker.signer, wire, room }
  }

  async #join<Member extends StreamMember>(member: Member, streamId: StreamId): Promise<Member> {
    this.#disposer.defer(() => member.close())
    await member.joinStream(streamId)
    return member
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

export function childrenOf(member: StreamMember): PeerId[] {
  const links = member.stats?.links ?? []
  return links.filter(({ relation }) => relation === 'child').map(({ peer }) => peer)
}

export function isLinked(member: StreamMember, peer: PeerId, relation?: LinkInfo['relation']): boolean {
  const links = member.stats?.links ?? []
  return links.some(link => link.peer === peer && (relation === undefined || link.relation === relation))
}
