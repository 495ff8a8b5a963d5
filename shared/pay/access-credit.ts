import { GRANT_LEAD_MS } from './access-constants.ts'

export type CreditNeeds = {
  readonly epochMs: number
  readonly blockMs: number
  /** Between two payments of a viewer; one block where fees are small. */
  readonly intervalMs?: number
}

/**
 * Whole seconds of credit below which an honest viewer that pays in arrears is cut: a key is decided GRANT_LEAD_MS
 * before its epoch, which is then owed to its end; the last interval is not paid yet; and a payment that just missed
 * a block is counted two blocks later. 12 s at epochs of 4 s and blocks of 2 s. Below it, ask for prepayment (0).
 */
export function leastCreditSeconds({ epochMs, blockMs, intervalMs = blockMs }: CreditNeeds): number {
  return Math.ceil((epochMs + GRANT_LEAD_MS + intervalMs + 2 * blockMs) / 1_000)
}

/**
 * Whole seconds of credit that leave room for one unplayed tail besides: who leaves was granted up to an epoch and its
 * lead that it never showed, and with no room for that its next visit would have to pay ahead. 18 s at epochs of 4 s
 * and blocks of 2 s.
 */
export function usualCreditSeconds(needs: CreditNeeds): number {
  return leastCreditSeconds(needs) + Math.ceil((needs.epochMs + GRANT_LEAD_MS) / 1_000)
}
