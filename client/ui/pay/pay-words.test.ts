import { expect, it } from 'vitest'
import type { StopReason } from '../../../shared/pay/payer-contract.ts'
import { isRetriable } from './pay-words.ts'

it('S-GO-1 a stop that can be gone on from has its button; one that more money mends, or that is an end, has none', () => {
  const can = (code: StopReason) => isRetriable({ kind: 'stopped', code, sentence: '' })
  expect(
    (['not-credited', 'payment-failed', 'payment-refused', 'fee-too-high', 'storage'] as const).every(can),
  ).toBe(true)
  expect(
    (['fee-reserve-ended', 'budget-ended', 'ledger-mismatch', 'closing', 'over'] as const).some(can),
  ).toBe(false)
})
