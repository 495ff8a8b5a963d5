import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { amountText, clockText, moneyText, parseAmount, perHourText, shareText } from './money-text.ts'

const ROC = { symbol: 'ROC', decimals: 12 }

describe('amounts on screen', () => {
  it('U-PAY-1 are exact to the planck, without noise', () => {
    expect(moneyText(1_250_000_000_000n, ROC)).toBe('1.25 ROC')
    expect(moneyText(5_570_000n, ROC)).toBe('0.00000557 ROC')
    expect(moneyText(1n, ROC)).toBe('0.000000000001 ROC')
    expect(moneyText(-3_000_000_000_000n, ROC)).toBe('-3 ROC')
    expect(moneyText(7n, { symbol: 'X', decimals: 0 })).toBe('7 X')
    expect(perHourText(1_000_000_000n, ROC)).toBe('3.6 ROC an hour')
  })

  it('U-PAY-1 what is written is read back to the same planck', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 70n }),
        fc.integer({ min: 0, max: 18 }),
        (planck, decimals) => {
          expect(parseAmount(amountText(planck, decimals), decimals)).toBe(planck)
        },
      ),
    )
  })

  it('U-PAY-1 takes what people type, and nothing that is not exactly an amount', () => {
    expect(['1', ' 1.5 ', '1,5', '.5', '2.'].map(text => parseAmount(text, 1))).toEqual([
      10n,
      15n,
      15n,
      5n,
      20n,
    ])
    for (const bad of ['', '.', '-1', '1e3', '1.23', '1 000', '0x1', '1.2.3', '9'.repeat(25)])
      expect(parseAmount(bad, 1), bad).toBeUndefined()
  })

  it('U-TEXT-1 shares and clocks read as people write', () => {
    expect([0, 0.0004, 0.0123, 0.05, 0.5].map(shareText)).toEqual([
      '0 %',
      'under 0.1 %',
      '1.2 %',
      '5 %',
      '50 %',
    ])
    expect([7, 754, 3_723].map(clockText)).toEqual(['0:07', '12:34', '1:02:03'])
  })
})
