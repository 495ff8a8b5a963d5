import { expect, test } from 'vitest'
import { EXCLUDE_MAX } from '../protocol/limits.ts'
import { ASK_PATIENCE_MS, TRIES_PER_ROUND, URGENT_BACKOFF_MAX_MS } from './peer-constants.ts'
import type { PeerEffect } from './peer-core.ts'
import { CoreDriver, candidateOf, peerId, peersOf, sent } from './testing/core-driver.ts'

function joining(slots = 2): CoreDriver {
  const driver = new CoreDriver('viewer', slots)
  driver.joinTracker()
  return driver
}

const isRefused = (name: string, alternatives: readonly string[] = []) =>
  ({
    kind: 'refuse',
    peer: peerId(name),
    code: 'full',
    alternatives: alternatives.map(peer => ({ peer: peerId(peer), depth: 1 })),
  }) as const

const count = (effects: readonly PeerEffect[], kind: PeerEffect['kind']) =>
  effects.filter(effect => effect.kind === kind).length

test('O-JOIN-1 asks the tracker as soon as there is one, and dials two of its candidates at once', () => {
  const driver = new CoreDriver('viewer', 2)
  expect(driver.core.view.phase).toEqual({ kind: 'searching', attempt: 0 })
  expect(count(driver.pass(1_000), 'find-parents')).toBe(0)
  expect(driver.joinTracker()).toContainEqual({ kind: 'find-parents', exclude: [], isOrphan: false })
  const dials = driver.offer(['a', 'b', 'c', 'd'].map(name => candidateOf(name)))
  expect(peersOf(dials, 'dial')).toHaveLength(2)
  expect(dials).toContainEqual(expect.objectContaining({ kind: 'dial', timeoutMs: 2_000 }))
})

test('O-JOIN-1 the first to open is asked and becomes parent when it accepts, the other is asked to be warm', () => {
  const driver = joining()
  driver.offer([candidateOf('a'), candidateOf('b')])
  expect(sent(driver.opened('b'), 'attach')).toMatchObject([
    { addressee: 'b', role: 'child', isOrphan: false },
  ])
  expect(sent(driver.opened('a'), 'attach')).toEqual([])
  const accepted = driver.accept(['creator', 'b'])
  expect(peersOf(accepted, 'set-parent')).toEqual(['b'])
  expect(sent(accepted, 'attach')).toMatchObject([{ addressee: 'a', role: 'warm' }])
  driver.accept(['creator', 'x', 'a'])
  expect(driver.core.view).toMatchObject({ parent: 'b', warm: 'a', phase: { kind: 'attached' } })
})

test('O-JOIN-1 the second is asked beside a first that is slow, and the later to accept becomes the warm parent', () => {
  const driver = joining()
  driver.offer([candidateOf('a'), candidateOf('b')], ['a', 'b'])
  const asked = driver.pass(ASK_PATIENCE_MS + 100)
  expect(sent(asked, 'attach')).toMatchObject([{ addressee: 'b', role: 'child' }])
  driver.accept(['creator', 'b'])
  expect(sent(driver.accept(['creator', 'a']), 'attach')).toEqual([])
  expect(driver.core.view).toMatchObject({ parent: 'b', warm: 'a' })
})

test('O-JOIN-2 a refusal leads to the next candidate, and to the peers it names', () => {
  const driver = joining()
  driver.offer(['a', 'b', 'c'].map(name => candidateOf(name)))
  const dialled = new Set<string>()
  const note = (effects: readonly PeerEffect[]) => {
    for (const peer of peersOf(effects, 'dial')) dialled.add(peer)
  }
  driver.opened('a')
  driver.opened('b')
  const refusal = driver.step(isRefused('a', ['child-of-a', 'me', 'a']))
  expect(peersOf(refusal, 'close')).toEqual(['a'])
  expect(sent(refusal, 'attach')).toMatchObject([{ addressee: 'b' }])
  note(refusal)
  note(driver.step(isRefused('b')))
  expect([...dialled].sort()).toEqual(['c', 'child-of-a'])
})

test('O-JOIN-2 names from a refusal never keep the tracker’s candidates waiting, and end after 16 tries', () => {
  const driver = joining()
  const asked: string[] = []
  const open: string[] = []
  const note = (effects: readonly PeerEffect[]) => {
    open.push(...peersOf(effects, 'dial'))
    asked.push(...sent(effects, 'attach').map(({ addressee }) => addressee))
  }
  note(driver.offer(['t1', 't2', 't3', 't4'].map(name => candidateOf(name))))
  for (let round = 0; round < 100 && driver.core.view.phase.kind === 'searching'; round++) {
    for (const name of open.splice(0)) note(driver.opened(name))
    const last = asked[round]
    if (last === undefined) break
    note(driver.step(isRefused(last, [`liar-${round}-a`, `liar-${round}-b`, `liar-${round}-c`])))
  }
  expect(asked.length).toBe(TRIES_PER_ROUND)
  expect(asked.slice(0, 8)).toEqual(expect.arrayContaining(['t1', 't2', 't3', 't4']))
  expect(driver.core.view.phase).toEqual({ kind: 'waiting', reason: 'no-capacity' })
})

test('O-JOIN-3 with nobody to ask it waits, and asks again after a growing, jittered pause', () => {
  const driver = joining()
  driver.offer([])
  expect(driver.core.view.phase).toEqual({ kind: 'waiting', reason: 'no-candidates' })
  const pauses: number[] = []
  for (let round = 0; round < 8; round++) {
    const startMs = driver.nowMs
    while (count(driver.pass(50), 'find-parents') === 0) expect(driver.nowMs - startMs).toBeLessThan(10_000)
    pauses.push(driver.nowMs - startMs)
    driver.offer([])
  }
  expect(Math.max(...pauses.slice(0, 1))).toBeLessThan(600)
  expect(Math.min(...pauses.slice(5))).toBeGreaterThan(URGENT_BACKOFF_MAX_MS / 2 - 100)
  expect(new Set(pauses.slice(5)).size).toBeGreaterThan(1)
})

test('O-JOIN-3 a tracker that does not answer is asked again', () => {
  const driver = joining()
  expect(count(driver.pass(2_900), 'find-parents')).toBe(0)
  expect(count(driver.pass(1_000), 'find-parents')).toBe(1)
})

test('O-JOIN-3 never hot: with every dial failing at once, a minute costs few dials and few questions', () => {
  const driver = joining()
  let dials = 0
  let asks = 0
  const settle = (effects: readonly PeerEffect[]): void => {
    for (const peer of peersOf(effects, 'dial')) {
      dials += 1
      settle(driver.step({ kind: 'link-failed', peer: peerId(peer), reason: 'unreachable' }))
    }
    if (count(effects, 'find-parents') === 0) return
    asks += 1
    settle(driver.offer(['a', 'b'].map(name => candidateOf(name))))
  }
  for (let ms = 0; ms < 60_000; ms += 50) settle(driver.pass(50))
  expect(asks).toBeLessThan(30)
  expect(dials).toBeLessThan(60)
})

test('O-JOIN-4 a tracker that names a place later is taken at its word at once', () => {
  const driver = joining()
  driver.offer([])
  expect(peersOf(driver.offer([candidateOf('a')]), 'dial')).toEqual(['a'])
})

test('O-JOIN-4 a tracker that comes back is asked at once; one that is gone is not asked at all', () => {
  const driver = joining()
  driver.step({ kind: 'tracker-lost' })
  driver.offer([])
  expect(count(driver.pass(20_000), 'find-parents')).toBe(0)
  expect(count(driver.joinTracker(), 'find-parents')).toBe(1)
  driver.offer([])
  expect(driver.core.view.phase.kind).toBe('waiting')
  expect(count(driver.joinTracker(), 'find-parents')).toBe(1)
})

test('O-CHOICE-4 candidates at the cap are left out for a joiner, taken by an orphan', () => {
  const atCap = candidateOf('deep', { depth: 8 })
  expect(peersOf(joining().offer([atCap]), 'dial')).toEqual([])

  const orphan = joining()
  orphan.offer([candidateOf('p')], ['p'])
  orphan.accept(['creator', 'p'])
  orphan.step({ kind: 'leave', peer: peerId('p'), code: 'closing' })
  expect(peersOf(orphan.offer([atCap]), 'dial')).toEqual(['deep'])
})

test('O-CORE-2 answers that were not asked for change nothing', () => {
  const driver = joining()
  driver.open('stranger')
  const before = driver.core.view
  expect(driver.accept(['creator', 'stranger'])).toEqual([])
  expect(driver.accept(['creator', 'nobody'])).toEqual([])
  expect(driver.step(isRefused('stranger', ['x']))).toEqual([])
  expect(driver.core.view).toEqual(before)
})

test('O-BAN-1 banned peers, then unreachable ones, are named to the tracker to leave out, 16 at most', () => {
  const driver = joining()
  for (let index = 0; index < 30; index++) {
    driver.step({ kind: 'violation', peer: peerId(`bad-${index}`), reason: 'rate' })
  }
  expect(peersOf(driver.offer([candidateOf('bad-29'), candidateOf('bad-3')]), 'dial')).toEqual([])
  const far = Array.from({ length: 12 }, (_, index) => `far-${index}`)
  driver.offer(far.map(name => candidateOf(name)))
  for (let index = 0; index < 12; index++) {
    for (const name of far) driver.step({ kind: 'link-failed', peer: peerId(name), reason: 'no' })
  }
  const [ask] = driver.pass(1_000).filter(effect => effect.kind === 'find-parents')
  expect(ask?.exclude).toEqual(expect.arrayContaining(['bad-22', 'bad-29']))
  expect(ask?.exclude.filter(name => name.startsWith('far-'))).toHaveLength(EXCLUDE_MAX - 8)
})

test('O-SLOT-3 a hidden page offers no slots', () => {
  const driver = joining(3)
  driver.step({ kind: 'visibility', isHidden: true })
  driver.offer([candidateOf('a')])
  expect(sent(driver.opened('a'), 'attach')).toMatchObject([{ slots: 0 }])
})
