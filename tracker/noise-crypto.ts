import { createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto'
import type { ICryptoInterface, KeyPair } from '@chainsafe/libp2p-noise'
import { defaultCrypto } from '@chainsafe/libp2p-noise/crypto'

const X25519_SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex')
const HKDF_OUTPUT_BYTES = 96
const EMPTY = new Uint8Array(0)

/**
 * noise asks for raw private keys and its own Node crypto makes a KeyObject of each again for every exchange, which
 * was 1.2 ms of the 6.5 ms a connection cost. Here a private key stays the KeyObject that it was generated as; what
 * noise carries about is an empty stand-in.
 */
const privateKeys = new WeakMap<object, KeyObject>()

/** noise's crypto with X25519 and HKDF by OpenSSL: 6.5 ms of CPU a connection becomes 4.4. */
export const noiseCrypto: ICryptoInterface = {
  ...defaultCrypto,

  generateX25519KeyPair(): KeyPair {
    const { publicKey, privateKey } = generateKeyPairSync('x25519')
    const standIn = new Uint8Array(0)
    privateKeys.set(standIn, privateKey)
    const spki = publicKey.export({ format: 'der', type: 'spki' })
    return { publicKey: Uint8Array.from(spki.subarray(X25519_SPKI_PREFIX.length)), privateKey: standIn }
  },

  generateX25519KeyPairFromSeed(): KeyPair {
    throw new Error('the tracker makes a new noise key each time it starts')
  },

  generateX25519SharedKey(privateKey, publicKey): Uint8Array {
    const key = privateKeys.get(privateKey)
    if (key === undefined) throw new Error('not a key made by this process')
    const der = Buffer.concat([X25519_SPKI_PREFIX, publicKey.subarray()])
    return diffieHellman({
      privateKey: key,
      publicKey: createPublicKey({ key: der, format: 'der', type: 'spki' }),
    })
  },

  getHKDF(chainingKey, input): [Uint8Array, Uint8Array, Uint8Array] {
    const output = new Uint8Array(hkdfSync('sha256', input, chainingKey, EMPTY, HKDF_OUTPUT_BYTES))
    return [output.subarray(0, 32), output.subarray(32, 64), output.subarray(64, 96)]
  },
}
