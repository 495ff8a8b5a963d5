import { expect, test } from 'vitest'
import type { AccessPolicyOptions } from './access-contract.ts'
import { settle } from './settlement.ts'
import { AccessDriver, EPOCH_MS, grantsOf, PRICE, termsOf, watch } from './testing/access-driver.ts'

/** What the payer's own rule pays for the next key, by the newest figures that the creator told it. */
function due(driver: AccessDriver, committed: bigint): bigint {
  const terms = termsOf(driver.effects).at(-1)
  const settlement = settle(
    {
      price: PRICE,
      epochMs: EPOCH_MS,
      blockMs: 2_000,
      fee: 1n,
      credit: (PRICE * BigInt(terms?.creditMs ?? 0)) / 1_000n,
    },
    { played: 0n, committed, owed: terms?.owed ?? 0n, spendable: 10n ** 9n },
  )
  return settlement.kind === 'pay' ? settlement.amount : 0n
}

/** Alice left sessions behind whose last keys she never showed: 12 s of price in all. */
function returning(options: Partial<AccessPolicyOptions> = {}): AccessDriver {
  const driver = new AccessDriver(options)
  driver.fund('alice', 's1')
  driver.request('first', 'alice', 's1')
  expect(watch(driver, 'first', 10_000)).toHaveLength(2)
  driver.leave('first')
  driver.mine()
  driver.fund('alice', 's2')
  driver.finalise()
  return driver
}

test('A-CREDIT-7 who owes of an earlier session is told so with the next one: by its own rule it pays, and sees the picture', () => {
  const driver = returning()
  driver.at(12_000)
  expect(termsOf(driver.request('second', 'alice', 's2')).map(({ code }) => code)).toContain('unpaid')
  const amount = due(driver, 0n)
  expect(amount).toBeGreaterThan(0n)
  driver.mine()
  expect(grantsOf(driver.pay('s2', amount)).map(({ viewer }) => viewer)).toEqual(['second'])
})

test('A-CREDIT-8 the earlier session pays after all: the next one is asked for it no longer', () => {
  const driver = returning()
  driver.at(12_000)
  driver.request('second', 'alice', 's2')
  driver.mine()
  expect(grantsOf(driver.pay('s1', 12_000n)).map(({ owed }) => owed)).toEqual([4_000n])
})
