import { expect, test } from 'vitest'
import { orderCandidates, parentCostMs } from './parent-choice.ts'
import { candidateOf } from './testing/core-driver.ts'
import { seededRandom } from './testing/seeded-random.ts'

const forwards = true

test('O-CHOICE-1 a level costs 50 ms, a round trip half of itself, lag and load themselves; age takes off', () => {
  const base = parentCostMs(candidateOf('a'), forwards)
  const cost = (facts: Parameters<typeof candidateOf>[1]) => parentCostMs(candidateOf('a', facts), forwards)
  expect(cost({ depth: 2 }) - base).toBe(50)
  expect(cost({ rttMs: 60 }) - base).toBe(20)
  expect(cost({ lagMs: 90 }) - base).toBe(40)
  expect(cost({ freeSlots: 1 })).toBeGreaterThan(base)
  expect(cost({ ageS: 180 })).toBeLessThan(base)
  expect(cost({ ageS: 1_000_000 })).toBe(cost({ ageS: 180 }))
})

test('O-CHOICE-1 a full parent is a last resort, unless a leaf can make room', () => {
  const full = candidateOf('full', { depth: 0, freeSlots: 0 })
  const deep = candidateOf('deep', { depth: 12 })
  expect(parentCostMs(full, forwards)).toBeGreaterThan(parentCostMs(deep, forwards))
  const withLeaf = { ...full, leaves: 1 }
  expect(parentCostMs(withLeaf, forwards)).toBeLessThan(parentCostMs(deep, forwards))
  expect(parentCostMs(withLeaf, false)).toBe(parentCostMs(full, false))
})

test('O-CHOICE-2 a peer that cannot forward goes to the deepest open place', () => {
  const shallow = candidateOf('shallow', { depth: 1 })
  const deep = candidateOf('deep', { depth: 6 })
  expect(parentCostMs(deep, false)).toBeLessThan(parentCostMs(shallow, false))
  expect(parentCostMs(shallow, true)).toBeLessThan(parentCostMs(deep, true))
})

test('O-CHOICE-3 the first is drawn from the best three, each of them sometimes, and none is lost', () => {
  const eight = [7, 3, 5, 1, 4, 2, 6, 8].map(depth => candidateOf(`d${depth}`, { depth }))
  const random = seededRandom(7)
  const firsts = new Map<string, number>()
  for (let round = 0; round < 300; round++) {
    const order = orderCandidates(eight, forwards, random).map(({ peer }) => String(peer))
    expect([...order].sort()).toEqual(eight.map(({ peer }) => String(peer)).sort())
    firsts.set(order[0] ?? '', (firsts.get(order[0] ?? '') ?? 0) + 1)
  }
  expect([...firsts.keys()].sort()).toEqual(['d1', 'd2', 'd3'])
  for (const count of firsts.values()) expect(count).toBeGreaterThan(60)
})
