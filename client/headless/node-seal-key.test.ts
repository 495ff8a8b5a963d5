import { randomFillSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { webSealKey } from '../engine/access/sealing.ts'
import { nodeSealKey } from './node-seal-key.ts'

test('A-SEAL-1 what Node seals WebCrypto opens, and the other way round; anything altered opens nowhere', async () => {
  for (const length of [0, 1, 8, 43, 68, 1_000]) {
    const random = (bytes: number) => randomFillSync(new Uint8Array(bytes))
    const [raw, plain, associated, nonce] = [random(32), random(length), random(37), random(12)]
    const keys = [nodeSealKey(raw), await webSealKey(raw)]
    const bodies = await Promise.all(keys.map(key => key.seal(plain, associated, nonce)))
    expect(new Set(bodies.map(String)).size).toBe(1)
    for (const key of keys) {
      const [sealed = new Uint8Array()] = bodies
      expect(await key.unseal(sealed, associated, nonce)).toEqual(plain)
      expect(await key.unseal(sealed, associated.subarray(1), nonce)).toBeUndefined()
      expect(await key.unseal(sealed, associated, random(12))).toBeUndefined()
      expect(await key.unseal(sealed.subarray(0, 15), associated, nonce)).toBeUndefined()
      for (const at of [0, sealed.length - 1]) {
        const altered = new Uint8Array(sealed)
        altered[at] = (altered[at] ?? 0) ^ 1
        expect(await key.unseal(altered, associated, nonce)).toBeUndefined()
      }
    }
  }
})
