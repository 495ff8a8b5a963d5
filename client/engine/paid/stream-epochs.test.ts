import { expect, test } from 'vitest'
import { StreamEpochs } from './stream-epochs.ts'

const second = 1_000_000

test('S-VIEW-4 positions belong to the epochs that frames named, also across a reload of the creator’s page', () => {
  const epochs = new StreamEpochs()
  expect(epochs.at(0, 4_000)).toBeUndefined()
  epochs.learn(9 * second, 2, 4_000)
  expect(epochs.at(9 * second, 4_000)).toBe(2)
  expect(epochs.at(12 * second, 4_000)).toBe(3)
  // Out of order, and from before the first one seen.
  epochs.learn(7 * second, 1, 4_000)
  expect(epochs.at(7 * second, 4_000)).toBe(1)
  // The creator's page was loaded anew at 21 s: epochs jump, time goes on.
  epochs.learn(21 * second, 14, 4_000)
  expect(epochs.at(20 * second, 4_000)).toBe(5)
  expect(epochs.at(21 * second, 4_000)).toBe(14)
  expect(epochs.at(25 * second, 4_000)).toBe(15)
})
