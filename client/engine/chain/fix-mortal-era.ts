import type { ExtrinsicEra } from '@polkadot/types/interfaces'
import type { Registry } from '@polkadot/types/types'
import type { Era } from './chain-port.ts'

const PERIOD_MIN = 4
const PERIOD_MAX = 65_536

/**
 * polkadot-js takes an `era` only as an ExtrinsicEra: a number is silently ignored and the transaction lives for ever.
 * So it is made here from the birth block. Throws RangeError for a period that is no power of two within 4..65536, and
 * for a birth block that the era's encoding cannot name (above 4096 only each `period / 4096`th can be).
 */
export function mortalEra(registry: Registry, { birth, period }: Era): ExtrinsicEra {
  if (period < PERIOD_MIN || period > PERIOD_MAX || !Number.isInteger(Math.log2(period)))
    throw new RangeError(`an era has 4 to 65536 blocks, a power of two, not ${period}`)
  if (!Number.isSafeInteger(birth.number) || birth.number % Math.max(1, period >> 12) !== 0)
    throw new RangeError(`an era of ${period} blocks cannot begin with block ${birth.number}`)
  return registry.createType('ExtrinsicEra', { current: birth.number, period })
}

/** The last block that can include it: one later, the same two bytes name the next era and another birth block. */
export function lastBlockOfEra({ birth, period }: Era): number {
  return birth.number + period - 1
}
