import { afterEach, expect, test } from 'vitest'
import { Broadcaster } from '../client/engine/broadcaster.ts'
import { MemoryCreatorStreams } from '../client/engine/testing/memory-creator-streams.ts'
import { mutable } from '../client/engine/testing/node-mesh.ts'
import { createNodePeer } from '../client/headless/node-peer.ts'
import { createSigner, generateSeed } from '../tracker/node-crypto.ts'
import { Disposer } from './support/disposer.ts'
import { FrameLog } from './support/frame-log.ts'
import { NodeMesh, type Watcher } from './support/node-mesh.ts'
import { SYNTHETIC_TRACK, SyntheticSource } from './support/synthetic-source.ts'
import { until } from './support/until.ts'

let disposer = new Disposer()
afterEach(async () => {
  await disposer.dispose()
  disposer = new Disposer()
})

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

test('E-RESUME-1 with a real tracker: the creator is killed without a word, an hour in, and viewers go on under it', async () => {
  const mesh = await NodeMesh.start(disposer)
  const keeper = new MemoryCreatorStreams(() => createSigner(generateSeed()))
  const wire = mutable(createNodePeer)
  const deps = await mesh.deps({ createPeer: () => wire.createPeer })
  const first = new Broadcaster(deps, { slots: 2 })
  disposer.defer(() => first.close())
  const sent = new FrameLog()
  first.on('frame', sent.add)
  const { streamId } = await first.startStream({ title: 'test', tracks: [SYNTHETIC_TRACK], keeper })
  const source = new SyntheticSource(frame => first.push(frame))
  disposer.defer(() => source.stop())
  source.skip(3_600_000)
  source.start()
  await until('the first frames', () => sent.size > 0)
  // Announces how far the stream is.
  await first.setPicture(new Uint8Array(1))
  const watchers: Watcher[] = []
  for (let count = 0; count < 6; count++) watchers.push(await mesh.startViewer(streamId, 1))
  await until('all watch', () => watchers.every(({ log }) => log.size > 30), 20_000)

  const [stored] = await keeper.list()
  if (stored === undefined) throw new Error('nothing was kept')
  source.stop()
  wire.mute()
  await deps.tracker.close()
  keeper.unlockAll()
  await pause(2_000)

  const again = new Broadcaster(await mesh.deps(), { slots: 2 })
  disposer.defer(() => again.close())
  again.on('frame', sent.add)
  await again.resumeStream(stored, { keeper })
  const newSource = new SyntheticSource(frame => again.push(frame))
  disposer.defer(() => newSource.stop())
  newSource.start()
  const marks = watchers.map(({ log }) => log.size)
  const went = () => watchers.map(({ log }, index) => log.size - (marks[index] ?? 0))
  await until(
    () =>
      `all go on within 5 s: ${went().join()} ${watchers.map(({ viewer }) => JSON.stringify(viewer.state))}`,
    () => went().every(frames => frames > 0),
    5_000,
  )
  await until('all go on', () => went().every(frames => frames > 60))
  for (const { log, violations } of watchers) {
    expect(log.foreignTo(sent)).toEqual([])
    expect(log.repeated).toEqual([])
    expect(violations).toEqual([])
  }
  // Newcomers find it too.
  const late = await mesh.startViewer(streamId, 0)
  await until('a newcomer watches', () => late.log.size > 10)
}, 60_000)
