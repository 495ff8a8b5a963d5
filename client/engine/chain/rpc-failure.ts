import { ChainError } from './chain-error.ts'

/** polkadot-js rejects with errors of its own: with a `code` where the node answered, without where it did not. */
export function rpcCodeOf(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined
}

/** A failed request as one of the port's errors. */
export function chainErrorOf(error: unknown): ChainError {
  if (error instanceof ChainError) return error
  const text = error instanceof Error ? error.message : String(error)
  if (/State already discarded|state (is )?(not available|pruned)|missing trie/i.test(text))
    return new ChainError(
      'state-pruned',
      'The chain’s node no longer has the state of that block. Name an archive node.',
      { cause: error },
    )
  if (/UnknownBlock|header was not found|unknown block|block not found/i.test(text))
    return new ChainError('no-such-block', 'The chain’s node does not know that block.', { cause: error })
  if (rpcCodeOf(error) !== undefined)
    return new ChainError('bad-answer', `The chain’s node refused a request: ${text.slice(0, 200)}`, {
      cause: error,
    })
  return new ChainError('chain-down', `The chain’s node does not answer: ${text.slice(0, 200)}`, {
    cause: error,
  })
}
