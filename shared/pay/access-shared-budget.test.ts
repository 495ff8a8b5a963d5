import { expect, test } from 'vitest'
import { AccessDriver, account, blockAt, grantsOf, PAYOUT, watch } from './testing/access-driver.ts'

/** Chains without multisig accounts: the budget lies on the session account, to which any wallet can send a planck. */
const SHARED = { budget: account('budget s1') }

test('A-FUND-5 a budget account belongs to the first wallet whose session is bound to it: nobody watches by the payments of another', () => {
  const driver = new AccessDriver()
  driver.fund('alice', 's1')
  driver.fund('mallory', 's1')
  driver.request('paying', 'alice', 's1')
  driver.request('free', 'mallory', 's1')
  driver.mine()
  driver.pay('s1', 10n ** 6n)
  driver.finalise()
  expect(watch(driver, 'paying', 60_000).length).toBeGreaterThan(12)
  expect(grantsOf(driver.effects).filter(({ viewer }) => viewer === 'free')).toEqual([])
})

test('A-FUND-6 what a session’s account paid as a wallet, to open another session, is that other session’s alone', () => {
  const driver = new AccessDriver({ creditSeconds: 0 })
  driver.fund('alice', 's1')
  driver.request('free', 'alice', 's1')
  driver.mine()
  const block = blockAt(driver.height)
  driver.evidence({
    kind: 'funded',
    place: { block, index: 1 },
    wallet: SHARED.budget,
    remarkHash: account('remark s2'),
    moved: [
      { to: account('budget s2'), planck: 10n ** 9n },
      { to: PAYOUT, planck: 10n ** 6n },
    ],
  })
  const place = { block, index: 2 }
  driver.evidence({ kind: 'paid', place, from: SHARED.budget, planck: 10n ** 6n, isFirst: true })
  driver.finalise()
  const paid = driver.policy.rows({ nowMs: driver.nowMs }).map(row => row.paid)
  expect(paid).toEqual([0n])
})
