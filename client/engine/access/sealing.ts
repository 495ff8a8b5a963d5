import type { MaybePromise } from '../../../shared/protocol/crypto-port.ts'
import { hexText } from '../../../shared/protocol/hex.ts'
import { AccessError, type AccessKey } from './access-contract.ts'

/** Keys of one viewer and one load of the creator's page, one a direction: neither's nonces can meet the other's. */
export type PairKeys = { readonly up: SealKey; readonly down: SealKey }

/**
 * One AES-256-GCM key; the tag's 16 bytes come last. Nonces have 12 bytes. WebCrypto answers with promises; node:crypto
 * (client/headless/node-seal-key.ts) at once, for a fifth of the work.
 */
export interface SealKey {
  seal(plain: Uint8Array, associated: Uint8Array, nonce: Uint8Array): MaybePromise<Uint8Array>
  /** Undefined for what was not sealed so. */
  unseal(sealed: Uint8Array, associated: Uint8Array, nonce: Uint8Array): MaybePromise<Uint8Array | undefined>
}
/** Makes one of 32 bytes, which it does not keep: the caller wipes them. */
export type MakeSealKey = (raw: Uint8Array) => MaybePromise<SealKey>

/** Both ends of a pair, and the stream: a key for one is good for no other. 32 bytes each. */
export type PairContext = {
  readonly streamId: Uint8Array
  readonly creatorKey: Uint8Array
  readonly viewerKey: Uint8Array
}

const X25519 = { name: 'X25519' }
const NONCE_BYTES = 12
const TAG_BITS = 128
/** A key that seals one message only. */
export const ONCE_NONCE: Uint8Array = new Uint8Array(NONCE_BYTES)

/** An X25519 key whose private half never leaves WebCrypto (Chromium from 133, Node from 18.4). */
export async function generateAccessKey(): Promise<AccessKey> {
  const pair = (await crypto.subtle.generateKey(X25519, false, ['deriveBits'])) as CryptoKeyPair
  return {
    publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)),
    privateKey: pair.privateKey,
  }
}

/** The same on both sides. Throws AccessError `bad-key` for a key that no honest peer has (a point of low order). */
export async function derivePairKeys(
  own: AccessKey,
  other: Uint8Array,
  context: PairContext,
  make: MakeSealKey = webSealKey,
): Promise<PairKeys> {
  const shared = await agree(own, other)
  const { streamId, creatorKey, viewerKey } = context
  const [up, down] = await Promise.all([
    deriveKey(make, shared, streamId, 'vilokanam/access/up/1', creatorKey, viewerKey),
    deriveKey(make, shared, streamId, 'vilokanam/access/down/1', creatorKey, viewerKey),
  ])
  return { up, down }
}

/** For the one message that is sealed to the creator before any pair is known. */
export async function deriveRequestKey(
  own: AccessKey,
  other: Uint8Array,
  context: { readonly streamId: Uint8Array; readonly creatorKey: Uint8Array; readonly ephemeral: Uint8Array },
): Promise<SealKey> {
  const shared = await agree(own, other)
  return deriveKey(
    webSealKey,
    shared,
    context.streamId,
    'vilokanam/access/request/1',
    context.creatorKey,
    context.ephemeral,
  )
}

/** By WebCrypto: not to be read back. */
export async function webSealKey(raw: Uint8Array): Promise<SealKey> {
  const key = await crypto.subtle.importKey('raw', own(raw), 'AES-GCM', false, ['encrypt', 'decrypt'])
  return {
    async seal(plain, associated, nonce) {
      return new Uint8Array(await crypto.subtle.encrypt(gcm(nonce, associated), key, own(plain)))
    },
    async unseal(sealed, associated, nonce) {
      try {
        return new Uint8Array(await crypto.subtle.decrypt(gcm(nonce, associated), key, own(sealed)))
      } catch {
        return undefined
      }
    },
  }
}

/** `kind ‖ 7 × 0 ‖ u32`, the five bytes that a body begins with: every body of one pair and direction has its own. */
export function nonceOf(head: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES)
  nonce.set(head.subarray(0, 1))
  nonce.set(head.subarray(1, 5), NONCE_BYTES - 4)
  return nonce
}

async function agree(ownKey: AccessKey, other: Uint8Array): Promise<CryptoKey> {
  try {
    const publicKey = await crypto.subtle.importKey('raw', own(other), X25519, true, [])
    const bits = await crypto.subtle.deriveBits({ ...X25519, public: publicKey }, ownKey.privateKey, 256)
    return await crypto.subtle.importKey('raw', bits, 'HKDF', false, ['deriveBits'])
  } catch (cause) {
    throw new AccessError('bad-key', `no key can be agreed on with ${hexText(other)}`, { cause })
  }
}

async function deriveKey(
  make: MakeSealKey,
  shared: CryptoKey,
  streamId: Uint8Array,
  purpose: string,
  ...keys: readonly Uint8Array[]
): Promise<SealKey> {
  const info = new Uint8Array(purpose.length + 1 + keys.reduce((length, key) => length + key.length, 0))
  for (let index = 0; index < purpose.length; index++) info[index] = purpose.charCodeAt(index)
  let offset = purpose.length + 1
  for (const key of keys) {
    info.set(key, offset)
    offset += key.length
  }
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: own(streamId), info }
  const raw = new Uint8Array(await crypto.subtle.deriveBits(hkdf, shared, 256))
  const key = await make(raw)
  raw.fill(0)
  return key
}

function gcm(nonce: Uint8Array, associated: Uint8Array): AesGcmParams {
  return { name: 'AES-GCM', iv: own(nonce), additionalData: own(associated), tagLength: TAG_BITS }
}

/** WebCrypto's types take no view of shared memory; nothing here is one. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>
}
