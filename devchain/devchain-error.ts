export type DevchainErrorCode = 'not-installed' | 'port-taken' | 'port-refused' | 'bad-option' | 'closed'

/** The local chain cannot start or do what was asked; `message` says what to do. */
export class DevchainError extends Error {
  readonly code: DevchainErrorCode

  constructor(code: DevchainErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'DevchainError'
    this.code = code
  }
}
