import { afterEach, expect, test } from 'vitest'
import { createSigner, generateSeed, nodeCrypto } from '../../tracker/node-crypto.ts'
import { createNodePeer } from '../headless/node-peer.ts'
import { Broadcaster } from './broadcaster.ts'
import type { ReceivedFrame } from './events.ts'
import { MemoryCreatorStreams } from './testing/memory-creator-streams.ts'
import { mutable, NodeMesh, TestSource, until } from './testing/node-mesh.ts'
import type { Viewer } from './viewer.ts'

const newSigner = () => createSigner(generateSeed())
const host = { crypto: nodeCrypto, createPeer: createNodePeer, newSigner }
let mesh = new NodeMesh(host)
afterEach(() => {
  mesh.close()
  mesh = new NodeMesh(host)
})

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/** An hour in: edges and the live edge are dated in stream time. */
const HOUR_US = 3_600_000_000

async function killAndResume(kill: 'closed' | 'silent') {
  const keeper = new MemoryCreatorStreams(newSigner)
  const sent: ReceivedFrame[] = []
  const wire = mutable(createNodePeer)
  const deps = mesh.deps({ createPeer: wire.createPeer })
  const { broadcaster, streamId, source } = await mesh.broadcast(2, { keeper }, { deps, fromUs: HOUR_US })
  broadcaster.on('frame', frame => void sent.push(frame))
  await until(() => sent.length > 0)
  // Announces: newcomers learn the stream time.
  await broadcaster.setPicture(new Uint8Array(1))
  const viewers: Viewer[] = []
  for (let count = 0; count < 5; count++) viewers.push(await mesh.viewer(streamId, 1))
  const got = viewers.map(viewer => {
    const frames: ReceivedFrame[] = []
    viewer.on('frame', frame => void frames.push(frame))
    return frames
  })
  await until(() => got.every(frames => frames.length > 40))
  const [stored] = await keeper.list()
  source.close()
  if (kill === 'silent') {
    wire.mute()
    keeper.unlockAll()
  } else broadcaster.close()
  const before = sent.at(-1)
  await sleep(1_500)

  const again = mesh.keep(new Broadcaster(mesh.deps(), { slots: 2 }))
  if (stored === undefined || before === undefined) throw new Error('nothing was kept')
  const info = await again.resumeStream(stored, { keeper })
  expect(info.streamId).toBe(streamId)
  again.on('frame', frame => void sent.push(frame))
  // A camera takes a moment; children attach meanwhile.
  await sleep(1_500)
  mesh.keep(new TestSource(again))
  const marks = got.map(frames => frames.length)
  const haveAll = (count: number) => got.every((frames, index) => frames.length > (marks[index] ?? 0) + count)
  await until(() => haveAll(0), 5_000)
  await until(() => haveAll(40))

  // No number comes twice, time goes on, and no peer was taken for a replayer or a liar.
  expect(new Set(sent.map(({ seq }) => seq)).size).toBe(sent.length)
  const first = sent.find(({ seq }) => seq > before.seq)
  expect(first?.epoch).toBeGreaterThan(before.epoch)
  const passedUs = (first?.timestampUs ?? 0) - before.timestampUs
  expect(passedUs).toBeGreaterThan(1_400_000)
  expect(passedUs).toBeLessThan(8_000_000)
  for (const viewer of viewers) expect(viewer.stats?.framesRejected).toBe(0)
}

test('E-RESUME-1 the creator’s page is closed and comes back as another peer: viewers at every depth go on within 5 s', async () => {
  await killAndResume('closed')
}, 20_000)

test('E-RESUME-1 so they do when it falls silent without a word, as a killed process does', async () => {
  await killAndResume('silent')
}, 20_000)

test('E-RESUME-2 one page at a time, and not after a minute', async () => {
  const keeper = new MemoryCreatorStreams(newSigner)
  const { broadcaster } = await mesh.broadcast(1, { keeper })
  const [stored] = await keeper.list()
  if (stored === undefined) throw new Error('nothing was kept')
  await expect(new Broadcaster(mesh.deps()).resumeStream(stored, { keeper })).rejects.toMatchObject({
    code: 'live-elsewhere',
  })
  const aliveAtMs = stored.state.aliveAtMs - 61_000
  broadcaster.close()
  await expect(
    new Broadcaster(mesh.deps()).resumeStream(
      { ...stored, state: { ...stored.state, aliveAtMs } },
      { keeper },
    ),
  ).rejects.toMatchObject({ code: 'too-late-to-resume' })
})

test('E-RESUME-3 a stream that was ended is forgotten, with its key', async () => {
  const keeper = new MemoryCreatorStreams(newSigner)
  const { broadcaster, source } = await mesh.broadcast(1, { keeper })
  await until(() => source.pushed > 3)
  await broadcaster.stopStream()
  expect(await keeper.list()).toEqual([])
})
