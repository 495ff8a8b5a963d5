import type { Account, AccountScheme } from './certificate.ts'
import type { CryptoPort, MaybePromise } from './crypto-port.ts'
import { SIGNATURE_BYTES } from './field-checks.ts'
import { utf8Encode } from './utf8.ts'
import { WireError } from './wire-error.ts'

/** An account that signs readable text, by a wallet's prompt or a key file. */
export interface AccountSigner {
  readonly account: Account
  /** Over `signRawInput(text)`: 64 bytes, 65 for ecdsa, without a scheme's prefix byte. */
  signRaw(text: string): MaybePromise<Uint8Array>
}

type VerifyAccount = (
  account: Account,
  message: Uint8Array,
  signature: Uint8Array,
  crypto: CryptoPort,
) => MaybePromise<boolean>

/** One verifier a scheme. Wallets' own are loaded when the first such certificate comes: they are 30 kB of a page. */
const VERIFIERS: Readonly<Record<AccountScheme, VerifyAccount>> = {
  ed25519: (account, message, signature, crypto) =>
    signature.length === SIGNATURE_BYTES && crypto.verify(account.publicKey, message, signature),
  sr25519: async (account, message, signature) => {
    const { verifySr25519 } = await import('./wallet-signature.ts')
    return verifySr25519(account.publicKey, message, signature)
  },
  ecdsa: async (account, message, signature) => {
    const { verifyEcdsa } = await import('./wallet-signature.ts')
    return verifyEcdsa(account.publicKey, message, signature)
  },
}

/** What a wallet's `signRaw` signs for `text`: wallets wrap it, lest a page have a transaction signed as text. */
export function signRawInput(text: string): Uint8Array {
  return utf8Encode(`<Bytes>${text}</Bytes>`)
}

/** Throws WireError('bad-signature') unless `account` signed `text` as a wallet does. */
export async function verifyAccountSignature(
  account: Account,
  text: string,
  signature: Uint8Array,
  crypto: CryptoPort,
): Promise<void> {
  if (!(await VERIFIERS[account.scheme](account, signRawInput(text), signature, crypto))) {
    throw new WireError('bad-signature', 'the certificate is not signed by its creator')
  }
}
