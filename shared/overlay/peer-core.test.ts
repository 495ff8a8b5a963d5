import { expect, test } from 'vitest'
import { CoreFuzz } from './testing/core-fuzz.ts'

/** Seeds that once found a fault. */
const PINNED: readonly number[] = []
const FRESH = 250
const EVENTS = 600

test('O-CORE-1 no order of events, likely or absurd, makes it throw or breaks what holds between steps', () => {
  const first = Number(process.env['FUZZ_SEED'] ?? 1)
  const seeds = [...PINNED, ...Array.from({ length: FRESH }, (_, index) => first + index)]
  for (const seed of seeds) {
    try {
      new CoreFuzz(seed).run(EVENTS)
    } catch (error) {
      expect.fail(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
})
