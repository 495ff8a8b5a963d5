import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { AccountHex, Call, ExtrinsicSigner } from '../chain-port.ts'
import { multisigAccount } from '../multisig-account.ts'
import { MemoryChain } from './memory-chain.ts'
import type { MemoryPort } from './memory-port.ts'

const account = (digit: string): AccountHex => `0x${digit.repeat(64)}`
const [WALLET, SESSION, PAYOUT] = [account('a'), account('b'), account('c')]
const BUDGET = multisigAccount(WALLET, SESSION)

const signerOf = (who: AccountHex): ExtrinsicSigner => ({
  account: who,
  scheme: 'ed25519',
  sign: () => new Uint8Array(64),
})

async function openChain() {
  const chain = new MemoryChain()
  chain.credit(WALLET, 1_000_000n)
  const port = chain.connect()
  await port.open()
  return { chain, port }
}

async function send(port: MemoryPort, who: AccountHex, call: Call, nonce?: number) {
  const birth = port.finalised() ?? { number: 0, hash: '' }
  const next = nonce ?? (await port.balance(who)).nonce
  const signed = await port.sign(call, signerOf(who), { nonce: next, era: { birth, period: 64 } })
  return { ...signed, result: await port.submit(signed.bytes) }
}

it('C-MEM-1 a session: funded in one extrinsic, paid from the budget, swept to nothing, every planck known', async () => {
  const { chain, port } = await openChain()
  const { calls } = port
  const funding = calls.batchAll([
    calls.transferKeepAlive(BUDGET, 100_000n),
    calls.transfer(SESSION, 5_000n),
    calls.remarkWithEvent(new Uint8Array(3)),
  ])
  await send(port, WALLET, funding)
  const block = chain.produceBlock()
  expect(block.extrinsics[0]?.transfers.map(({ to, planck }) => [to, planck])).toEqual([
    [BUDGET, 100_000n],
    [SESSION, 5_000n],
  ])
  expect(block.extrinsics[0]?.remarks[0]?.sender).toBe(WALLET)
  await send(port, SESSION, calls.asMultiThreshold1(WALLET, calls.transfer(PAYOUT, 40_000n)))
  const paid = chain.produceBlock()
  expect(paid.extrinsics[0]?.transfers[0]).toMatchObject({ from: BUDGET, to: PAYOUT, planck: 40_000n })
  const closing = calls.batchAll([
    calls.asMultiThreshold1(
      WALLET,
      calls.batchAll([calls.transfer(PAYOUT, 10_000n), calls.transferAll(WALLET)]),
    ),
    calls.transferAll(WALLET),
  ])
  await send(port, SESSION, closing)
  chain.produceBlock()
  expect([chain.free(BUDGET), chain.free(SESSION), chain.free(PAYOUT)]).toEqual([0n, 0n, 50_000n])
  expect(chain.free(WALLET) + chain.free(PAYOUT) + chain.ledger.burned).toBe(1_000_000n)
})

it('C-MEM-2 a failed dispatch burns fee and nonce and nothing else', async () => {
  const { chain, port } = await openChain()
  const { calls } = port
  await send(
    port,
    WALLET,
    calls.batchAll([calls.transfer(PAYOUT, 5_000n), calls.transfer(SESSION, 9_000_000n)]),
  )
  const [only] = chain.produceBlock().extrinsics
  expect(only).toMatchObject({ isOk: false, error: 'balances.InsufficientBalance', transfers: [] })
  expect(chain.free(PAYOUT)).toBe(0n)
  expect(await port.balance(WALLET)).toMatchObject({ nonce: 1, free: 1_000_000n - (only?.fee ?? 0n) })
})

it('C-MEM-3 the pool answers as a node does', async () => {
  const { chain, port } = await openChain()
  const call = port.calls.transfer(PAYOUT, 5_000n)
  const first = await send(port, WALLET, call)
  expect(first.result.kind).toBe('accepted')
  expect(await port.submit(first.bytes)).toMatchObject({
    kind: 'unknown',
    reason: expect.stringMatching(/1013/),
  })
  expect((await send(port, WALLET, port.calls.transfer(PAYOUT, 6_000n), 0)).result).toMatchObject({
    reason: expect.stringMatching(/1014/),
  })
  chain.produceBlock()
  expect(await port.submit(first.bytes)).toMatchObject({
    kind: 'unknown',
    reason: expect.stringMatching(/1012/),
  })
  chain.bansIncluded = false
  expect(await port.submit(first.bytes)).toMatchObject({
    kind: 'unknown',
    reason: expect.stringMatching(/outdated/),
  })
  expect((await send(port, SESSION, call)).result).toMatchObject({ kind: 'refused', code: 'payment' })
  chain.answerNext({ kind: 'refused', code: 'rate', reason: 'busy' })
  expect((await send(port, WALLET, call)).result).toMatchObject({ kind: 'refused', code: 'rate' })
})

it('C-MEM-4 past its era a transaction never lands', async () => {
  const { chain, port } = await openChain()
  chain.holdsTransactions = true
  const sent = await send(port, WALLET, port.calls.transfer(PAYOUT, 5_000n))
  while (chain.best.number < sent.lastBlock) chain.produceBlock()
  chain.holdsTransactions = false
  chain.produceBlock()
  expect(chain.free(PAYOUT)).toBe(0n)
  expect(chain.pooled).toBe(0)
})

it('C-MEM-5 a re-org takes back what its blocks did, tells it, and includes it again unless dropped', async () => {
  const { chain, port } = await openChain()
  chain.produceBlocks(5)
  const moves: unknown[] = []
  port.on('best', ({ block, retracted }) => moves.push([block.number, retracted.map(({ number }) => number)]))
  await send(port, WALLET, port.calls.transfer(PAYOUT, 5_000n))
  const before = chain.produceBlock()
  chain.produceBlock()
  chain.reorg(2)
  expect(moves).toEqual([
    [7, []],
    [8, []],
    [9, [8, 7]],
  ])
  expect(chain.free(PAYOUT)).toBe(5_000n)
  expect((await port.block(before.block.hash)).extrinsics.length).toBe(1)
  expect(await port.blockHash(7)).not.toBe(before.block.hash)
  chain.reorg(3, { drops: true })
  expect([chain.free(PAYOUT), chain.pooled]).toEqual([0n, 0])
  expect(() => chain.reorg(20)).toThrow(RangeError)
})

it('C-MEM-6 a cut connection misses blocks and tells them in one step; a lost answer leaves it open what happened', async () => {
  const { chain, port } = await openChain()
  const other = chain.connect()
  await other.open()
  port.cut()
  await expect(port.balance(WALLET)).rejects.toMatchObject({ code: 'chain-down' })
  chain.produceBlocks(3)
  expect([port.best()?.number, other.best()?.number]).toEqual([1, 4])
  const seen: number[] = []
  port.on('best', ({ block }) => seen.push(block.number))
  port.mend()
  expect([port.state.kind, ...seen]).toEqual(['ready', 4])
  for (const when of ['before', 'after'] as const) {
    port.loseNextAnswer(when)
    expect((await send(port, WALLET, port.calls.transfer(PAYOUT, 5_000n))).result.kind).toBe('unknown')
    expect(chain.pooled).toBe(when === 'before' ? 0 : 1)
  }
})

it('C-MEM-7 a restarted chain is another one, and pruned state is said', async () => {
  const { chain, port } = await openChain()
  const { identity } = await port.open()
  const old = chain.produceBlock()
  chain.pruneBelow = 10
  await expect(port.block(old.block.hash)).rejects.toMatchObject({ code: 'state-pruned' })
  chain.pruneBelow = 0
  chain.restart()
  expect(port.state).toMatchObject({ kind: 'wrong-chain', expected: identity })
  await expect(port.balance(WALLET)).rejects.toMatchObject({ code: 'wrong-chain' })
  expect((await chain.connect().open()).identity).not.toBe(identity)
})

it('C-MEM-8 whatever is sent, no planck is made or lost', async () => {
  const everyone = [WALLET, SESSION, PAYOUT, BUDGET]
  const someone = fc.constantFrom(...everyone)
  const step = fc.record({
    from: fc.constantFrom(WALLET, SESSION, PAYOUT),
    to: someone,
    planck: fc.bigInt({ min: 0n, max: 500_000n }),
    kind: fc.constantFrom('transfer', 'keep', 'all', 'multi', 'batch', 'reorg'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async steps => {
      const { chain, port } = await openChain()
      chain.produceBlocks(4)
      const { calls } = port
      for (const { from, to, planck, kind } of steps) {
        if (kind === 'reorg') {
          chain.reorg(Number(planck % 3n) + 1, { drops: planck % 2n === 0n })
          continue
        }
        const transfer = calls.transfer(to, planck)
        const call = {
          transfer,
          keep: calls.transferKeepAlive(to, planck),
          all: calls.transferAll(to),
          multi: calls.asMultiThreshold1(from === WALLET ? SESSION : WALLET, transfer),
          batch: calls.batchAll([transfer, transfer]),
        }[kind]
        if (kind === 'multi' && from === WALLET && to === BUDGET) continue
        await send(port, from, call)
        chain.produceBlock()
      }
      const held = everyone.reduce((sum, who) => sum + chain.free(who), 0n)
      const odd = multisigAccount(PAYOUT, WALLET)
      expect(held + chain.free(odd) + chain.ledger.burned).toBe(1_000_000n)
    }),
    { numRuns: 200 },
  )
})
