import { expect, test } from 'vitest'
import { leastCreditSeconds } from './access-credit.ts'
import { createAccessPolicy } from './access-policy.ts'
import { AccessDriver, account, funded, grantsOf, termsOf, watch } from './testing/access-driver.ts'

test('A-FUND-1 without a funding by that wallet, for that session, to that budget account, no key', () => {
  const driver = new AccessDriver({ previewSeconds: 8 })
  expect(termsOf(driver.request('v', 'alice', 's1'))[0]?.code).toBe('not-funded')
  driver.fund('mallory', 's1')
  driver.fund('alice', 's2')
  expect(grantsOf(driver.at(1_000))).toEqual([])
  const other = { budget: account('budget other') }
  driver.fund('alice', 's3')
  expect(termsOf(driver.request('w', 'alice', 's3', other))[0]?.code).toBe('not-funded')
  expect(grantsOf(driver.effects)).toEqual([])
})

test('A-FUND-2 a request that came before its block is answered by it', () => {
  const driver = new AccessDriver()
  driver.request('v', 'alice', 's1')
  const effects = driver.fund('alice', 's1')
  expect(grantsOf(effects).map(({ viewer, epoch }) => [viewer, epoch])).toEqual([['v', 10]])
})

test('A-FUND-3 what the funding paid at once is credited, and only what was paid after it', () => {
  const driver = new AccessDriver({ creditSeconds: 0 })
  driver.pay('s1', 50_000n)
  driver.fund('alice', 's1', 4_000n)
  driver.finalise()
  driver.request('v', 'alice', 's1')
  expect(driver.policy.rows({ nowMs: 0 })[0]?.paid).toBe(4_000n)
  expect(grantsOf(driver.effects).map(({ epoch }) => epoch)).toEqual([10])
})

test('A-CREDIT-1 an epoch is granted iff owed with it, less paid and forgiven, is within the credit', () => {
  const driver = funded()
  driver.request('v', 'alice', 's1')
  expect(watch(driver, 'v', 40_000)).toEqual([11, 12])
  expect(termsOf(driver.effects).findLast(({ code }) => code === 'unpaid')?.needed).toBe(4_000n)
  driver.pay('s1', 3_999n)
  expect(grantsOf(driver.pull('v'))).toEqual([])
  expect(grantsOf(driver.pay('s1', 1n)).map(({ owed, credited }) => [owed, credited])).toEqual([
    [16_000n, 4_000n],
  ])
})

test('A-CREDIT-2 money to another account, or of another session’s budget, changes nothing', () => {
  const driver = funded()
  driver.request('v', 'alice', 's1')
  watch(driver, 'v', 20_000)
  driver.fund('bob', 's2')
  driver.pay('s2', 100_000n)
  driver.pay('nobody', 100_000n)
  expect(grantsOf(driver.pull('v'))).toEqual([])
})

test('A-CREDIT-3 the debt is the wallet’s: a new session each time its credit ends gains nothing', () => {
  const driver = funded()
  driver.request('v1', 'alice', 's1')
  expect(watch(driver, 'v1', 20_000)).toEqual([11, 12])
  for (let round = 2; round < 6; round++) {
    driver.leave(`v${round - 1}`)
    driver.fund('alice', `s${round}`)
    driver.request(`v${round}`, 'alice', `s${round}`)
    expect(watch(driver, `v${round}`, driver.nowMs + 20_000)).toEqual([])
  }
})

test('A-CREDIT-4 without credit a stream is paid ahead, and says so', () => {
  const driver = funded({ creditSeconds: 0 })
  driver.request('v', 'alice', 's1')
  expect(termsOf(driver.effects).map(({ code, isPrepay, needed }) => [code, isPrepay, needed])).toEqual([
    ['welcome', true, 0n],
    ['unpaid', true, 4_000n],
  ])
  const [grant] = grantsOf(driver.pay('s1', 4_000n))
  expect(grant?.isPrepay).toBe(true)
  expect(watch(driver, 'v', 12_000)).toEqual([])
})

test('A-CREDIT-5 credit that is sensible covers epoch, lead, interval and inclusion', () => {
  expect(leastCreditSeconds({ epochMs: 4_000, blockMs: 2_000 })).toBe(12)
  expect(leastCreditSeconds({ epochMs: 4_000, blockMs: 6_000 })).toBe(24)
  expect(leastCreditSeconds({ epochMs: 8_000, blockMs: 2_000, intervalMs: 30_000 })).toBe(44)
})

test('A-CREDIT-6 who left owing more than its credit covers pays ahead until it owes nothing', () => {
  const driver = new AccessDriver()
  driver.fund('alice', 's1')
  driver.mine()
  driver.request('v', 'alice', 's1')
  watch(driver, 'v', 8_000, () => undefined)
  driver.pay('s1', 8_000n)
  watch(driver, 'v', 20_000)
  driver.retract(1)
  driver.leave('v')
  const { snapshot } = driver.policy
  expect(snapshot().wallets[0]?.isPrepay).toBe(true)
  driver.mine()
  driver.pay('s1', 7_000n)
  driver.request('v', 'alice', 's1')
  expect(grantsOf(driver.pull('v')).length).toBe(0)
  driver.pay('s1', 100_000n)
  expect(driver.policy.snapshot().wallets[0]?.isPrepay).toBe(false)
})

test('A-FORGIVE-1 claimed stalls are forgiven up to 5 % of what was paid, however often they are claimed', () => {
  const driver = funded()
  driver.request('v', 'alice', 's1')
  driver.pay('s1', 20_000n)
  // 20 s paid, 12 s of credit, 1 s forgiven: 33 s, of which whole epochs are granted.
  const granted = watch(driver, 'v', 80_000, () => driver.pull('v', driver.epoch, 4_000_000_000))
  expect(granted).toEqual([11, 12, 13, 14, 15, 16, 17])
  driver.leave('v', 4_000_000_000)
  driver.pay('s1', 2_000n)
  expect(grantsOf(driver.pull('v', driver.epoch, 4_000_000_000)).length).toBe(0)
  driver.pay('s1', 1_000n)
  expect(grantsOf(driver.effects).at(-1)?.epoch).toBe(driver.epoch)
})

test('A-PREVIEW-1 whole epochs, once a wallet and stream, and nothing is owed for them', () => {
  const driver = funded({ previewSeconds: 9, creditSeconds: 0 })
  driver.request('v', 'alice', 's1')
  expect(watch(driver, 'v', 20_000)).toEqual([11])
  expect(grantsOf(driver.effects).map(({ isPreview, owed }) => [isPreview, owed])).toEqual([
    [true, 0n],
    [true, 0n],
  ])
  driver.fund('alice', 's2')
  driver.request('w', 'alice', 's2')
  expect(watch(driver, 'w', 40_000)).toEqual([])
  const reloaded = createAccessPolicy({ ...driver.options, snapshot: driver.policy.snapshot() })
  driver.policy = reloaded
  driver.at(40_000)
  driver.request('x', 'alice', 's2', { viewerKey: 'new' })
  expect(watch(driver, 'x', 60_000)).toEqual([])
})

test('A-LATE-1 of a running epoch what passed is not owed, but in all one epoch a wallet', () => {
  const driver = funded({ creditSeconds: 600 })
  driver.at(3_000)
  driver.request('v', 'alice', 's1')
  // So late the next epoch is near: who comes now gets both.
  expect(grantsOf(driver.effects).map(({ owed }) => owed)).toEqual([1_000n, 5_000n])
  // Always in the last moment: from the second epoch on it is owed whole.
  for (let epoch = 1; epoch < 20; epoch++) {
    driver.at(epoch * 4_000 + 3_900)
    driver.pull('v')
  }
  expect(grantsOf(driver.effects).at(-1)?.owed).toBe(1_000n + 19n * 4_000n)
})

test('A-LATE-2 credit must cover the whole epoch, even in its last moment', () => {
  const driver = funded({ creditSeconds: 13 })
  driver.request('v', 'alice', 's1')
  watch(driver, 'v', 12_000)
  driver.at(15_999)
  expect(grantsOf(driver.pull('v'))).toEqual([])
})

test('A-GRANT-3 keys come 1.5 s before their epoch, not earlier, at most two epochs ahead', () => {
  const driver = funded({ creditSeconds: 600 })
  driver.request('v', 'alice', 's1')
  expect(grantsOf(driver.pull('v', 11))).toEqual([])
  expect(grantsOf(driver.at(2_400))).toEqual([])
  expect(grantsOf(driver.at(2_500)).map(({ epoch }) => epoch)).toEqual([11])
  expect(termsOf(driver.pull('v', 13)).map(({ code }) => code)).toEqual(['wrong-epoch'])
  expect(termsOf(driver.pull('v', 9)).map(({ code, epoch }) => [code, epoch])).toEqual([['wrong-epoch', 10]])
})

test('A-GRANT-2 asked again, the same grant goes out and nothing more is owed', () => {
  const driver = funded()
  driver.request('v', 'alice', 's1')
  const again = grantsOf(driver.pull('v'))
  expect(again.map(({ isAgain, owed }) => [isAgain, owed])).toEqual([[true, 4_000n]])
  expect(driver.policy.rows({ nowMs: 0 })[0]?.owed).toBe(4_000n)
})

test('A-GRANT-4 who does not ask does not owe', () => {
  const driver = funded({ creditSeconds: 600 })
  driver.request('v', 'alice', 's1')
  driver.at(100_000)
  expect(driver.policy.rows({ nowMs: 100_000 })[0]).toMatchObject({
    owed: 4_000n,
    isWatching: false,
    state: 'pauses',
  })
})

test('A-PULL-1 old counters are not heard', () => {
  const driver = funded({ creditSeconds: 600 })
  driver.request('v', 'alice', 's1')
  const pull = { kind: 'pull', viewer: 'v', counter: 5, epoch: 10, stalledMs: 0 } as const
  expect(grantsOf(driver.step(pull)).length).toBe(1)
  expect(driver.step(pull)).toEqual([])
  expect(driver.step({ ...pull, counter: 4 })).toEqual([])
  expect(driver.step({ ...pull, viewer: 'stranger', counter: 9 })).toEqual([])
})

test('A-BIND-1 a new viewer takes over with the next epoch; the old one is told', () => {
  const driver = funded({ creditSeconds: 600 })
  driver.request('v', 'alice', 's1')
  driver.at(1_000)
  const welcome = termsOf(driver.request('w', 'alice', 's1'))
  expect(welcome.map(({ code, epoch }) => [code, epoch])).toEqual([['welcome', 11]])
  driver.pull('v', 11)
  driver.pull('w', 11)
  const grants = grantsOf(driver.at(2_500))
  expect(grants.map(({ viewer, epoch }) => [viewer, epoch])).toEqual([['w', 11]])
  expect(termsOf(driver.at(4_000)).map(({ code }) => code)).toContain('superseded')
})

test('A-BIND-2 at most once in 60 s, and only by a higher counter', () => {
  const driver = funded({ creditSeconds: 600 })
  driver.request('v', 'alice', 's1', { counter: 100 })
  expect(termsOf(driver.request('w', 'alice', 's1', { counter: 100 }))[0]).toMatchObject({
    code: 'stale-counter',
    lastCounter: 100,
  })
  driver.request('w', 'alice', 's1', { counter: 101 })
  driver.at(30_000)
  expect(termsOf(driver.request('x', 'alice', 's1', { counter: 102 }))[0]).toMatchObject({
    code: 'too-soon',
    retryMs: 30_000,
  })
  driver.at(60_000)
  expect(termsOf(driver.request('x', 'alice', 's1', { counter: 102 }))[0]?.code).toBe('welcome')
})

test('A-BIND-3 no epoch of a session goes to two viewers, also when the first has left', () => {
  const driver = funded({ creditSeconds: 600 })
  driver.request('v', 'alice', 's1')
  driver.leave('v')
  driver.request('w', 'alice', 's1')
  driver.pull('w', 10)
  expect(grantsOf(driver.effects).map(({ viewer, epoch }) => [viewer, epoch])).toEqual([['v', 10]])
})

test('A-BIND-4 nor when the first goes on to another session', () => {
  const driver = funded({ creditSeconds: 600 })
  driver.fund('alice', 's2')
  driver.request('v', 'alice', 's1')
  driver.request('v', 'alice', 's2')
  driver.request('w', 'alice', 's1')
  driver.pull('w', 10)
  expect(grantsOf(driver.effects).map(({ viewer, session }) => [viewer, session])).toEqual([
    ['v', account('s1')],
    ['v', account('s2')],
  ])
  driver.pull('w', 11)
  expect(grantsOf(driver.at(2_500)).map(({ viewer, session }) => [viewer, session])).toEqual([
    ['w', account('s1')],
  ])
})

test('A-GRANT-6 who has stopped asking is granted nothing later', () => {
  const driver = funded()
  driver.request('v', 'alice', 's1')
  expect(watch(driver, 'v', 12_000)).toEqual([11, 12])
  driver.at(13_000)
  driver.pull('v', 13)
  driver.at(14_000)
  // Still asked for; a second later it would not be.
  driver.at(19_500)
  driver.pay('s1', 100_000n)
  expect(grantsOf(driver.at(19_600))).toEqual([])
  const waiting = new AccessDriver()
  waiting.request('v', 'alice', 's1')
  waiting.at(6_001)
  waiting.fund('alice', 's1')
  expect(grantsOf(waiting.effects)).toEqual([])
})
