export type PayErrorCode =
  /** The wallet's owner said no. */
  | 'refused'
  | 'wallet-locked'
  /** The wallet does not hold what the plan needs. */
  | 'no-funds'
  /** An amount below the existential deposit would be destroyed. */
  | 'below-deposit'
  | 'budget-too-small'
  | 'wrong-chain'
  | 'chain-down'
  /** Including the extrinsic costs more than what was shown before the prompt. */
  | 'fee-spike'
  /** The funding extrinsic was not included before its time ran out: nothing was spent. */
  | 'not-included'
  /** It was included and the chain refused it; only its fee was spent. */
  | 'failed'
  | 'in-another-tab'
  | 'no-such-session'
  | 'storage'

/** Something about money that the user can act on: `message` says what happened, where the money is, and what to do. */
export class PayError extends Error {
  readonly code: PayErrorCode

  constructor(code: PayErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'PayError'
    this.code = code
  }
}
