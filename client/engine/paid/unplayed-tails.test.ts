import { expect, test } from 'vitest'
import { storedTails } from './unplayed-tails.ts'

function storage() {
  const rows = new Map<string, string>()
  return {
    getItem: (name: string) => rows.get(name) ?? null,
    setItem: (name: string, value: string) => void rows.set(name, value),
    removeItem: (name: string) => void rows.delete(name),
  }
}

test('S-VIEW-5 a tail is added up by creator and wallet, told once, and bounded', () => {
  const tails = storedTails(storage())
  tails.note('0xc', '0xa', 1_500.4)
  tails.note('0xc', '0xa', 2_000)
  tails.note('0xc', '0xb', 700)
  tails.note('0xc', '0xb', -5)
  expect(tails.take('0xc', '0xa')).toBe(3_500)
  expect(tails.take('0xc', '0xa')).toBe(0)
  expect(tails.take('0xc', '0xb')).toBe(700)
  tails.note('0xc', '0xa', 1e12)
  expect(tails.take('0xc', '0xa')).toBe(600_000)
})

test('S-VIEW-6 storage that refuses, or holds nonsense, costs nothing but the tail', () => {
  const refusing = {
    getItem: () => 'many',
    setItem: () => {
      throw new DOMException('full', 'QuotaExceededError')
    },
    removeItem: () => {},
  }
  const tails = storedTails(refusing)
  tails.note('0xc', '0xa', 4_000)
  expect(tails.take('0xc', '0xa')).toBe(0)
})
