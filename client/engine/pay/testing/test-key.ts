import { ed25519 } from '@noble/curves/ed25519.js'
import type { Signer } from '../../../../shared/protocol/crypto-port.ts'

/** Signs at once: WebCrypto answers from another thread, whenever it likes, and a test could only guess when. */
export function testKey(seed: Uint8Array = ed25519.utils.randomSecretKey()): Signer {
  return { publicKey: ed25519.getPublicKey(seed), sign: message => ed25519.sign(message, seed) }
}
