import { describe, expect, it } from 'vitest'
import { peerIdFromPublicKey } from '../shared/protocol/ids.ts'
import { createSigner, generateSeed } from './node-crypto.ts'
import { sameChain } from './same-chain.ts'
import { TestStream } from './testing/test-stream.ts'

const party = () => {
  const signer = createSigner(generateSeed())
  return { self: peerIdFromPublicKey(signer.publicKey), signer }
}

describe('same chain', () => {
  it('T-CAND-4 takes for proven only what is the same byte for byte', async () => {
    const stream = await TestStream.make()
    const [creator, parent, child] = [party(), party(), party()]
    const chain = await stream.chain(creator, parent, child)
    const [first, second] = chain.edges
    if (first === undefined || second === undefined) throw new Error('two edges')
    const copy = {
      ...chain,
      root: Uint8Array.from(chain.root),
      edges: chain.edges.map(edge => ({ ...edge, signature: Uint8Array.from(edge.signature) })),
    }
    expect(sameChain(chain, copy)).toBe(true)
    const flipped = (bytes: Uint8Array) => bytes.map((byte, index) => (index === 9 ? byte ^ 1 : byte))
    const others = [
      { ...chain, creator: child.self },
      { ...chain, root: flipped(chain.root) },
      { ...chain, edges: [first] },
      { ...chain, edges: [first, second, second] },
      { ...chain, edges: [first, { ...second, child: creator.self }] },
      { ...chain, edges: [first, { ...second, untilS: second.untilS + 1 }] },
      { ...chain, edges: [{ ...first, signature: flipped(first.signature) }, second] },
    ]
    for (const other of others) expect(sameChain(chain, other)).toBe(false)
  })
})
