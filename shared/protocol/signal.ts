import type { CryptoPort, Signer } from './crypto-port.ts'
import { bytesOf, HASH_BYTES, SIGNATURE_BYTES } from './field-checks.ts'
import { SignalPayload } from './generated/records.ts'
import {
  type PeerId,
  peerIdFromPublicKey,
  publicKeyOfPeer,
  type StreamId,
  streamIdFromBytes,
  streamIdToBytes,
} from './ids.ts'
import { SIGNAL_PAYLOAD_MAX_BYTES, SIGNAL_VALID_MS } from './limits.ts'
import { checkCandidate, checkSdp } from './sdp-check.ts'
import { signingInput } from './signing.ts'
import { decodeStrictly } from './strict-reader.ts'
import { WireError } from './wire-error.ts'

export type SignalBody =
  | { readonly kind: 'offer'; readonly sdp: string }
  | {
      readonly kind: 'answer'
      readonly sdp: string
      /** SHA-256 of the offer's SDP, 32 bytes */ readonly offerHash: Uint8Array
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

const NONCE_BYTES = 16
const NONE = new Uint8Array()

/** Throws WireError for what a receiver would refuse. */
export async function signSignal(signal: Signal, signer: Signer): Promise<SignedSignal> {
  const payload = SignalPayload.encode({
    from: publicKeyOfPeer(signal.from),
    to: publicKeyOfPeer(signal.to),
    streamId: streamIdToBytes(signal.streamId),
    nonce: signal.nonce,
    at: signal.at,
    ...bodyToWire(signal.body),
  })
  decodePayload(payload)
  return { payload, signature: await signer.sign(signingInput('signal', payload)) }
}

/**
 * Sizes, form (an SDP with exactly one section, `m=application`, no renegotiation or transceiver request can be
 * expressed), addressee `self`, stream, age (SIGNAL_VALID_MS around `nowMs`) and signature. Throws WireError.
 * Replay of a seen nonce and the candidate count are the caller's, per connection.
 */
export async function verifySignal(
  signed: SignedSignal,
  self: PeerId,
  streamId: StreamId,
  nowMs: number,
  crypto: CryptoPort,
): Promise<Signal> {
  const { payload, signature } = signed
  bytesOf('signal signature', signature, SIGNATURE_BYTES)
  const signal = decodePayload(payload)
  if (signal.to !== self) throw new WireError('bad-field', 'a signal for another peer')
  if (signal.from === self) throw new WireError('bad-field', 'a signal from ourselves')
  if (signal.streamId !== streamId) throw new WireError('wrong-stream', 'a signal for another stream')
  if (!(Math.abs(nowMs - signal.at) <= SIGNAL_VALID_MS)) throw new WireError('expired', 'an old signal')
  if (!(await crypto.verify(publicKeyOfPeer(signal.from), signingInput('signal', payload), signature))) {
    throw new WireError('bad-signature', 'the signal is not signed by its sender')
  }
  return signal
}

function bodyToWire(body: SignalBody): Omit<SignalPayload, 'from' | 'to' | 'streamId' | 'nonce' | 'at'> {
  const empty = { sdp: '', offerHash: NONE, candidate: '', sdpMid: '', sdpMLineIndex: 0 }
  switch (body.kind) {
    case 'offer':
      return { ...empty, kind: SignalPayload.Kind.OFFER, sdp: body.sdp }
    case 'answer':
      return { ...empty, kind: SignalPayload.Kind.ANSWER, sdp: body.sdp, offerHash: body.offerHash }
    case 'candidate': {
      const { candidate, sdpMid, sdpMLineIndex } = body
      return { ...empty, kind: SignalPayload.Kind.CANDIDATE, candidate, sdpMid, sdpMLineIndex }
    }
  }
}

function decodePayload(bytes: Uint8Array): Signal {
  const payload = decodeStrictly(SignalPayload.codec(), bytes, SIGNAL_PAYLOAD_MAX_BYTES)
  return {
    from: peerIdFromPublicKey(payload.from),
    to: peerIdFromPublicKey(payload.to),
    streamId: streamIdFromBytes(payload.streamId),
    nonce: bytesOf('nonce', payload.nonce, NONCE_BYTES),
    at: payload.at,
    body: bodyFromWire(payload),
  }
}

function bodyFromWire({ kind, sdp, offerHash, candidate, sdpMid, sdpMLineIndex }: SignalPayload): SignalBody {
  if (kind === SignalPayload.Kind.CANDIDATE) {
    checkCandidate(candidate, sdpMid, sdpMLineIndex)
    return { kind: 'candidate', candidate, sdpMid, sdpMLineIndex }
  }
  checkSdp(sdp)
  if (kind === SignalPayload.Kind.OFFER) return { kind: 'offer', sdp }
  return { kind: 'answer', sdp, offerHash: bytesOf('offer hash', offerHash, HASH_BYTES) }
}
