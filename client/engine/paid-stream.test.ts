import { afterEach, expect, test } from 'vitest'
import { decodePeerMessage } from '../../shared/protocol/peer-message.ts'
import { createSigner, generateSeed, nodeCrypto } from '../../tracker/node-crypto.ts'
import { createNodePeer } from '../headless/node-peer.ts'
import { Broadcaster } from './broadcaster.ts'
import type { AccessState, ReceivedFrame } from './events.ts'
import { MemoryCreatorStreams } from './testing/memory-creator-streams.ts'
import { losing, NodeMesh, TestSource, until } from './testing/node-mesh.ts'
import {
  type Encrypted,
  fundedEvidence,
  testCreatorAccess,
  testPrice,
  testViewerAccess,
  WALLET,
} from './testing/paid-stream.ts'
import { Viewer } from './viewer.ts'

const newSigner = () => createSigner(generateSeed())
const host = { crypto: nodeCrypto, createPeer: createNodePeer, newSigner }
let mesh = new NodeMesh(host)
afterEach(() => {
  mesh.close()
  mesh = new NodeMesh(host)
})

const digest = (payload: Uint8Array): string => Buffer.from(nodeCrypto.sha256(payload)).toString('hex')

/** A paid stream with a keyless peer at level 1, and a viewer that can pay below it. */
async function paidRow(log: Encrypted[]) {
  const keeper = new MemoryCreatorStreams(newSigner)
  const deps = mesh.deps()
  const access = await testCreatorAccess(deps, log)
  const sent = new Map<number, string>()
  const { broadcaster, streamId, source } = await mesh.broadcast(1, {
    keeper,
    paid: { ...testPrice, access },
  })
  broadcaster.on('frame', ({ seq, payload }) => void sent.set(seq, digest(payload)))
  const keyless = await mesh.viewer(streamId, 1)
  const passing: ReceivedFrame[] = []
  keyless.on('frame', frame => void passing.push(frame))
  const viewerDeps = mesh.deps()
  const payer = mesh.keep(new Viewer(viewerDeps, { slots: 1, access: testViewerAccess(viewerDeps) }))
  const states: AccessState[] = []
  payer.on('access', state => void states.push(state))
  const shown: ReceivedFrame[] = []
  payer.on('frame', frame => void shown.push(frame))
  await payer.joinStream(streamId)
  await until(() => payer.state.kind === 'live' && payer.stats?.depth === 2)
  const session = newSigner()
  for (const evidence of fundedEvidence(streamId, session, 1_000_000n)) access.giver().evidence(evidence)
  return {
    keeper,
    access,
    broadcaster,
    streamId,
    source,
    keyless,
    passing,
    payer,
    states,
    shown,
    session,
    sent,
  }
}

const isUp = (data: Uint8Array): boolean => {
  try {
    return decodePeerMessage(new Uint8Array(data)).kind === 'up'
  } catch {
    return false
  }
}

const isContiguous = (frames: readonly ReceivedFrame[]) =>
  frames.every(({ seq }, index) => index === 0 || seq === (frames[index - 1]?.seq ?? 0) + 1)

test('E-PAID-1 E-PAID-2 below a peer without a key a payer sees every frame of eleven epochs, which that peer cannot read', async () => {
  const log: Encrypted[] = []
  const { payer, states, shown, passing, session, sent } = await paidRow(log)
  expect(payer.access.kind).toBe('locked')
  expect(shown).toEqual([])
  await payer.unlock({ wallet: WALLET, session, acceptedPrice: 1_000n })
  await until(() => new Set(shown.map(({ epoch }) => epoch)).size > 11, 20_000)

  expect(isContiguous(shown)).toBe(true)
  for (const { seq, payload, isEncrypted } of shown) {
    expect(isEncrypted).toBe(false)
    expect(digest(payload)).toBe(sent.get(seq))
  }
  expect(passing.length).toBeGreaterThan(300)
  for (const { seq, payload, isEncrypted } of passing) {
    expect(isEncrypted).toBe(true)
    expect(digest(payload)).not.toBe(sent.get(seq))
  }
  expect(states.map(({ kind }) => kind)).toEqual(['locked', 'asking', 'open'])
  expect(payer.terms).toEqual({ price: 1_000n, epochMs: 1_000, creditSeconds: 12 })
}, 30_000)

test('E-PAID-1 a session that no wallet funded sees nothing, and is told why', async () => {
  const { payer, shown, states } = await paidRow([])
  await payer.unlock({ wallet: WALLET, session: newSigner(), acceptedPrice: 1_000n })
  await until(() => payer.access.kind === 'refused')
  expect(states.at(-1)).toMatchObject({ kind: 'refused', code: 'not-funded' })
  expect(shown).toEqual([])
})

test('O-UP-5 a parent that loses what goes up costs no frame: the payer asks through its warm parent', async () => {
  const deps = mesh.deps()
  const access = await testCreatorAccess(deps, [])
  // Grants leave 1.5 s ahead, and a question is given up after 0.6 s: a 1 s epoch leaves no time for a second way.
  const price = { ...testPrice, epochMs: 2_000 }
  const { streamId } = await mesh.broadcast(2, { paid: { ...price, access } }, { deps })
  const losers = new Set<string>()
  let lost = 0
  const relays: Viewer[] = []
  for (let count = 0; count < 2; count++) {
    const relayDeps = mesh.deps()
    const { self } = relayDeps.tracker
    const createPeer = losing(relayDeps.createPeer, data => {
      if (!losers.has(self) || !isUp(data)) return false
      lost += 1
      return true
    })
    // Without slots, so that both find their place at the creator.
    const relay = mesh.keep(new Viewer({ ...relayDeps, createPeer }, { slots: 0 }))
    await relay.joinStream(streamId)
    await until(() => relay.stats?.depth === 1)
    relays.push(relay)
  }
  for (const relay of relays) relay.setSlots(2)
  const payerDeps = mesh.deps()
  const payer = mesh.keep(new Viewer(payerDeps, { slots: 0, access: testViewerAccess(payerDeps) }))
  const shown: ReceivedFrame[] = []
  payer.on('frame', frame => void shown.push(frame))
  await payer.joinStream(streamId)
  const relationOf = (relation: string) => payer.stats?.links.find(link => link.relation === relation)?.peer
  await until(() => payer.stats?.depth === 2 && relationOf('warm') !== undefined)
  const parent = relationOf('parent')
  expect(relays.map(({ stats }) => stats?.self)).toContain(parent)
  losers.add(parent ?? '')

  const session = newSigner()
  for (const evidence of fundedEvidence(streamId, session, 1_000_000n)) access.giver().evidence(evidence)
  await payer.unlock({ wallet: WALLET, session, acceptedPrice: 1_000n })
  await until(() => new Set(shown.map(({ epoch }) => epoch)).size > 3, 15_000)
  expect(lost).toBeGreaterThan(2)
  expect(isContiguous(shown)).toBe(true)
}, 30_000)

test('E-RESUME-5 a paid stream goes on after a reload: the payer sees it, and no key meets a nonce twice', async () => {
  const log: Encrypted[] = []
  const row = await paidRow(log)
  const { payer, shown, keeper, broadcaster, source, session, streamId } = row
  await payer.unlock({ wallet: WALLET, session, acceptedPrice: 1_000n })
  await until(() => shown.length > 60)
  const snapshot = row.access.giver().snapshot()
  source.close()
  broadcaster.close()
  const mark = shown.length
  const lastEpoch = shown.at(-1)?.epoch ?? 0

  const deps = mesh.deps()
  const access = await testCreatorAccess(deps, log, { snapshot })
  const again = mesh.keep(new Broadcaster(deps, { slots: 1 }))
  const [stored] = await keeper.list()
  if (stored === undefined) throw new Error('nothing was kept')
  await again.resumeStream(stored, { keeper, access })
  for (const evidence of fundedEvidence(streamId, session, 1_000_000n)) access.giver().evidence(evidence)
  mesh.keep(new TestSource(again))
  await until(() => shown.length > mark, 5_000)
  await until(() => shown.length > mark + 60)
  const after = shown.slice(mark)
  expect(isContiguous(after.slice(1))).toBe(true)
  expect(after.at(-1)?.epoch).toBeGreaterThan(lastEpoch)
  const used = log.map(({ key, track, seq }) => `${key}/${track}/${seq}`)
  expect(new Set(used).size).toBe(used.length)
  expect(new Set(log.map(({ key }) => key)).size).toBeGreaterThan(4)
}, 20_000)
