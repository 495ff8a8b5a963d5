export type WalletErrorCode =
  | 'none-installed'
  /** By the person at the prompt. */
  | 'refused'
  /** The wallet waits for an answer to an earlier question. */
  | 'pending'
  /** Locked, or nothing is shared with this page. */
  | 'no-accounts'
  /** It was there, and the wallet no longer has or shares it. */
  | 'account-gone'
  | 'failed'

/** Something the user can act on: `message` is a sentence that says what happened and what to do. */
export class WalletError extends Error {
  readonly code: WalletErrorCode

  constructor(code: WalletErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'WalletError'
    this.code = code
  }
}

/** What a wallet said when it did not do as asked; its words differ, so they are read loosely. */
export function walletErrorOf(error: unknown, wallet: string): WalletError {
  if (error instanceof WalletError) return error
  const text = error instanceof Error ? error.message : String(error)
  const options = { cause: error }
  if (/pending/i.test(text))
    return new WalletError(
      'pending',
      `${wallet} waits for an answer to an earlier question. Open it and answer that first.`,
      options,
    )
  if (/cancel|reject|denied|declin|refus|not allowed/i.test(text))
    return new WalletError(
      'refused',
      `You said no in ${wallet}. Nothing was signed; you can try again.`,
      options,
    )
  if (/unable to find|unable to retrieve|not found|no such account|unknown account/i.test(text))
    return new WalletError(
      'account-gone',
      `${wallet} no longer shares this account. Share it with this site again, or choose another one.`,
      options,
    )
  return new WalletError('failed', `${wallet} could not sign: ${text.slice(0, 200)}`, options)
}
