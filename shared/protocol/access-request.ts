import { REQUEST_BYTES } from './access-message.ts'
import { readU32, readU48, U32_MAX, U48_MAX, writeU32, writeU48 } from './big-endian.ts'
import { bytesOf, integer, KEY_BYTES, SIGNATURE_BYTES } from './field-checks.ts'
import { signingInput } from './signing.ts'
import { WireError } from './wire-error.ts'

/** What a viewer says of itself, once: sealed to the creator, so that no relay reads it. */
export type AccessRequest = {
  readonly wallet: Uint8Array
  /** The session account: an Ed25519 public key. */
  readonly session: Uint8Array
  /** X25519; made for this joining. */
  readonly viewerKey: Uint8Array
  /** Above that of every earlier request of this session; wall-clock ms serve. u48. */
  readonly counter: number
  /** The first epoch wanted. */
  readonly epoch: number
  /** By the session key, over `accessRequestSigningInput`. */
  readonly signature: Uint8Array
}

/** Whom a request is meant for and whence it comes; not inside, but signed and sealed with it. */
export type RequestContext = {
  /** 32 bytes. */
  readonly streamId: Uint8Array
  readonly creatorKey: Uint8Array
  readonly origin: Uint8Array
}

const VERSION = 1
const AT_WALLET = 1
const AT_SESSION = 33
const AT_VIEWER_KEY = 65
const AT_COUNTER = 97
const AT_EPOCH = 103
const AT_SIGNATURE = 107

/** Throws WireError for keys of another length than 32 bytes and numbers out of range. */
export function accessRequestSigningInput(
  context: RequestContext,
  request: Omit<AccessRequest, 'signature'>,
): Uint8Array {
  const fixed = new Uint8Array(AT_SIGNATURE - AT_WALLET)
  writeFields(fixed, 0, request)
  return signingInput(
    'accessRequest',
    bytesOf('stream id', context.streamId, KEY_BYTES),
    bytesOf('creator X25519 key', context.creatorKey, KEY_BYTES),
    bytesOf('origin', context.origin, KEY_BYTES),
    fixed,
  )
}

export function encodeAccessRequest(request: AccessRequest): Uint8Array {
  const bytes = new Uint8Array(REQUEST_BYTES)
  bytes[0] = VERSION
  writeFields(bytes, AT_WALLET, request)
  bytes.set(bytesOf('signature', request.signature, SIGNATURE_BYTES), AT_SIGNATURE)
  return bytes
}

/** Throws only WireError. Copies, since what is opened lives longer than the message. */
export function decodeAccessRequest(bytes: Uint8Array): AccessRequest {
  if (bytes.length > REQUEST_BYTES) throw new WireError('trailing-bytes', 'access request')
  if (bytes.length < REQUEST_BYTES) throw new WireError('truncated', 'access request')
  if (bytes[0] !== VERSION) throw new WireError('unsupported-version', `access request ${bytes[0]}`)
  return {
    wallet: bytes.slice(AT_WALLET, AT_SESSION),
    session: bytes.slice(AT_SESSION, AT_VIEWER_KEY),
    viewerKey: bytes.slice(AT_VIEWER_KEY, AT_COUNTER),
    counter: readU48(bytes, AT_COUNTER),
    epoch: readU32(bytes, AT_EPOCH),
    signature: bytes.slice(AT_SIGNATURE),
  }
}

function writeFields(bytes: Uint8Array, start: number, request: Omit<AccessRequest, 'signature'>): void {
  const shift = start - AT_WALLET
  bytes.set(bytesOf('wallet', request.wallet, KEY_BYTES), AT_WALLET + shift)
  bytes.set(bytesOf('session', request.session, KEY_BYTES), AT_SESSION + shift)
  bytes.set(bytesOf('viewer X25519 key', request.viewerKey, KEY_BYTES), AT_VIEWER_KEY + shift)
  writeU48(bytes, AT_COUNTER + shift, integer('counter', request.counter, U48_MAX))
  writeU32(bytes, AT_EPOCH + shift, integer('epoch', request.epoch, U32_MAX))
}
