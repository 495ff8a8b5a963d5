import { expect, test } from 'vitest'
import { CONNECTIONS_MAX } from '../protocol/limits.ts'
import { IDLE_LINK_MS } from './peer-constants.ts'
import type { PeerEffect } from './peer-core.ts'
import { CoreDriver, candidateOf, peerId, peersOf, sent } from './testing/core-driver.ts'

const offered = (driver: CoreDriver, name: string): PeerEffect[] =>
  driver.step({ kind: 'dial-offered', peer: peerId(name) })

test('O-LINK-1 a viewer answers so many dials that three connections stay for itself, the creator up to all twelve', () => {
  for (const [role, answered] of [
    ['viewer', CONNECTIONS_MAX - 3],
    ['creator', CONNECTIONS_MAX],
  ] as const) {
    const driver = new CoreDriver(role, 4)
    const answers = Array.from({ length: 20 }, (_, index) =>
      peersOf(offered(driver, `p${index}`), 'answer-dial'),
    )
    expect(answers.flat()).toHaveLength(answered)
    expect(peersOf(offered(driver, 'one-more'), 'ignore-dial')).toEqual(['one-more'])
  }
})

test('O-LINK-1 a link that nobody uses is closed, and so is a refused one that stays', () => {
  const driver = new CoreDriver('viewer', 4)
  driver.child('refused')
  driver.open('quiet')
  expect(peersOf(driver.pass(IDLE_LINK_MS + 100), 'close').sort()).toEqual(['quiet', 'refused'])
})

test('O-LINK-1 a dial, an answer or an Attach that leads nowhere ends in its time, and the next peer is tried', () => {
  const driver = new CoreDriver('viewer', 4)
  driver.joinTracker()
  driver.offer(['silent', 'unreachable', 'next'].map(name => candidateOf(name)))
  driver.opened('silent')
  offered(driver, 'never')
  const effects = driver.pass(5_000)
  expect(peersOf(effects, 'close').sort()).toEqual(['never', 'next', 'silent', 'unreachable'])
  expect(sent(effects, 'leave')).toMatchObject([{ addressee: 'silent', code: 'moving' }])
})

test('O-BAN-1 a peer that could not be reached is passed over for 3 s', () => {
  const driver = new CoreDriver('viewer', 4)
  driver.joinTracker()
  driver.offer([candidateOf('far')])
  driver.step({ kind: 'link-failed', peer: peerId('far'), reason: 'no' })
  const asks = driver.pass(1_000).filter(({ kind }) => kind === 'find-parents')
  expect(asks).toMatchObject([{ exclude: ['far'] }])
  expect(peersOf(driver.offer([candidateOf('far')]), 'dial')).toEqual([])
  driver.pass(3_000)
  expect(peersOf(driver.offer([candidateOf('far')]), 'dial')).toEqual(['far'])
})

test('O-LINK-2 when both dial at once the lower peer id’s dial stands', () => {
  for (const [self, answer] of [
    ['a', 'ignore-dial'],
    ['z', 'answer-dial'],
  ] as const) {
    const driver = new CoreDriver('viewer', 4, { self })
    driver.joinTracker()
    driver.offer([candidateOf('m')])
    expect(peersOf(offered(driver, 'm'), answer)).toEqual(['m'])
    expect(sent(driver.opened('m'), 'attach')).toHaveLength(1)
  }
})

test('O-LINK-3 a peer that dials again has lost its link: the old use ends, the new link counts', () => {
  const driver = new CoreDriver('creator', 4)
  driver.child('a')
  const effects = offered(driver, 'a')
  expect(peersOf(effects, 'remove-child')).toEqual(['a'])
  expect(peersOf(effects, 'answer-dial')).toEqual(['a'])
  driver.step({ kind: 'link-closed', peer: peerId('a'), reason: 'replaced' })
  expect(peersOf(driver.opened('a'), 'close')).toEqual([])
  expect(peersOf(driver.child('a'), 'add-child')).toEqual(['a'])
})

test('O-LINK-4 a link that was not expected is closed', () => {
  const driver = new CoreDriver('viewer', 4)
  expect(peersOf(driver.opened('stranger'), 'close')).toEqual(['stranger'])
  driver.open('late')
  driver.step({ kind: 'link-failed', peer: peerId('late'), reason: 'no' })
  expect(peersOf(driver.opened('late'), 'close')).toEqual(['late'])
})

test('O-BAN-1 who violated is closed with Leave, loses its place, and is ignored from then on', () => {
  const driver = new CoreDriver('creator', 4)
  driver.child('bad')
  const effects = driver.step({ kind: 'violation', peer: peerId('bad'), reason: 'bad-message' })
  expect(sent(effects, 'leave')).toMatchObject([{ addressee: 'bad', code: 'hostile' }])
  expect(effects).toContainEqual({ kind: 'close', peer: 'bad', reason: 'violation: bad-message' })
  expect(peersOf(effects, 'remove-child')).toEqual(['bad'])
  expect(peersOf(offered(driver, 'bad'), 'ignore-dial')).toEqual(['bad'])
})

test('O-BAN-1 sixty-four are remembered; the oldest are forgotten', () => {
  const driver = new CoreDriver('creator', 4)
  for (let index = 0; index < 65; index++) {
    driver.step({ kind: 'violation', peer: peerId(`bad-${index}`), reason: 'rate' })
  }
  expect(peersOf(offered(driver, 'bad-64'), 'ignore-dial')).toHaveLength(1)
  expect(peersOf(offered(driver, 'bad-1'), 'ignore-dial')).toHaveLength(1)
  expect(peersOf(offered(driver, 'bad-0'), 'answer-dial')).toHaveLength(1)
})

test('O-END-1 stop says Leave to everybody and closes everything; nothing follows', () => {
  const driver = new CoreDriver('viewer', 4)
  driver.attachTo('creator', 'p')
  driver.child('c')
  const effects = driver.step({ kind: 'stop' })
  expect(sent(effects, 'leave')).toMatchObject([
    { addressee: 'p', code: 'closing' },
    { addressee: 'c', code: 'closing' },
  ])
  expect(peersOf(effects, 'close')).toEqual(['p', 'c'])
  expect(effects).toContainEqual({ kind: 'set-parent', peer: undefined })
  expect(effects.filter(({ kind }) => kind === 'find-parents' || kind === 'dial')).toEqual([])
  expect(driver.core.view).toMatchObject({ phase: { kind: 'stopped' }, children: [] })
  expect([...driver.pass(1_000), ...offered(driver, 'x')]).toEqual([])

  const creator = new CoreDriver('creator', 4)
  creator.child('c')
  expect(sent(creator.step({ kind: 'stop' }), 'leave')).toMatchObject([{ code: 'ended' }])
})
