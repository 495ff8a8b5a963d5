import { Keyring } from '@polkadot/keyring'
import type { KeyringPair } from '@polkadot/keyring/types'
import { TypeRegistry } from '@polkadot/types'
import type { SignerPayloadJSON } from '@polkadot/types/types'
import { hexToU8a, u8aToHex, u8aWrapBytes } from '@polkadot/util'
import { cryptoWaitReady } from '@polkadot/util-crypto'
import type { BrowserContext } from 'playwright-core'

/** What the wallet's owner answers to the next prompts; a locked wallet shows no account. */
export type WalletMood = 'signs' | 'refuses' | 'locked'

/** A wallet extension as pages see one (`window.injectedWeb3`); its keys stay in the test, which counts prompts. */
export class TestWallet {
  /** One a signature that was asked for. */
  readonly prompts: ('extrinsic' | 'text')[] = []
  mood: WalletMood = 'signs'
  readonly pair: KeyringPair

  private constructor(pair: KeyringPair) {
    this.pair = pair
  }

  /** `uri`: `//Alice` and the like. */
  static async of(uri: string): Promise<TestWallet> {
    await cryptoWaitReady()
    return new TestWallet(new Keyring({ type: 'sr25519' }).addFromUri(uri, { name: 'Test account' }))
  }

  get account(): string {
    return u8aToHex(this.pair.publicKey)
  }

  /** Every page of the context finds the extension, as soon as it looks. */
  async install(context: BrowserContext): Promise<void> {
    await context.exposeFunction('vkTestWalletSign', (kind: 'extrinsic' | 'text', data: string) =>
      this.#sign(kind, data),
    )
    await context.exposeFunction('vkTestWalletIsLocked', () => this.mood === 'locked')
    const account = { address: this.pair.address, name: 'Test account', type: 'sr25519' }
    await context.addInitScript({ content: `(${inject})(${JSON.stringify(account)})` })
  }

  #sign(kind: 'extrinsic' | 'text', data: string): string {
    this.prompts.push(kind)
    if (this.mood !== 'signs') throw new Error('Cancelled')
    if (kind === 'text') return u8aToHex(this.pair.sign(u8aWrapBytes(hexToU8a(data))))
    const payload = JSON.parse(data) as SignerPayloadJSON
    const registry = new TypeRegistry()
    registry.setSignedExtensions(payload.signedExtensions)
    const { signature } = registry
      .createType('ExtrinsicPayload', payload, { version: payload.version })
      .sign(this.pair)
    return signature
  }
}

/** Runs in the page, as text: an extension of one account that asks the test for signatures. */
const inject = `account => {
  let prompts = 0
  const bytesToHex = data => data
  const shown = async () => ((await window.vkTestWalletIsLocked()) ? [] : [account])
  window.injectedWeb3 = {
    'test-wallet': {
      version: '1.0.0',
      enable: async () => ({
        accounts: {
          get: shown,
          subscribe: listener => { void shown().then(listener); return () => {} },
        },
        signer: {
          signPayload: async payload => ({
            id: ++prompts,
            signature: await window.vkTestWalletSign('extrinsic', JSON.stringify(payload)),
          }),
          signRaw: async ({ data }) => ({
            id: ++prompts,
            signature: await window.vkTestWalletSign('text', bytesToHex(data)),
          }),
        },
      }),
    },
  }
}`
