import type { CryptoPort, Signer } from '../../shared/protocol/crypto-port.ts'
import type { EdgeChain } from '../../shared/protocol/edge-chain.ts'
import type { PeerId, StreamId } from '../../shared/protocol/ids.ts'
import type {
  Candidate,
  FromTracker,
  NatClass,
  Role,
  RoomRefuseCode,
  ToTracker,
} from '../../shared/protocol/room-message.ts'
import type { SignedSignal } from '../../shared/protocol/signal.ts'

/** Scoped, levelled logging; the only console call sits in console-logger.ts. */
export interface Logger {
  debug(message: string, details?: Record<string, unknown>): void
  info(message: string, details?: Record<string, unknown>): void
  warn(message: string, details?: Record<string, unknown>): void
  error(message: string, details?: Record<string, unknown>): void
  scope(name: string): Logger
}

export interface Clock {
  /** Monotonic, ms; never jumps. */
  nowMs(): number
  /** ms since the epoch, as the machine believes. */
  wallMs(): number
}

/** What a room (re-)join says; the session repeats the newest of it after every reconnect. */
export type RoomMembership = {
  readonly streamId: StreamId
  readonly role: Role
  readonly tracks: readonly number[]
  readonly natClass: NatClass
  readonly slots: number
  readonly chain?: EdgeChain
  readonly announcement?: Uint8Array
}

export type RoomEvents = {
  /** Joined, or joined again after the tracker came back. */
  joined: Extract<FromTracker, { kind: 'joined' }>
  candidates: readonly Candidate[]
  signal: SignedSignal
  stats: Extract<FromTracker, { kind: 'stats' }>
  announce: Uint8Array
  /** The tracker said no. The session stops trying when `isFinal` (no such stream, not the creator …). */
  refused: { readonly code: RoomRefuseCode; readonly detail: string; readonly isFinal: boolean }
  /** No tracker at the moment; the session keeps trying until closed. */
  disconnected: { readonly reason: string }
}

/** One joined room over one tracker connection at a time. */
export interface TrackerRoom {
  on<Name extends keyof RoomEvents>(name: Name, listener: (payload: RoomEvents[Name]) => void): () => void
  readonly isConnected: boolean
  /** Remembered for the next re-join; nothing is sent. */
  setMembership(patch: Partial<Pick<RoomMembership, 'chain' | 'slots' | 'announcement' | 'tracks'>>): void
  /** False when there is no tracker to send to: the message is dropped, not queued. */
  send(message: Exclude<ToTracker, { kind: 'join' } | { kind: 'leave' } | { kind: 'get-picture' }>): boolean
  /** Says Leave and stops. Idempotent. */
  close(): void
}

/** A peer's view of its trackers. Implemented by net/tracker-session.ts over libp2p. */
export interface TrackerPort {
  readonly self: PeerId
  /** The peer key: signs signals, edges and Hello. */
  readonly signer: Signer
  /** Opens at once; events tell when it is joined. */
  openRoom(membership: RoomMembership): TrackerRoom
  /** Preview picture of a stream, without joining it; undefined when the tracker has none. Not verified. */
  getPicture(streamId: StreamId, options: { signal: AbortSignal }): Promise<Uint8Array | undefined>
  close(): Promise<void>
}

/** What the engine needs of simple-peer's `Peer` (docs/adr/0005): a successor can take its place. */
export interface PeerConnection {
  signal(data: unknown): void
  send(data: Uint8Array): void
  destroy(error?: Error): void
  on(name: string, listener: (payload: never) => void): unknown
  readonly destroyed: boolean
  /** simple-peer's inner RTCPeerConnection; only net/link.ts touches it. */
  readonly _pc: RTCPeerConnection
}

export type PeerConnectionFactory = (options: {
  readonly initiator: boolean
  readonly iceServers: readonly RTCIceServer[]
}) => PeerConnection

/** Everything the engine takes from its host; createBrowserDeps / createNodeDeps fill it in. */
export type EngineDeps = {
  readonly crypto: CryptoPort
  readonly tracker: TrackerPort
  readonly createPeer: PeerConnectionFactory
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly logger: Logger
  /** A new Ed25519 stream key; non-extractable in the browser. */
  readonly generateSigner: () => Promise<Signer>
}
