import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { AccountScheme } from '../../../shared/protocol/certificate.ts'
import type { ExtrinsicSigner } from '../../engine/chain/chain-port.ts'

export type WalletEntry = {
  readonly id: string
  readonly name: string
  /** Well-known keys, on the local chain only. */
  readonly isDemo: boolean
}

export type WalletAccount = {
  readonly account: AccountHex
  /** In the chain's own writing. */
  readonly address: string
  /** As its owner named it; may be empty. */
  readonly name: string
  readonly scheme: AccountScheme
  readonly isDemo: boolean
  /** Signs extrinsics, each by a prompt. */
  readonly signer: ExtrinsicSigner
  /** Signs readable text, by a prompt. Throws WalletError. */
  signText(text: string): Promise<Uint8Array>
}

/** A wallet whose owner let this page see accounts. */
export interface OpenWallet {
  readonly accounts: readonly WalletAccount[]
  /** Accounts came, went or were renamed. Answers its own end. */
  onAccounts(listener: (accounts: readonly WalletAccount[]) => void): () => void
}

/** The wallets this page may offer on the chain it is connected to. */
export interface WalletDesk {
  /** Looks again each time: an extension may have come up late. */
  list(): Promise<readonly WalletEntry[]>
  /** Asks the wallet's owner where it was never asked. Throws WalletError. */
  open(id: string): Promise<OpenWallet>
}
