import type { ApiPromise } from '@polkadot/api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DEV_ACCOUNTS } from './accounts.ts'
import { startDevchain } from './devchain.ts'
import type { Devchain } from './devchain-port.ts'
import { connect, devKey, eventsOf, freeOf } from './testing/chain-client.ts'

const ROC = 10n ** 12n

let devchain: Devchain
let api: ApiPromise
beforeAll(async () => {
  devchain = await startDevchain({ port: 0, blockMs: 0, submissionsPerSecond: 100 })
  api = await connect(devchain.wsUrl)
  for (let count = 0; count < 4; count++) await devchain.newBlock()
})
afterAll(async () => {
  await api?.disconnect()
  await devchain?.close()
})

it.each([1, 2, 3])('DC-REORG-1 %i deep: the transfer is gone, then in a block again', async depth => {
  const target = devKey(`//Target${depth}`).address
  const seen: string[] = []
  const tx = api.tx.balances.transferKeepAlive(target, ROC)
  const stop = await tx.signAndSend(devKey('//Alice'), ({ status }) => {
    seen.push(status.type)
  })
  const included = await devchain.newBlock()
  for (let count = 1; count < depth; count++) await devchain.newBlock()
  expect(await freeOf(api, target)).toBe(ROC)
  const heads: string[] = []
  const stopHeads = await api.rpc.chain.subscribeNewHeads(head => {
    heads.push(head.hash.toHex())
  })
  const { best, retracted, imported } = await devchain.reorg(depth)
  expect(retracted).toHaveLength(depth)
  expect(retracted.at(-1)).toEqual(included)
  expect(imported).toHaveLength(depth + 1)
  const hashes = new Set([...retracted, ...imported].map(({ hash }) => hash))
  expect(hashes.size).toBe(2 * depth + 1)
  expect(best).toEqual(imported.at(-1))
  expect((await api.rpc.chain.getBlockHash(included.number)).toHex()).toBe(imported[0]?.hash)
  await expect.poll(() => heads.at(-1)).toBe(best.hash)
  expect(await freeOf(api, target)).toBe(0n)
  await expect.poll(() => seen).toContain('Retracted')
  const again = await devchain.newBlock()
  expect(await eventsOf(api, again.hash, tx.hash.toHex())).toContain('balances.Transfer')
  expect(await freeOf(api, target)).toBe(ROC)
  await expect.poll(() => seen).toEqual(['Ready', 'InBlock', 'Retracted', 'InBlock'])
  // The chain that a client walks back is whole, and what was retracted can still be read.
  let hash = again.hash
  for (let number = again.number; number > included.number - 1; number--) {
    const header = await api.rpc.chain.getHeader(hash)
    expect([header.number.toNumber(), header.hash.toHex()]).toEqual([number, hash])
    hash = header.parentHash.toHex()
  }
  expect(hash).toBe((await api.rpc.chain.getBlockHash(included.number - 1)).toHex())
  expect(await eventsOf(api, included.hash, tx.hash.toHex())).toContain('balances.Transfer')
  stopHeads()
  stop()
})

it('DC-REORG-2 where the pool is lost too, the transaction never comes back, and its nonce is free', async () => {
  const charlie = devKey('//Charlie')
  const before = await freeOf(api, charlie.address)
  await api.tx.balances.transferKeepAlive(DEV_ACCOUNTS.bob, ROC).signAndSend(charlie)
  await devchain.newBlock()
  await devchain.reorg(1, { isLosingTxs: true })
  await devchain.newBlock()
  expect(await freeOf(api, charlie.address)).toBe(before)
  expect((await api.rpc.system.accountNextIndex(charlie.address)).toNumber()).toBe(0)
})

it('DC-REORG-3 a fork of the same height has other hashes, each time', async () => {
  await devchain.newBlock()
  const first = devchain.best
  await devchain.reorg(1, { extraBlocks: 0 })
  const second = devchain.best
  await devchain.reorg(1, { extraBlocks: 0 })
  const third = devchain.best
  expect([second.number, third.number]).toEqual([first.number, first.number])
  expect(new Set([first.hash, second.hash, third.hash]).size).toBe(3)
})

it('DC-REORG-4 what is final stays', async () => {
  await expect(devchain.reorg(4)).rejects.toThrow(/deeper ones are final/)
  await expect(devchain.reorg(0)).rejects.toMatchObject({ code: 'bad-option' })
  const { finalised } = devchain
  await devchain.reorg(3)
  expect((await api.rpc.chain.getBlockHash(finalised.number)).toHex()).toBe(finalised.hash)
})

it('DC-REORG-5 play money and a fee spike outlive the blocks that they were made on', async () => {
  const account = devKey('//Rich')
  await devchain.newBlock()
  const tx = api.tx.balances.transferKeepAlive(DEV_ACCOUNTS.bob, ROC)
  await devchain.fund(`0x${Buffer.from(account.publicKey).toString('hex')}`, 5n * ROC)
  const normal = (await tx.paymentInfo(account)).partialFee.toBigInt()
  await devchain.spikeFees(1_000)
  await devchain.newBlock()
  // The second begins above where the first made them again: they must not be made twice.
  for (const depth of [3, 2, 3]) {
    await devchain.reorg(depth, { extraBlocks: 0 })
    expect(await freeOf(api, account.address)).toBe(5n * ROC)
    expect((await tx.paymentInfo(account)).partialFee.toBigInt()).toBeGreaterThan(10n * normal)
  }
  await devchain.spikeFees(1)
})
