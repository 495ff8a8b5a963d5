import type { EdgeChain } from './edge-chain.ts'
import type { PeerId, StreamId } from './ids.ts'
import type { SignedSignal } from './signal.ts'

export const ROOM_PROTOCOL = '/vilokanam/room/1.0.0'
export const DIRECTORY_TOPIC = '/vilokanam/streams/1'

export type Role = 'viewer' | 'relay' | 'creator'
export type NatClass = 'unknown' | 'open' | 'cone' | 'symmetric'
export type RoomRefuseCode =
  | 'no-such-stream'
  | 'not-creator'
  | 'bad-announcement'
  | 'stale-announcement'
  | 'rate-limited'
  | 'too-many-connections'
  | 'too-many-rooms'
  | 'too-large'
  | 'bad-message'
  | 'not-joined'
  | 'shutting-down'
  | 'bad-chain'
export type Candidate = {
  readonly peer: PeerId
  readonly depth: number
  readonly freeSlots: number
  readonly rttMs: number
  readonly ageS: number
  readonly lagMs: number
  /** Its children that cannot forward: a joiner that can may displace one. */
  readonly leaves: number
}
export type IceServer = {
  readonly urls: readonly string[]
  readonly username?: string
  readonly credential?: string
}

export type ToTracker =
  | {
      readonly kind: 'join'
      readonly streamId: StreamId
      readonly role: Role
      readonly tracks: readonly number[]
      readonly natClass: NatClass
      readonly rttMs: number
      /** Children this peer can serve; 0 cannot forward. */
      readonly slots: number
      /** The creator's root chain, or the chain of a peer that re-joins. */
      readonly chain?: EdgeChain
      /** AnnouncementRecord with manifest: required of a creator. */
      readonly announcement?: Uint8Array
    }
  | {
      readonly kind: 'update'
      readonly chain: EdgeChain
      readonly freeSlots: number
      readonly slots: number
      readonly lossPermille: number
      readonly subtree: number
      readonly lagMs: number
    }
  | { readonly kind: 'find-parents'; readonly exclude: readonly PeerId[]; readonly isOrphan: boolean }
  | { readonly kind: 'signal'; readonly to: PeerId; readonly signal: SignedSignal }
  | { readonly kind: 'leave' }
  | { readonly kind: 'announce'; readonly record: Uint8Array }
  | { readonly kind: 'put-picture'; readonly picture: Uint8Array }
  | { readonly kind: 'get-picture'; readonly streamId: StreamId }

export type FromTracker =
  | {
      readonly kind: 'joined'
      /** ms since the epoch */
      readonly trackerTime: number
      readonly depthCap: number
      readonly peers: number
      readonly iceServers: readonly IceServer[]
      readonly announcement: Uint8Array
    }
  | { readonly kind: 'candidates'; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'signal'; readonly to: PeerId; readonly signal: SignedSignal }
  | {
      readonly kind: 'stats'
      readonly peers: number
      readonly depthCap: number
      readonly slots: number
      readonly maxDepth: number
    }
  | { readonly kind: 'refused'; readonly code: RoomRefuseCode; readonly detail: string }
  | { readonly kind: 'announce'; readonly record: Uint8Array }
  | { readonly kind: 'picture'; readonly streamId: StreamId; readonly picture: Uint8Array }

export function encodeToTracker(message: ToTracker): Uint8Array {
  throw new Error('not built')
}
/** Throws only WireError. */
export function decodeToTracker(bytes: Uint8Array): ToTracker {
  throw new Error('not built')
}
export function encodeFromTracker(message: FromTracker): Uint8Array {
  throw new Error('not built')
}
/** Throws only WireError. */
export function decodeFromTracker(bytes: Uint8Array): FromTracker {
  throw new Error('not built')
}
