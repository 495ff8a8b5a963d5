import { countText } from '../quantity.ts'
import type { PayRoom } from './pay-room.ts'
import { countUnfinished, idBytes } from './unfinished-sessions.ts'

export type Settling =
  | { readonly kind: 'running'; readonly sentence: string }
  | { readonly kind: 'settled'; readonly sentence: string }
  /** The Wallet page has the rest. */
  | { readonly kind: 'left'; readonly sentence: string }

export type SettleDeps = {
  /** Asked for only where there is something to settle: with it comes the chain. */
  readonly payRoom: () => Promise<PayRoom>
  onChange(settling: Settling): void
}

/**
 * Closes what earlier visits left open, once a page of the site is up. `watching`: the stream of this page, which goes
 * on with its own session.
 */
export async function settleEarlierVisits(deps: SettleDeps, watching: string | undefined): Promise<void> {
  const before = await countUnfinished(watching)
  if (before === 0) return
  deps.onChange({
    kind: 'running',
    sentence: `Settling ${countText(before, 'session')} of an earlier visit: what is left of the budget goes back to your wallet…`,
  })
  try {
    const sessions = await (await deps.payRoom()).sessions()
    await sessions.recover(watching === undefined ? {} : { except: idBytes(watching) })
  } catch {
    // Counted below, and told on the Wallet page in its own words.
  }
  const left = await countUnfinished(watching)
  deps.onChange(
    left === 0
      ? {
          kind: 'settled',
          sentence: `Settled: what an earlier visit left open (${countText(before, 'session')}) is back in your wallet.`,
        }
      : {
          kind: 'left',
          sentence: `${countText(left, 'session')} of an earlier visit could not be settled yet. Nothing is lost: the Wallet page says where the money is.`,
        },
  )
}
