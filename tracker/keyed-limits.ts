import {
  fullBucket,
  type TokenBucket,
  type TokenRule,
  takeToken,
} from '../shared/overlay/room-token-bucket.ts'
import { SITES_MAX } from './limits.ts'

/** A token bucket per key, for as many keys as are busy at once. */
export class KeyedBuckets {
  readonly #rule: TokenRule
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(rule: TokenRule) {
    this.#rule = rule
  }

  take(key: string, nowMs: number): boolean {
    const bucket = this.#buckets.get(key) ?? fullBucket(this.#rule, nowMs)
    // Moved to the end: what is dropped first was used longest ago, and is full again or nearly.
    this.#buckets.delete(key)
    if (this.#buckets.size >= SITES_MAX) {
      const oldest = this.#buckets.keys().next()
      if (oldest.done !== true) this.#buckets.delete(oldest.value)
    }
    this.#buckets.set(key, bucket)
    return takeToken(bucket, this.#rule, nowMs)
  }
}

/** How many of something are open at once per key. */
export class KeyedCounts {
  readonly #counts = new Map<string, number>()

  of(key: string): number {
    return this.#counts.get(key) ?? 0
  }

  add(key: string): void {
    this.#counts.set(key, this.of(key) + 1)
  }

  remove(key: string): void {
    const left = this.of(key) - 1
    if (left > 0) this.#counts.set(key, left)
    else this.#counts.delete(key)
  }
}
