import { afterEach, expect, test } from 'vitest'
import { createSigner, generateSeed, nodeCrypto } from '../../tracker/node-crypto.ts'
import { createNodePeer } from '../headless/node-peer.ts'
import { Broadcaster } from './broadcaster.ts'
import type { ReceivedFrame } from './events.ts'
import { MemoryCreatorStreams } from './testing/memory-creator-streams.ts'
import { NodeMesh, TestSource, until } from './testing/node-mesh.ts'

const newSigner = () => createSigner(generateSeed())
const host = { crypto: nodeCrypto, createPeer: createNodePeer, newSigner }
let mesh = new NodeMesh(host)
afterEach(() => {
  mesh.close()
  mesh = new NodeMesh(host)
})

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

test('E-RESUME-1 the creator’s page is killed and comes back as another peer: viewers at every depth go on within 5 s', async () => {
  const keeper = new MemoryCreatorStreams(newSigner)
  const sent: ReceivedFrame[] = []
  const { broadcaster, streamId, source } = await mesh.broadcast(1, { keeper })
  broadcaster.on('frame', frame => void sent.push(frame))
  const viewers = [
    await mesh.viewer(streamId, 1),
    await mesh.viewer(streamId, 1),
    await mesh.viewer(streamId, 1),
  ]
  const got = viewers.map(viewer => {
    const frames: ReceivedFrame[] = []
    viewer.on('frame', frame => void frames.push(frame))
    return frames
  })
  await until(() => got.every(frames => frames.length > 40))
  source.close()
  broadcaster.close()
  const before = sent.at(-1)
  await sleep(1_500)

  const again = mesh.keep(new Broadcaster(mesh.deps(), { slots: 1 }))
  const [stored] = await keeper.list()
  if (stored === undefined || before === undefined) throw new Error('nothing was kept')
  const info = await again.resumeStream(stored, { keeper })
  expect(info.streamId).toBe(streamId)
  again.on('frame', frame => void sent.push(frame))
  mesh.keep(new TestSource(again))
  const marks = got.map(frames => frames.length)
  const haveAll = (count: number) => got.every((frames, index) => frames.length > (marks[index] ?? 0) + count)
  await until(() => haveAll(0), 5_000)
  await until(() => haveAll(40))

  // No number comes twice, time goes on, and no peer was taken for a replayer.
  expect(new Set(sent.map(({ seq }) => seq)).size).toBe(sent.length)
  const first = sent.find(({ seq }) => seq > before.seq)
  expect(first?.epoch).toBeGreaterThan(before.epoch)
  expect((first?.timestampUs ?? 0) - before.timestampUs).toBeGreaterThan(1_400_000)
  expect((first?.timestampUs ?? 0) - before.timestampUs).toBeLessThan(8_000_000)
  for (const viewer of viewers) expect(viewer.stats?.framesRejected).toBe(0)
})

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
