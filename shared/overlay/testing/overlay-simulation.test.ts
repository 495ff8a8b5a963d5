import { expect, test } from 'vitest'
import { chainDepth } from '../../protocol/edge-chain.ts'
import type { PeerId } from '../../protocol/ids.ts'
import type { PeerEvent } from '../peer-core.ts'
import { OverlaySimulation } from './overlay-simulation.ts'
import type { SimulatedPeer } from './simulated-peer.ts'
import { faultsOfTree } from './tree-check.ts'

type OnStep = (peer: SimulatedPeer, event: PeerEvent) => void

const isAttached = (peer: SimulatedPeer) => peer.core.view.phase.kind === 'attached'
const depthOf = (peer: SimulatedPeer) =>
  chainDepth(peer.core.view.chain ?? { creator: peer.id, root: new Uint8Array(), edges: [] })
const movesOf = (peers: readonly SimulatedPeer[]) => peers.reduce((sum, peer) => sum + peer.parents.length, 0)

/** A third cannot forward, the others serve two to four. They come within `overMs`. */
function crowd(seed: number, count: number, overMs: number, onStep: OnStep = () => {}): OverlaySimulation {
  const simulation = new OverlaySimulation({ seed, onStep })
  for (let index = 0; index < count; index++) {
    const slots = index % 3 === 0 ? 0 : 2 + Math.floor(simulation.random() * 3)
    simulation.time.after(500 + (index * overMs) / count, () => simulation.addViewer(slots))
  }
  simulation.runFor(500 + overMs)
  return simulation
}

function settled(seed: number, count: number, onStep?: OnStep): OverlaySimulation {
  const simulation = crowd(seed, count, 2_000, onStep)
  expect(
    simulation.runUntil(() => simulation.viewers.every(isAttached), 20_000),
    `seed ${seed}`,
  ).toBeDefined()
  simulation.runFor(15_000)
  return simulation
}

function expectSound(simulation: OverlaySimulation, where: string): void {
  expect(faultsOfTree(simulation), where).toEqual([])
  for (const { core } of simulation.peers.values()) {
    expect(core.view.children.length, where).toBeLessThanOrEqual(core.view.slots)
  }
}

test.each([
  [100, 1],
  [100, 2],
  [300, 3],
])(
  'O-TREE-1 %i peers come within 2 s, a third without upload: all join, in one tree within the cap (seed %i)',
  (count, seed) => {
    const simulation = crowd(seed, count, 2_000)
    expect(simulation.runUntil(() => simulation.viewers.every(isAttached), 15_000)).toBeDefined()
    // While leaves make room for relays nobody is without a parent (O-MOVE-1).
    for (const { parents } of simulation.viewers)
      expect(parents.every(({ peer }) => peer !== undefined)).toBe(true)
    expect(movesOf(simulation.viewers)).toBeGreaterThan(count)
    simulation.runFor(10_000)
    expectSound(simulation, `seed ${seed}`)
    const cap = Math.max(8, Math.ceil(Math.log2(count)) + 4)
    expect(Math.max(...simulation.viewers.map(depthOf))).toBeLessThanOrEqual(cap)
  },
)

test.each([11, 12])(
  'O-TREE-2 relays die one by one: their children move, and leaves that make room for them; nobody else (seed %i)',
  seed => {
    const asked = new Set<PeerId>()
    const simulation = settled(seed, 100, (peer, event) => {
      if (event.kind === 'hand-over') asked.add(peer.id)
    })
    for (let deaths = 0; deaths < 10; deaths++) {
      const relays = simulation.viewers.filter(peer => peer.core.view.children.length > 0)
      const victim = relays[Math.floor(simulation.random() * relays.length)]
      if (victim === undefined) throw new Error('nobody forwards')
      const orphans = new Set(victim.core.view.children.map(({ peer }) => peer))
      const before = new Map(simulation.viewers.map(peer => [peer, peer.parents.length]))
      asked.clear()
      if (deaths % 2 === 0) simulation.kill(victim)
      else simulation.leave(victim)
      simulation.runFor(6_000)
      expect(simulation.viewers.every(isAttached), `death ${deaths}`).toBe(true)
      for (const peer of simulation.viewers) {
        const taken = peer.parents.slice(before.get(peer))
        if (taken.length === 0 || orphans.has(peer.id)) continue
        expect(asked.has(peer.id), `death ${deaths}: ${peer.id} moved`).toBe(true)
        expect(
          taken.every(({ peer: parent }) => parent !== undefined),
          `${peer.id} had no parent`,
        ).toBe(true)
      }
    }
    simulation.runFor(5_000)
    expectSound(simulation, `seed ${seed}`)
  },
)

test.each([21, 22])(
  'O-TREE-2 a fifth dies at once, without a word: all others hang together again (seed %i)',
  seed => {
    const simulation = settled(seed, 150)
    for (const peer of simulation.viewers) if (simulation.random() < 0.2) simulation.kill(peer)
    simulation.runFor(2_500)
    expect(simulation.runUntil(() => simulation.viewers.every(isAttached), 6_000)).toBeDefined()
    simulation.runFor(5_000)
    expectSound(simulation, `seed ${seed}`)
  },
)

test('O-TREE-3 the creator pauses for a minute: nobody is ever without a parent, and all are fed again after it', () => {
  const simulation = settled(31, 60)
  simulation.isPaused = true
  const before = simulation.viewers.map(peer => peer.parents.length)
  const asksBefore = simulation.tracker.asks
  simulation.runFor(60_000)
  simulation.viewers.forEach((peer, index) => {
    expect(peer.parents.slice(before[index]).every(({ peer: parent }) => parent !== undefined)).toBe(true)
  })
  expect(simulation.tracker.asks - asksBefore).toBeLessThan(60 * 10)
  simulation.isPaused = false
  simulation.runFor(20_000)
  expectSound(simulation, 'after the pause')
  for (const { newest } of simulation.viewers) {
    expect(simulation.time.nowMs - (newest?.atMs ?? 0)).toBeLessThan(2_000)
  }
})

test('O-TREE-4 the tracker dies: the tree stays as it is; it returns, and newcomers join within 3 s', () => {
  const simulation = settled(41, 60)
  const before = movesOf(simulation.viewers)
  simulation.stopTracker()
  simulation.runFor(20_000)
  expect(movesOf(simulation.viewers)).toBe(before)
  for (let late = 0; late < 5; late++) simulation.addViewer(late)
  simulation.runFor(10_000)
  expect(simulation.viewers.filter(isAttached)).toHaveLength(60)
  simulation.startTracker()
  expect(simulation.runUntil(() => simulation.viewers.every(isAttached), 3_000)).toBeDefined()
  simulation.runFor(5_000)
  expectSound(simulation, 'after its return')
})

test('O-TREE-4 with the tracker gone, an orphan goes on through its warm parent', () => {
  const simulation = settled(42, 40)
  simulation.stopTracker()
  const victim = simulation.viewers.find(
    ({ core }) => core.view.parent === simulation.creator.id && core.view.subtree > 0,
  )
  if (victim === undefined) throw new Error('nobody forwards')
  const orphans = victim.core.view.children.map(({ peer }) => simulation.peers.get(peer))
  const isSpared = orphans.filter(orphan => orphan?.core.view.warm !== undefined)
  expect(isSpared.length).toBeGreaterThan(0)
  simulation.leave(victim)
  simulation.runFor(1_000)
  expect(isSpared.some(orphan => orphan !== undefined && isAttached(orphan))).toBe(true)
})

test.each([
  [1, 1],
  [2, 1],
  [1, 2],
])(
  'O-TREE-5 six viewers, a creator with %i slot(s), viewers with %i: some sit at depth 3 or more',
  (creatorSlots, slots) => {
    const simulation = new OverlaySimulation({ seed: 51, creatorSlots })
    for (let index = 0; index < 6; index++)
      simulation.time.after(500 + index * 100, () => simulation.addViewer(slots))
    simulation.runFor(15_000)
    expectSound(simulation, 'small')
    expect(Math.max(...simulation.viewers.map(depthOf))).toBeGreaterThanOrEqual(3)
  },
)

test.each([
  ['relays', (index: number) => (index < 4 ? 1 : 0)],
  ['leaves', (index: number) => (index < 16 ? 0 : 1)],
])(
  'O-TREE-6 too little upload, %s come first: every slot is used, the others wait without hurry',
  (_, slotsOf) => {
    const simulation = new OverlaySimulation({ seed: 61, creatorSlots: 2 })
    for (let index = 0; index < 20; index++) {
      simulation.time.after(index * 200, () => simulation.addViewer(slotsOf(index)))
    }
    simulation.runFor(40_000)
    expect(simulation.viewers.filter(isAttached)).toHaveLength(6)
    const asksBefore = simulation.tracker.asks
    simulation.runFor(60_000)
    expect(simulation.tracker.asks - asksBefore).toBeLessThan(14 * 30)
  },
)

test('O-TREE-7 paths stay proven as edges are renewed from the creator down', () => {
  const simulation = settled(71, 40)
  simulation.runFor(200_000)
  expectSound(simulation, 'after 200 s')
  const nowS = simulation.time.nowMs / 1000
  for (const { core } of simulation.viewers) {
    expect(core.view.chain?.edges.every(({ untilS }) => untilS > nowS + 30)).toBe(true)
  }
})

test('O-TREE-8 a parent caught cheating is left, and play goes on through another', () => {
  const simulation = settled(81, 40)
  const liar = simulation.viewers.find(({ core }) => core.view.subtree > 1)
  if (liar === undefined) throw new Error('nobody forwards')
  const victims = simulation.viewers.filter(({ parent }) => parent === liar.id)
  for (const victim of victims) victim.step({ kind: 'violation', peer: liar.id, reason: 'bad-signature' })
  simulation.runFor(3_000)
  for (const victim of victims) {
    expect(victim.parent).toBeDefined()
    expect(victim.parent).not.toBe(liar.id)
    expect(simulation.time.nowMs - (victim.newest?.atMs ?? 0)).toBeLessThan(1_500)
  }
})

test('O-CORE-3 the same seed gives the same run', () => {
  const text = (seed: number) =>
    JSON.stringify(crowd(seed, 40, 1_000).viewers.map(({ id, parents }) => [id, parents]))
  expect(text(91)).toBe(text(91))
  expect(text(91)).not.toBe(text(92))
})
