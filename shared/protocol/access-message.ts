import { readU32, writeU32 } from './big-endian.ts'
import { KEY_BYTES } from './field-checks.ts'
import { WireError } from './wire-error.ts'

/**
 * Bodies of `up` and `down` that ask for content keys and bring them (docs/spec/access.md A-WIRE). Integers are
 * big-endian; `sealed` ends with a 16-byte tag. What is inside is in access-request.ts and access-plaintext.ts.
 *
 *   up    request  0x11 ‖ ephemeral X25519 key 32 ‖ sealed
 *         pull     0x12 ‖ counter u32 ‖ sealed
 *         leave    0x13 ‖ counter u32 ‖ sealed
 *   down  grant    0x21 ‖ epoch u32 ‖ sealed
 *         terms    0x22 ‖ counter u32 ‖ sealed
 */
export type AccessUp =
  | { readonly kind: 'request'; readonly ephemeral: Uint8Array; readonly sealed: Uint8Array }
  | { readonly kind: 'pull' | 'leave'; readonly counter: number; readonly sealed: Uint8Array }

export type AccessDown =
  | { readonly kind: 'grant'; readonly epoch: number; readonly sealed: Uint8Array }
  | { readonly kind: 'terms'; readonly counter: number; readonly sealed: Uint8Array }

export const SEAL_TAG_BYTES = 16
export const REQUEST_BYTES = 171
export const PULL_BYTES = 8
export const LEAVE_BYTES = 4
export const GRANT_BYTES = 43
export const TERMS_BYTES = 68

const REQUEST = 0x11
const PULL = 0x12
const LEAVE = 0x13
const GRANT = 0x21
const TERMS = 0x22
/** Kind and counter, or kind and epoch. */
const NUMBERED_HEAD_BYTES = 5
const REQUEST_HEAD_BYTES = 1 + KEY_BYTES

/** A grant's whole body: what one epoch costs a viewer's path. */
export const GRANT_BODY_BYTES = NUMBERED_HEAD_BYTES + GRANT_BYTES + SEAL_TAG_BYTES

/** Whether a body belongs to this family, by its first byte; others are somebody else's. */
export function isAccessBody(body: Uint8Array): boolean {
  const kind = body[0]
  return kind === REQUEST || kind === PULL || kind === LEAVE || kind === GRANT || kind === TERMS
}

/** The bytes before `sealed`, which the seal covers too. */
export function accessHead(message: AccessUp | AccessDown): Uint8Array {
  switch (message.kind) {
    case 'request':
      return requestHead(message.ephemeral)
    case 'pull':
      return numberedHead(PULL, message.counter)
    case 'leave':
      return numberedHead(LEAVE, message.counter)
    case 'grant':
      return numberedHead(GRANT, message.epoch)
    case 'terms':
      return numberedHead(TERMS, message.counter)
  }
}

export function encodeAccess(message: AccessUp | AccessDown): Uint8Array {
  const head = accessHead(message)
  const body = new Uint8Array(head.length + message.sealed.length)
  body.set(head)
  body.set(message.sealed, head.length)
  return body
}

/** Throws only WireError. `sealed` and `ephemeral` are views into `body`. */
export function decodeAccessUp(body: Uint8Array): AccessUp {
  switch (body[0]) {
    case REQUEST: {
      const sealed = sealedAfter(body, REQUEST_HEAD_BYTES, REQUEST_BYTES)
      return { kind: 'request', ephemeral: body.subarray(1, REQUEST_HEAD_BYTES), sealed }
    }
    case PULL: {
      const sealed = sealedAfter(body, NUMBERED_HEAD_BYTES, PULL_BYTES)
      return { kind: 'pull', counter: readU32(body, 1), sealed }
    }
    case LEAVE: {
      const sealed = sealedAfter(body, NUMBERED_HEAD_BYTES, LEAVE_BYTES)
      return { kind: 'leave', counter: readU32(body, 1), sealed }
    }
    default:
      throw new WireError('unknown-kind', `access message ${body[0]}`)
  }
}

/** Throws only WireError. `sealed` is a view into `body`. */
export function decodeAccessDown(body: Uint8Array): AccessDown {
  switch (body[0]) {
    case GRANT: {
      const sealed = sealedAfter(body, NUMBERED_HEAD_BYTES, GRANT_BYTES)
      return { kind: 'grant', epoch: readU32(body, 1), sealed }
    }
    case TERMS: {
      const sealed = sealedAfter(body, NUMBERED_HEAD_BYTES, TERMS_BYTES)
      return { kind: 'terms', counter: readU32(body, 1), sealed }
    }
    default:
      throw new WireError('unknown-kind', `access message ${body[0]}`)
  }
}

function requestHead(ephemeral: Uint8Array): Uint8Array {
  if (ephemeral.length !== KEY_BYTES) throw new WireError('bad-field', 'ephemeral key')
  const head = new Uint8Array(REQUEST_HEAD_BYTES)
  head[0] = REQUEST
  head.set(ephemeral, 1)
  return head
}

function numberedHead(kind: number, value: number): Uint8Array {
  const head = new Uint8Array(NUMBERED_HEAD_BYTES)
  head[0] = kind
  writeU32(head, 1, value)
  return head
}

function sealedAfter(body: Uint8Array, headBytes: number, plainBytes: number): Uint8Array {
  const length = headBytes + plainBytes + SEAL_TAG_BYTES
  if (body.length < length) throw new WireError('truncated', `access message of ${body.length} bytes`)
  if (body.length > length) throw new WireError('trailing-bytes', `access message of ${body.length} bytes`)
  return body.subarray(headBytes)
}
