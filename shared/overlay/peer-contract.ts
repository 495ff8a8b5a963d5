import type { EdgeChain } from '../protocol/edge-chain.ts'
import type { PeerId, StreamId } from '../protocol/ids.ts'
import type {
  Alternative,
  LeaveCode,
  PeerMessage,
  RefuseCode,
  TrackPosition,
} from '../protocol/peer-message.ts'
import type { Candidate } from '../protocol/room-message.ts'

export type PeerRole = 'creator' | 'viewer' | 'relay'

export type PeerCoreOptions = {
  readonly self: PeerId
  readonly streamId: StreamId
  readonly role: PeerRole
  /** Children this peer may serve: 0 cannot forward. Creator 6, viewer 4, headless by option. */
  readonly slots: number
  /** The creator's root chain; absent for everyone else. */
  readonly chain?: EdgeChain
}

/** Time and chance, lent per step. */
export type CoreEnv = {
  /** Monotonic ms. */
  readonly nowMs: number
  /** Stream time now, s: the anchor's head extrapolated; edges expire by it. */
  readonly streamTimeS: number
  /** Uniform in [0, 1), seeded in simulations. */
  readonly random: () => number
}

/** Why media or messages of a peer were refused. `close` effects carry it on as the reason. */
export type ViolationReason =
  | 'bad-signature'
  | 'bad-hash'
  | 'wrong-stream'
  | 'too-old'
  | 'not-live'
  | 'orphan-parts'
  | 'bad-message'
  | 'bad-chain'
  | 'not-parent'
  | 'rate'
  | 'forged-hello'

/** What happened. Chains in events were verified by the shell; a bad one arrives as `violation`. */
export type PeerEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'tracker-joined'; readonly depthCap: number; readonly peers: number }
  | { readonly kind: 'tracker-lost' }
  | { readonly kind: 'room-stats'; readonly depthCap: number; readonly peers: number }
  | { readonly kind: 'candidates'; readonly candidates: readonly Candidate[] }
  /** A verified offer came from this peer; answered by `answer-dial` or `ignore-dial`. */
  | { readonly kind: 'dial-offered'; readonly peer: PeerId }
  /** Both Hellos were checked. */
  | { readonly kind: 'link-open'; readonly peer: PeerId; readonly rttMs: number }
  | { readonly kind: 'link-failed'; readonly peer: PeerId; readonly reason: string }
  | { readonly kind: 'link-closed'; readonly peer: PeerId; readonly reason: string }
  | {
      readonly kind: 'attach'
      readonly peer: PeerId
      readonly role: 'child' | 'warm'
      readonly tracks: readonly number[]
      readonly slots: number
      readonly subtree: number
      readonly resume: readonly TrackPosition[]
      readonly isOrphan: boolean
      /** Its last path, if it sent one that verified. */
      readonly chain?: EdgeChain
    }
  /** `chain` ends in this peer: the parent's chain and the new edge. */
  | { readonly kind: 'accept'; readonly peer: PeerId; readonly chain: EdgeChain }
  | {
      readonly kind: 'refuse'
      readonly peer: PeerId
      readonly code: RefuseCode
      readonly alternatives: readonly Alternative[]
    }
  | { readonly kind: 'path'; readonly peer: PeerId; readonly chain: EdgeChain }
  | { readonly kind: 'stalled'; readonly peer: PeerId; readonly newest: readonly TrackPosition[] }
  | {
      readonly kind: 'hand-over'
      readonly peer: PeerId
      readonly to: readonly Alternative[]
      readonly withinMs: number
    }
  | { readonly kind: 'leave'; readonly peer: PeerId; readonly code: LeaveCode }
  /** Each second while the link lives: in a creator's pause it is all that is heard of a parent. */
  | { readonly kind: 'rtt'; readonly peer: PeerId; readonly rttMs: number }
  /** A verified frame newer than any before came from the parent. At most every 50 ms. */
  | { readonly kind: 'progress'; readonly peer: PeerId; readonly behindLiveMs: number }
  /** Messages that went up through the parent were not answered (docs/spec/mesh.md O-UP-6). */
  | { readonly kind: 'unanswered' }
  /** State of the send queue to a child, every 200 ms. */
  | {
      readonly kind: 'child-queue'
      readonly peer: PeerId
      readonly queueDelayMs: number
      readonly drops: number
    }
  | { readonly kind: 'child-update'; readonly peer: PeerId; readonly slots: number; readonly subtree: number }
  | { readonly kind: 'violation'; readonly peer: PeerId; readonly reason: ViolationReason }
  /** The page went hidden or came back. */
  | { readonly kind: 'visibility'; readonly isHidden: boolean }
  | { readonly kind: 'set-slots'; readonly slots: number }
  /** Every 50 ms. */
  | { readonly kind: 'tick' }
  | { readonly kind: 'stop' }

export type PeerEffect =
  | { readonly kind: 'dial'; readonly peer: PeerId; readonly timeoutMs: number }
  /** One's own dial to that peer, and an old link to it, give way without an event. */
  | { readonly kind: 'answer-dial'; readonly peer: PeerId }
  | { readonly kind: 'ignore-dial'; readonly peer: PeerId }
  /** The link or the dial. What the shell still says of it is ignored. */
  | { readonly kind: 'close'; readonly peer: PeerId; readonly reason: string }
  /** The shell fills in what only its ring knows: `tracks` and `resume` of Attach, `newest` of Stalled. */
  | { readonly kind: 'send'; readonly peer: PeerId; readonly message: PeerMessage }
  /** Sign the edge self → peer until `untilS`, send Accept with it and `view.chain`; media may flow (add-child follows). */
  | { readonly kind: 'accept-child'; readonly peer: PeerId; readonly untilS: number }
  /** Sign a fresh edge and send Path with it and `view.chain`: the path above changed, or the edge is half spent. */
  | { readonly kind: 'renew-child'; readonly peer: PeerId; readonly untilS: number }
  /** Start pushing: from the newest key frame in the ring, or after `resume` where the ring still holds it. */
  | {
      readonly kind: 'add-child'
      readonly peer: PeerId
      readonly tracks: readonly number[]
      readonly resume: readonly TrackPosition[]
    }
  /** Stop pushing; the link may stay. */
  | { readonly kind: 'remove-child'; readonly peer: PeerId }
  /** Accept media from this peer only; undefined: from nobody. */
  | { readonly kind: 'set-parent'; readonly peer: PeerId | undefined }
  | { readonly kind: 'find-parents'; readonly exclude: readonly PeerId[]; readonly isOrphan: boolean }
  /** Tell the tracker where this peer stands: `view` changed in what an Update carries. */
  | { readonly kind: 'update-tracker' }
  /** `view.phase` changed. */
  | { readonly kind: 'phase' }

export type PeerPhase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'searching'; readonly attempt: number }
  | { readonly kind: 'waiting'; readonly reason: 'no-capacity' | 'no-candidates' }
  | { readonly kind: 'attached' }
  | { readonly kind: 'orphaned'; readonly reason: string }
  | { readonly kind: 'stopped' }

export type ChildView = {
  readonly peer: PeerId
  readonly slots: number
  readonly subtree: number
  readonly attachedAtMs: number
}

export type PeerView = {
  readonly phase: PeerPhase
  readonly parent: PeerId | undefined
  readonly warm: PeerId | undefined
  readonly children: readonly ChildView[]
  /** Connected, not fed: this peer is their second parent. */
  readonly warmChildren: readonly PeerId[]
  /** Ends in this peer; undefined while unproven. An orphan keeps its last one until it expires. */
  readonly chain: EdgeChain | undefined
  readonly slots: number
  readonly freeSlots: number
  /** Peers below. */
  readonly subtree: number
}

/** One peer's decisions (docs/spec/overlay.md). No promise, timer or socket inside; never throws. */
export interface PeerCore {
  step(event: PeerEvent, env: CoreEnv): PeerEffect[]
  readonly view: PeerView
}
