import {
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'
import type { ICryptoInterface, KeyPair } from '@chainsafe/libp2p-noise'
import { defaultCrypto } from '@chainsafe/libp2p-noise/crypto'

const HKDF_OUTPUT_BYTES = 96
const EMPTY = new Uint8Array(0)

/**
 * noise asks for raw private keys, and its own Node crypto makes a KeyObject of each again for every exchange: 1.2 ms
 * of the 6.5 ms that a connection cost. Here a private key stays the KeyObject that it was generated as, and what
 * noise carries about is an empty stand-in.
 */
const privateKeys = new WeakMap<object, KeyObject>()
const publicKeys = new WeakMap<object, KeyObject>()

/** noise's crypto with X25519 and HKDF by OpenSSL. Keys go in and out as JWK, which costs 10 µs where DER costs 80. */
export const noiseCrypto: ICryptoInterface = {
  ...defaultCrypto,

  hashSHA256(data): Uint8Array {
    return hash('sha256', data.subarray(), 'buffer')
  },

  generateX25519KeyPair(): KeyPair {
    const { publicKey, privateKey } = generateKeyPairSync('x25519')
    const standIn = new Uint8Array(0)
    privateKeys.set(standIn, privateKey)
    const { x = '' } = publicKey.export({ format: 'jwk' })
    return { publicKey: Uint8Array.from(Buffer.from(x, 'base64url')), privateKey: standIn }
  },

  generateX25519KeyPairFromSeed(): KeyPair {
    throw new Error('the tracker makes a new noise key each time it starts')
  },

  generateX25519SharedKey(privateKey, publicKey): Uint8Array {
    const key = privateKeys.get(privateKey)
    if (key === undefined) throw new Error('not a key made by this process')
    return diffieHellman({ privateKey: key, publicKey: publicKeyObject(publicKey) })
  },

  getHKDF(chainingKey, input): [Uint8Array, Uint8Array, Uint8Array] {
    const output = new Uint8Array(hkdfSync('sha256', input, chainingKey, EMPTY, HKDF_OUTPUT_BYTES))
    return [output.subarray(0, 32), output.subarray(32, 64), output.subarray(64, 96)]
  },
}

/** One exchange uses the other side's ephemeral key twice, as the same object. */
function publicKeyObject(raw: { subarray(): Uint8Array }): KeyObject {
  const known = publicKeys.get(raw)
  if (known !== undefined) return known
  const x = Buffer.from(raw.subarray()).toString('base64url')
  const made = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' })
  publicKeys.set(raw, made)
  return made
}
