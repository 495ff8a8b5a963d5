import type { Account, AccountScheme } from './certificate.ts'
import type { CryptoPort, MaybePromise } from './crypto-port.ts'
import { SIGNATURE_BYTES } from './field-checks.ts'
import { utf8Encode } from './utf8.ts'
import { WireError } from './wire-error.ts'

type VerifyAccount = (
  account: Account,
  message: Uint8Array,
  signature: Uint8Array,
  crypto: CryptoPort,
) => MaybePromise<boolean>

/** One verifier a scheme; a wallet's sr25519 and ecdsa signatures come with payments. */
const VERIFIERS: Readonly<Record<AccountScheme, VerifyAccount>> = {
  ed25519: (account, message, signature, crypto) =>
    signature.length === SIGNATURE_BYTES && crypto.verify(account.publicKey, message, signature),
  sr25519: needsPayments,
  ecdsa: needsPayments,
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

function needsPayments(account: Account): never {
  throw new WireError(
    'bad-signature',
    `${account.scheme} certificates need the payments build of this client`,
  )
}
