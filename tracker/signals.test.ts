import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { signSignal } from '../shared/protocol/signal.ts'
import { closeAll, joined, live, peer } from './testing/live-tracker.ts'
import type { RoomClient } from './testing/room-client.ts'
import { TestStream } from './testing/test-stream.ts'

afterEach(closeAll)

describe('tracker: signals', () => {
  it('T-SIGNAL-1 forwards to a member of the same room, unchanged', async () => {
    const { tracker, stream } = await live()
    const a = await joined(tracker, stream)
    const b = await joined(tracker, stream)
    const signal = await offer(stream, a.client, b.client)
    a.room.send({ kind: 'signal', to: b.client.self, signal })
    expect(await b.room.next('signal')).toEqual({ kind: 'signal', to: b.client.self, signal })
  })

  it('T-SIGNAL-3 drops one in another’s name, to another addressee than it says, of another stream, and rubbish', async () => {
    const { tracker, stream } = await live()
    const a = await joined(tracker, stream)
    const b = await joined(tracker, stream)
    const other = await TestStream.make()
    const dropped = [
      await offer(stream, b.client, a.client),
      await offer(stream, a.client, { self: a.client.self }),
      await offer(other, a.client, b.client),
      { payload: randomBytes(300), signature: randomBytes(64) },
    ]
    for (const signal of dropped) a.room.send({ kind: 'signal', to: b.client.self, signal })
    const last = await offer(stream, a.client, b.client)
    a.room.send({ kind: 'signal', to: b.client.self, signal: last })
    expect((await b.room.next('signal')).signal).toEqual(last)
    expect(b.room.received.filter(({ kind }) => kind === 'signal')).toEqual([])
  })

  it('T-SIGNAL-1 drops one to a peer of another room', async () => {
    const { tracker, stream } = await live()
    const other = await TestStream.make()
    const otherCreator = await peer(tracker)
    const otherRoom = await otherCreator.open()
    otherRoom.send(await other.creatorJoin(otherCreator))
    await otherRoom.next('joined')
    const a = await joined(tracker, stream)
    const signal = await offer(stream, a.client, otherCreator)
    a.room.send({ kind: 'signal', to: otherCreator.self, signal })
    a.room.send({ kind: 'find-parents', exclude: [], isOrphan: false })
    await a.room.next('candidates')
    expect(otherRoom.received.filter(message => message.kind === 'signal')).toEqual([])
  })
})

async function offer(
  stream: TestStream,
  from: Pick<RoomClient, 'self'> & Partial<Pick<RoomClient, 'signer'>>,
  to: Pick<RoomClient, 'self'>,
) {
  const sdp = [
    'v=0',
    'o=- 1 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    'a=mid:0',
    `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
    '',
  ].join('\r\n')
  const signer = from.signer ?? stream.keys.stream
  return signSignal(
    {
      from: from.self,
      to: to.self,
      streamId: stream.streamId,
      nonce: randomBytes(16),
      at: Date.now(),
      body: { kind: 'offer', sdp },
    },
    signer,
  )
}
