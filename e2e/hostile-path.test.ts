import { afterEach, expect, test } from 'vitest'
import type { Relay } from '../client/engine/relay.ts'
import { type EdgeChain, extendChain, signEdge } from '../shared/protocol/edge-chain.ts'
import type { PeerId, StreamId } from '../shared/protocol/ids.ts'
import { EDGE_VALID_S } from '../shared/protocol/limits.ts'
import { Disposer } from './support/disposer.ts'
import { MeddlingTracker } from './support/meddling-tracker.ts'
import { childrenOf, type Hostile, idOf, NodeMesh, parentOf, type Watcher } from './support/node-mesh.ts'
import { until } from './support/until.ts'

const disposer = new Disposer()
afterEach(() => disposer.dispose())

const NEWCOMERS = 3

type Cast = {
  readonly mesh: NodeMesh
  readonly streamId: StreamId
  readonly honest: Relay
  readonly framed: PeerId
  readonly liar: Hostile
}

/** creator ─ honest relay ─ liar, beside a viewer to be framed. The honest one takes nobody else until it is shown. */
async function setScene(): Promise<Cast> {
  const mesh = await NodeMesh.start(disposer)
  const { streamId } = await mesh.startCreator(1)
  const honest = await mesh.startRelay(streamId, 8)
  const framed = idOf((await mesh.startViewer(streamId, 0)).viewer)
  const liar = await mesh.startHostile(streamId, 4)
  await until('the liar hangs on the honest relay', () => parentOf(liar.relay) === idOf(honest))
  honest.setHidden(true)
  return { mesh, streamId, honest, framed, liar }
}

/** The viewer that asked the liar ends up under the honest relay, and the liar alone. */
async function expectUnmasked(cast: Cast, forged: (chain: EdgeChain) => EdgeChain): Promise<void> {
  const { mesh, streamId, honest, liar } = cast
  liar.wire.lie = message =>
    message.kind === 'accept' ? { ...message, chain: forged(message.chain) } : message
  const watcher = await mesh.startViewer(streamId, 0)
  await until('a violation', () => watcher.violations.length > 0)
  expect(watcher.violations).toEqual([{ peer: idOf(liar.relay), reason: 'bad-chain' }])
  honest.setHidden(false)
  await until('the viewer is fed by the honest relay', () => parentOf(watcher.viewer) === idOf(honest))
  await until('it watches', () => watcher.log.size > 10)
  expect(childrenOf(liar.relay)).toEqual([])
}

type Forge = (cast: Cast) => Promise<(chain: EdgeChain) => EdgeChain>

/** What it has not got is the creator's signature; its own is what it can make. */
const asChildOfCreator: Forge = async ({ streamId, liar }) => {
  const self = idOf(liar.relay)
  const edge = await signEdge(streamId, self, self, EDGE_VALID_S, liar.signer)
  return ({ creator, root }) => ({ creator, root, edges: [edge] })
}

const belowAnother: Forge = async ({ streamId, liar, framed }) => {
  const self = idOf(liar.relay)
  const toFramed = await signEdge(streamId, self, framed, EDGE_VALID_S, liar.signer)
  const toSelf = await signEdge(streamId, framed, self, EDGE_VALID_S, liar.signer)
  return chain => {
    const above = { ...chain, edges: chain.edges.slice(0, -1) }
    return extendChain(extendChain(above, toFramed), toSelf)
  }
}

const lies: [string, Forge][] = [
  ['says it is the creator’s child', asChildOfCreator],
  ['puts another on its path', belowAnother],
]

test.each(lies)('W-EDGE-2 a peer that %s to its child has it no longer', async (_, forge) => {
  const cast = await setScene()
  await expectUnmasked(cast, await forge(cast))
})

test.each(lies)('T-CAND-4 a peer that %s to the tracker is named to nobody', async (_, forge) => {
  const cast = await setScene()
  const { mesh, streamId, honest, liar } = cast
  const forged = await forge(cast)
  liar.room.lie = message =>
    message.kind === 'update' ? { ...message, chain: forged(message.chain), freeSlots: 9, slots: 9 } : message
  // Its place changes, so that it has something to tell.
  liar.relay.setSlots(5)
  await until('the tracker says no', () => liar.room.refusals.includes('bad-chain'))
  honest.setHidden(false)
  for (let count = 0; count < NEWCOMERS; count++) {
    const room = new MeddlingTracker()
    const { viewer } = await mesh.startViewer(streamId, 0, { tracker: honestRoom => room.wrap(honestRoom) })
    await until('the newcomer is fed by the honest relay', () => parentOf(viewer) === idOf(honest))
    expect(room.named.map(({ peer }) => peer)).not.toContain(idOf(liar.relay))
  }
  expect(childrenOf(liar.relay)).toEqual([])
})

test('T-CAND-13 a peer that claims slots without end is named for no more than an honest viewer has', async () => {
  const cast = await setScene()
  const { mesh, streamId, honest, liar } = cast
  let hasLied = false
  liar.room.lie = message => {
    if (message.kind !== 'update') return message
    hasLied = true
    return { ...message, freeSlots: 60_000, slots: 60_000 }
  }
  liar.relay.setSlots(0)
  await until('the tracker is told', () => hasLied)
  const named: number[] = []
  const watchers: Watcher[] = []
  for (let count = 0; count < NEWCOMERS; count++) {
    const room = new MeddlingTracker()
    watchers.push(await mesh.startViewer(streamId, 0, { tracker: honestRoom => room.wrap(honestRoom) }))
    await until('the liar is named', () => {
      named.push(
        ...room.named.filter(({ peer }) => peer === idOf(liar.relay)).map(({ freeSlots }) => freeSlots),
      )
      return room.named.length > 0
    })
  }
  expect(Math.max(...named)).toBeGreaterThan(0)
  expect(Math.max(...named)).toBeLessThanOrEqual(4)
  expect(childrenOf(liar.relay)).toEqual([])
  honest.setHidden(false)
  await until('all are fed by the honest relay', () =>
    watchers.every(({ viewer }) => parentOf(viewer) === idOf(honest)),
  )
})
