import { Keyring } from '@polkadot/keyring'
import { TypeRegistry } from '@polkadot/types'
import { cryptoWaitReady } from '@polkadot/util-crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Devchain, startDevchain } from '../../../devchain/index.ts'
import { hexText } from '../../../shared/protocol/hex.ts'
import type { AccountHex, ExtrinsicSigner } from './chain-port.ts'
import { DEMO_WALLET_ID } from './demo-wallet.ts'
import { ExtensionWallets } from './extension-wallet.ts'
import { PolkadotChain } from './polkadot-chain.ts'
import { suiteSigner } from './testing/chain-port-suite.ts'
import { signWithWallet } from './wallet.ts'

const page = globalThis as { window?: unknown; document?: unknown; injectedWeb3?: Record<string, never> }
const ROC = 10n ** 12n
let devchain: Devchain
let chain: PolkadotChain
beforeAll(async () => {
  await cryptoWaitReady()
  devchain = await startDevchain({ port: 0, blockMs: 0, submissionsPerSecond: 100 })
  for (let made = 0; made < 3; made++) await devchain.newBlock()
  chain = new PolkadotChain({ endpoints: ['ws://127.0.0.1:9', devchain.wsUrl] })
  await chain.open()
}, 60_000)
afterAll(async () => {
  await chain?.close()
  await devchain?.close()
}, 60_000)

const era = () => ({ birth: chain.finalised() ?? { number: 0, hash: '' }, period: 64 })
const landed = async (bytes: Uint8Array, hash: string) => {
  expect(await chain.submit(bytes)).toEqual({ kind: 'accepted' })
  const block = await chain.block((await devchain.newBlock()).hash)
  return block.extrinsics.find(extrinsic => extrinsic.hash === hash)
}

it('C-CHAIN-1 an endpoint that does not answer is passed over', () => {
  expect(chain.state).toMatchObject({ kind: 'ready', endpoint: devchain.wsUrl })
})

it('C-WALLET-8 the demo wallet signs an extrinsic that the chain takes, long ones by their hash', async () => {
  // What extension-dapp reads of a browser; the chain's own libraries must not see it.
  page.window = globalThis
  page.document = { readyState: 'complete' }
  const wallet = await new ExtensionWallets(await chain.open(), page).open(DEMO_WALLET_ID)
  const [alice] = wallet.accounts
  if (alice === undefined) throw new Error('no account')
  const to = suiteSigner(7).account
  const short = chain.calls.transferKeepAlive(to, ROC)
  const long = chain.calls.batchAll(Array.from({ length: 12 }, () => short))
  for (const [nonce, call] of [short, long].entries()) {
    const { bytes, hash, lastBlock } = await signWithWallet(chain, alice, call, { nonce, era: era() })
    expect(lastBlock).toBe((chain.finalised()?.number ?? 0) + 63)
    expect(await landed(bytes, hash)).toMatchObject({ isOk: true, signer: alice.account, nonce, call })
  }
  expect((await chain.balance(to)).free).toBe(13n * ROC)
})

it.each(['sr25519', 'ed25519', 'ecdsa'] as const)(
  'C-WALLET-9 an extension’s %s account signs the payload that our own keys would sign, and the chain takes it',
  async scheme => {
    const pair = new Keyring({ type: scheme }).addFromUri('//Wallet')
    const account: AccountHex = hexText(pair.addressRaw)
    await devchain.fund(account as `0x${string}`, 10n * ROC)
    await devchain.newBlock()
    const signer: ExtrinsicSigner = {
      account,
      scheme,
      sign: () => {
        throw new Error('a wallet signs what it can read')
      },
      signPayload: async payload => {
        const registry = new TypeRegistry()
        registry.setSignedExtensions(payload.signedExtensions)
        return registry.createType('ExtrinsicPayload', payload, { version: payload.version }).sign(pair)
          .signature
      },
    }
    const call = chain.calls.transfer(suiteSigner(8).account, ROC)
    const { bytes, hash } = await chain.sign(call, signer, { nonce: 0, era: era() })
    expect(await landed(bytes, hash)).toMatchObject({ isOk: true, signer: account })
  },
)

it('C-CHAIN-2 a transaction past its era is unknown, a forged one is refused while its blocks are to come', async () => {
  const signer = suiteSigner(9)
  await devchain.fund(signer.account as `0x${string}`, 10n * ROC)
  await devchain.newBlock()
  const call = chain.calls.transfer(suiteSigner(8).account, ROC)
  const birth = chain.finalised() ?? { number: 0, hash: '' }
  const forged = await chain.sign(
    call,
    { ...signer, sign: () => new Uint8Array(64).fill(1) },
    { nonce: 0, era: era() },
  )
  expect(await chain.submit(forged.bytes)).toMatchObject({ kind: 'refused', code: 'invalid' })
  const old = await chain.sign(call, signer, { nonce: 0, era: { birth, period: 4 } })
  for (let made = 0; made < 8; made++) await devchain.newBlock()
  await expect.poll(() => chain.best()?.number).toBe(devchain.best.number)
  expect(await chain.submit(old.bytes)).toMatchObject({ kind: 'unknown' })
  devchain.refuseNext(1, 1016)
  const fresh = await chain.sign(call, signer, { nonce: 0, era: era() })
  expect(await chain.submit(fresh.bytes)).toMatchObject({ kind: 'refused', code: 'rate' })
})

it('C-CHAIN-3 a closing page can send by plain HTTP what was signed before', async () => {
  const signer = suiteSigner(10)
  await devchain.fund(signer.account as `0x${string}`, 10n * ROC)
  await devchain.newBlock()
  const call = chain.calls.transferAll(suiteSigner(11).account)
  const { bytes, hash } = await chain.sign(call, signer, { nonce: 0, era: era() })
  const { url, body } = chain.submission(bytes)
  expect(url).toBe(devchain.httpUrl)
  const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
  expect(await answer.json()).toMatchObject({ result: hash })
  await devchain.newBlock()
  expect((await chain.balance(signer.account)).free).toBe(0n)
})

it('C-CHAIN-4 another chain than the expected one is not used, and that is said', async () => {
  const expected = { genesis: `0x${'91'.repeat(32)}` }
  const other = new PolkadotChain({ endpoints: [devchain.wsUrl], expected })
  try {
    await expect(other.open()).rejects.toMatchObject({ code: 'wrong-chain' })
    expect(other.state).toEqual({ kind: 'wrong-chain', expected: expected.genesis, found: devchain.genesis })
    await expect(other.balance(suiteSigner(1).account)).rejects.toMatchObject({ code: 'wrong-chain' })
  } finally {
    await other.close()
  }
})

it('C-CHAIN-5 no endpoint at all: open rejects in words, and the port goes on trying by itself', async () => {
  const other = new PolkadotChain({ endpoints: ['ws://127.0.0.1:9'] })
  try {
    await expect(other.open()).rejects.toMatchObject({ code: 'chain-down' })
    expect(other.state.kind).toBe('down')
    const states: string[] = []
    other.on('state', ({ kind }) => states.push(kind))
    await expect.poll(() => states, { timeout: 10_000 }).toContain('connecting')
  } finally {
    await other.close()
  }
  expect(() => new PolkadotChain({ endpoints: ['https://example.org'] })).toThrow(/has to begin with wss/)
  expect(() => new PolkadotChain({ endpoints: [] })).toThrow(/at least one/)
})

it('C-CHAIN-6 a chain restarted as a new one is a wrong chain, not an empty one', async () => {
  const { identity } = await chain.open()
  await devchain.restartAsNewChain()
  await expect.poll(() => chain.state.kind, { timeout: 15_000 }).toBe('wrong-chain')
  expect(chain.state).toMatchObject({ expected: identity })
  await expect(chain.balance(suiteSigner(9).account)).rejects.toMatchObject({ code: 'wrong-chain' })
})
