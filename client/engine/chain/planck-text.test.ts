import fc from 'fast-check'
import { expect, it } from 'vitest'
import { amountText, parseAmount, planckText } from './planck-text.ts'

it('C-AMOUNT-1 every amount is written to the last planck, and read back as it was', () => {
  const amount = fc.bigInt({ min: 0n, max: 10n ** 24n })
  fc.assert(
    fc.property(amount, fc.integer({ min: 0, max: 18 }), (planck, decimals) => {
      expect(parseAmount(amountText(planck, decimals), decimals)).toBe(planck)
    }),
  )
  expect(planckText(1_250_000_000_000n, { symbol: 'ROC', decimals: 12 })).toBe('1.25 ROC')
  expect(amountText(-1n, 12)).toBe('-0.000000000001')
  expect(amountText(7n, 0)).toBe('7')
})

it('C-AMOUNT-2 what is not exactly an amount is none: nothing is rounded', () => {
  expect(['1,5', '.5', ' 2. '].map(text => parseAmount(text, 1))).toEqual([15n, 5n, 20n])
  for (const text of ['', '.', '-1', '1e3', '0x10', '1.2.3', '1 000', '0.15', '9'.repeat(25), '٣'])
    expect(parseAmount(text, 1)).toBeUndefined()
})
