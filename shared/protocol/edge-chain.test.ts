import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSigner, nodeCrypto } from '../../tracker/node-crypto.ts'
import type { CryptoPort } from './crypto-port.ts'
import {
  chainDepth,
  chainPath,
  chainTip,
  decodeChain,
  decodeEdge,
  type EdgeChain,
  edgeCache,
  encodeChain,
  encodeEdge,
  extendChain,
  signEdge,
  signRoot,
  verifyChain,
} from './edge-chain.ts'
import { ChainRecord } from './generated/records.ts'
import { peerIdFromPublicKey, streamIdFromBytes } from './ids.ts'
import { CHAIN_MAX_BYTES, CHAIN_MAX_EDGES, EDGE_VALID_S } from './limits.ts'
import { exampleChain, exampleEdge, filled, goldenText } from './testing/message-examples.ts'
import { mulberry32, mutate } from './testing/mutate.ts'
import { refusalOf } from './testing/refusal.ts'

const stream = createSigner(filled(32, 0x51))
const streamId = streamIdFromBytes(filled(32, 0x5d))
const signers = Array.from({ length: CHAIN_MAX_EDGES + 2 }, (_, index) => createSigner(filled(32, index + 1)))
const signer = (level: number) => signers[level] ?? stream
const peer = (level: number) => peerIdFromPublicKey(signer(level).publicKey)
const NOW_S = 1_000

/** Peer 0 is the creator; each edge is signed by the peer above it. */
async function signedChain(depth: number, untilS = NOW_S + EDGE_VALID_S): Promise<EdgeChain> {
  let chain = await signRoot(streamId, peer(0), stream)
  for (let level = 1; level <= depth; level++) {
    chain = extendChain(
      chain,
      await signEdge(streamId, peer(level - 1), peer(level), untilS, signer(level - 1)),
    )
  }
  return chain
}

const verify = (chain: EdgeChain, atS = NOW_S) =>
  verifyChain(chain, streamId, stream.publicKey, atS, nodeCrypto)

describe('W-EDGE-1 form', () => {
  test('W-EDGE-1 golden chain and edge', () => {
    const golden = '0a20(c0×32)1240(a0×64)1a660a20(01×32)10651a40(b1×64)'
    expect(goldenText(encodeChain(exampleChain(1)))).toBe(golden)
    expect(goldenText(encodeEdge(exampleEdge(2)))).toBe('0a20(02×32)10661a40(b2×64)')
    expect(decodeEdge(encodeEdge(exampleEdge(2)))).toEqual(exampleEdge(2))
  })

  test('W-EDGE-1 chains of every depth come back', () => {
    for (let depth = 0; depth <= CHAIN_MAX_EDGES; depth++) {
      expect(decodeChain(encodeChain(exampleChain(depth)))).toEqual(exampleChain(depth))
    }
  })

  test('W-EDGE-1 path, depth and tip', () => {
    const chain = exampleChain(2)
    expect(chainDepth(chain)).toBe(2)
    expect(chainPath(chain)).toEqual([chain.creator, exampleEdge(1).child, exampleEdge(2).child])
    expect(chainTip(chain)).toBe(exampleEdge(2).child)
    expect(chainTip(exampleChain(0))).toBe(chain.creator)
  })

  test('W-EDGE-1 bounds', () => {
    const refused = (record: Partial<ChainRecord>) => {
      const whole = { creator: filled(32, 1), root: filled(64, 1), edges: [], ...record }
      return refusalOf(() => decodeChain(ChainRecord.encode(whole)))
    }
    const edge = { child: filled(32, 2), until: 1, signature: filled(64, 1) }
    expect(refused({})).toBeUndefined()
    expect(refused({ creator: filled(31, 1) })).toBe('bad-field')
    expect(refused({ root: filled(63, 1) })).toBe('bad-field')
    expect(refused({ edges: [{ ...edge, child: filled(33, 2) }] })).toBe('bad-field')
    expect(refused({ edges: [{ ...edge, signature: filled(65, 2) }] })).toBe('bad-field')
    expect(refused({ edges: [edge, edge] })).toBe('bad-field')
    expect(refused({ edges: [{ ...edge, child: filled(32, 1) }] })).toBe('bad-field')
    const tooMany = Array.from({ length: CHAIN_MAX_EDGES + 1 }, (_, n) => ({
      ...edge,
      child: filled(32, n + 2),
    }))
    expect(refused({ edges: tooMany })).toBe('too-large')
    expect(refusalOf(() => decodeChain(new Uint8Array(CHAIN_MAX_BYTES + 1)))).toBe('too-large')
    expect(refusalOf(() => decodeChain(new Uint8Array()))).toBe('bad-field')
  })

  test('W-EDGE-1 a mutated chain is decoded or refused, and never verifies', async () => {
    const chain = await signedChain(4)
    const sample = encodeChain(chain)
    const text = Buffer.from(sample).toString('hex')
    await fc.assert(
      fc.asyncProperty(fc.integer(), async seed => {
        const bytes = mutate(sample, encodeChain(exampleChain(2)), mulberry32(seed), CHAIN_MAX_BYTES)
        let decoded: EdgeChain | undefined
        const refusal = refusalOf(() => {
          decoded = decodeChain(bytes)
        })
        if (refusal !== undefined || decoded === undefined || !(await verify(decoded))) return
        // What still verifies is this chain, shortened or spelt otherwise (protobuf lets fields move).
        expect(text).toContain(Buffer.from(encodeChain(decoded)).toString('hex'))
      }),
      { numRuns: 500 },
    )
  })
})

describe('W-EDGE-2 what verifies', () => {
  test('W-EDGE-2 a chain signed link by link, of any depth', async () => {
    expect(await verify(await signedChain(0))).toBe(true)
    expect(await verify(await signedChain(1))).toBe(true)
    expect(await verify(await signedChain(CHAIN_MAX_EDGES))).toBe(true)
  })

  test('W-EDGE-2 not for another stream, nor under another stream key', async () => {
    const chain = await signedChain(2)
    const other = streamIdFromBytes(filled(32, 0x5e))
    expect(await verifyChain(chain, other, stream.publicKey, NOW_S, nodeCrypto)).toBe(false)
    expect(await verifyChain(chain, streamId, signer(9).publicKey, NOW_S, nodeCrypto)).toBe(false)
    expect(await verifyChain(chain, streamId, filled(31, 1), NOW_S, nodeCrypto)).toBe(false)
  })

  test('W-EDGE-2 a peer cannot put itself higher, nor others on its path', async () => {
    const chain = await signedChain(3)
    const [first = exampleEdge(1), , third = exampleEdge(3)] = chain.edges
    // Depth 1 by its own word, its grandparent as its parent, a stranger in between.
    const own = await signEdge(streamId, peer(0), peer(3), NOW_S, signer(3))
    expect(await verify({ ...chain, edges: [own] })).toBe(false)
    expect(await verify({ ...chain, edges: [first, third] })).toBe(false)
    expect(await verify({ ...chain, edges: chain.edges.map(edge => ({ ...edge, child: peer(9) })) })).toBe(
      false,
    )
    expect(await verify({ ...chain, creator: peer(9) })).toBe(false)
    expect(await verify({ ...chain, edges: chain.edges.toReversed() })).toBe(false)
  })

  test('W-EDGE-2 no field of an edge can be changed', async () => {
    const chain = await signedChain(1)
    const [edge = exampleEdge(1)] = chain.edges
    const flipped = new Uint8Array(edge.signature)
    flipped[3] = (flipped[3] ?? 0) ^ 1
    expect(await verify({ ...chain, edges: [{ ...edge, untilS: edge.untilS + 1 }] })).toBe(false)
    expect(await verify({ ...chain, edges: [{ ...edge, signature: flipped }] })).toBe(false)
    expect(await verify({ ...chain, edges: [{ ...edge, signature: edge.signature.subarray(1) }] })).toBe(
      false,
    )
    expect(await verify({ ...chain, root: flipped })).toBe(false)
  })

  test('W-EDGE-2 the same peer twice, or an edge too many, is not a path', async () => {
    const chain = await signedChain(2)
    const back = await signEdge(streamId, peer(2), peer(1), NOW_S, signer(2))
    const home = await signEdge(streamId, peer(2), peer(0), NOW_S, signer(2))
    expect(await verify(extendChain(chain, back))).toBe(false)
    expect(await verify(extendChain(chain, home))).toBe(false)
    expect(await verify(await signedChain(CHAIN_MAX_EDGES + 1))).toBe(false)
  })

  test('W-EDGE-2 a port that fails proves nothing, and nothing is thrown', async () => {
    const failing: CryptoPort = { ...nodeCrypto, verify: () => Promise.reject(new Error('no such key')) }
    expect(await verifyChain(await signedChain(1), streamId, stream.publicKey, NOW_S, failing)).toBe(false)
  })
})

describe('W-EDGE-3 time', () => {
  test('W-EDGE-3 an edge holds to its last second', async () => {
    const chain = await signedChain(1, NOW_S)
    expect(await verify(chain, NOW_S)).toBe(true)
    expect(await verify(chain, NOW_S + 0.5)).toBe(false)
  })

  test('W-EDGE-3 an edge for longer than twice what is granted is refused', async () => {
    expect(await verify(await signedChain(1, NOW_S + 2 * EDGE_VALID_S))).toBe(true)
    expect(await verify(await signedChain(1, NOW_S + 2 * EDGE_VALID_S + 1))).toBe(false)
  })

  test('W-EDGE-3 without a time nothing holds', async () => {
    expect(await verify(await signedChain(1), Number.NaN)).toBe(false)
  })

  test('W-EDGE-3 an expiry that does not fit is not signed', async () => {
    await expect(signEdge(streamId, peer(0), peer(1), 2 ** 32, signer(0))).rejects.toThrow('bad-field')
    await expect(signEdge(streamId, peer(0), peer(1), 1.5, signer(0))).rejects.toThrow('bad-field')
  })
})

describe('W-EDGE-4 what was verified is remembered', () => {
  function counting(): CryptoPort & { calls: number } {
    const port = {
      calls: 0,
      sha256: nodeCrypto.sha256,
      verify: (...args: Parameters<CryptoPort['verify']>) => {
        port.calls++
        return nodeCrypto.verify(...args)
      },
    }
    return port
  }

  test('W-EDGE-4 a chain sent again costs nothing, a longer one its new edges', async () => {
    const [port, cache] = [counting(), edgeCache(64)]
    const check = (chain: EdgeChain) => verifyChain(chain, streamId, stream.publicKey, NOW_S, port, cache)
    const chain = await signedChain(3)
    expect(await check(chain)).toBe(true)
    expect(port.calls).toBe(4)
    expect(await check(chain)).toBe(true)
    expect(port.calls).toBe(4)
    expect(await check(await signedChain(5))).toBe(true)
    expect(port.calls).toBe(6)
  })

  test('W-EDGE-4 what failed is not remembered, and what is does not vouch for anything else', async () => {
    const [port, cache] = [counting(), edgeCache(64)]
    const check = (chain: EdgeChain, id = streamId, key = stream.publicKey, atS = NOW_S) =>
      verifyChain(chain, id, key, atS, port, cache)
    const chain = await signedChain(2)
    const [first = exampleEdge(1), second = exampleEdge(2)] = chain.edges
    const forged = { ...chain, edges: [{ ...first, child: peer(9) }] }
    expect(await check(forged)).toBe(false)
    expect(await check(chain)).toBe(true)
    expect(await check(forged)).toBe(false)
    expect(await check({ ...chain, edges: [second] })).toBe(false)
    expect(await check({ ...chain, edges: [first, { ...second, untilS: second.untilS - 1 }] })).toBe(false)
    expect(await check({ ...chain, edges: [first, { ...second, signature: first.signature }] })).toBe(false)
    expect(await check(chain, streamIdFromBytes(filled(32, 1)))).toBe(false)
    expect(await check(chain, streamId, signer(7).publicKey)).toBe(false)
    // Remembered is the signature, not that it still holds.
    expect(await check(chain, streamId, stream.publicKey, NOW_S + 2 * EDGE_VALID_S)).toBe(false)
  })

  test('W-EDGE-4 the memory holds so many keys and forgets the oldest', () => {
    const cache = edgeCache(2)
    for (const key of ['a', 'b', 'b', 'c']) cache.add(key)
    expect(['a', 'b', 'c'].map(key => cache.has(key))).toEqual([false, true, true])
  })
})
