import type { BrowserContext } from 'playwright-core'
import { expect } from 'vitest'
import type { BlockRef } from '../../client/engine/chain/chain-port.ts'
import { type BrowserLedger, readLedger } from './browser-ledger.ts'
import { booksSince } from './chain-books.ts'
import type { PaidScene } from './paid-scene.ts'

/** One wallet before it paid for anything. */
export type WalletBefore = {
  /** In hex. */
  readonly account: string
  readonly free: bigint
  readonly since: BlockRef
}

export async function walletBefore(scene: PaidScene, account: string): Promise<WalletBefore> {
  const since = scene.chain.best()
  if (since === undefined) throw new Error('no block')
  return { account, free: await scene.free(account), since }
}

/**
 * After every session of this browser ended: the payout account got the price of every journaled second, the wallet has
 * all the rest but the fees that the chain's events name, and nothing lies anywhere else. Answers what was paid, planck.
 */
export async function expectSettled(
  scene: PaidScene,
  context: BrowserContext,
  before: WalletBefore,
  payout: string,
): Promise<bigint> {
  const ledger: BrowserLedger = await readLedger(context, scene.url)
  const books = await booksSince(scene.chain, before.since)
  const own = new Set([
    before.account,
    ...ledger.sessions.flatMap(({ session, budgetAccount }) => [session, budgetAccount]),
  ])
  let paid = 0n
  for (const { from, to, planck } of books.transfers) if (to === payout && own.has(from)) paid += planck
  expect(paid).toBe(ledger.owed)
  let fees = 0n
  for (const account of own) fees += books.fees.get(account) ?? 0n
  expect(before.free - (await scene.free(before.account))).toBe(paid + fees)
  for (const { session, budgetAccount } of ledger.sessions)
    expect([await scene.free(session), await scene.free(budgetAccount)]).toEqual([0n, 0n])
  return paid
}
