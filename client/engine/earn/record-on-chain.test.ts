import { expect, it } from 'vitest'
import { manifestCid } from '../../../shared/pay/stream-remark.ts'
import { MemoryChain } from '../chain/testing/memory-chain.ts'
import { recordOnChain, verifyRecord } from './record-on-chain.ts'
import { signerOf, testAccount } from './testing/watched-chain.ts'

const CREATOR = testAccount('d')
const START = { kind: 'start' as const, manifestHash: new Uint8Array(32).fill(7) }

async function world() {
  const chain = new MemoryChain()
  chain.credit(CREATOR, 1_000_000n)
  chain.produceBlock()
  const port = chain.connect()
  await port.open()
  return { chain, port }
}

const turn = () => new Promise(resolve => setImmediate(resolve))

async function recorded() {
  const { chain, port } = await world()
  const done = recordOnChain(port, signerOf(CREATOR), START)
  await turn()
  chain.produceBlock()
  const outcome = await done
  if (outcome.kind !== 'recorded') throw new Error(outcome.sentence)
  return { chain, port, outcome }
}

it('E-RECORD-2 a record stands in a block, costs what the block says, and anyone finds it verified', async () => {
  const { chain, port, outcome } = await recorded()
  expect(outcome.cid).toBe(manifestCid(START.manifestHash))
  expect(chain.free(CREATOR)).toBe(1_000_000n - outcome.fee)
  expect(await verifyRecord(port, outcome, { ...START, account: CREATOR })).toMatchObject({
    kind: 'verified',
  })
})

it('E-RECORD-3 another manifest, kind, account, extrinsic or a retracted block is not there', async () => {
  const { chain, port, outcome } = await recorded()
  const right = { ...START, account: CREATOR }
  const wrong = [
    verifyRecord(port, outcome, { ...right, manifestHash: new Uint8Array(32) }),
    verifyRecord(port, outcome, { ...right, kind: 'end' }),
    verifyRecord(port, outcome, { ...right, account: testAccount('e') }),
    verifyRecord(port, { ...outcome, extrinsic: '0x00' }, right),
  ]
  for (const check of wrong) expect((await check).kind).toBe('not-there')
  chain.reorg(1, { drops: true })
  expect((await verifyRecord(port, outcome, right)).kind).toBe('not-there')
})

it('E-RECORD-3 a block that cannot be read is no proof either way', async () => {
  const { chain, port, outcome } = await recorded()
  chain.pruneBelow = 1_000
  expect((await verifyRecord(port, outcome, { ...START, account: CREATOR })).kind).toBe('unread')
})

it('E-RECORD-2 a refused record, and one that no block took in its era, cost nothing and say so', async () => {
  const { chain, port } = await world()
  chain.answerNext({ kind: 'refused', code: 'payment', reason: 'the account cannot pay the fee' })
  expect(await recordOnChain(port, signerOf(CREATOR), START)).toMatchObject({ kind: 'failed', fee: 0n })
  chain.answerNext({ kind: 'unknown', reason: 'the answer was lost' })
  const done = recordOnChain(port, signerOf(CREATOR), START)
  for (let block = 0; block < 80; block++) {
    await turn()
    chain.produceBlock()
  }
  expect(await done).toMatchObject({ kind: 'failed', fee: 0n })
  expect(chain.free(CREATOR)).toBe(1_000_000n)
})

it('E-RECORD-2 while the endpoint is away its block is looked for, not given up', async () => {
  const { chain, port } = await world()
  const done = recordOnChain(port, signerOf(CREATOR), START)
  await turn()
  port.cut()
  chain.produceBlocks(3)
  await turn()
  port.mend()
  expect(await done).toMatchObject({ kind: 'recorded' })
})
