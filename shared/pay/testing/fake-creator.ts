import type { GrantFigures, PayTerms } from '../payer-contract.ts'
import { GRANT_LEAD_MS } from '../settlement.ts'

/** Grants by its own count, as DESIGN §9 says: owed including the next epoch − paid ≤ credit. */
export class FakeCreator {
  terms: PayTerms
  owed = 0n
  /** Keys that were asked for and not granted. */
  refused = 0
  readonly #granted = new Set<number>()

  constructor(terms: PayTerms) {
    this.terms = terms
  }

  hasGranted(epoch: number): boolean {
    return this.#granted.has(epoch)
  }

  /** The key of what runs now, or of what comes next. Undefined: nothing new. `paid`: in the best chain. */
  ask(nowMs: number, paid: bigint): GrantFigures | undefined {
    const { epochMs, price, creditSeconds } = this.terms
    const now = Math.floor(nowMs / epochMs)
    const epoch = this.#granted.has(now) ? Math.floor((nowMs + GRANT_LEAD_MS) / epochMs) : now
    if (this.#granted.has(epoch)) return undefined
    // What is left of an epoch that runs already is all that is owed of it.
    const leftMs = Math.min(epochMs, (epoch + 1) * epochMs - nowMs)
    const owed = this.owed + (price * BigInt(leftMs)) / 1_000n
    const credit = price * BigInt(creditSeconds)
    if (owed - paid > credit) {
      this.refused++
      return undefined
    }
    this.owed = owed
    this.#granted.add(epoch)
    return { epoch, owed, credited: paid, credit }
  }
}
