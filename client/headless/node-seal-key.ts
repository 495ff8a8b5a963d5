import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto'
import type { SealKey } from '../engine/access/sealing.ts'

const CIPHER = 'aes-256-gcm'
const TAG_BYTES = 16

/** AES-256-GCM by node:crypto, at once: no promise and no other thread for 64 bytes. */
export function nodeSealKey(raw: Uint8Array): SealKey {
  const key = createSecretKey(raw)
  return {
    seal(plain, associated, nonce) {
      const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(associated)
      const sealed = new Uint8Array(plain.length + TAG_BYTES)
      sealed.set(cipher.update(plain))
      cipher.final()
      sealed.set(cipher.getAuthTag(), plain.length)
      return sealed
    },
    unseal(sealed, associated, nonce) {
      const length = sealed.length - TAG_BYTES
      if (length < 0) return undefined
      const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
      decipher.setAAD(associated)
      decipher.setAuthTag(sealed.subarray(length))
      const plain = new Uint8Array(decipher.update(sealed.subarray(0, length)))
      try {
        decipher.final()
      } catch {
        return undefined
      }
      return plain
    },
  }
}
