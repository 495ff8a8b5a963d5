import type { Edge, EdgeChain } from './edge-chain.ts'
import type { PeerId, StreamId } from './ids.ts'

export const PROTOCOL_VERSION = 1

export type RefuseCode =
  | 'full'
  | 'too-deep'
  | 'loop'
  | 'no-input'
  | 'wrong-stream'
  | 'leaving'
  | 'not-proven'
  | 'busy'
export type LeaveCode = 'closing' | 'moving' | 'hostile' | 'stalled' | 'ended' | 'displaced' | 'no-capacity'
export type Alternative = { readonly peer: PeerId; readonly depth: number }
export type TrackPosition = { readonly track: number; readonly seq: number }
export type SeqRange = { readonly track: number; readonly from: number; readonly to: number }
export type PullItem = { readonly track: number; readonly seq: number; readonly parts: readonly number[] }

/** Everything that travels on `control`; docs/SPEC.md lists direction, rate limit and the core's event of each. */
export type PeerMessage =
  | {
      readonly kind: 'hello'
      readonly version: number
      readonly peer: PeerId
      readonly streamId: StreamId
      readonly proof: Uint8Array
    }
  | {
      readonly kind: 'attach'
      readonly role: 'child' | 'warm'
      readonly tracks: readonly number[]
      readonly slots: number
      readonly subtree: number
      readonly resume: readonly TrackPosition[]
      readonly isOrphan: boolean
      readonly chain?: EdgeChain
    }
  | { readonly kind: 'accept'; readonly edge: Edge; readonly chain: EdgeChain }
  | { readonly kind: 'refuse'; readonly code: RefuseCode; readonly alternatives: readonly Alternative[] }
  | { readonly kind: 'have'; readonly ranges: readonly SeqRange[] }
  | { readonly kind: 'pull'; readonly items: readonly PullItem[]; readonly deadlineMs: number }
  | { readonly kind: 'path'; readonly edge: Edge; readonly chain: EdgeChain }
  | { readonly kind: 'stalled'; readonly newest: readonly TrackPosition[] }
  | {
      readonly kind: 'feedback'
      readonly received: number
      readonly queueDelayMs: number
      readonly drops: number
      readonly slots: number
      readonly subtree: number
    }
  | { readonly kind: 'hand-over'; readonly to: readonly Alternative[]; readonly withinMs: number }
  | { readonly kind: 'leave'; readonly code: LeaveCode }
  | {
      readonly kind: 'up'
      readonly origin: Uint8Array
      readonly counter: number
      readonly body: Uint8Array
      readonly signature: Uint8Array
    }
  | {
      readonly kind: 'down'
      readonly target: Uint8Array
      readonly counter: number
      readonly body: Uint8Array
    }
  | {
      readonly kind: 'peer-records'
      readonly records: readonly { readonly payload: Uint8Array; readonly signature: Uint8Array }[]
    }
  | { readonly kind: 'ping'; readonly nonce: number }
  | { readonly kind: 'pong'; readonly nonce: number }
  | { readonly kind: 'ack'; readonly media: number; readonly repair: number }
  | { readonly kind: 'announce'; readonly record: Uint8Array }

export function encodePeerMessage(message: PeerMessage): Uint8Array {
  throw new Error('not built')
}
/** Throws only WireError. At most PEER_MESSAGE_MAX_BYTES are read. */
export function decodePeerMessage(bytes: Uint8Array): PeerMessage {
  throw new Error('not built')
}
