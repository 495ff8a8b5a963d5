import {
  EXACT_AMOUNT_BYTES,
  ROUNDED_AMOUNT_BYTES,
  readExact,
  readRounded,
  writeExact,
  writeRounded,
} from './access-amount.ts'
import { GRANT_BYTES, LEAVE_BYTES, PULL_BYTES, TERMS_BYTES } from './access-message.ts'
import { readU32, readU48, U32_MAX, U48_MAX, writeU32, writeU48 } from './big-endian.ts'
import { bytesOf, codeAt, integer, KEY_BYTES } from './field-checks.ts'
import { WireError } from './wire-error.ts'

/** `stalledMs`: media of granted epochs that was not shown, in all since the request; said again, so none is lost. */
export type AccessPull = { readonly epoch: number; readonly stalledMs: number }
/** `stalledMs`: as in a pull, with what was granted and will not be played. */
export type AccessLeave = { readonly stalledMs: number }

export type Grant = {
  /** 32 bytes: the epoch's content key. */
  readonly key: Uint8Array
  /** This wallet has no credit: it pays ahead. */
  readonly isPrepay: boolean
  /** Its seconds cost nothing and are not counted. */
  readonly isPreview: boolean
  /** Counted of this session's payments; rounded down. */
  readonly credited: bigint
  /** Of this session, this epoch included; rounded up. */
  readonly owed: bigint
}

/** Places are wire codes, from 1: new ones are added at the end. */
export const TERMS_CODES = [
  /** Bound: `epoch` is the first that can be had. */
  'welcome',
  'not-funded',
  'unpaid',
  'superseded',
  'too-soon',
  'chain-down',
  'gap',
  'wrong-epoch',
  'stale-counter',
] as const
export type TermsCode = (typeof TERMS_CODES)[number]

/** The answer that is no key: where the session stands, in exact planck. */
export type AccessTerms = {
  readonly code: TermsCode
  readonly isPrepay: boolean
  readonly epoch: number
  /** Seconds that this wallet may owe, in ms. */
  readonly creditMs: number
  readonly credited: bigint
  readonly owed: bigint
  /** Still to be paid by this wallet before the key of `epoch`. */
  readonly needed: bigint
  /** Asking earlier is of no use, ms. */
  readonly retryMs: number
  /** Of the newest request of this session that counted. */
  readonly lastCounter: number
}

const FLAG_PREPAY = 0b01
const FLAG_PREVIEW = 0b10
const FLAGS_KNOWN = FLAG_PREPAY | FLAG_PREVIEW

export function encodePull(pull: AccessPull): Uint8Array {
  const bytes = new Uint8Array(PULL_BYTES)
  writeU32(bytes, 0, integer('epoch', pull.epoch, U32_MAX))
  writeU32(bytes, 4, integer('stalled', pull.stalledMs, U32_MAX))
  return bytes
}

/** Throws only WireError, as all below. */
export function decodePull(bytes: Uint8Array): AccessPull {
  sized('pull', bytes, PULL_BYTES)
  return { epoch: readU32(bytes, 0), stalledMs: readU32(bytes, 4) }
}

export function encodeLeave(leave: AccessLeave): Uint8Array {
  const bytes = new Uint8Array(LEAVE_BYTES)
  writeU32(bytes, 0, integer('stalled', leave.stalledMs, U32_MAX))
  return bytes
}

export function decodeLeave(bytes: Uint8Array): AccessLeave {
  sized('leave', bytes, LEAVE_BYTES)
  return { stalledMs: readU32(bytes, 0) }
}

export function encodeGrant(grant: Grant): Uint8Array {
  const bytes = new Uint8Array(GRANT_BYTES)
  bytes.set(bytesOf('content key', grant.key, KEY_BYTES))
  bytes[KEY_BYTES] = (grant.isPrepay ? FLAG_PREPAY : 0) | (grant.isPreview ? FLAG_PREVIEW : 0)
  writeRounded(bytes, KEY_BYTES + 1, grant.credited, 'down')
  writeRounded(bytes, KEY_BYTES + 1 + ROUNDED_AMOUNT_BYTES, grant.owed, 'up')
  return bytes
}

export function decodeGrant(bytes: Uint8Array): Grant {
  sized('grant', bytes, GRANT_BYTES)
  const flags = flagsOf(bytes[KEY_BYTES])
  return {
    key: bytes.slice(0, KEY_BYTES),
    isPrepay: (flags & FLAG_PREPAY) !== 0,
    isPreview: (flags & FLAG_PREVIEW) !== 0,
    credited: readRounded(bytes, KEY_BYTES + 1),
    owed: readRounded(bytes, KEY_BYTES + 1 + ROUNDED_AMOUNT_BYTES),
  }
}

export function encodeTerms(terms: AccessTerms): Uint8Array {
  const bytes = new Uint8Array(TERMS_BYTES)
  bytes[0] = TERMS_CODES.indexOf(terms.code) + 1
  bytes[1] = terms.isPrepay ? FLAG_PREPAY : 0
  writeU32(bytes, 2, integer('epoch', terms.epoch, U32_MAX))
  writeU32(bytes, 6, integer('credit', terms.creditMs, U32_MAX))
  writeExact(bytes, 10, terms.credited)
  writeExact(bytes, 10 + EXACT_AMOUNT_BYTES, terms.owed)
  writeExact(bytes, 10 + 2 * EXACT_AMOUNT_BYTES, terms.needed)
  writeU32(bytes, 58, integer('retry', terms.retryMs, U32_MAX))
  writeU48(bytes, 62, integer('counter', terms.lastCounter, U48_MAX))
  return bytes
}

export function decodeTerms(bytes: Uint8Array): AccessTerms {
  sized('terms', bytes, TERMS_BYTES)
  const flags = flagsOf(bytes[1])
  if ((flags & FLAG_PREVIEW) !== 0) throw new WireError('bad-field', 'terms of a preview')
  return {
    code: codeAt('terms code', TERMS_CODES, bytes[0] ?? 0),
    isPrepay: (flags & FLAG_PREPAY) !== 0,
    epoch: readU32(bytes, 2),
    creditMs: readU32(bytes, 6),
    credited: readExact(bytes, 10),
    owed: readExact(bytes, 10 + EXACT_AMOUNT_BYTES),
    needed: readExact(bytes, 10 + 2 * EXACT_AMOUNT_BYTES),
    retryMs: readU32(bytes, 58),
    lastCounter: readU48(bytes, 62),
  }
}

function flagsOf(flags = 0): number {
  if ((flags & ~FLAGS_KNOWN) !== 0) throw new WireError('bad-field', `access flags ${flags}`)
  return flags
}

function sized(name: string, bytes: Uint8Array, length: number): void {
  if (bytes.length < length) throw new WireError('truncated', `${name} of ${bytes.length} bytes`)
  if (bytes.length > length) throw new WireError('trailing-bytes', `${name} of ${bytes.length} bytes`)
}
