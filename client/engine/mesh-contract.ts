import type { StoredFrame } from '../../shared/media/frame-ring.ts'
import type { PeerPhase, PeerRole, ViolationReason } from '../../shared/overlay/peer-core.ts'
import type { VerifiedAnnouncement } from '../../shared/protocol/announcement.ts'
import type { EdgeChain } from '../../shared/protocol/edge-chain.ts'
import type { PeerId, StreamId } from '../../shared/protocol/ids.ts'
import type { DownMessage, UpMessage } from '../../shared/protocol/up-signature.ts'
import type { RoomEvents } from './ports.ts'

export type MeshPeerOptions = {
  readonly streamId: StreamId
  readonly role: PeerRole
  readonly slots: number
  /** The creator brings both; everybody else learns them from the tracker or the parent. */
  readonly rootChain?: EdgeChain
  readonly announcement?: VerifiedAnnouncement
  /** Media time kept for newcomers, ms. */
  readonly ringMs?: number
}

export type MeshPeerEvents = {
  phase: PeerPhase
  /** Where media and answers come from now; undefined: from nobody. */
  parent: PeerId | undefined
  frame: StoredFrame
  announcement: VerifiedAnnouncement
  tracker: { readonly isConnected: boolean }
  refused: RoomEvents['refused']
  violation: { readonly peer: PeerId; readonly reason: ViolationReason; readonly detail: string }
  /** At the creator. Signed by its origin; the body is still to be judged. */
  up: UpMessage
  /** To this peer, in answer to a `sendUp`. Anybody on the way may have written it. */
  down: DownMessage
}
