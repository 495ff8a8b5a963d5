import fc from 'fast-check'
import { base58btc } from 'multiformats/bases/base58'
import { expect, test } from 'vitest'
import {
  parsePeerId,
  parseStreamId,
  peerIdFromPublicKey,
  publicKeyOfPeer,
  streamIdFromBytes,
  streamIdToBytes,
} from './ids.ts'
import { refusalOf } from './testing/refusal.ts'

const id32 = fc.uint8Array({ minLength: 32, maxLength: 32 })

test('W-ID-1 a stream id is 32 bytes in base58btc', () => {
  expect(streamIdFromBytes(new Uint8Array(32))).toBe('1'.repeat(32))
  expect(streamIdFromBytes(new Uint8Array(32).fill(255))).toBe('JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFG')
  expect(refusalOf(() => streamIdFromBytes(new Uint8Array(31)))).toBe('bad-field')
})

test('W-ID-1 stream ids come back from their text', () => {
  fc.assert(
    fc.property(id32, bytes => {
      const id = streamIdFromBytes(bytes)
      expect(parseStreamId(id)).toBe(id)
      expect(streamIdToBytes(id)).toEqual(bytes)
    }),
  )
})

test.each([
  ['nothing', ''],
  ['31 bytes', base58btc.baseEncode(new Uint8Array(31).fill(9))],
  ['33 bytes', base58btc.baseEncode(new Uint8Array(33).fill(9))],
  ['a letter outside the alphabet', 'l'.repeat(44)],
  ['a letter past Latin-1', `${'1'.repeat(31)}Ā`],
  ['a line break', `${'1'.repeat(32)}\n`],
  ['a megabyte', '1'.repeat(1_000_000)],
])('W-ID-1 %s is no stream id', (_, text) => {
  expect(refusalOf(() => parseStreamId(text))).toBe('bad-field')
})

test('W-ID-2 a peer id is the libp2p text of an Ed25519 key', () => {
  // As @libp2p/peer-id 5.1.9 writes the all-zero key.
  const id = peerIdFromPublicKey(new Uint8Array(32))
  expect(id).toBe('12D3KooW9pNAk8aiBuGVQtWRdbkLmo5qVL3e2h5UxbN2Nz9ttwiw')
  fc.assert(
    fc.property(id32, key => {
      const peer = peerIdFromPublicKey(key)
      expect(peer).toHaveLength(52)
      expect(parsePeerId(peer)).toBe(peer)
      expect(publicKeyOfPeer(peer)).toEqual(key)
    }),
  )
})

test.each([
  ['nothing', ''],
  ['a stream id', '1'.repeat(32)],
  ['an RSA peer id', 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N'],
  ['a secp256k1 peer id', '16Uiu2HAmDFx1vvv9Ep1FYYsmKgPvYdR8yy9fbJPUZ3e8oZXhzyuS'],
  ['another prefix', `12D3KooX${'1'.repeat(44)}`],
  ['a cut-off id', '12D3KooW9pNAk8aiBuGVQtWRdbkLmo5qVL3e2h5UxbN2Nz9ttwi'],
  ['CIDv1 form', 'k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r'],
])('W-ID-2 %s is no peer id', (_, text) => {
  expect(refusalOf(() => parsePeerId(text))).toBe('bad-field')
})

test('W-ID-2 a text of the right form whose bytes are another multihash is no peer id', () => {
  // 12D3KooW and 44 times the last letter: the key would be longer than its field says.
  expect(refusalOf(() => parsePeerId(`12D3KooW${'z'.repeat(44)}`))).toBe('bad-field')
})

test('W-ID-2 a key of another length is no peer', () => {
  expect(refusalOf(() => peerIdFromPublicKey(new Uint8Array(33)))).toBe('bad-field')
})

test('W-ID-3 ids stay right after more of them than are remembered', () => {
  const key = (n: number) => Uint8Array.from({ length: 32 }, (_, index) => (index < 2 ? n >> (8 * index) : 1))
  const peers = Array.from({ length: 5_000 }, (_, n) => peerIdFromPublicKey(key(n)))
  for (const [n, peer] of peers.entries()) expect(publicKeyOfPeer(peer)).toEqual(key(n))
  expect(publicKeyOfPeer(peers[0] ?? parsePeerId(''))).toEqual(key(0))
})
