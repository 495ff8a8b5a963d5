export type ChainErrorCode =
  /** No endpoint answers at the moment; the port keeps trying by itself. */
  | 'chain-down'
  /** What answers is another chain than the one that was asked for. */
  | 'wrong-chain'
  | 'no-such-block'
  /** The node no longer has that block's state: what happened in it is unknown, not nothing. */
  | 'state-pruned'
  | 'not-open'
  /** The chain has no such pallet or call. */
  | 'not-supported'
  /** A node said something that cannot be read. */
  | 'bad-answer'
  | 'bad-endpoint'

/** Something the user can act on: `message` is a sentence that says what happened and what to do. */
export class ChainError extends Error {
  readonly code: ChainErrorCode

  constructor(code: ChainErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'ChainError'
    this.code = code
  }
}

/** Both are genesis hashes or identities. */
export function wrongChain(expected: string, found: string): ChainError {
  return new ChainError(
    'wrong-chain',
    `This address serves another chain (${found.slice(0, 18)}…) than the one that was asked for (${expected.slice(0, 18)}…). Choose a node of the right chain.`,
  )
}
