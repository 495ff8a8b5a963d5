import { expect, test } from 'vitest'
import { createSigner, nodeCrypto } from '../../tracker/node-crypto.ts'
import { type LinkBinding, signHello, verifyHello } from './hello.ts'
import { peerIdFromPublicKey, streamIdFromBytes } from './ids.ts'
import { filled } from './testing/message-examples.ts'

const [alice, bob] = [createSigner(filled(32, 1)), createSigner(filled(32, 2))]
const fingerprint = (byte: string) => `sha-256 ${Array.from({ length: 32 }, () => byte).join(':')}`
const binding: LinkBinding = {
  streamId: streamIdFromBytes(filled(32, 0x5d)),
  from: peerIdFromPublicKey(alice.publicKey),
  to: peerIdFromPublicKey(bob.publicKey),
  fromFingerprint: fingerprint('AB'),
  toFingerprint: fingerprint('12'),
}

test('W-HELLO-1 proves this link, whatever the case of the fingerprints', async () => {
  const proof = await signHello(binding, alice)
  expect(await verifyHello(binding, proof, nodeCrypto)).toBe(true)
  const lower = { ...binding, fromFingerprint: fingerprint('ab') }
  expect(await verifyHello(lower, proof, nodeCrypto)).toBe(true)
})

test.each<[string, Partial<LinkBinding>]>([
  ['another stream', { streamId: streamIdFromBytes(filled(32, 0x5e)) }],
  ['another sender', { from: peerIdFromPublicKey(filled(32, 9)) }],
  ['another receiver', { to: peerIdFromPublicKey(filled(32, 9)) }],
  ['another DTLS certificate of the sender', { fromFingerprint: fingerprint('AC') }],
  ['another DTLS certificate of the receiver', { toFingerprint: fingerprint('13') }],
  [
    'the way back',
    {
      from: binding.to,
      to: binding.from,
      fromFingerprint: binding.toFingerprint,
      toFingerprint: binding.fromFingerprint,
    },
  ],
  [
    'swapped fingerprints',
    { fromFingerprint: binding.toFingerprint, toFingerprint: binding.fromFingerprint },
  ],
  ['a fingerprint of another hash', { fromFingerprint: `sha-1 ${'AB:'.repeat(19)}AB` }],
  ['a fingerprint cut short', { fromFingerprint: fingerprint('AB').slice(0, -3) }],
  ['no fingerprint', { toFingerprint: '' }],
])('W-HELLO-1 does not prove %s', async (_, change) => {
  const proof = await signHello(binding, alice)
  expect(await verifyHello({ ...binding, ...change }, proof, nodeCrypto)).toBe(false)
})

test('W-HELLO-1 a proof of another length is none', async () => {
  const proof = await signHello(binding, alice)
  expect(await verifyHello(binding, proof.subarray(1), nodeCrypto)).toBe(false)
  expect(await verifyHello(binding, new Uint8Array(), nodeCrypto)).toBe(false)
})

test('W-HELLO-1 a fingerprint that is not SHA-256 is not signed', async () => {
  await expect(signHello({ ...binding, toFingerprint: 'md5 00' }, alice)).rejects.toThrow('bad-field')
})
