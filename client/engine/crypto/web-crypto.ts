import type { CryptoPort, Signer } from '../../../shared/protocol/crypto-port.ts'

/** One stream key and some dozens of peers; importing costs more than verifying. */
const KEY_CACHE_MAX = 256

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
  return {
    publicKey,
    async sign(message) {
      return new Uint8Array(
        await crypto.subtle.sign('Ed25519', pair.privateKey, message as Uint8Array<ArrayBuffer>),
      )
    },
  }
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
