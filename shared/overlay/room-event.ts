import type { Announcement } from '../protocol/announcement.ts'
import type { EdgeChain } from '../protocol/edge-chain.ts'
import type { PeerId, StreamId } from '../protocol/ids.ts'
import type { FromTracker, Role, RoomRefuseCode } from '../protocol/room-message.ts'
import type { SignedSignal } from '../protocol/signal.ts'

export type RoomOptions = {
  readonly streamId: StreamId
  /** All peers of a developer's machine share 127.0.0.1, so the limit per network would leave two. */
  readonly isDev: boolean
  /** While nothing is announced, joiners wait until then and are refused afterwards. Monotonic ms. */
  readonly waitsUntilMs: number
}

/** Time and chance, lent per step. */
export type RoomEnv = {
  /** Monotonic ms. */
  readonly nowMs: number
  /** Uniform in [0, 1), seeded in simulations. */
  readonly random: () => number
}

/**
 * What happened in the room. Signatures were checked by the shell: every chain here verified under the stream key,
 * at the stream time that `view.streamTimeS` said; one that did not arrives as `bad-chain`.
 */
export type RoomEvent =
  | {
      readonly kind: 'join'
      readonly peer: PeerId
      readonly role: Role
      readonly tracks: readonly number[]
      readonly rttMs: number
      readonly slots: number
      /** The /24 or /48 it comes from. */
      readonly network: string
      readonly chain?: EdgeChain
    }
  | {
      readonly kind: 'update'
      readonly peer: PeerId
      readonly chain: EdgeChain
      readonly freeSlots: number
      readonly slots: number
      readonly lagMs: number
    }
  | { readonly kind: 'bad-chain'; readonly peer: PeerId }
  | {
      readonly kind: 'find-parents'
      readonly peer: PeerId
      readonly exclude: readonly PeerId[]
      readonly isOrphan: boolean
    }
  /** `peer` is the authenticated sender, and the one that the signal names as its sender. */
  | { readonly kind: 'signal'; readonly peer: PeerId; readonly to: PeerId; readonly signal: SignedSignal }
  /** Verified, and newer than the one before. */
  | { readonly kind: 'announcement'; readonly announcement: Announcement; readonly record: Uint8Array }
  | { readonly kind: 'leave'; readonly peer: PeerId }
  /** Every 250 ms. */
  | { readonly kind: 'tick' }

export type RoomEffect =
  /** Answer `joined`; the shell adds its clock, the ICE servers and the newest announcement. */
  | { readonly kind: 'welcome'; readonly peer: PeerId; readonly depthCap: number; readonly peers: number }
  | { readonly kind: 'send'; readonly peer: PeerId; readonly message: FromTracker }
  | { readonly kind: 'send-all'; readonly message: FromTracker; readonly except?: PeerId }
  /** Say no and close the peer's stream; it is no member any more. */
  | {
      readonly kind: 'expel'
      readonly peer: PeerId
      readonly code: RoomRefuseCode
      readonly detail: string
    }
  /** Nothing is left to keep: forget the room. */
  | { readonly kind: 'forget' }

export type RoomView = {
  readonly peers: number
  readonly depthCap: number
  /** Children that all members together say they can serve. */
  readonly slots: number
  /** Deepest proven member. */
  readonly maxDepth: number
}
