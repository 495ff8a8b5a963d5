import { expect, test } from 'vitest'
import { type PeerId, peerIdFromPublicKey } from '../protocol/ids.ts'
import type { DownMessage, UpMessage } from '../protocol/up-signature.ts'
import {
  ANSWERS_PER_UP,
  CHILD_MAX_PER_SECOND,
  createUpRoutes,
  ORIGIN_RULE,
  ROUTE_LIFE_MS,
  ROUTES_FLOOR,
  type UpEffect,
  type UpEnv,
  type UpRoutes,
} from './up-routes.ts'

const key = (number: number): Uint8Array => {
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setUint32(0, number)
  return bytes
}
const peer = (number: number): PeerId => peerIdFromPublicKey(key(number))
const PARENT = peer(1)
const WARM = peer(2)
const A = peer(3)
const B = peer(4)

const up = (origin: number, counter: number): UpMessage => ({
  kind: 'up',
  origin: key(origin),
  counter,
  body: new Uint8Array([1]),
  signature: new Uint8Array(64),
})
const down = (target: number, counter = 1): DownMessage => ({
  kind: 'down',
  target: key(target),
  counter,
  body: new Uint8Array([2]),
})

function relay(
  patch: Partial<UpEnv> = {},
  weights: ReadonlyMap<PeerId, number> = new Map([
    [A, 1],
    [B, 1],
  ]),
) {
  return (nowMs: number): UpEnv => ({
    nowMs,
    isRoot: false,
    parent: PARENT,
    warm: WARM,
    weightOf: one => weights.get(one),
    roomPeers: 10_000,
    ...patch,
  })
}

/** What becomes of a well-signed message: nothing, or what follows its verification. */
function send(routes: UpRoutes, from: PeerId, message: UpMessage, env: UpEnv): UpEffect[] {
  const [verify] = routes.step({ kind: 'up', from, message }, env)
  return verify?.kind === 'verify' ? routes.step({ kind: 'up-verified', from, message }, env) : []
}

test('O-UP-1 a message goes from a child to the parent once it is verified; at the creator it has arrived', () => {
  const message = up(9, 1)
  const routes = createUpRoutes()
  expect(routes.step({ kind: 'up', from: A, message }, relay()(0))).toEqual([
    { kind: 'verify', from: A, message },
  ])
  expect(routes.view.routes).toBe(0)
  expect(routes.step({ kind: 'up-verified', from: A, message }, relay()(0))).toEqual([
    { kind: 'send', to: PARENT, message },
  ])
  expect(send(createUpRoutes(), A, message, relay({ isRoot: true, parent: undefined })(0))).toEqual([
    { kind: 'deliver', message },
  ])
})

test('O-UP-1 what a stranger or the parent sends up is thrown away', () => {
  const routes = createUpRoutes()
  for (const from of [peer(77), PARENT]) expect(send(routes, from, up(9, 1), relay()(0))).toEqual([])
  expect(routes.view).toEqual({ dropped: 2, routes: 0 })
})

test('O-UP-2 counters only move forward, and only a fresh message moves the route', () => {
  const routes = createUpRoutes()
  const env = relay()
  expect(send(routes, A, up(9, 5), env(0))).toHaveLength(1)
  expect(send(routes, B, up(9, 5), env(1))).toEqual([])
  expect(send(routes, B, up(9, 4), env(2))).toEqual([])
  routes.step({ kind: 'up-own', message: up(1, 1), via: 'parent' }, env(3))
  const first = down(9)
  expect(routes.step({ kind: 'down', from: PARENT, message: first }, env(4))).toEqual([
    { kind: 'send', to: A, message: first },
  ])
  expect(send(routes, B, up(9, 6), env(5))).toHaveLength(1)
  expect(routes.step({ kind: 'down', from: PARENT, message: first }, env(6))).toEqual([
    { kind: 'send', to: B, message: first },
  ])
})

test('O-UP-2 of two copies that are checked at once the first that is good moves the route', () => {
  const routes = createUpRoutes()
  const env = relay()(0)
  const message = up(9, 1)
  routes.step({ kind: 'up', from: A, message }, env)
  routes.step({ kind: 'up', from: B, message }, env)
  expect(routes.step({ kind: 'up-verified', from: B, message }, env)).toHaveLength(1)
  expect(routes.step({ kind: 'up-verified', from: A, message }, env)).toEqual([])
})

test('O-UP-3 a route lives 30 s after the last fresh message', () => {
  const routes = createUpRoutes()
  const env = relay({ isRoot: true })
  send(routes, A, up(9, 1), env(0))
  send(routes, A, up(9, 2), env(20_000))
  const message = down(9)
  expect(routes.step({ kind: 'down-own', message }, env(20_000 + ROUTE_LIFE_MS - 1))).toHaveLength(1)
  expect(routes.step({ kind: 'down-own', message }, env(20_000 + ROUTE_LIFE_MS))).toEqual([])
  expect(routes.view.routes).toBe(0)
})

test('O-UP-4 an origin sends 2 a second, and a child as much as the peers below it together', () => {
  const env = relay(
    {},
    new Map([
      [A, 20],
      [B, 1],
    ]),
  )
  const routes = createUpRoutes()
  let fromOne = 0
  for (let at = 0; at < 10_000; at += 10) fromOne += send(routes, A, up(9, at + 1), env(at)).length
  expect(fromOne).toBeLessThanOrEqual(ORIGIN_RULE.burst + 10 * ORIGIN_RULE.perSecond)
  expect(fromOne).toBeGreaterThanOrEqual(10 * ORIGIN_RULE.perSecond)

  const flooded = createUpRoutes()
  let fromChild = 0
  let checked = 0
  for (let at = 0; at < 10_000; at += 5) {
    const message = up(1_000 + at, 1)
    const [verify] = flooded.step({ kind: 'up', from: B, message }, env(at))
    if (verify === undefined) continue
    checked += 1
    fromChild += flooded.step({ kind: 'up-verified', from: B, message }, env(at)).length
  }
  // Neither is verified nor goes on what is beyond the rate of one peer.
  expect(checked).toBe(fromChild)
  expect(fromChild).toBeLessThanOrEqual(13 * ORIGIN_RULE.perSecond)
})

test('O-UP-4 a child that claims a million below it gets little more than the room holds, and not all of a link', () => {
  const claims = new Map([[A, 1_000_000]])
  const count = (roomPeers: number): number => {
    const routes = createUpRoutes()
    let passed = 0
    for (let at = 0; at < 10_000; at += 2)
      passed += send(routes, A, up(1_000 + at, 1), relay({ roomPeers }, claims)(at)).length
    return passed
  }
  expect(count(2)).toBeLessThanOrEqual(13 * (2 * 2 + 16) * ORIGIN_RULE.perSecond)
  expect(count(1_000_000)).toBeLessThanOrEqual(13 * CHILD_MAX_PER_SECOND)
})

test('O-UP-3 a child’s made-up origins push out its own routes, never its sibling’s', () => {
  const routes = createUpRoutes()
  const env = relay({ isRoot: true })
  send(routes, B, up(9, 1), env(0))
  for (let at = 1; at < 25_000; at += 100) send(routes, A, up(1_000 + at, 1), env(at))
  expect(routes.view.routes).toBeLessThanOrEqual(ROUTES_FLOOR + 1)
  const message = down(9)
  expect(routes.step({ kind: 'down-own', message }, env(25_000))).toEqual([{ kind: 'send', to: B, message }])
})

test('O-DOWN-1 an answer is taken only from a peer that was asked, and goes where its route leads or arrives', () => {
  const routes = createUpRoutes()
  const env = relay()
  send(routes, A, up(9, 1), env(0))
  const message = down(9)
  for (const from of [peer(77), A, WARM])
    expect(routes.step({ kind: 'down', from, message }, env(1))).toEqual([])
  expect(routes.step({ kind: 'down', from: PARENT, message: down(8) }, env(1))).toEqual([])
  expect(routes.step({ kind: 'down', from: PARENT, message }, env(1))).toHaveLength(1)

  routes.step({ kind: 'up-own', message: up(5, 1), via: 'warm' }, env(2))
  const own = down(5)
  expect(routes.step({ kind: 'down', from: WARM, message: own }, env(3))).toEqual([
    { kind: 'deliver', message: own },
  ])
  // After a move the former parent may still bring what was asked of it.
  expect(routes.step({ kind: 'down', from: PARENT, message: own }, relay({ parent: WARM })(4))).toHaveLength(
    1,
  )
})

test('O-DOWN-2 one message is answered at most 8 times', () => {
  const routes = createUpRoutes()
  const env = relay()
  send(routes, A, up(9, 1), env(0))
  routes.step({ kind: 'up-own', message: up(5, 1), via: 'parent' }, env(0))
  for (const target of [9, 5]) {
    let passed = 0
    for (let count = 0; count < 50; count++)
      passed += routes.step({ kind: 'down', from: PARENT, message: down(target) }, env(1)).length
    expect(passed).toBe(ANSWERS_PER_UP)
  }
})

test('O-UP-5 through the warm parent, or not at all where there is none', () => {
  const routes = createUpRoutes()
  const message = up(5, 1)
  expect(routes.step({ kind: 'up-own', message, via: 'warm' }, relay()(0))).toEqual([
    { kind: 'send', to: WARM, message },
  ])
  expect(routes.step({ kind: 'up-own', message, via: 'warm' }, relay({ warm: undefined })(0))).toEqual([])
})
