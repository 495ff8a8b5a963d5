import { expect, test } from 'vitest'
import { UPDATE_EVERY_MS, UPDATE_MIN_MS } from './peer-constants.ts'
import type { PeerEffect } from './peer-core.ts'
import { CoreDriver, candidateOf, peerId } from './testing/core-driver.ts'

const updates = (effects: readonly PeerEffect[]) =>
  effects.filter(({ kind }) => kind === 'update-tracker').length

test('O-TRACKER-1 the tracker hears of a new place or a taken slot, at most twice a second, and of all each 10 s', () => {
  const driver = new CoreDriver('viewer', 4)
  expect(updates(driver.attachTo('creator', 'p'))).toBe(1)
  expect(updates(driver.child('a'))).toBe(0)
  driver.child('b')
  expect(updates(driver.passFed(UPDATE_MIN_MS + 50))).toBe(1)
  expect(updates(driver.passFed(UPDATE_EVERY_MS - 1_000))).toBe(0)
  expect(updates(driver.passFed(1_000))).toBe(1)
})

test('O-TRACKER-1 a tracker that comes back is told at once; without one, or unproven, nothing is said', () => {
  const driver = new CoreDriver('viewer', 4)
  driver.attachTo('creator', 'p')
  driver.step({ kind: 'tracker-lost' })
  driver.child('a')
  expect(updates(driver.passFed(UPDATE_EVERY_MS))).toBe(0)
  expect(updates(driver.joinTracker())).toBe(1)

  const unproven = new CoreDriver('viewer', 4)
  unproven.joinTracker()
  unproven.offer([candidateOf('p')], ['p'])
  unproven.accept(['creator', 'p'], 15)
  unproven.passFed(6_000)
  unproven.child('a')
  expect(updates(unproven.passFed(UPDATE_EVERY_MS))).toBe(0)

  const newcomer = new CoreDriver('viewer', 4)
  expect(updates([...newcomer.joinTracker(), ...newcomer.pass(20_000)])).toBe(0)
})

test('O-TRACKER-2 an orphan has no free slots', () => {
  const driver = new CoreDriver('viewer', 4)
  driver.attachTo('creator', 'p')
  expect(driver.core.view.freeSlots).toBe(4)
  driver.step({ kind: 'leave', peer: peerId('p'), code: 'closing' })
  expect(driver.core.view.freeSlots).toBe(0)
  expect(updates(driver.pass(UPDATE_MIN_MS + 50))).toBe(1)
})

test('O-PHASE-1 a phase is told when it changes, and only then', () => {
  const driver = new CoreDriver('viewer', 4)
  const phases: string[] = []
  const note = (effects: readonly PeerEffect[]) => {
    for (const { kind } of effects) if (kind === 'phase') phases.push(driver.core.view.phase.kind)
  }
  note(driver.joinTracker())
  note(driver.offer([]))
  note(driver.pass(3_000))
  note(driver.attachTo('creator', 'p'))
  note(driver.passFed(1_000))
  note(driver.step({ kind: 'leave', peer: peerId('p'), code: 'closing' }))
  note(driver.step({ kind: 'stop' }))
  expect(phases).toEqual(['waiting', 'searching', 'attached', 'orphaned', 'stopped'])
})
