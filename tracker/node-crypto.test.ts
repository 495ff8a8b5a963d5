import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createSigner, generateSeed, nodeCrypto } from './node-crypto.ts'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))

describe('node crypto', () => {
  it('T-CRYPTO-1 signs and verifies the RFC 8032 test vector 2', () => {
    const signer = createSigner(bytes('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'))
    expect(signer.publicKey).toEqual(
      bytes('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'),
    )
    const signature = signer.sign(Uint8Array.of(0x72))
    expect(Buffer.from(signature).toString('hex')).toBe(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    )
    expect(nodeCrypto.verify(signer.publicKey, Uint8Array.of(0x72), signature)).toBe(true)
    expect(nodeCrypto.verify(signer.publicKey, Uint8Array.of(0x73), signature)).toBe(false)
  })

  it('T-CRYPTO-1 digests as SHA-256 does', () => {
    const input = bytes('616263')
    expect(nodeCrypto.sha256(input)).toEqual(Uint8Array.from(createHash('sha256').update(input).digest()))
  })

  it('T-CRYPTO-2 refuses small-order keys, under which one signature fits any message', () => {
    // R is the identity point and S is 0: OpenSSL itself accepts this for A = identity.
    const forged = new Uint8Array(64)
    forged[0] = 1
    const identity = new Uint8Array(32)
    identity[0] = 1
    expect(nodeCrypto.verify(identity, Uint8Array.of(1), forged)).toBe(false)
    identity[31] = 0x80
    expect(nodeCrypto.verify(identity, Uint8Array.of(2), forged)).toBe(false)
  })

  it('T-CRYPTO-3 answers false, and never throws, for keys and signatures that are none', () => {
    const signer = createSigner(generateSeed())
    const message = Uint8Array.of(1, 2, 3)
    const signature = signer.sign(message)
    for (const length of [0, 31, 33, 64]) {
      expect(nodeCrypto.verify(new Uint8Array(length).fill(7), message, signature)).toBe(false)
    }
    for (const length of [0, 63, 65, 4_096]) {
      expect(nodeCrypto.verify(signer.publicKey, message, new Uint8Array(length))).toBe(false)
    }
    expect(nodeCrypto.verify(new Uint8Array(32).fill(0xff), message, signature)).toBe(false)
  })

  it('T-CRYPTO-3 keeps verifying when more keys were seen than it remembers', () => {
    const message = Uint8Array.of(9)
    const first = createSigner(generateSeed())
    const signature = first.sign(message)
    const probe = generateSeed()
    for (let index = 0; index < 4_200; index++) {
      probe[0] = index & 0xff
      probe[1] = index >> 8
      nodeCrypto.verify(probe, message, signature)
    }
    expect(nodeCrypto.verify(first.publicKey, message, signature)).toBe(true)
  })
})
