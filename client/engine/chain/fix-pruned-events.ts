import { ChainError } from './chain-error.ts'

/**
 * Nodes that no longer have a block's state answer with no events and no error, which would read as "nothing was paid".
 * Every extrinsic, inherents included, ends in exactly one ExtrinsicSuccess or ExtrinsicFailed: where those are missing,
 * so is the state. Throws ChainError('state-pruned').
 */
export function checkEventsComplete(number: number, extrinsics: number, results: readonly boolean[]): void {
  const answered = Array.from({ length: extrinsics }, (_, index) => results[index] !== undefined)
  if (answered.every(isThere => isThere)) return
  throw new ChainError(
    'state-pruned',
    `The chain's node no longer has the events of block ${number}: what they paid is unknown. Name an archive node.`,
  )
}
