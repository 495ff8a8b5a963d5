import type { SubmitResult } from './chain-port.ts'

/** A node's answer to `author_submitExtrinsic` that is no hash; polkadot-js begins the text with the code. */
export type PoolRefusal = { readonly code: number | undefined; readonly text: string }

const INVALID_TRANSACTION = 1_010
/** 1011 unknown validity, 1012 banned for a while, 1013 known, 1014 another has its nonce, 1015 cycle. */
const POOL_FIRST = 1_011
const POOL_LAST = 1_015
/** The pool is full, or the local chain busy: it was not taken in. */
const DROPPED = 1_016
const RATE_LIMITED = -32_029
const TEXT_MAX = 200

/**
 * What the answer says about the transaction's fate. Only what can never get into a block is 'refused'; banned ones may
 * be in one already, and a node's word for "past its era" is a bad signature, so `isAlive` has to say that this very
 * extrinsic was signed for the blocks to come (`undefined`: not known).
 */
export function poolAnswer({ code, text }: PoolRefusal, isAlive: boolean | undefined): SubmitResult {
  const reason = text.slice(0, TEXT_MAX)
  if (code === RATE_LIMITED || code === DROPPED) return { kind: 'refused', code: 'rate', reason }
  if (code !== undefined && code >= POOL_FIRST && code <= POOL_LAST) return { kind: 'unknown', reason }
  if (/pay some fees|balance too low/i.test(text)) return { kind: 'refused', code: 'payment', reason }
  if (/outdated|stale/i.test(text)) return { kind: 'unknown', reason }
  if (/future|ancient birth/i.test(text)) return { kind: 'unknown', reason }
  const isRefusal = code === INVALID_TRANSACTION || /invalid|bad signature|decode/i.test(text)
  return isRefusal && isAlive === true
    ? { kind: 'refused', code: 'invalid', reason }
    : { kind: 'unknown', reason }
}
