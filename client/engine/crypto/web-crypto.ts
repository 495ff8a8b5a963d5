import type { CryptoPort, Signer } from '../../../shared/protocol/crypto-port.ts'

/**
 * One stream key, some dozens of peers, and at a creator's page the viewers of a paid stream, who ask in turn each epoch;
 * importing costs more than verifying.
 */
const KEY_CACHE_MAX = 4_096

const imported = new Map<string, Promise<CryptoKey | undefined>>()

/** `CryptoPort` by WebCrypto: 45 µs a verify in Chromium. */
export const webCrypto: CryptoPort = {
  async sha256(bytes) {
    return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
  },

  async verify(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false
    const key = await importPublicKey(publicKey)
    if (key === undefined) return false
    return crypto.subtle.verify(
      'Ed25519',
      key,
      signature as Uint8Array<ArrayBuffer>,
      message as Uint8Array<ArrayBuffer>,
    )
  },
}

/** A new Ed25519 key whose private half never leaves WebCrypto. */
export async function generateWebSigner(): Promise<Signer> {
  const pair = (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair
  return webSigner(pair)
}

/** `pair`: from generateKey or from IndexedDB, where a non-extractable key can be kept. */
export async function webSigner(pair: CryptoKeyPair): Promise<Signer> {
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
  return { publicKey, sign: message => signWith(pair.privateKey, message) }
}

/** PKCS #8 (RFC 8410) around a raw 32-byte seed. */
const PKCS8_PREFIX = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32]

/** A signer of a key that also lives elsewhere: libp2p needs the peer key's seed itself. */
export async function webSignerFromSeed(seed: Uint8Array, publicKey: Uint8Array): Promise<Signer> {
  const pkcs8 = new Uint8Array([...PKCS8_PREFIX, ...seed])
  const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign'])
  return { publicKey, sign: message => signWith(privateKey, message) }
}

async function signWith(privateKey: CryptoKey, message: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, message as Uint8Array<ArrayBuffer>))
}

function importPublicKey(publicKey: Uint8Array): Promise<CryptoKey | undefined> {
  const name = publicKey.join()
  let key = imported.get(name)
  if (key === undefined) {
    key = crypto.subtle
      .importKey('raw', publicKey as Uint8Array<ArrayBuffer>, 'Ed25519', false, ['verify'])
      .catch(() => undefined)
    const oldest = imported.size >= KEY_CACHE_MAX ? imported.keys().next().value : undefined
    if (oldest !== undefined) imported.delete(oldest)
    imported.set(name, key)
  }
  return key
}
