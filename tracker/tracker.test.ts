import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { generateSeed } from './node-crypto.ts'
import { closeAll, joined, live, onClose, track } from './testing/live-tracker.ts'

afterEach(closeAll)

describe('tracker: life', () => {
  it('T-LIFE-1 a taken port is a sentence with what to do', async () => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    onClose(() => new Promise(resolve => other.close(resolve)))
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await expect(track({ port })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is already in use. Stop the program that uses it, or choose another with --port.`,
    )
  })

  it('T-LIFE-2 tells its peers that it goes, and closes twice as well as once', async () => {
    const { tracker, stream } = await live()
    const { room } = await joined(tracker, stream)
    const closing = tracker.close()
    expect(await room.next('refused')).toMatchObject({ code: 'shutting-down' })
    await Promise.all([closing, tracker.close()])
    await expect(fetch(`${tracker.httpUrl}/healthz`)).rejects.toThrow()
  })

  it('T-LIFE-3 keeps its peer id with its key; a viewer that comes back first opens the room again', async () => {
    const seed = generateSeed()
    const { tracker, stream, creator } = await live({ seed })
    const viewer = await joined(tracker, stream)
    const chain = await stream.chain(creator, viewer.client)
    const { port } = new URL(tracker.httpUrl)
    await tracker.close()
    const restarted = await track({ seed, port: Number(port) })
    expect(restarted.multiaddrs).toEqual(tracker.multiaddrs)

    const back = await viewer.client.open()
    back.send({ ...stream.viewerJoin(), chain, announcement: (await stream.announce()).bytes })
    await back.next('joined')
    const asker = await joined(restarted, stream)
    asker.room.send({ kind: 'find-parents', exclude: [], isOrphan: false })
    const { candidates } = await asker.room.next('candidates')
    expect(candidates).toMatchObject([{ peer: viewer.client.self, depth: 1 }])
    const listed = await fetch(`${restarted.httpUrl}/api/streams`)
    expect(await listed.json()).toEqual({ streams: [] })
  })
})
