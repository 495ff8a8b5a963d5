import { expect, test } from 'vitest'
import { EDGE_VALID_S } from '../protocol/limits.ts'
import { CoreDriver, candidateOf, chainOf, peerId, peersOf, sent } from './testing/core-driver.ts'

test('O-PATH-2 children hear of every change of the path above, with a fresh edge', () => {
  const driver = new CoreDriver('viewer', 4)
  driver.attachTo('creator', 'p')
  driver.child('c')
  driver.child('w', { role: 'warm' })
  const effects = driver.step({
    kind: 'path',
    peer: peerId('p'),
    chain: chainOf(['creator', 'q', 'p', 'me']),
  })
  expect(effects).toContainEqual({
    kind: 'renew-child',
    peer: 'c',
    untilS: driver.nowMs / 1000 + EDGE_VALID_S,
  })
  expect(peersOf(effects, 'renew-child')).toEqual(['c', 'w'])
})

test('O-PATH-3 the creator renews at half of the validity; a relay passes the wave on and makes none', () => {
  const creator = new CoreDriver('creator', 2)
  creator.pass(1_000)
  creator.child('c')
  const waves = creator.pass(2 * EDGE_VALID_S * 1000)
  expect(peersOf(waves, 'renew-child')).toEqual(['c', 'c', 'c', 'c'])

  const relay = new CoreDriver('relay', 2)
  relay.attachTo('creator')
  relay.child('c')
  expect(peersOf(relay.passFed(EDGE_VALID_S * 1000), 'renew-child')).toEqual([])
})

test('O-PATH-3 the wave goes on when stream time is set back', () => {
  const creator = new CoreDriver('creator', 2)
  creator.streamAheadS = 5_000
  creator.child('c')
  creator.pass(1_000)
  creator.streamAheadS = 0
  expect(peersOf(creator.pass(1_000), 'renew-child')).toEqual(['c'])
})

test('O-PATH-4 a parent whose path has run out is kept until one with a good path accepts', () => {
  const driver = new CoreDriver('viewer', 2)
  driver.joinTracker()
  driver.offer([candidateOf('p')], ['p'])
  driver.accept(['creator', 'p'], 20)
  driver.warmUp('creator', 'q', 'warm')
  const effects = driver.passFed(9_000)
  expect(peersOf(effects, 'set-parent')).toEqual([])
  expect(sent(effects, 'attach')).toMatchObject([{ addressee: 'warm', role: 'child' }])
  expect(driver.core.view.parent).toBe('p')
})

test('O-LOOP-1 an Accept whose path comes through a child of mine is turned down', () => {
  const driver = new CoreDriver('viewer', 4)
  driver.attachTo('creator', 'p')
  driver.child('c')
  driver.step({ kind: 'leave', peer: peerId('p'), code: 'closing' })
  driver.offer([candidateOf('q')], ['q'])
  const effects = driver.accept(['creator', 'c', 'q'])
  expect(driver.core.view.parent).toBeUndefined()
  expect(peersOf(effects, 'close')).toEqual(['q'])
})

test('O-LOOP-2 two moves at once: who sees its own child above itself cuts there, and keeps its parent', () => {
  const driver = new CoreDriver('viewer', 4)
  driver.attachTo('creator', 'p')
  driver.child('c')
  driver.child('d')
  const effects = driver.step({
    kind: 'path',
    peer: peerId('p'),
    chain: chainOf(['creator', 'c', 'x', 'p', 'me']),
  })
  expect(sent(effects, 'leave')).toMatchObject([{ addressee: 'c', code: 'moving' }])
  expect(peersOf(effects, 'remove-child')).toEqual(['c'])
  expect(peersOf(effects, 'renew-child')).toEqual(['d'])
  expect(driver.core.view.parent).toBe('p')
})

test('O-LOOP-3 when each asks the other at once, the lower peer id stays and serves the higher', () => {
  for (const [self, isLower] of [
    ['a', true],
    ['z', false],
  ] as const) {
    const driver = new CoreDriver('viewer', 4, { self })
    driver.attachTo('creator', 'p')
    driver.passFed(500)
    driver.step({
      kind: 'hand-over',
      peer: peerId('p'),
      to: [{ peer: peerId('m'), depth: 1 }],
      withinMs: 5_000,
    })
    expect(sent(driver.opened('m'), 'attach')).toHaveLength(1)
    const nothing = { tracks: [], slots: 2, subtree: 0, resume: [], isOrphan: false }
    const effects = driver.step({ kind: 'attach', peer: peerId('m'), role: 'child', ...nothing })
    expect(peersOf(effects, 'accept-child')).toEqual(isLower ? ['m'] : [])
    expect(sent(effects, 'refuse')).toHaveLength(isLower ? 0 : 1)
    driver.step({ kind: 'refuse', peer: peerId('m'), code: 'loop', alternatives: [] })
    expect(driver.core.view.parent).toBe('p')
    expect(driver.core.view.children).toHaveLength(isLower ? 1 : 0)
  }
})

test('O-WARM-2 a warm parent lies on another branch, unless the parent is the creator', () => {
  const same = new CoreDriver('viewer', 2)
  same.attachTo('creator', 'p')
  same.warmUp('creator', 'p', 'sibling')
  expect(same.core.view.warm).toBeUndefined()

  const other = new CoreDriver('viewer', 2)
  other.attachTo('creator', 'p')
  other.warmUp('creator', 'q', 'cousin')
  expect(other.core.view.warm).toBe('cousin')
  const path = chainOf(['creator', 'p', 'cousin', 'me'])
  expect(peersOf(other.step({ kind: 'path', peer: peerId('cousin'), chain: path }), 'close')).toEqual([
    'cousin',
  ])

  const first = new CoreDriver('viewer', 2)
  first.attachTo('creator')
  first.warmUp('creator', 'neighbour')
  expect(first.core.view.warm).toBe('neighbour')
})

test('O-WARM-3 a warm parent is sought seldom, and ever more seldom in vain', () => {
  const driver = new CoreDriver('viewer', 2)
  driver.attachTo('creator', 'p')
  let asks = 0
  for (let passed = 0; passed < 300; passed++) {
    const effects = driver.passFed(1_000)
    asks += effects.filter(effect => effect.kind === 'find-parents').length
    driver.offer([])
  }
  expect(asks).toBeGreaterThan(3)
  expect(asks).toBeLessThan(15)
})
