import { u32Bytes } from './big-endian.ts'
import type { CryptoPort, MaybePromise, Signer } from './crypto-port.ts'
import { type StreamId, streamIdToBytes } from './ids.ts'
import type { PeerMessage } from './peer-message.ts'
import { signingInput } from './signing.ts'

/** A message on its way up to the creator: signed by the sender's key of this one stream. */
export type UpMessage = Extract<PeerMessage, { kind: 'up' }>
/** An answer on its way down. Nothing here is signed: whoever answers seals or signs the body itself. */
export type DownMessage = Extract<PeerMessage, { kind: 'down' }>

/** `counter`: u32, above that of any message this origin signed before. `body`: at most UP_BODY_MAX_BYTES. */
export async function signUp(
  streamId: StreamId,
  origin: Signer,
  counter: number,
  body: Uint8Array,
): Promise<UpMessage> {
  const signature = await origin.sign(upInput(streamId, origin.publicKey, counter, body))
  return { kind: 'up', origin: origin.publicKey, counter, body, signature }
}

/** True iff the key that the message names as its origin signed it, for this stream. */
export function verifyUp(streamId: StreamId, message: UpMessage, crypto: CryptoPort): MaybePromise<boolean> {
  const { origin, counter, body, signature } = message
  return crypto.verify(origin, upInput(streamId, origin, counter, body), signature)
}

function upInput(streamId: StreamId, origin: Uint8Array, counter: number, body: Uint8Array): Uint8Array {
  return signingInput('up', streamIdToBytes(streamId), origin, u32Bytes(counter), body)
}
