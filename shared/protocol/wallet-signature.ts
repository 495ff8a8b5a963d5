import { secp256k1 } from '@noble/curves/secp256k1.js'
import { blake2b } from '@noble/hashes/blake2.js'
import * as sr25519 from '@scure/sr25519'
import { sameBytes } from './same-bytes.ts'

const SIGNATURE_BYTES = 64
const RECOVERY_MAX = 3

/** Schnorr over ristretto, context `substrate`: 3–4 ms. False for whatever is no key or signature. */
export function verifySr25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== SIGNATURE_BYTES) return false
  try {
    return sr25519.verify(message, signature, publicKey)
  } catch {
    return false
  }
}

/** As the chain checks it: the key recovered from blake2-256 of the message and `r ‖ s ‖ v` is that key (33 bytes). */
export function verifyEcdsa(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const recovered = recoverEcdsa(message, signature)
  return recovered !== undefined && sameBytes(recovered, publicKey)
}

/** The compressed key (33 bytes) that signed; an address of this scheme is only its hash. Undefined for no signature. */
export function recoverEcdsa(message: Uint8Array, signature: Uint8Array): Uint8Array | undefined {
  const recovery = signature[SIGNATURE_BYTES]
  if (signature.length !== SIGNATURE_BYTES + 1 || recovery === undefined || recovery > RECOVERY_MAX)
    return undefined
  const prefixed = Uint8Array.of(recovery, ...signature.subarray(0, SIGNATURE_BYTES))
  try {
    return secp256k1.recoverPublicKey(prefixed, blake2b(message, { dkLen: 32 }), { prehash: false })
  } catch {
    return undefined
  }
}
