import { expect, test } from 'vitest'
import { HAND_OVER_MS, OVER_DEPTH_MS, PARENT_SILENT_MS, UNANSWERED_MS } from './peer-constants.ts'
import type { PeerEvent } from './peer-core.ts'
import { CoreDriver, candidateOf, chainOf, peerId, peersOf, sent } from './testing/core-driver.ts'

function attached(...path: string[]): CoreDriver {
  const driver = new CoreDriver('viewer', 2)
  driver.attachTo(...path)
  return driver
}

const from = (name: string) => ({ peer: peerId(name) })
const stalled = (name: string): PeerEvent => ({ kind: 'stalled', ...from(name), newest: [] })
const alive = (name: string): PeerEvent => ({ kind: 'rtt', ...from(name), rttMs: 20 })

test('O-PARENT-1 Leave, a closed link or a violation of the parent makes an orphan at once, which asks the tracker', () => {
  const ends: PeerEvent[] = [
    { kind: 'leave', ...from('p'), code: 'closing' },
    { kind: 'link-closed', ...from('p'), reason: 'gone' },
    { kind: 'violation', ...from('p'), reason: 'bad-hash' },
    { kind: 'refuse', ...from('p'), code: 'leaving', alternatives: [] },
  ]
  for (const end of ends) {
    const driver = attached('creator', 'p')
    const effects = driver.step(end)
    expect(effects).toContainEqual({ kind: 'set-parent', peer: undefined })
    expect(effects).toContainEqual(expect.objectContaining({ kind: 'find-parents', isOrphan: true }))
    expect(driver.core.view).toMatchObject({ phase: { kind: 'orphaned' }, parent: undefined, freeSlots: 0 })
  }
})

test('O-PARENT-2 two seconds without a sign from the parent, and it is left; any sign counts', () => {
  const driver = attached('creator', 'p')
  driver.pass(5_000, () => alive('p'))
  expect(driver.core.view.parent).toBe('p')
  const effects = driver.pass(PARENT_SILENT_MS + 100)
  expect(peersOf(effects, 'close')).toContain('p')
  expect(driver.core.view.phase).toEqual({ kind: 'orphaned', reason: 'parent silent' })
})

test('O-PARENT-2 a page that slept does not blame its parent for it', () => {
  const driver = attached('creator', 'p')
  driver.nowMs += 60_000
  driver.step({ kind: 'tick' })
  expect(driver.core.view.parent).toBe('p')
})

test('O-PARENT-3 a parent that says Stalled is kept for seconds, then another is sought while it stays', () => {
  const driver = attached('creator', 'p')
  driver.warmUp('creator', 'spare')
  const patient = driver.pass(4_500, () => stalled('p'))
  expect(peersOf(patient, 'set-parent')).toEqual([])
  expect(sent(patient, 'attach')).toEqual([])
  let asked: ReturnType<typeof sent<'attach'>> = []
  for (let ticks = 0; ticks < 120 && asked.length === 0; ticks++) {
    asked = sent(
      driver.pass(50, () => stalled('p')),
      'attach',
    )
  }
  expect(asked).toMatchObject([{ addressee: 'spare', role: 'child', isOrphan: false }])
  expect(driver.core.view.parent).toBe('p')
  const moved = driver.accept(['creator', 'spare'])
  expect(peersOf(moved, 'set-parent')).toEqual(['spare'])
  expect(sent(moved, 'leave')).toMatchObject([{ addressee: 'p', code: 'moving' }])
})

test('O-PARENT-3 when media comes again nobody moves: who was dialled is asked to be the warm parent', () => {
  const driver = attached('creator', 'p')
  driver.passFed(500)
  driver.pass(11_000, () => stalled('p'))
  driver.offer([candidateOf('other')])
  driver.passFed(100)
  expect(sent(driver.opened('other'), 'attach')).toMatchObject([{ role: 'warm' }])
  expect(driver.core.view.parent).toBe('p')
})

test('O-PARENT-4 one that neither feeds nor says Stalled withholds: another is sought after two seconds', () => {
  const driver = attached('creator', 'p')
  driver.warmUp('creator', 'spare')
  expect(
    sent(
      driver.pass(PARENT_SILENT_MS + 200, () => alive('p')),
      'attach',
    ),
  ).toHaveLength(1)
})

test('O-UP-6 one that does not bring answers is kept while another is sought, for ten seconds', () => {
  const driver = attached('creator', 'p')
  driver.warmUp('creator', 'spare')
  expect(sent(driver.step({ kind: 'unanswered' }), 'attach')).toMatchObject([
    { addressee: 'spare', role: 'child' },
  ])
  expect(driver.core.view.parent).toBe('p')
  driver.accept(['creator', 'spare'])
  expect(driver.core.view.parent).toBe('spare')
  const alone = attached('creator', 'p')
  expect(peersOf(alone.step({ kind: 'unanswered' }), 'close')).toEqual([])
  alone.passFed(UNANSWERED_MS + 100)
  expect(alone.core.view).toMatchObject({ parent: 'p', phase: { kind: 'attached' } })
})

test('O-UP-6 nobody is nearer to the creator than its child: it stays', () => {
  const driver = attached('creator')
  driver.warmUp('creator', 'spare')
  expect(sent(driver.step({ kind: 'unanswered' }), 'attach')).toEqual([])
})

test('O-PARENT-5 in a creator’s pause nobody moves at level 1, and nobody leaves before another accepts', () => {
  const first = attached('creator')
  first.warmUp('creator', 'neighbour')
  const paused = first.pass(60_000, () => alive('creator'))
  expect(paused.filter(({ kind }) => kind === 'set-parent' || kind === 'find-parents')).toEqual([])
  expect(sent(paused, 'attach')).toEqual([])

  const second = attached('creator', 'p')
  let asks = 0
  for (let second_ = 0; second_ < 300; second_++) {
    const effects = second.pass(1_000, () => stalled('p'))
    asks += effects.filter(effect => effect.kind === 'find-parents').length
    if (asks > 0) second.offer([])
  }
  expect(second.core.view.parent).toBe('p')
  expect(asks).toBeGreaterThan(2)
  expect(asks).toBeLessThan(20)
})

test('O-PARENT-6 O-BAN-2 a recording played as live is no parent: left, and not asked for two minutes', () => {
  const driver = attached('creator', 'p')
  driver.step({ kind: 'progress', ...from('p'), behindLiveMs: 12_000 })
  expect(driver.core.view.parent).toBe('p')
  const effects = driver.step({ kind: 'progress', ...from('p'), behindLiveMs: 12_001 })
  expect(sent(effects, 'leave')).toMatchObject([{ addressee: 'p', code: 'stalled' }])
  expect(effects).toContainEqual({ kind: 'find-parents', exclude: ['p'], isOrphan: true })
  expect(driver.core.view.phase).toEqual({ kind: 'orphaned', reason: 'violation: not-live' })
  driver.pass(119_000)
  expect(peersOf(driver.offer([candidateOf('p')]), 'dial')).toEqual([])
  driver.pass(2_000)
  expect(peersOf(driver.offer([candidateOf('p')]), 'dial')).toEqual(['p'])
})

test('O-ORPHAN-1 an orphan keeps its children, tells them Stalled, and takes the open way first: the warm parent', () => {
  const driver = attached('creator', 'p')
  driver.warmUp('creator', 'x', 'spare')
  driver.child('c')
  const effects = driver.step({ kind: 'link-closed', ...from('p'), reason: 'gone' })
  expect(sent(effects, 'attach')).toMatchObject([
    { addressee: 'spare', role: 'child', isOrphan: true, subtree: 1, chain: { creator: 'creator' } },
  ])
  expect(effects.filter(effect => effect.kind === 'find-parents')).toEqual([])
  expect(sent(driver.pass(200), 'stalled').length).toBeGreaterThanOrEqual(1)
  const accepted = driver.accept(['creator', 'x', 'spare'])
  expect(peersOf(accepted, 'renew-child')).toEqual(['c'])
  expect(driver.core.view).toMatchObject({ parent: 'spare', warm: undefined, subtree: 1 })
})

test('O-ORPHAN-1 a warm parent that refuses names others; then the tracker is asked', () => {
  const driver = attached('creator', 'p')
  driver.warmUp('creator', 'x', 'spare')
  driver.step({ kind: 'link-closed', ...from('p'), reason: 'gone' })
  const alternatives = [{ peer: peerId('below'), depth: 3 }]
  const refused = driver.step({ kind: 'refuse', ...from('spare'), code: 'full', alternatives })
  expect(peersOf(refused, 'dial')).toEqual(['below'])
  const failed = driver.step({ kind: 'link-failed', ...from('below'), reason: 'no' })
  expect(failed.some(effect => effect.kind === 'find-parents')).toBe(true)
  expect(driver.core.view.warm).toBe('spare')
})

test('O-ORPHAN-1 a warm parent that does not answer holds up the tracker for a moment only', () => {
  const driver = attached('creator', 'p')
  driver.warmUp('creator', 'x', 'spare')
  driver.step({ kind: 'link-closed', ...from('p'), reason: 'gone' })
  expect(driver.pass(400).filter(effect => effect.kind === 'find-parents')).toHaveLength(1)
})

test('O-ORPHAN-1 one that was just looking for a warm parent asks the tracker anew', () => {
  const driver = attached('creator', 'p')
  driver.passFed(3_000)
  driver.offer([candidateOf('slow')])
  driver.step({ kind: 'link-closed', ...from('p'), reason: 'gone' })
  driver.step({ kind: 'link-failed', ...from('slow'), reason: 'no' })
  expect(driver.core.view.phase.kind).toBe('orphaned')
  expect(peersOf(driver.offer([candidateOf('q')]), 'dial')).toEqual(['q'])
})

test('O-ORPHAN-2 an orphan’s path speaks for it until its first edge runs out', () => {
  const driver = new CoreDriver('viewer', 2)
  driver.joinTracker()
  driver.offer([candidateOf('p')], ['p'])
  driver.accept(['creator', 'p'], 20)
  driver.step({ kind: 'leave', ...from('p'), code: 'closing' })
  expect(driver.core.view.chain).toBeDefined()
  driver.pass(11_000)
  expect(driver.core.view.chain).toBeUndefined()
  driver.offer([candidateOf('q')])
  const [attach] = sent(driver.opened('q'), 'attach')
  expect(attach).toMatchObject({ isOrphan: true })
  expect(attach).not.toHaveProperty('chain')
})

test('O-MOVE-1 a displaced leaf has its new parent before it leaves the old one', () => {
  const driver = attached('creator')
  driver.passFed(500)
  const to = [{ peer: peerId('joiner'), depth: 1 }]
  const told = driver.step({ kind: 'hand-over', ...from('creator'), to, withinMs: HAND_OVER_MS })
  expect(peersOf(told, 'dial')).toEqual(['joiner'])
  const opened = driver.opened('joiner')
  expect(sent(opened, 'attach')).toMatchObject([{ addressee: 'joiner', role: 'child', isOrphan: false }])
  const moved = driver.accept(['creator', 'joiner'])
  const order = moved.flatMap(effect =>
    effect.kind === 'set-parent' || effect.kind === 'close' ? [`${effect.kind} ${effect.peer}`] : [],
  )
  expect(order).toEqual(['set-parent joiner', 'close creator'])
  expect(sent(moved, 'leave')).toMatchObject([{ addressee: 'creator', code: 'moving' }])
})

test('O-MOVE-1 one that finds nobody asks the tracker, and stays when its parent lets it', () => {
  const driver = attached('creator')
  const to = [
    { peer: peerId('me'), depth: 1 },
    { peer: peerId('creator'), depth: 0 },
  ]
  const effects = driver.step({ kind: 'hand-over', ...from('creator'), to, withinMs: HAND_OVER_MS })
  expect(peersOf(effects, 'dial')).toEqual([])
  expect(effects).toContainEqual({ kind: 'find-parents', exclude: ['creator'], isOrphan: false })
  driver.offer([])
  driver.passFed(HAND_OVER_MS + 2_000)
  expect(driver.core.view).toMatchObject({ parent: 'creator', phase: { kind: 'attached' } })
})

test('O-MOVE-1 one that is named nobody asks the tracker at once, for anybody but its parent', () => {
  const driver = attached('creator', 'p')
  const told = driver.step({ kind: 'hand-over', ...from('p'), to: [], withinMs: HAND_OVER_MS })
  expect(told).toContainEqual({ kind: 'find-parents', exclude: ['p'], isOrphan: false })
})

test('O-MOVE-2 only the parent hands over; one that says so again and again costs few questions', () => {
  const driver = attached('creator', 'p')
  driver.child('c')
  const handOver = (name: string): PeerEvent => ({
    kind: 'hand-over',
    ...from(name),
    to: [{ peer: peerId('trap'), depth: 1 }],
    withinMs: HAND_OVER_MS,
  })
  for (const name of ['c', 'nobody']) expect(driver.step(handOver(name))).toEqual([])
  let asks = 0
  for (let tenth = 0; tenth < 600; tenth++) {
    const effects = [...driver.step(handOver('p')), ...driver.passFed(100)]
    for (const name of peersOf(effects, 'dial'))
      driver.step({ kind: 'link-failed', ...from(name), reason: 'no' })
    if (!effects.some(({ kind }) => kind === 'find-parents')) continue
    asks += 1
    driver.offer([])
  }
  expect(asks).toBeGreaterThan(5)
  expect(asks).toBeLessThan(25)
})

test('O-WARM-2 a move to a parent on the warm parent’s path ends the warm parent', () => {
  const driver = attached('creator', 'p')
  driver.warmUp('creator', 'q', 'warm')
  driver.step({
    kind: 'hand-over',
    ...from('p'),
    to: [{ peer: peerId('q'), depth: 1 }],
    withinMs: HAND_OVER_MS,
  })
  driver.opened('q')
  expect(peersOf(driver.accept(['creator', 'q']), 'close')).toEqual(['p', 'warm'])
})

test('O-DEPTH-2 a leaf that was let in below the cap looks for a higher place after a minute', () => {
  const driver = attached('creator', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
  driver.warmUp('creator', 'a', 'x', 'warm')
  const early = driver.passFed(OVER_DEPTH_MS - 10_000)
  expect(sent(early, 'attach')).toEqual([])
  const late = driver.passFed(10_000)
  expect(sent(late, 'attach')).toMatchObject([{ addressee: 'warm', role: 'child', isOrphan: false }])
})

test('O-DEPTH-2 the minute counts from when it came to be below the cap, not from when it attached', () => {
  const driver = attached('creator', 'a', 'b', 'c', 'd', 'e', 'f', 'p')
  driver.warmUp('creator', 'a', 'x', 'warm')
  driver.passFed(OVER_DEPTH_MS)
  driver.step({
    kind: 'path',
    ...from('p'),
    chain: chainOf(['creator', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'p', 'me']),
  })
  expect(sent(driver.passFed(OVER_DEPTH_MS - 1_000), 'attach')).toEqual([])
  expect(sent(driver.passFed(2_000), 'attach')).toHaveLength(1)
})

test('O-DEPTH-2 one with children stays: they would come along', () => {
  const driver = attached('creator', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
  driver.warmUp('creator', 'a', 'x', 'warm')
  driver.child('kid', { isOrphan: true, chain: chainOf(['creator', 'gone', 'kid']) })
  expect(sent(driver.passFed(OVER_DEPTH_MS + 5_000), 'attach')).toEqual([])
})

test('O-PATH-1 only the parent and the warm parent say where they are; one that proves another’s place is banned', () => {
  const driver = attached('creator', 'p')
  driver.child('c')
  const path = (name: string, ...names: string[]): PeerEvent => ({
    kind: 'path',
    ...from(name),
    chain: chainOf(names),
  })
  expect(driver.step(path('c', 'creator', 'x', 'c', 'me'))).toEqual([])
  driver.step(path('p', 'creator', 'x', 'p', 'me'))
  expect(driver.core.view.chain).toEqual(chainOf(['creator', 'x', 'p', 'me']))
  const effects = driver.step(path('p', 'creator', 'me'))
  expect(sent(effects, 'leave')).toMatchObject([{ addressee: 'p', code: 'hostile' }])
  expect(driver.core.view.phase).toEqual({ kind: 'orphaned', reason: 'violation: bad-chain' })
})

test('O-PATH-1 an Accept that proves another peer’s place gains no child', () => {
  const driver = new CoreDriver('viewer', 2)
  driver.joinTracker()
  driver.offer([candidateOf('liar')], ['liar'])
  driver.step({ kind: 'accept', ...from('liar'), chain: chainOf(['creator', 'me']) })
  expect(driver.core.view.parent).toBeUndefined()
  expect(peersOf(driver.offer([candidateOf('liar')]), 'dial')).toEqual([])
})

test('O-STALL-1 a relay without input tells its children within 150 ms and every 100 ms, the creator never', () => {
  const driver = attached('creator', 'p')
  driver.child('c')
  driver.passFed(1_000)
  expect(sent(driver.passFed(1_000), 'stalled')).toEqual([])
  const times = sent(
    driver.pass(1_000, () => alive('p')),
    'stalled',
  )
  expect(times.length).toBeGreaterThanOrEqual(8)
  expect(times.length).toBeLessThanOrEqual(10)

  const creator = new CoreDriver('creator', 2)
  creator.child('c')
  expect(sent(creator.pass(1_000), 'stalled')).toEqual([])
})
