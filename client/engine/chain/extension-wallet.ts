import type { InjectedAccountWithMeta, InjectedExtension } from '@polkadot/extension-inject/types'
import type { HexString } from '@polkadot/util/types'
import { hexText } from '../../../shared/protocol/hex.ts'
import { utf8Encode } from '../../../shared/protocol/utf8.ts'
import { decodeAddress, encodeAddress } from './address.ts'
import type { ChainInfo } from './chain-port.ts'
import { DEMO_WALLET_ID, installDemoWallet, removeDemoWallet } from './demo-wallet.ts'
import { enableOne, nameOf, type WalletWindow } from './fix-enable-one.ts'
import { bareSignature, multiSignature } from './fix-signature-prefix.ts'
import type { Wallet, WalletAccount, WalletKind } from './wallet.ts'
import { WalletError, walletErrorOf } from './wallet-error.ts'

/** What wallets show their owner as the asking site's name. */
const ORIGIN_NAME = 'Vilokanam'
/** Wallets that a page lists; a hostile script could inject any number. */
const WALLETS_MAX = 32
const ACCOUNTS_MAX = 256
const NAME_MAX_CHARS = 64

export type WalletEntry = {
  readonly id: string
  readonly name: string
  /** Well-known keys, on the local chain only. */
  readonly isDemo: boolean
}

/**
 * The wallets of this page, through the real extension-dapp; the demo wallet is one more of them where the chain is
 * local, and is taken out where it is not. extension-dapp is loaded by `open`.
 */
export class ExtensionWallets {
  readonly #info: ChainInfo
  readonly #page: WalletWindow

  constructor(info: ChainInfo, page: WalletWindow = globalThis as WalletWindow) {
    this.#info = info
    this.#page = page
    if (info.isLocal) installDemoWallet(page)
    else removeDemoWallet(page)
  }

  /** Asks nobody. Looks again each time: an extension may have come up late. */
  async list(): Promise<readonly WalletEntry[]> {
    return Object.keys(this.#page.injectedWeb3 ?? {})
      .slice(0, WALLETS_MAX)
      .map(id => ({ id, name: nameOf(id), isDemo: id === DEMO_WALLET_ID }))
  }

  /** Asks that wallet's owner, where it was never asked, and nobody else. Throws WalletError. */
  async open(id: string): Promise<Wallet> {
    if (Object.keys(this.#page.injectedWeb3 ?? {}).length === 0)
      throw new WalletError(
        'none-installed',
        'No wallet was found in this browser. Install one (polkadot{.js}, Talisman, SubWallet …) and load this page again.',
      )
    const dapp = await import('@polkadot/extension-dapp')
    const extension = await enableOne(this.#page, id, ORIGIN_NAME, dapp.web3Enable)
    if (extension === undefined)
      throw new WalletError(
        'none-installed',
        'That wallet is no longer in this browser. Load the page again.',
      )
    const { genesis, ss58Prefix } = this.#info
    const filter = { extensions: [extension.name], genesisHash: genesis, ss58Format: ss58Prefix }
    const kind: WalletKind = id === DEMO_WALLET_ID ? 'demo' : 'extension'
    const toAccounts = (found: readonly InjectedAccountWithMeta[]) =>
      found.slice(0, ACCOUNTS_MAX).flatMap(one => this.#account(one, extension, kind === 'demo'))
    let accounts = toAccounts(await dapp.web3Accounts(filter))
    if (accounts.length === 0)
      throw new WalletError(
        'no-accounts',
        `${extension.name} shows no account. It may be locked: open it, unlock it, and share an account with this site.`,
      )
    return {
      id,
      kind,
      name: extension.name.slice(0, NAME_MAX_CHARS),
      get accounts() {
        return accounts
      },
      onAccounts: listener => {
        let isOver = false
        const stopping = dapp.web3AccountsSubscribe(found => {
          if (isOver) return
          accounts = toAccounts(found)
          listener(accounts)
        }, filter)
        return () => {
          isOver = true
          stopping.then(
            stop => stop(),
            () => {},
          )
        }
      },
    }
  }

  /** None for accounts of other kinds of chain. */
  #account(
    { address, meta, type = 'sr25519' }: InjectedAccountWithMeta,
    extension: InjectedExtension,
    isDemo: boolean,
  ): WalletAccount[] {
    const account = decodeAddress(address)?.account
    if (account === undefined || type === 'ethereum') return []
    const scheme = type
    const wallet = extension.name.slice(0, NAME_MAX_CHARS)
    const own = { account, address: encodeAddress(account, this.#info.ss58Prefix), scheme, isDemo }
    // Not web3FromAddress: it knows the wallet enabled last, and addresses in one prefix only.
    const askSigner = async () => {
      const shared = await extension.accounts.get()
      if (!shared.some(one => decodeAddress(one.address)?.account === account))
        throw new Error(`Unable to find ${address}`)
      return extension.signer
    }
    return [
      {
        ...own,
        name: (meta.name ?? '').slice(0, NAME_MAX_CHARS),
        signer: {
          account,
          scheme,
          sign: () => {
            throw new WalletError('failed', `${wallet} signs only what it can read.`)
          },
          signPayload: payload =>
            asked(wallet, async () => {
              const { signPayload } = await askSigner()
              if (signPayload === undefined) return undefined
              const { signature } = await signPayload({ ...payload, address })
              return multiSignature(signature, scheme)
            }),
        },
        signText: text =>
          asked(wallet, async () => {
            const { signRaw } = await askSigner()
            if (signRaw === undefined) return undefined
            const data = hexText(utf8Encode(text)) as HexString
            const { signature } = await signRaw({ address, data, type: 'bytes' })
            return bareSignature(signature, scheme)
          }),
      },
    ]
  }
}

/** Whatever a wallet does wrong becomes a WalletError; `undefined` is an answer that is no signature. */
async function asked<Answer>(wallet: string, ask: () => Promise<Answer | undefined>): Promise<Answer> {
  try {
    const answer = await ask()
    if (answer !== undefined) return answer
  } catch (error) {
    throw walletErrorOf(error, wallet)
  }
  throw new WalletError('failed', `${wallet} returned no signature. Try again, or use another account.`)
}
