import type { AccountHex } from '../../../shared/pay/evidence.ts'

/**
 * Media that was granted and not shown when a page closed, by creator and wallet: claimed with the wallet's next session, of which
 * the creator forgives a small share of what was paid. Synchronous, for a page that goes; a loss of it costs little.
 */
export interface UnplayedTails {
  note(payout: AccountHex, wallet: AccountHex, ms: number): void
  /** What was noted, once. */
  take(payout: AccountHex, wallet: AccountHex): number
}

const PREFIX = 'vilokanam/unplayed/'
/** Nobody leaves more than this behind in one visit: an epoch and its lead at their longest. */
const TAIL_MAX_MS = 600_000

/** In a page's own storage. */
export function storedTails(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): UnplayedTails {
  const nameOf = (payout: AccountHex, wallet: AccountHex): string => `${PREFIX}${payout}/${wallet}`
  const read = (name: string): number => {
    const ms = Number(storage.getItem(name))
    return Number.isFinite(ms) && ms > 0 ? Math.min(ms, TAIL_MAX_MS) : 0
  }
  return {
    note(payout, wallet, ms) {
      if (!(ms > 0)) return
      try {
        const name = nameOf(payout, wallet)
        storage.setItem(name, String(Math.round(Math.min(TAIL_MAX_MS, read(name) + ms))))
      } catch {
        // A browser that keeps nothing: the tail stays owed, within the creator's credit.
      }
    },
    take(payout, wallet) {
      try {
        const name = nameOf(payout, wallet)
        const ms = read(name)
        storage.removeItem(name)
        return ms
      } catch {
        return 0
      }
    },
  }
}
