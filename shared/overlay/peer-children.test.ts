import { expect, test } from 'vitest'
import { CONNECTIONS_MAX } from '../protocol/limits.ts'
import { HAND_OVER_MS } from './peer-constants.ts'
import { attachOf, CoreDriver, chainOf, peerId, peersOf, sent } from './testing/core-driver.ts'

const childrenOf = (driver: CoreDriver) => driver.core.view.children.map(({ peer }) => String(peer))
const leaf = { slots: 0 }
const orphan = (name: string) => ({ isOrphan: true, chain: chainOf(['creator', 'gone', name]) })

test('O-SLOT-1 a child is accepted with an edge of 120 s and fed from what it asked for', () => {
  const driver = new CoreDriver('creator', 6)
  driver.open('a')
  const effects = driver.step(attachOf('a', { tracks: [0, 1], resume: [{ track: 0, seq: 9 }], subtree: 3 }))
  expect(effects).toContainEqual({ kind: 'accept-child', peer: 'a', untilS: 130 })
  expect(effects).toContainEqual({
    kind: 'add-child',
    peer: 'a',
    tracks: [0, 1],
    resume: [{ track: 0, seq: 9 }],
  })
  expect(driver.core.view).toMatchObject({ subtree: 4, freeSlots: 4 })
})

test('O-SLOT-1 a full parent refuses and names children that can forward, the emptiest first', () => {
  const driver = new CoreDriver('creator', 2)
  driver.child('busy', { slots: 2, subtree: 5 })
  driver.child('idle', { slots: 2, subtree: 1 })
  const [refusal] = sent(driver.child('late'), 'refuse')
  expect(refusal).toMatchObject({ addressee: 'late', code: 'full' })
  expect(refusal?.alternatives).toEqual([
    { peer: 'idle', depth: 1 },
    { peer: 'busy', depth: 1 },
  ])
  expect(childrenOf(driver)).toEqual(['busy', 'idle'])
})

test('O-SLOT-2 the creator keeps one slot for a peer that proves it was orphaned', () => {
  const driver = new CoreDriver('creator', 3)
  driver.child('a')
  driver.child('b')
  expect(driver.core.view.freeSlots).toBe(0)
  expect(sent(driver.child('newcomer'), 'refuse')).toHaveLength(1)
  expect(sent(driver.child('liar', { isOrphan: true }), 'refuse')).toHaveLength(1)
  expect(sent(driver.child('thief', orphan('orphan')), 'refuse')).toHaveLength(1)
  driver.child('orphan', orphan('orphan'))
  expect(childrenOf(driver)).toEqual(['a', 'b', 'orphan'])
})

test('O-SLOT-2 with one or two slots the creator keeps none', () => {
  for (const slots of [1, 2]) {
    const driver = new CoreDriver('creator', slots)
    for (let count = 0; count < slots; count++) driver.child(`c${count}`)
    expect(childrenOf(driver)).toHaveLength(slots)
  }
})

test('O-SLOT-3 a hidden page keeps its children and takes no new ones', () => {
  const driver = new CoreDriver('creator', 6)
  driver.child('a')
  driver.step({ kind: 'visibility', isHidden: true })
  expect(driver.core.view.freeSlots).toBe(0)
  expect(sent(driver.child('b'), 'refuse')).toMatchObject([{ code: 'busy' }])
  driver.step({ kind: 'visibility', isHidden: false })
  driver.step(attachOf('b'))
  expect(childrenOf(driver)).toEqual(['a', 'b'])
})

test('O-SLOT-4 with fewer slots children are handed over one at a time, and closed only while too many', () => {
  const driver = new CoreDriver('creator', 2)
  driver.child('relay')
  driver.child('leaf', leaf)
  driver.step({ kind: 'set-slots', slots: 1 })
  const told = driver.pass(HAND_OVER_MS - 100)
  expect(sent(told, 'hand-over')).toMatchObject([{ addressee: 'leaf', to: [{ peer: 'relay', depth: 1 }] }])
  expect(childrenOf(driver)).toEqual(['relay', 'leaf'])
  const closed = driver.pass(200)
  expect(peersOf(closed, 'remove-child')).toEqual(['leaf'])
  expect(sent(closed, 'leave')).toMatchObject([{ addressee: 'leaf', code: 'displaced' }])
  expect(childrenOf(driver)).toEqual(['relay'])
})

test('O-SLOT-5 no number of slots exceeds the connections a peer may have', () => {
  const driver = new CoreDriver('relay', 1_000)
  expect(driver.core.view.slots).toBeLessThan(CONNECTIONS_MAX)
  for (const slots of [Number.NaN, -3, 2.9]) {
    driver.step({ kind: 'set-slots', slots })
    expect([0, 2]).toContain(driver.core.view.slots)
  }
})

test('O-DISPLACE-1 a joiner that can forward takes the place of a leaf, which is told to move to it', () => {
  const driver = new CoreDriver('creator', 2)
  driver.child('leaf', leaf)
  driver.child('relay')
  const effects = driver.child('joiner', { slots: 3 })
  expect(peersOf(effects, 'accept-child')).toEqual(['joiner'])
  const [handOver] = sent(effects, 'hand-over')
  expect(handOver).toMatchObject({ addressee: 'leaf', withinMs: HAND_OVER_MS })
  expect(handOver?.to[0]).toEqual({ peer: 'joiner', depth: 1 })
  expect(peersOf(effects, 'remove-child')).toEqual([])
  expect(childrenOf(driver)).toEqual(['leaf', 'relay', 'joiner'])
  driver.step({ kind: 'leave', peer: peerId('leaf'), code: 'moving' })
  expect(childrenOf(driver)).toEqual(['relay', 'joiner'])
})

test('O-DISPLACE-1 a leaf that stays is closed when its time is over; one that left in time makes room', () => {
  const stays = new CoreDriver('creator', 1)
  stays.child('leaf', leaf)
  stays.child('joiner')
  expect(peersOf(stays.pass(HAND_OVER_MS - 100), 'close')).toEqual([])
  expect(peersOf(stays.pass(200), 'close')).toEqual(['leaf'])

  const hasRoom = new CoreDriver('creator', 2)
  hasRoom.child('leaf', leaf)
  hasRoom.child('relay')
  hasRoom.child('joiner')
  hasRoom.step({ kind: 'leave', peer: peerId('relay'), code: 'closing' })
  expect(peersOf(hasRoom.pass(HAND_OVER_MS + 100), 'close')).toEqual([])
  expect(childrenOf(hasRoom)).toEqual(['leaf', 'joiner'])
})

test('O-DISPLACE-2 one at a time; not for a joiner that cannot forward; never a child that can', () => {
  const driver = new CoreDriver('creator', 2)
  driver.child('leaf-1', leaf)
  driver.child('leaf-2', leaf)
  expect(sent(driver.child('leaf-3', leaf), 'refuse')).toHaveLength(1)
  expect(sent(driver.child('joiner-1'), 'hand-over')).toMatchObject([{ addressee: 'leaf-2' }])
  expect(sent(driver.child('joiner-2'), 'refuse')).toMatchObject([{ code: 'full' }])

  const reserving = new CoreDriver('creator', 3)
  reserving.child('leaf-1', leaf)
  reserving.child('leaf-2', leaf)
  reserving.child('joiner-1')
  expect(sent(reserving.child('joiner-2'), 'refuse')).toMatchObject([{ code: 'full' }])

  const full = new CoreDriver('creator', 1)
  full.child('relay')
  expect(sent(full.child('joiner'), 'refuse')).toMatchObject([{ code: 'full' }])
})

test('O-DISPLACE-2 nobody is displaced below the depth cap', () => {
  const driver = new CoreDriver('viewer', 1)
  driver.attachTo('creator', 'a', 'b', 'c', 'd', 'e', 'f')
  driver.child('leaf', leaf)
  expect(sent(driver.child('joiner'), 'refuse')).toMatchObject([{ code: 'full' }])
})

test('O-REFUSE-1 a peer on my path, my parent included, is refused: it would close a loop', () => {
  const driver = new CoreDriver('viewer', 4)
  driver.attachTo('creator', 'above', 'parent')
  expect(sent(driver.child('above'), 'refuse')).toMatchObject([{ code: 'loop', alternatives: [] }])
  expect(sent(driver.step(attachOf('parent')), 'refuse')).toMatchObject([{ code: 'loop' }])
  expect(driver.core.view.parent).toBe('parent')
})

test('O-REFUSE-2 who has no parent, or a parent without news for a second, has nothing to give', () => {
  const newcomer = new CoreDriver('viewer', 4)
  expect(sent(newcomer.child('a'), 'refuse')).toMatchObject([{ code: 'no-input' }])

  const driver = new CoreDriver('viewer', 4)
  driver.attachTo('creator')
  driver.passFed(500)
  driver.child('a')
  expect(childrenOf(driver)).toEqual(['a'])
  driver.pass(1_100, () => ({ kind: 'rtt', peer: peerId('creator'), rttMs: 20 }))
  expect(sent(driver.child('b'), 'refuse')).toMatchObject([{ code: 'no-input' }])
})

test('O-REFUSE-3 a path that has run out proves nothing', () => {
  const driver = new CoreDriver('viewer', 4)
  driver.joinTracker()
  driver.offer([{ peer: peerId('p'), depth: 1, freeSlots: 1, rttMs: 1, ageS: 1, lagMs: 1, leaves: 0 }], ['p'])
  driver.accept(['creator', 'p'], 11)
  driver.passFed(2_000)
  expect(sent(driver.child('a'), 'refuse')).toMatchObject([{ code: 'not-proven' }])
})

test('O-DEPTH-1 the cap binds joiners, not orphans that prove it', () => {
  const driver = new CoreDriver('viewer', 4)
  driver.attachTo('creator', 'a', 'b', 'c', 'd', 'e', 'f', 'g')
  expect(sent(driver.child('joiner'), 'refuse')).toMatchObject([{ code: 'too-deep' }])
  expect(sent(driver.child('liar', { isOrphan: true }), 'refuse')).toMatchObject([{ code: 'too-deep' }])
  driver.child('orphan', orphan('orphan'))
  expect(childrenOf(driver)).toEqual(['orphan'])
})

test('O-WARM-1 a warm child is accepted without media, becomes a child, and a warm child again', () => {
  const driver = new CoreDriver('creator', 2)
  const warm = driver.child('a', { role: 'warm' })
  expect(peersOf(warm, 'accept-child')).toEqual(['a'])
  expect(peersOf(warm, 'add-child')).toEqual([])
  expect(driver.core.view.freeSlots).toBe(2)
  expect(peersOf(driver.step(attachOf('a')), 'add-child')).toEqual(['a'])
  expect(peersOf(driver.step(attachOf('a', { role: 'warm' })), 'remove-child')).toEqual(['a'])
  expect(childrenOf(driver)).toEqual([])
})

test('O-WARM-1 a child that asks to be warm is no longer fed, even where no warm place is left', () => {
  const driver = new CoreDriver('creator', 4)
  for (const name of ['w1', 'w2', 'w3']) driver.child(name, { role: 'warm' })
  expect(sent(driver.child('w4', { role: 'warm' }), 'refuse')).toMatchObject([{ code: 'full' }])
  driver.child('c')
  const effects = driver.step(attachOf('c', { role: 'warm' }))
  expect(peersOf(effects, 'remove-child')).toEqual(['c'])
  expect(sent(effects, 'refuse')).toMatchObject([{ addressee: 'c', code: 'full' }])
})

test('O-CORE-2 attaching twice feeds once, and what a child says of itself counts only for itself', () => {
  const driver = new CoreDriver('creator', 4)
  driver.child('a')
  expect(peersOf(driver.step(attachOf('a', { slots: 0, subtree: 9 })), 'add-child')).toEqual([])
  expect(driver.core.view.children).toMatchObject([{ peer: 'a', slots: 0, subtree: 9 }])
  driver.step({ kind: 'child-update', peer: peerId('a'), slots: 3, subtree: Number.MAX_SAFE_INTEGER })
  driver.step({ kind: 'child-update', peer: peerId('stranger'), slots: 3, subtree: 4 })
  expect(driver.core.view.children).toHaveLength(1)
  expect(driver.core.view.subtree).toBeLessThanOrEqual(1_000_000)
  expect(driver.step(attachOf('never-linked'))).toEqual([])
})
