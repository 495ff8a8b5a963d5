/** At most `burst` at once and `perSecond` on average. */
export type TokenRule = { readonly burst: number; readonly perSecond: number }
export type TokenBucket = { tokens: number; filledAtMs: number }

export function fullBucket(rule: TokenRule, nowMs: number): TokenBucket {
  return { tokens: rule.burst, filledAtMs: nowMs }
}

/** Takes `cost` tokens and answers true, or takes none and answers false. */
export function takeToken(bucket: TokenBucket, rule: TokenRule, nowMs: number, cost = 1): boolean {
  const elapsedS = Math.max(0, nowMs - bucket.filledAtMs) / 1_000
  bucket.tokens = Math.min(rule.burst, bucket.tokens + elapsedS * rule.perSecond)
  bucket.filledAtMs = nowMs
  if (bucket.tokens < cost) return false
  bucket.tokens -= cost
  return true
}
