import { afterEach, expect, test } from 'vitest'
import type { ChainPlace } from '../../../shared/protocol/chain-place.ts'
import { filled } from '../../../shared/protocol/testing/message-examples.ts'
import { createSigner, generateSeed, nodeCrypto } from '../../../tracker/node-crypto.ts'
import { createNodePeer } from '../../headless/node-peer.ts'
import { Broadcaster } from '../broadcaster.ts'
import { MemoryCreatorStreams } from '../testing/memory-creator-streams.ts'
import { NodeMesh, until } from '../testing/node-mesh.ts'
import { Viewer } from '../viewer.ts'

const newSigner = () => createSigner(generateSeed())
const mesh = new NodeMesh({ crypto: nodeCrypto, createPeer: createNodePeer, newSigner })
afterEach(() => mesh.close())

test('E-RECORD-4 viewers are told the place with each announcement, also by the creator’s next page', async () => {
  const keeper = new MemoryCreatorStreams(newSigner)
  const { broadcaster, streamId, source } = await mesh.broadcast(2, { keeper })
  const told: (ChainPlace | undefined)[] = []
  const watch = async () => {
    const viewer = mesh.keep(new Viewer(mesh.deps(), { slots: 0 }))
    viewer.on('announcement', ({ announcement }) => void told.push(announcement.record))
    await viewer.joinStream(streamId)
    return viewer
  }
  const first = await watch()
  expect(told).toEqual([undefined])
  const place = {
    block: 7,
    blockHash: filled(32, 1),
    extrinsicHash: filled(32, 2),
    manifestHash: filled(32, 3),
  }
  await broadcaster.setRecord(place)
  await until(() => told.length === 2)
  expect(told[1]).toEqual(place)
  first.leave()
  source.close()
  broadcaster.close()
  const [stored] = await keeper.list()
  if (stored === undefined) throw new Error('nothing was kept')
  const again = mesh.keep(new Broadcaster(mesh.deps(), { slots: 2 }))
  await again.resumeStream(stored, { keeper })
  await watch()
  expect(told.at(-1)).toEqual(place)
}, 20_000)
