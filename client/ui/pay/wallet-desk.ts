import type { WalletEntry } from '../../engine/chain/extension-wallet.ts'
import type { Wallet } from '../../engine/chain/wallet.ts'

export type { WalletEntry } from '../../engine/chain/extension-wallet.ts'
export type { WalletAccount } from '../../engine/chain/wallet.ts'

export type OpenWallet = Pick<Wallet, 'accounts' | 'onAccounts'>

/** The wallets this page may offer on the chain it is connected to: ExtensionWallets, or a test's. */
export interface WalletDesk {
  /** Looks again each time: an extension may have come up late. */
  list(): Promise<readonly WalletEntry[]>
  /** Asks the wallet's owner where it was never asked. Throws WalletError. */
  open(id: string): Promise<OpenWallet>
}
