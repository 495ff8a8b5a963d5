import { webcrypto } from 'node:crypto'
import type { ApiPromise } from '@polkadot/api'
import { createKeyMulti, encodeAddress } from '@polkadot/util-crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DEV_ACCOUNTS, DEV_ENDOWMENT_PLANCK } from './accounts.ts'
import { startDevchain } from './devchain.ts'
import type { Devchain } from './devchain-port.ts'
import { bytesToHex } from './hex.ts'
import { connect, devKey, eventsOf, freeOf, post } from './testing/chain-client.ts'

const ROC = 10n ** 12n

let devchain: Devchain
let api: ApiPromise
beforeAll(async () => {
  devchain = await startDevchain({ port: 0, blockMs: 0, submissionsPerSecond: 100 })
  api = await connect(devchain.wsUrl)
})
afterAll(async () => {
  await api?.disconnect()
  await devchain?.close()
})

it('DC-RUN-1 is a real Asset Hub runtime, with the pallets that paying needs', () => {
  expect(api.runtimeVersion.specName.toString()).toBe('statemine')
  for (const pallet of ['balances', 'assets', 'utility', 'multisig', 'proxy'])
    expect(api.tx).toHaveProperty(pallet)
  expect(api.registry.chainTokens).toEqual(['ROC'])
  expect(api.registry.chainDecimals).toEqual([12])
  expect(api.consts.balances.existentialDeposit.toBigInt()).toBe(3_333_333n)
})

it('DC-RUN-2 the well-known development accounts have play money, and all of it is issued', async () => {
  for (const [name, account] of Object.entries(DEV_ACCOUNTS)) {
    const path = `//${name[0]?.toUpperCase()}${name.slice(1)}`
    expect(bytesToHex(devKey(path).publicKey)).toBe(account)
  }
  expect(await freeOf(api, DEV_ACCOUNTS.ferdie)).toBe(DEV_ENDOWMENT_PLANCK)
  expect((await api.query.balances.totalIssuance()).toBigInt()).toBeGreaterThanOrEqual(
    6n * DEV_ENDOWMENT_PLANCK,
  )
})

it('DC-RUN-3 genesis and block 1 name the run, and block 1 is final', async () => {
  expect(api.genesisHash.toHex()).toBe(devchain.genesis)
  expect((await api.rpc.chain.getBlockHash(1)).toHex()).toBe(devchain.block1)
  expect(devchain.finalised.number).toBeGreaterThanOrEqual(1)
})

it('DC-TX-1 a transfer lands, and its fee and events are readable in its block', async () => {
  const alice = devKey('//Alice')
  const before = { alice: await freeOf(api, alice.address), bob: await freeOf(api, DEV_ACCOUNTS.bob) }
  const tx = api.tx.balances.transferKeepAlive(DEV_ACCOUNTS.bob, ROC)
  const { partialFee } = await tx.paymentInfo(alice)
  const hash = (await tx.signAndSend(alice)).toHex()
  const block = await devchain.newBlock()
  const events = await eventsOf(api, block.hash, hash)
  expect(events).toContain('balances.Transfer')
  expect(events).toContain('system.ExtrinsicSuccess')
  expect(await freeOf(api, DEV_ACCOUNTS.bob)).toBe(before.bob + ROC)
  expect(await freeOf(api, alice.address)).toBe(before.alice - ROC - partialFee.toBigInt())
})

it('DC-TX-2 the 1-of-2 multisig pays by its session key alone', async () => {
  const session = devKey('//Session')
  const budget = createKeyMulti([DEV_ACCOUNTS.alice, session.publicKey], 1)
  await devchain.fund(bytesToHex(budget), 10n * ROC)
  await devchain.fund(bytesToHex(session.publicKey), ROC)
  const payout = devKey('//Payout').address
  const call = api.tx.balances.transferKeepAlive(payout, 2n * ROC)
  const hash = (
    await api.tx.multisig.asMultiThreshold1([DEV_ACCOUNTS.alice], call).signAndSend(session)
  ).toHex()
  const block = await devchain.newBlock()
  expect(await eventsOf(api, block.hash, hash)).toContain('balances.Transfer')
  expect(await freeOf(api, payout)).toBe(2n * ROC)
  expect(await freeOf(api, encodeAddress(budget))).toBe(8n * ROC)
})

it('DC-TX-3 a non-extractable Ed25519 key of WebCrypto signs what the chain takes', async () => {
  const key = (await webcrypto.subtle.generateKey('Ed25519', false, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair
  const account = new Uint8Array(await webcrypto.subtle.exportKey('raw', key.publicKey))
  await devchain.fund(bytesToHex(account), 5n * ROC)
  const signRaw = async ({ data }: { data: string }) => {
    const signature = await webcrypto.subtle.sign(
      'Ed25519',
      key.privateKey,
      Buffer.from(data.slice(2), 'hex'),
    )
    return { id: 1, signature: `0x00${Buffer.from(signature).toString('hex')}` as const }
  }
  const target = devKey('//Target').address
  const tx = api.tx.balances.transferKeepAlive(target, ROC)
  const hash = (await tx.signAndSend(encodeAddress(account), { signer: { signRaw } })).toHex()
  const block = await devchain.newBlock()
  expect(await eventsOf(api, block.hash, hash)).toContain('system.ExtrinsicSuccess')
  expect(await freeOf(api, target)).toBe(ROC)
})

it('DC-POOL-1 refuses as nodes do: again, rival, stale, unsigned for, and bytes that are nothing', async () => {
  const eve = devKey('//Eve')
  const nonce = (await api.rpc.system.accountNextIndex(eve.address)).toNumber()
  const signed = async (planck: bigint, options: { nonce: number; tip?: bigint }) =>
    (await api.tx.balances.transferKeepAlive(DEV_ACCOUNTS.bob, planck).signAsync(eve, options)).toHex()
  const submit = async (extrinsic: string) =>
    (await post(devchain.httpUrl, 'author_submitExtrinsic', [extrinsic])).error
  const first = await signed(ROC, { nonce })
  expect(await submit(first)).toBeUndefined()
  expect(await submit(first)).toMatchObject({ code: 1013 })
  expect(await submit(await signed(2n * ROC, { nonce }))).toMatchObject({ code: 1014 })
  expect((await api.rpc.system.accountNextIndex(eve.address)).toNumber()).toBe(nonce + 1)
  // Its nonce is not next: it waits for the one before it.
  const third = await signed(ROC, { nonce: nonce + 2 })
  expect(await submit(third)).toBeUndefined()
  await devchain.newBlock()
  expect((await api.rpc.author.pendingExtrinsics()).map(tx => tx.toHex())).toEqual([third])
  expect(await submit(first)).toMatchObject({ code: 1010, data: 'Transaction is outdated' })
  expect(await submit(await signed(ROC, { nonce: nonce + 1 }))).toBeUndefined()
  await devchain.newBlock()
  expect((await api.query.system.account(eve.address)).nonce.toNumber()).toBe(nonce + 3)
  const poor = devKey('//Nobody')
  const unpaid = await api.tx.system.remark('0x00').signAsync(poor, { nonce: 0 })
  expect(await submit(unpaid.toHex())).toMatchObject({
    code: 1010,
    data: expect.stringContaining('Inability to pay'),
  })
  // Two bytes of length, one of version, an account's 33, one of the scheme: then the signature.
  const forged = `${first.slice(0, 82)}${first.slice(82, 84) === '00' ? '01' : '00'}${first.slice(84)}`
  expect(await submit(forged)).toMatchObject({ code: 1010, data: 'Transaction has a bad signature' })
  expect(await submit('0xdeadbeef')).toMatchObject({ code: 1001 })
  expect(await submit('nonsense')).toMatchObject({ code: -32602 })
})

it('DC-FINAL-1 finality is three blocks behind, and each final block is told once, in order', async () => {
  const told: number[] = []
  const stop = await api.rpc.chain.subscribeFinalizedHeads(head => {
    told.push(head.number.toNumber())
  })
  const from = devchain.finalised.number
  for (let count = 0; count < 4; count++) await devchain.newBlock()
  expect(devchain.finalised.number).toBe(devchain.best.number - 3)
  expect((await api.rpc.chain.getFinalizedHead()).toHex()).toBe(devchain.finalised.hash)
  await expect.poll(() => told.at(-1)).toBe(devchain.finalised.number)
  const expected = Array.from({ length: devchain.finalised.number - from + 1 }, (_, index) => from + index)
  expect(told).toEqual(expected)
  stop()
})

it('DC-FINAL-2 who watches a transaction hears ready, the block, and finality when it comes', async () => {
  const seen: string[] = []
  const stop = await api.tx.system.remark('0x01').signAndSend(devKey('//Bob'), ({ status }) => {
    seen.push(status.type)
  })
  await expect.poll(() => seen).toEqual(['Ready'])
  await devchain.newBlock()
  await expect.poll(() => seen).toEqual(['Ready', 'InBlock'])
  for (let count = 0; count < 2; count++) await devchain.newBlock()
  await post(devchain.httpUrl, 'system_chain')
  expect(seen).toEqual(['Ready', 'InBlock'])
  await devchain.newBlock()
  await expect.poll(() => seen).toEqual(['Ready', 'InBlock', 'Finalized'])
  stop()
})

it('DC-FEE-1 payment_queryInfo tells the fee that is taken, and a spike shows in it until it is over', async () => {
  const dave = devKey('//Dave')
  const tx = api.tx.balances.transferKeepAlive(DEV_ACCOUNTS.bob, ROC)
  const signed = (await tx.signAsync(dave)).toHex()
  const feeByRpc = async () => {
    const { result } = await post(devchain.httpUrl, 'payment_queryInfo', [signed])
    return BigInt((result as { partialFee: string }).partialFee)
  }
  const normal = (await tx.paymentInfo(dave)).partialFee.toBigInt()
  expect(await feeByRpc()).toBe(normal)
  await devchain.spikeFees(1_000)
  const spiked = (await tx.paymentInfo(dave)).partialFee.toBigInt()
  expect(spiked).toBeGreaterThan(10n * normal)
  expect(await feeByRpc()).toBe(spiked)
  const before = await freeOf(api, dave.address)
  expect((await post(devchain.httpUrl, 'author_submitExtrinsic', [signed])).error).toBeUndefined()
  await devchain.newBlock()
  const taken = before - (await freeOf(api, dave.address)) - ROC
  // The runtime moves the multiplier a little at each block.
  expect(Number(taken) / Number(spiked)).toBeCloseTo(1, 2)
  await devchain.spikeFees(1)
  expect((await tx.paymentInfo(dave)).partialFee.toBigInt()).toBe(normal)
})

it('DC-READ-1 an unknown block is an error or null, never an empty one', async () => {
  const nowhere = `0x${'ab'.repeat(32)}`
  expect(await post(devchain.httpUrl, 'chain_getHeader', [nowhere])).toMatchObject({ result: null })
  expect(await post(devchain.httpUrl, 'chain_getBlock', [nowhere])).toMatchObject({ result: null })
  expect(await post(devchain.httpUrl, 'state_getStorage', ['0x00', nowhere])).toMatchObject({
    error: { code: 4003 },
  })
  expect(await post(devchain.httpUrl, 'chain_getBlockHash', [1_000_000])).toMatchObject({ result: null })
  expect((await api.rpc.chain.getBlockHash(0)).toHex()).toBe(devchain.genesis)
})
