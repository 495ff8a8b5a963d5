import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  aheadMax,
  budgetFigures,
  firstPayment,
  GRANT_LEAD_MS,
  holdBack,
  isInArrears,
  type Pace,
  priceOfMs,
  type Standing,
  settle,
  settlementIntervalMs,
} from './settlement.ts'

const PACE: Pace = { price: 1_000n, epochMs: 4_000, blockMs: 2_000, fee: 100n, credit: 12_000n }
const NOTHING: Standing = { played: 0n, committed: 0n, owed: 0n, spendable: 1_000_000n }

const planck = (max: bigint) => fc.bigInt({ min: 0n, max })
const paces: fc.Arbitrary<Pace> = fc.record({
  price: planck(10n ** 12n),
  epochMs: fc.integer({ min: 1_000, max: 60_000 }),
  blockMs: fc.integer({ min: 200, max: 12_000 }),
  fee: planck(10n ** 12n),
  usualFee: planck(10n ** 12n),
  credit: planck(10n ** 14n),
})
const standings: fc.Arbitrary<Standing> = fc.record({
  played: planck(10n ** 15n),
  committed: planck(10n ** 15n),
  owed: planck(10n ** 15n),
  spendable: planck(10n ** 15n),
})

describe('the interval', () => {
  test('SETTLE-1 is one block where fees are small, else what makes the fee 5 %', () => {
    expect(settlementIntervalMs(PACE)).toBe(2_000)
    expect(settlementIntervalMs({ ...PACE, fee: 99n })).toBe(2_000)
    expect(settlementIntervalMs({ ...PACE, fee: 1_000n })).toBe(20_000)
    // Polkadot Asset Hub: 0.00089 DOT a payment, 0.0001 DOT a second.
    expect(settlementIntervalMs({ price: 1_000_000n, fee: 8_900_000n, blockMs: 6_000 })).toBe(178_000)
    expect(settlementIntervalMs({ ...PACE, price: 0n })).toBe(86_400_000)
  })

  test('SETTLE-1 property: the fee is at most 5 % of what an interval of less than a day pays', () => {
    fc.assert(
      fc.property(paces, pace => {
        const ms = settlementIntervalMs(pace)
        expect(ms).toBeGreaterThanOrEqual(pace.blockMs)
        if (pace.price > 0n && ms < 86_400_000)
          expect(pace.fee * 20n).toBeLessThanOrEqual(priceOfMs(pace.price, ms))
      }),
    )
  })
})

describe('the one rule', () => {
  test('SETTLE-2 in arrears where credit covers epoch, lead, interval and inclusion', () => {
    expect(GRANT_LEAD_MS).toBe(1_500)
    expect(isInArrears({ ...PACE, credit: 11_500n })).toBe(true)
    expect(isInArrears({ ...PACE, credit: 11_499n })).toBe(false)
  })

  test('SETTLE-2 in arrears exactly what was played is paid, once an interval', () => {
    expect(settle(PACE, { ...NOTHING, played: 1_000n, owed: 4_000n })).toEqual({ kind: 'wait' })
    const standing = { ...NOTHING, played: 2_000n, owed: 4_000n }
    expect(settle(PACE, standing)).toEqual({ kind: 'pay', amount: 2_000n, ahead: 0n })
    expect(settle(PACE, { ...standing, committed: 2_000n })).toEqual({ kind: 'wait' })
  })

  test('SETTLE-3 without credit what the next keys need and one interval, ahead', () => {
    const pace = { ...PACE, credit: 0n }
    const settlement = settle(pace, NOTHING)
    // Two keys fall due before it is seen, and two seconds of interval.
    expect(settlement).toEqual({ kind: 'pay', amount: 10_000n, ahead: 10_000n })
    expect(settle(pace, { ...NOTHING, committed: 10_000n })).toEqual({ kind: 'wait' })
    expect(firstPayment(pace)).toBe(10_000n)
    expect(firstPayment(PACE)).toBe(0n)
  })

  test('SETTLE-4 a fee spike pays nothing ahead: in arrears it waits as long as credit allows', () => {
    const spike = { ...PACE, usualFee: 100n, fee: 5_000n }
    const standing = { ...NOTHING, played: 8_000n, owed: 8_000n }
    expect(isInArrears(spike)).toBe(true)
    expect(settle(spike, standing)).toEqual({ kind: 'wait' })
    expect(settle(spike, { ...standing, owed: 8_001n })).toMatchObject({ kind: 'pay', ahead: 0n })
    const prepaid = { ...spike, credit: 0n }
    expect(settle(prepaid, NOTHING)).toEqual({ kind: 'pay', amount: 10_000n, ahead: 10_000n })
  })

  test('SETTLE-5 keys that were granted and not watched are paid only as far as the next key needs', () => {
    const standing = { ...NOTHING, played: 10_000n, committed: 10_000n, owed: 18_001n }
    expect(settle(PACE, standing)).toEqual({ kind: 'pay', amount: 1n, ahead: 1n })
  })

  test('SETTLE-6 property: exact, never above what is spendable, never further ahead than said before the prompt', () => {
    fc.assert(
      fc.property(paces, standings, (pace, standing) => {
        const settlement = settle(pace, standing)
        if (settlement.kind !== 'pay') return
        const { amount, ahead } = settlement
        expect(amount).toBeGreaterThan(0n)
        expect(amount).toBeLessThanOrEqual(standing.spendable)
        expect(ahead).toBeLessThanOrEqual(aheadMax(pace))
        const reach = standing.committed + amount
        expect(ahead).toBe(reach > standing.played ? reach - standing.played : 0n)
      }),
      { numRuns: 2_000 },
    )
  })

  test('SETTLE-6 property: paying what it says is enough until more was played or granted', () => {
    fc.assert(
      fc.property(paces, standings, (pace, standing) => {
        const settlement = settle(pace, standing)
        if (settlement.kind !== 'pay') return
        const { amount } = settlement
        const after = {
          ...standing,
          committed: standing.committed + amount,
          spendable: standing.spendable - amount,
        }
        expect(settle(pace, after).kind).not.toBe('pay')
      }),
      { numRuns: 2_000 },
    )
  })

  test('SETTLE-7 the rest of the budget still pays what was played; then the budget has ended', () => {
    const standing = { ...NOTHING, played: 5_000n, owed: 8_000n, spendable: 3_000n }
    expect(settle(PACE, standing)).toEqual({ kind: 'pay', amount: 3_000n, ahead: 0n })
    const spent = { ...NOTHING, played: 5_000n, committed: 3_000n, owed: 12_000n, spendable: 0n }
    expect(settle(PACE, spent)).toEqual({ kind: 'budget-ended' })
  })

  test('SETTLE-8 a free stream pays nothing', () => {
    fc.assert(
      fc.property(paces, standings, (pace, standing) => {
        const played = 0n
        expect(settle({ ...pace, price: 0n }, { ...standing, played }).kind).toBe('wait')
        expect(firstPayment({ ...pace, price: 0n })).toBe(0n)
      }),
    )
  })
})

describe('what the user is told before the prompt', () => {
  test('SETTLE-9 the parts add up, and the reserve pays every payment of the budget and the closing', () => {
    fc.assert(
      fc.property(
        paces,
        planck(10n ** 14n),
        planck(10n ** 9n),
        planck(10n ** 9n),
        (pace, budget, closingFee, deposit) => {
          const figures = budgetFigures({ ...pace, budget, closingFee, existentialDeposit: deposit })
          const { total, toBudgetAccount, toSessionAccount, first } = figures
          expect(total).toBe(toBudgetAccount + toSessionAccount + first)
          expect(toBudgetAccount + first).toBe(budget + deposit)
          expect(first).toBeLessThanOrEqual(budget)
          expect(figures.cap).toBe(budget)
          const held = holdBack(deposit, closingFee).session
          const seconds = pace.price === 0n ? 0n : budget / pace.price
          const payments = (seconds * 1_000n) / BigInt(Math.round(figures.intervalMs))
          expect(toSessionAccount - held).toBeGreaterThanOrEqual(payments * pace.fee)
        },
      ),
    )
  })
})
