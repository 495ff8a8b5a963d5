import type { CryptoPort, Signer } from './crypto-port.ts'
import type { PeerId, StreamId } from './ids.ts'

export type SignalBody =
  | { readonly kind: 'offer'; readonly sdp: string }
  | {
      readonly kind: 'answer'
      readonly sdp: string /** SHA-256 of the offer's SDP, 32 bytes */
      readonly offerHash: Uint8Array
    }
  | {
      readonly kind: 'candidate'
      readonly candidate: string
      readonly sdpMid: string
      readonly sdpMLineIndex: number
    }

export type Signal = {
  readonly from: PeerId
  readonly to: PeerId
  readonly streamId: StreamId
  /** 16 bytes: one per connection attempt, chosen by the offerer and repeated by the answerer. */
  readonly nonce: Uint8Array
  /** ms since the epoch, by the tracker's clock as `Joined.trackerTime` showed it. */
  readonly at: number
  readonly body: SignalBody
}

/** As it travels: `payload` is a SignalPayload. */
export type SignedSignal = { readonly payload: Uint8Array; readonly signature: Uint8Array }

export function signSignal(signal: Signal, signer: Signer): Promise<SignedSignal> {
  throw new Error('not built')
}
/**
 * Sizes, form (an SDP with exactly one section, `m=application`, no renegotiation or transceiver request can be
 * expressed), addressee `self`, stream, age (SIGNAL_VALID_MS around `nowMs`) and signature. Throws WireError.
 * Replay of a seen nonce and the candidate count are the caller's, per connection.
 */
export function verifySignal(
  signed: SignedSignal,
  self: PeerId,
  streamId: StreamId,
  nowMs: number,
  crypto: CryptoPort,
): Promise<Signal> {
  throw new Error('not built')
}
