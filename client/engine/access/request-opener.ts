import { type AccessUp, accessHead } from '../../../shared/protocol/access-message.ts'
import {
  type AccessRequest,
  accessRequestSigningInput,
  decodeAccessRequest,
  encodeAccessRequest,
  type RequestContext,
} from '../../../shared/protocol/access-request.ts'
import type { CryptoPort, Signer } from '../../../shared/protocol/crypto-port.ts'
import { WireError } from '../../../shared/protocol/wire-error.ts'
import type { AccessKey } from './access-contract.ts'
import { deriveRequestKey, generateAccessKey, ONCE_NONCE } from './sealing.ts'

type SealedRequest = Extract<AccessUp, { kind: 'request' }>

/** Signs and seals a request to the creator: whoever carries it sees a fresh key and ciphertext. */
export async function sealRequest(
  context: RequestContext,
  fields: Omit<AccessRequest, 'signature' | 'session'>,
  session: Signer,
): Promise<SealedRequest> {
  const named = { ...fields, session: session.publicKey }
  const signature = await session.sign(accessRequestSigningInput(context, named))
  const once = await generateAccessKey()
  const open = { kind: 'request', ephemeral: once.publicKey, sealed: new Uint8Array() } as const
  const key = await deriveRequestKey(once, context.creatorKey, { ...context, ephemeral: once.publicKey })
  const plain = encodeAccessRequest({ ...named, signature })
  return { ...open, sealed: await key.seal(plain, associated(open, context.origin), ONCE_NONCE) }
}

/**
 * Throws WireError unless it is sealed to this key, came from that origin, and is signed by the session it names.
 * AccessError for a key that no honest viewer has.
 */
export async function openRequest(
  message: SealedRequest,
  own: AccessKey,
  from: Omit<RequestContext, 'creatorKey'>,
  crypto: CryptoPort,
): Promise<AccessRequest> {
  const context = { ...from, creatorKey: own.publicKey }
  const key = await deriveRequestKey(own, message.ephemeral, { ...context, ephemeral: message.ephemeral })
  const plain = await key.unseal(message.sealed, associated(message, context.origin), ONCE_NONCE)
  if (plain === undefined) throw new WireError('bad-signature', 'not sealed to this creator by that origin')
  const request = decodeAccessRequest(plain)
  const signed = accessRequestSigningInput(context, request)
  if (!(await crypto.verify(request.session, signed, request.signature))) {
    throw new WireError('bad-signature', 'not signed by the session it names')
  }
  return request
}

/** Head and origin: a request carried by another origin does not open. */
export function associated(message: AccessUp, origin: Uint8Array): Uint8Array {
  const head = accessHead(message)
  const bytes = new Uint8Array(head.length + origin.length)
  bytes.set(head)
  bytes.set(origin, head.length)
  return bytes
}
