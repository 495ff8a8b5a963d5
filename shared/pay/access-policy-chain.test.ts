import { expect, test } from 'vitest'
import { createAccessPolicy } from './access-policy.ts'
import { priceOf } from './access-price.ts'
import { nextStreamSnapshot } from './access-snapshot.ts'
import { AccessDriver, blockAt, funded, grantsOf, PRICE, termsOf, watch } from './testing/access-driver.ts'

test('A-FINAL-1 what a re-org may undo counts up to 60 s of the price', () => {
  const driver = new AccessDriver({ creditSeconds: 0 })
  driver.fund('alice', 's1')
  driver.request('v', 'alice', 's1')
  driver.pay('s1', 600_000n)
  expect(driver.policy.rows({ nowMs: 0 })[0]?.paid).toBe(60n * PRICE)
  driver.finalise()
  expect(driver.policy.rows({ nowMs: 0 })[0]?.paid).toBe(600_000n)
})

test('A-FINAL-2 what was retracted is owed again; back in another block it counts again', () => {
  const driver = funded()
  driver.request('v', 'alice', 's1')
  driver.mine()
  driver.pay('s1', 12_000n)
  expect(watch(driver, 'v', 20_000)).toEqual([11, 12, 13, 14, 15])
  driver.retract(1)
  expect(driver.policy.rows({ nowMs: 0 })[0]?.paid).toBe(0n)
  expect(watch(driver, 'v', 40_000)).toEqual([])
  driver.fork++
  driver.mine()
  driver.pay('s1', 24_000n)
  expect(grantsOf(driver.effects).at(-1)?.epoch).toBe(driver.epoch)
})

test('A-FINAL-3 a funding that is retracted stops the keys until it is back', () => {
  const driver = new AccessDriver()
  driver.fund('alice', 's1')
  driver.request('v', 'alice', 's1')
  driver.retract(1)
  driver.at(2_500)
  expect(termsOf(driver.pull('v', 11)).map(({ code }) => code)).toEqual(['not-funded'])
  driver.fork++
  driver.mine()
  expect(grantsOf(driver.fund('alice', 's1')).map(({ epoch }) => epoch)).toEqual([11])
})

test('A-CHAIN-1 out of sight of the chain, who was paid up goes on for 60 s; then all pause with the reason', () => {
  const driver = funded()
  driver.fund('bob', 's2')
  driver.request('paid', 'alice', 's1')
  driver.request('owing', 'bob', 's2')
  driver.pay('s1', 4_000n)
  driver.mine()
  driver.pay('s2', 8_000n)
  watch(driver, 'owing', 16_000)
  driver.retract(1)
  driver.evidence({ kind: 'head', isFollowing: false, best: undefined, reason: 'no answer' })
  expect(watch(driver, 'owing', 20_000)).toEqual([])
  expect(watch(driver, 'paid', 75_000).length).toBeGreaterThan(12)
  driver.at(80_000)
  expect(driver.effects.findLast(({ kind }) => kind === 'paused')).toMatchObject({
    reason: expect.stringContaining('no answer'),
  })
  driver.pay('s1', 10n ** 6n)
  driver.finalise()
  expect(termsOf(driver.pull('paid')).map(({ code }) => code)).toEqual(['chain-down'])
  const back = driver.evidence({ kind: 'head', isFollowing: true, best: blockAt(9) })
  expect(grantsOf(back).map(({ viewer }) => viewer)).toEqual(['paid'])
  expect(back.find(({ kind }) => kind === 'paused')).toMatchObject({ reason: undefined })
})

test('A-CHAIN-2 unread blocks are unknown, not zero: who was paid up goes on for 60 s', () => {
  const driver = funded()
  driver.request('v', 'alice', 's1')
  driver.evidence({ kind: 'gap', from: 5, to: 9, reason: 'pruned' })
  const granted = watch(driver, 'v', 90_000)
  expect(granted.length).toBeGreaterThanOrEqual(14)
  expect(granted.length).toBeLessThanOrEqual(16)
  expect(termsOf(driver.effects).at(-1)?.code).toBe('gap')
  // Nothing past the gap is taken for counted: a load must be told of it again.
  driver.finalise(20)
  expect(driver.policy.snapshot().countedUpTo).toBe(4)
  driver.evidence({ kind: 'gap-closed', from: 5, to: 9 })
  expect(driver.policy.snapshot().countedUpTo).toBe(20)
  expect(termsOf(driver.pull('v')).at(-1)?.code).toBe('unpaid')
})

test('A-PRICE-1 a new price holds from its epoch on', () => {
  const driver = funded({ creditSeconds: 600 })
  driver.step({ kind: 'price', pricePerSecond: 5n * PRICE, fromEpoch: 12 })
  driver.request('v', 'alice', 's1')
  watch(driver, 'v', 12_000)
  expect(grantsOf(driver.effects).map(({ owed }) => owed)).toEqual([4_000n, 8_000n, 28_000n, 48_000n])
  expect(priceOf(1n, 1)).toBe(1n)
  expect(priceOf(1_000n, 4_000)).toBe(4_000n)
})

test('A-LIFE-1 a load goes on with what was owed, paid and previewed, told the later blocks again', () => {
  const driver = funded({ previewSeconds: 4 })
  driver.request('v', 'alice', 's1')
  watch(driver, 'v', 8_000)
  driver.pay('s1', 2_000n)
  driver.finalise()
  driver.mine()
  driver.pay('s1', 1_000n)
  const before = driver.policy.rows({ nowMs: 0 })[0]
  const snapshot = JSON.parse(JSON.stringify(driver.policy.snapshot()))
  expect(snapshot.countedUpTo).toBe(1)
  driver.policy = createAccessPolicy({ ...driver.options, snapshot })
  driver.at(8_000)
  // What is told twice counts once.
  driver.height = 1
  driver.fund('alice', 's1', 500n)
  driver.pay('s1', 2_000n)
  driver.mine()
  driver.pay('s1', 1_000n)
  const after = driver.policy.rows({ nowMs: 0 })[0]
  expect([after?.owed, after?.paid]).toEqual([before?.owed, before?.paid])
})

test('A-LIFE-2 a session that was funded but had not asked yet survives a load', () => {
  const driver = new AccessDriver({ creditSeconds: 0 })
  driver.fund('alice', 's1', 4_000n)
  driver.finalise()
  driver.policy = createAccessPolicy({ ...driver.options, snapshot: driver.policy.snapshot() })
  driver.at(0)
  expect(grantsOf(driver.request('v', 'alice', 's1')).map(({ credited }) => credited)).toEqual([4_000n])
})

test('A-LIFE-3 the next stream begins with the debts, and takes late payments of the old sessions', () => {
  const driver = funded({ previewSeconds: 4 })
  driver.request('v', 'alice', 's1')
  watch(driver, 'v', 20_000)
  const next = nextStreamSnapshot(driver.options, driver.policy.snapshot())
  driver.policy = createAccessPolicy({ ...driver.options, snapshot: next })
  driver.at(20_000)
  expect(driver.policy.rows({ nowMs: 0 })).toEqual([])
  driver.mine()
  driver.fund('alice', 's9')
  driver.request('v', 'alice', 's9')
  // A preview of this stream, and then nothing: 12 s are owed.
  expect(watch(driver, 'v', 40_000)).toEqual([])
  expect(grantsOf(driver.effects).at(-1)?.isPreview).toBe(true)
  driver.pay('s1', 12_000n)
  expect(grantsOf(driver.effects).at(-1)).toMatchObject({ isPreview: false, isAgain: false })
})

test('A-LIFE-4 an epoch of an earlier load is not granted again', () => {
  const driver = funded({ creditSeconds: 600 })
  driver.request('v', 'alice', 's1')
  driver.reload(driver.policy.snapshot())
  driver.request('w', 'alice', 's1')
  expect(grantsOf(driver.effects).map(({ viewer }) => viewer)).toEqual(['v'])
  driver.pull('w', 11)
  expect(grantsOf(driver.at(2_500)).map(({ epoch }) => epoch)).toEqual([11])
  driver.reload({ ...driver.policy.snapshot(), fundings: [] })
  expect(termsOf(driver.request('w', 'alice', 's1'))[0]).toMatchObject({ code: 'not-funded', lastCounter: 0 })
})

test('A-FINAL-4 a grant says all that was seen, also what is not lent on yet: nobody takes it for unseen', () => {
  const driver = new AccessDriver({ creditSeconds: 0 })
  driver.fund('alice', 's1', 100n * PRICE)
  driver.request('v', 'alice', 's1')
  expect(grantsOf(driver.effects).map(({ credited }) => credited)).toEqual([100n * PRICE])
  expect(driver.policy.rows({ nowMs: 0 })[0]?.paid).toBe(60n * PRICE)
})
