export type PaidStreamErrorCode = 'wrong-chain' | 'payout-empty'

/** Why a stream cannot be paid: `message` says what to do. */
export class PaidStreamError extends Error {
  readonly code: PaidStreamErrorCode

  constructor(code: PaidStreamErrorCode, message: string) {
    super(message)
    this.name = 'PaidStreamError'
    this.code = code
  }
}
