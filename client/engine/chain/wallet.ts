import { type AccountSigner, signRawInput } from '../../../shared/protocol/account-signature.ts'
import type { Account, AccountScheme } from '../../../shared/protocol/certificate.ts'
import { parseHex } from '../../../shared/protocol/hex.ts'
import type { AccountHex, Call, ChainPort, Era, Extrinsic, ExtrinsicSigner } from './chain-port.ts'
import { WalletError } from './wallet-error.ts'

export type WalletKind = 'extension' | 'demo' | 'key-file'

/** One account that a wallet's owner let this page see. */
export type WalletAccount = {
  readonly account: AccountHex
  /** In the chain's own writing. */
  readonly address: string
  /** As its owner named it; may be empty. */
  readonly name: string
  readonly scheme: AccountScheme
  /** Anyone can sign for it. */
  readonly isDemo: boolean
  /** Signs extrinsics, each by a prompt: `chain.sign(call, signer, …)`. Throws WalletError. */
  readonly signer: ExtrinsicSigner
  /** Signs readable text as `<Bytes>text</Bytes>`, by a prompt; without a scheme's prefix byte. Throws WalletError. */
  signText(text: string): Promise<Uint8Array>
}

/** A wallet whose owner let this page see accounts; there is at least one at first. */
export interface Wallet {
  /** Tells wallets of one page apart. */
  readonly id: string
  readonly kind: WalletKind
  readonly name: string
  /** As of now. */
  readonly accounts: readonly WalletAccount[]
  /** Accounts came, went (none left: locked) or were renamed. Answers its own end. */
  onAccounts(listener: (accounts: readonly WalletAccount[]) => void): () => void
}

/** The bytes of an extrinsic that the wallet signed for this era and nonce; submitting them is the caller's. */
export function signWithWallet(
  chain: ChainPort,
  { signer }: WalletAccount,
  call: Call,
  options: { readonly nonce: number; readonly era: Era; readonly signal?: AbortSignal },
): Promise<Extrinsic> {
  return chain.sign(call, signer, options)
}

const KEY_QUESTION = 'Vilokanam asks for the public key of this account. This signs nothing else.'

/**
 * Who signs a certificate. An ecdsa address is only a hash of its key, which the certificate needs, so such an account
 * is asked one question more. Throws WalletError.
 */
export async function accountSignerOf(wallet: WalletAccount): Promise<AccountSigner> {
  return { account: await publicAccount(wallet), signRaw: text => wallet.signText(text) }
}

async function publicAccount({ account, scheme, signText }: WalletAccount): Promise<Account> {
  if (scheme !== 'ecdsa') return { scheme, publicKey: parseHex(account) ?? new Uint8Array() }
  const { recoverEcdsa } = await import('../../../shared/protocol/wallet-signature.ts')
  const publicKey = recoverEcdsa(signRawInput(KEY_QUESTION), await signText(KEY_QUESTION))
  if (publicKey === undefined)
    throw new WalletError('failed', 'The wallet returned no signature. Try again, or use another account.')
  return { scheme, publicKey }
}
