import { afterEach, expect, test } from 'vitest'
import type { Relay } from '../client/engine/relay.ts'
import { type EdgeChain, extendChain, signEdge } from '../shared/protocol/edge-chain.ts'
import type { PeerId, StreamId } from '../shared/protocol/ids.ts'
import { EDGE_VALID_S } from '../shared/protocol/limits.ts'
import { Disposer } from './support/disposer.ts'
import { childrenOf, type Hostile, idOf, NodeMesh, parentOf } from './support/node-mesh.ts'
import { until } from './support/until.ts'

const disposer = new Disposer()
afterEach(() => disposer.dispose())

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
  const honest = await mesh.startRelay(streamId, 4)
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

test('O-PATH-1 a peer that says it is the creator’s child and is not gains no child by it', async () => {
  const cast = await setScene()
  const { signer, relay } = cast.liar
  const self = idOf(relay)
  // The creator's signature is what it has not got; its own is what it can make.
  const edge = await signEdge(cast.streamId, self, self, EDGE_VALID_S, signer)
  await expectUnmasked(cast, ({ creator, root }) => ({ creator, root, edges: [edge] }))
})

test('O-PATH-2 a peer that puts another on its path gains no child by it', async () => {
  const cast = await setScene()
  const { streamId, framed, liar } = cast
  const self = idOf(liar.relay)
  const toFramed = await signEdge(streamId, self, framed, EDGE_VALID_S, liar.signer)
  const toSelf = await signEdge(streamId, framed, self, EDGE_VALID_S, liar.signer)
  await expectUnmasked(cast, chain => {
    const above = { ...chain, edges: chain.edges.slice(0, -1) }
    return extendChain(extendChain(above, toFramed), toSelf)
  })
})
