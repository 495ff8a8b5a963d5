import { Keyring } from '@polkadot/keyring'
import { TypeRegistry } from '@polkadot/types'
import { hexToU8a, u8aToHex, u8aWrapBytes } from '@polkadot/util'
import { cryptoWaitReady, signatureVerify } from '@polkadot/util-crypto'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import { signRawInput, verifyAccountSignature } from '../../../shared/protocol/account-signature.ts'
import { hexText } from '../../../shared/protocol/hex.ts'
import { nodeCrypto } from '../../../tracker/node-crypto.ts'
import { decodeAddress } from './address.ts'
import type { ChainInfo } from './chain-port.ts'
import { DEMO_WALLET_ID } from './demo-wallet.ts'
import { DEV_NAMES, devAccount } from './dev-account.ts'
import { ExtensionWallets } from './extension-wallet.ts'
import { MemoryChain } from './testing/memory-chain.ts'
import { accountSignerOf } from './wallet.ts'

type Page = NonNullable<ConstructorParameters<typeof ExtensionWallets>[1]>
type Provider = NonNullable<Page['injectedWeb3']>[string]
type Injected = Awaited<ReturnType<NonNullable<Provider['enable']>>>
type Scheme = 'sr25519' | 'ed25519' | 'ecdsa'

const page = globalThis as Page & { window?: unknown; document?: unknown }
let info: ChainInfo
beforeAll(async () => {
  // What extension-dapp reads of a browser, when it is loaded and when it is used.
  page.window = globalThis
  page.document = { readyState: 'complete' }
  await cryptoWaitReady()
  info = await new MemoryChain().connect().open()
})
beforeEach(() => {
  page.injectedWeb3 = {}
})

/** With the address prefix of Polkadot, where wallets list theirs with the generic one. */
const remote = (): ChainInfo => ({ ...info, isLocal: false, ss58Prefix: 0 })

/** A wallet as extensions inject it, over the real keyring; `prompts` counts what its owner is asked. */
function extension(schemes: readonly Scheme[], change: Partial<Injected> = {}) {
  const prompts = { enable: 0, sign: 0 }
  const pairs = schemes.map(type => new Keyring({ type }).addFromUri('//Alice', { name: `my ${type}` }))
  const list = pairs.map(({ address, type, meta }) => ({ address, type, name: String(meta['name']) }))
  const pairOf = (address: string) => {
    prompts.sign += 1
    const account = decodeAddress(address)?.account
    const pair = pairs.find(one => decodeAddress(one.address)?.account === account)
    if (pair === undefined) throw new Error('Unable to find the account')
    return pair
  }
  let tell: (accounts: typeof list) => unknown = () => {}
  const injected: Injected = {
    accounts: {
      get: async () => list,
      subscribe: listener => {
        tell = listener
        void listener(list)
        return () => {}
      },
    },
    signer: {
      signRaw: async ({ address, data }) => ({
        id: 1,
        signature: u8aToHex(pairOf(address).sign(u8aWrapBytes(hexToU8a(data)))),
      }),
      signPayload: async payload => {
        const registry = new TypeRegistry()
        registry.setSignedExtensions(payload.signedExtensions)
        return {
          id: 1,
          ...registry
            .createType('ExtrinsicPayload', payload, { version: payload.version })
            .sign(pairOf(payload.address)),
        }
      },
    },
    ...change,
  }
  const provider: Provider = {
    version: '1',
    enable: async () => {
      prompts.enable += 1
      return injected
    },
  }
  return { provider, prompts, tell: (accounts: typeof list) => tell(accounts), list }
}

it('C-WALLET-1 without a wallet it says so; a refusal, a waiting one and a locked one are told apart', async () => {
  const wallets = new ExtensionWallets(remote(), page)
  await expect(wallets.open('any')).rejects.toMatchObject({ code: 'none-installed' })
  const saying = (message: string): Provider => ({ enable: () => Promise.reject(new Error(message)) })
  page.injectedWeb3 = {
    no: saying('Rejected by the user'),
    waits: saying('Pending authorisation request already exists'),
    locked: extension([]).provider,
  }
  await expect(wallets.open('no')).rejects.toMatchObject({ code: 'refused' })
  await expect(wallets.open('waits')).rejects.toMatchObject({ code: 'pending' })
  await expect(wallets.open('locked')).rejects.toMatchObject({ code: 'no-accounts' })
  await expect(wallets.open('gone')).rejects.toMatchObject({ code: 'none-installed' })
})

it('C-WALLET-2 only the wallet that was chosen is asked, and the others stay where they were', async () => {
  const [one, other] = [extension(['sr25519']), extension(['sr25519'])]
  page.injectedWeb3 = { one: one.provider, other: other.provider }
  const wallets = new ExtensionWallets(remote(), page)
  const wallet = await wallets.open('one')
  expect([wallet.kind, wallet.name, wallet.accounts.length]).toEqual(['extension', 'one', 1])
  expect([one.prompts.enable, other.prompts.enable]).toEqual([1, 0])
  expect(page.injectedWeb3).toEqual({ one: one.provider, other: other.provider })
})

it.each(['sr25519', 'ed25519', 'ecdsa'] as const)(
  'C-WALLET-3 a certificate by a wallet’s %s account verifies, with one prompt (ecdsa: two)',
  async scheme => {
    const { provider, prompts } = extension([scheme])
    page.injectedWeb3 = { one: provider }
    const { accounts } = await new ExtensionWallets(remote(), page).open('one')
    const [account] = accounts
    if (account === undefined) throw new Error('no account')
    expect(account).toMatchObject({ scheme, name: `my ${scheme}`, isDemo: false })
    const signer = await accountSignerOf(account)
    const signature = await signer.signRaw('I go live')
    await verifyAccountSignature(signer.account, 'I go live', signature, nodeCrypto)
    expect(signer.account.publicKey).toEqual(new Keyring({ type: scheme }).addFromUri('//Alice').publicKey)
    expect(prompts.sign).toBe(scheme === 'ecdsa' ? 2 : 1)
  },
)

it('C-WALLET-4 accounts that come, go or lock are told', async () => {
  const { provider, tell, list } = extension(['sr25519', 'ed25519'])
  page.injectedWeb3 = { one: provider }
  const wallet = await new ExtensionWallets(remote(), page).open('one')
  const seen: number[] = []
  const stop = wallet.onAccounts(accounts => seen.push(accounts.length))
  await expect.poll(() => seen).toEqual([2])
  tell(list.slice(0, 1))
  tell([])
  expect(seen).toEqual([2, 1, 0])
  expect(wallet.accounts).toEqual([])
  stop()
  tell(list)
  expect(seen).toEqual([2, 1, 0])
})

it('C-WALLET-5 a refused prompt, a vanished account and nonsense for a signature are WalletErrors', async () => {
  const saying = (message: string) => ({ signer: { signRaw: () => Promise.reject(new Error(message)) } })
  page.injectedWeb3 = {
    no: extension(['sr25519'], saying('Cancelled')).provider,
    gone: extension(['sr25519'], saying('Unable to find keypair')).provider,
    odd: extension(['sr25519'], { signer: { signRaw: async () => ({ id: 1, signature: '0x12' }) } }).provider,
    mute: extension(['sr25519'], { signer: {} }).provider,
  }
  const wallets = new ExtensionWallets(remote(), page)
  for (const [id, code] of Object.entries({
    no: 'refused',
    gone: 'account-gone',
    odd: 'failed',
    mute: 'failed',
  })) {
    const { accounts } = await wallets.open(id)
    await expect(accounts[0]?.signText('x')).rejects.toMatchObject({ name: 'WalletError', code })
  }
})

it('C-WALLET-5 an account that is no longer shared signs nothing, and a second wallet disturbs no first', async () => {
  const [one, other] = [extension(['sr25519']), extension(['ed25519'])]
  page.injectedWeb3 = { one: one.provider, other: other.provider }
  const wallets = new ExtensionWallets(remote(), page)
  const [account] = (await wallets.open('one')).accounts
  await wallets.open('other')
  expect((await account?.signText('x'))?.length).toBe(64)
  one.list.length = 0
  await expect(account?.signText('x')).rejects.toMatchObject({ code: 'account-gone' })
  expect(one.prompts.sign).toBe(1)
})

it('C-WALLET-6 the demo wallet is offered on the local chain alone', async () => {
  expect(await new ExtensionWallets(info, page).list()).toEqual([
    { id: DEMO_WALLET_ID, name: DEMO_WALLET_ID, isDemo: true },
  ])
  expect(await new ExtensionWallets(remote(), page).list()).toEqual([])
  expect(page.injectedWeb3).toEqual({})
})

it('C-WALLET-7 the demo wallet signs text by the same calls, as the well-known accounts', async () => {
  const wallet = await new ExtensionWallets(info, page).open(DEMO_WALLET_ID)
  expect(wallet.kind).toBe('demo')
  const keyring = new Keyring({ type: 'sr25519' })
  expect(wallet.accounts.map(({ account }) => account)).toEqual(
    DEV_NAMES.map(name => hexText(keyring.addFromUri(`//${name}`).publicKey)),
  )
  for (const { account, signText, isDemo } of wallet.accounts.slice(0, 2)) {
    expect(isDemo).toBe(true)
    expect(signatureVerify(signRawInput('hello'), await signText('hello'), account).isValid).toBe(true)
  }
  expect(hexText(devAccount('Alice').publicKey)).toBe(devAccount('Alice').account)
})
