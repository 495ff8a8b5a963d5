import { afterEach, expect, test } from 'vitest'
import type { Relay } from '../client/engine/relay.ts'
import type { PeerId } from '../shared/protocol/ids.ts'
import {
  duplicate,
  flipHeaderBit,
  flipPayloadBit,
  forge,
  orphanParts,
  prepend,
  relabel,
  replace,
} from './support/attacks.ts'
import { Disposer } from './support/disposer.ts'
import type { Attack, HostileWire } from './support/hostile-wire.ts'
import { type Creator, idOf, isLinked, NodeMesh, parentOf, type Watcher } from './support/node-mesh.ts'
import { until } from './support/until.ts'

const disposer = new Disposer()
afterEach(() => disposer.dispose())

/** Past the 12 s that count as live and the 30 s of the ring; within the 120 s for which an edge is good. */
const LEAP_MS = 60_000

type Scene = {
  readonly mesh: NodeMesh
  readonly creator: Creator
  readonly hostile: PeerId
  readonly wire: HostileWire
  readonly honest: Relay
}

/** creator ─ hostile relay with one place, and beside it an honest relay that takes nobody until it is shown. */
async function setScene(): Promise<Scene> {
  const mesh = await NodeMesh.start(disposer)
  const creator = await mesh.startCreator(2)
  const honest = await mesh.startRelay(creator.streamId, 4)
  await until('the honest relay hangs on the creator', () => honest.stats?.depth === 1)
  // A hidden page takes no new children.
  honest.setHidden(true)
  const { relay, wire } = await mesh.startHostile(creator.streamId, 1)
  await until('the hostile relay hangs on the creator', () => relay.stats?.depth === 1)
  return { mesh, creator, hostile: idOf(relay), wire, honest }
}

type Family = { readonly victim: Watcher; readonly grandchild: Watcher }

/** hostile relay ─ victim ─ grandchild, all of them watching. */
async function addFamily({ mesh, creator, hostile }: Scene): Promise<Family> {
  const victim = await mesh.startViewer(creator.streamId, 1)
  await until('the victim is fed by the hostile relay', () => parentOf(victim.viewer) === hostile)
  const grandchild = await mesh.startViewer(creator.streamId, 0)
  const self = idOf(victim.viewer)
  await until('the grandchild is fed by the victim', () => parentOf(grandchild.viewer) === self)
  await until('both watch', () => victim.log.size > 10 && grandchild.log.size > 10)
  return { victim, grandchild }
}

/** The victim names the culprit and the reason, goes on through the honest relay, and nobody below noticed. */
async function expectCaught(scene: Scene, family: Family, reason: string): Promise<void> {
  const { creator, hostile, honest } = scene
  const { victim, grandchild } = family
  await until('a violation', () => victim.violations.length > 0)
  const caughtAt = creator.sent.newest()
  const way = idOf(honest)
  await until('the victim goes on through the honest relay', () => parentOf(victim.viewer) === way)
  await until(
    () => `media after the move: ${victim.log.newest()} and ${grandchild.log.newest()} of ${caughtAt}`,
    () => victim.log.newest() > caughtAt + 30 && grandchild.log.newest() > caughtAt + 30,
  )
  expect(victim.violations).toEqual([{ peer: hostile, reason }])
  expect(parentOf(grandchild.viewer)).toBe(idOf(victim.viewer))
  expectClean(scene, family)
}

/** What the victim forwards is checked by the grandchild in turn: one bad byte, and it would blame the victim. */
function expectClean({ creator }: Scene, { victim, grandchild }: Family): void {
  expect(grandchild.violations).toEqual([])
  for (const { log } of [victim, grandchild]) {
    expect(log.foreignTo(creator.sent)).toEqual([])
    expect(log.repeated).toEqual([])
  }
}

/** The attack begins while everything runs. */
async function expectAttackCaught(attack: (scene: Scene) => Attack, reason: string): Promise<void> {
  const scene = await setScene()
  const family = await addFamily(scene)
  scene.honest.setHidden(false)
  scene.wire.attack = attack(scene)
  await expectCaught(scene, family, reason)
}

test('O-MEDIA-2 a relay that flips a bit of the payload is caught by its child and left', async () => {
  await expectAttackCaught(() => flipPayloadBit, 'bad-hash')
})

test('O-MEDIA-2 a relay that flips a bit of a header is caught by its child and left', async () => {
  await expectAttackCaught(() => flipHeaderBit, 'bad-signature')
})

test('O-MEDIA-3 a relay that forges frames is caught by its child and left', async () => {
  await expectAttackCaught(({ creator }) => forge(creator.streamId), 'bad-signature')
})

test('O-MEDIA-4 a relay that sends another stream’s frames is caught by its child and left', async () => {
  const scene = await setScene()
  const other = await scene.mesh.startCreator(1)
  const spy = await scene.mesh.startHostile(other.streamId, 0)
  const family = await addFamily(scene)
  await until('a recording of the other stream', () => spy.wire.recorded.length > 10)
  scene.honest.setHidden(false)
  scene.wire.attack = prepend(spy.wire.recorded)
  await expectCaught(scene, family, 'wrong-stream')
})

test('O-MEDIA-4 a relay that labels another stream’s frames as this one’s is caught by its child and left', async () => {
  const scene = await setScene()
  const other = await scene.mesh.startCreator(1)
  const spy = await scene.mesh.startHostile(other.streamId, 0)
  const family = await addFamily(scene)
  await until('a recording of the other stream', () => spy.wire.recorded.length > 10)
  scene.honest.setHidden(false)
  scene.wire.attack = prepend(relabel(spy.wire.recorded, scene.creator.streamId))
  await expectCaught(scene, family, 'bad-signature')
})

test('O-MEDIA-5 a relay that sends frames older than the ring is caught by its child and left', async () => {
  const scene = await setScene()
  const family = await addFamily(scene)
  const { creator, wire, honest } = scene
  const recording = wire.recorded.slice(0, 5)
  // Of the groups before the leap the ring keeps only the last.
  await until('the victim holds two groups', () => family.victim.log.size > 65)
  const leaptAt = await skipAhead(creator, LEAP_MS)
  await until('the victim is past the leap', () => family.victim.log.newest() > leaptAt)
  expect(family.victim.violations).toEqual([])
  honest.setHidden(false)
  wire.attack = prepend(recording)
  await expectCaught(scene, family, 'too-old')
})

test('O-MEDIA-6 a relay that serves an old recording as live is caught by a newcomer and left', async () => {
  const scene = await setScene()
  const { mesh, creator, wire, honest, hostile } = scene
  await until('a recording', () => wire.recorded.length > 40)
  const recording = [...wire.recorded]
  const leaptAt = await skipAhead(creator, LEAP_MS)
  wire.attack = replace(recording)
  const victim = await mesh.startViewer(creator.streamId, 1)
  await until('a violation', () => victim.violations.length > 0)
  expect(victim.violations).toEqual([{ peer: hostile, reason: 'not-live' }])
  expect(victim.log.size).toBe(0)
  honest.setHidden(false)
  const way = idOf(honest)
  await until('the newcomer goes on through the honest relay', () => parentOf(victim.viewer) === way)
  await until('a second of it', () => victim.log.size > 30)
  expect(victim.violations).toHaveLength(1)
  expect(victim.log.foreignTo(creator.sent)).toEqual([])
  const shown = [...victim.log.hashes.keys()].map(key => Number(key.split(':')[1]))
  expect(Math.min(...shown)).toBeGreaterThan(leaptAt)
})

test('O-MEDIA-7 a relay that sends parts without headers without end is caught by its child and left', async () => {
  await expectAttackCaught(() => orphanParts, 'orphan-parts')
})

test('O-MEDIA-10 a child that sends media up is caught by its parent', async () => {
  const mesh = await NodeMesh.start(disposer)
  const creator = await mesh.startCreator(1)
  const parent = await mesh.startViewer(creator.streamId, 1)
  const { relay, wire } = await mesh.startHostile(creator.streamId, 0)
  await until(
    'the hostile child is fed',
    () => parentOf(relay) === idOf(parent.viewer) && wire.recorded.length > 0,
  )
  const child = idOf(relay)
  wire.sendToAll(wire.recorded[0] ?? new Uint8Array())
  await until('a violation', () => parent.violations.length > 0)
  expect(parent.violations).toEqual([{ peer: child, reason: 'not-parent' }])
  expect(isLinked(parent.viewer, child)).toBe(false)
  const caughtAt = creator.sent.newest()
  await until('its own media goes on', () => parent.log.newest() > caughtAt + 10)
  expect(parent.log.foreignTo(creator.sent)).toEqual([])
})

test('O-MEDIA-5 a relay that sends everything twice is blamed by nobody', async () => {
  const scene = await setScene()
  const family = await addFamily(scene)
  const { creator, hostile, wire } = scene
  wire.attack = duplicate
  const since = creator.sent.newest()
  await until('two seconds of it', () => family.grandchild.log.newest() > since + 60)
  expect(family.victim.violations).toEqual([])
  expect(parentOf(family.victim.viewer)).toBe(hostile)
  expectClean(scene, family)
})

/** Media time leaps, as after a sleep of the creator's machine, and an announcement says so. Answers the last seq before. */
async function skipAhead({ broadcaster, source, sent }: Creator, ms: number): Promise<number> {
  // What is in flight lands first: it would be too far behind the edge afterwards.
  source.stop()
  await new Promise(resolve => setTimeout(resolve, 300))
  source.skip(ms)
  const before = sent.newest()
  source.start()
  await until('frames after the leap', () => sent.newest() > before)
  await broadcaster.setPicture(new Uint8Array([1]))
  return before
}
