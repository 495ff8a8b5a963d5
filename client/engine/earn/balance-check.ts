import type { AccountHex } from '../../../shared/pay/evidence.ts'
import { ChainError } from '../chain/chain-error.ts'
import type { ChainPort } from '../chain/chain-port.ts'
import type { BalanceCheck } from './earnings-contract.ts'
import type { EarningsJournal } from './earnings-journal.ts'

/** Compares, at the newest final block, what the payout account holds with what the blocks read say of it. */
export async function checkBalance(
  chain: ChainPort,
  journal: EarningsJournal,
  signal: AbortSignal,
): Promise<BalanceCheck> {
  const { final: at, unread, opening } = journal.cursor
  if (opening === undefined)
    return open('The balance at the start could not be read, so nothing can be compared.')
  if (unread.some(({ from }) => from <= at.number)) return open('Compared once all blocks are read.')
  let expected = opening.planck
  for (const { block, paid, spent } of journal.blocks) {
    if (block.number > at.number) break
    expected += paid.reduce((sum, { planck }) => sum + planck, 0n) - spent
  }
  const balance = await balanceAt(chain, journal.scope.payout, at.hash, signal)
  if (balance === undefined) return open('The balance cannot be read at the moment.')
  const extra = balance - expected
  if (extra === 0n) return { kind: 'matches', at, balance }
  const sentence =
    extra > 0n
      ? 'The payout account holds more than the transfers that were read: money may have reached it in another way.'
      : 'The payout account holds less than the transfers that were read: look at it in a wallet or explorer, and set another endpoint.'
  return { kind: 'differs', at, balance, extra, sentence }
}

/** Free and reserved, planck; undefined where this block's state cannot be read. Throws when the chain is not there. */
export async function balanceAt(
  chain: ChainPort,
  account: AccountHex,
  at: string,
  signal: AbortSignal,
): Promise<bigint | undefined> {
  try {
    const { free, reserved } = await chain.balance(account, { at, signal })
    return free + reserved
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof ChainError && (error.code === 'state-pruned' || error.code === 'no-such-block'))
      return
    throw error
  }
}

function open(sentence: string): BalanceCheck {
  return { kind: 'open', sentence }
}
