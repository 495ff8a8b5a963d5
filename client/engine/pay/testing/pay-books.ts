import { expect } from 'vitest'
import type { PaySession } from '../pay-session-contract.ts'
import type { PayWorld, Tab } from './pay-world.ts'

export const PRICE = 1_000n

/** Everything the wallet and the creator had, to be compared at the end. */
export function booksOf(world: PayWorld) {
  return { wallet: world.chain.free(world.wallet.account), payout: world.chain.free(world.payout) }
}

export async function watch(world: PayWorld, session: PaySession, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    session.tick(1, 1 + Math.floor(second / 4), PRICE)
    await world.poll()
    await world.poll()
    if (second % 2 === 1) world.chain.produceBlock()
    await world.settle()
  }
}

/** What the ledger says was watched is what was paid; both accounts are empty; every planck is somewhere. */
export async function expectSettled(
  world: PayWorld,
  before: ReturnType<typeof booksOf>,
  { sessions }: Tab,
  ticks: { readonly least: number; readonly most: number },
): Promise<void> {
  const list = await sessions.list()
  expect(list).toHaveLength(1)
  const [summary] = list
  if (summary === undefined) return
  expect(summary.phase).toBe('closed')
  expect(summary.ticks).toBeGreaterThanOrEqual(ticks.least)
  expect(summary.ticks).toBeLessThanOrEqual(ticks.most)
  const { money } = summary
  expect(world.chain.free(summary.id)).toBe(0n)
  expect(world.chain.free(summary.budgetAccount)).toBe(0n)
  const after = booksOf(world)
  expect(after.payout - before.payout).toBe(BigInt(summary.ticks) * PRICE)
  expect(money.paid).toBe(BigInt(summary.ticks) * PRICE)
  expect(before.wallet - after.wallet).toBe(money.paid + money.sessionFees + money.walletFees)
  expect(money.putIn).toBe(money.paid + money.sessionFees + money.returned)
}
