import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { DIRECTORY_LIST_PROTOCOL } from '../shared/overlay/room-directory.ts'
import { peekAnnouncement } from '../shared/protocol/announcement.ts'
import { PICTURE_MAX_BYTES } from '../shared/protocol/limits.ts'
import { nodeCrypto } from './node-crypto.ts'
import { closeAll, joined, live, peer, track, until } from './testing/live-tracker.ts'
import { TestStream } from './testing/test-stream.ts'

afterEach(closeAll)

describe('tracker: announcements and pictures', () => {
  it('T-ANNOUNCE-1 forwards the creator’s to the room, and tells it of old and forged ones', async () => {
    const { tracker, stream, creatorRoom } = await live()
    const viewer = await joined(tracker, stream)
    const first = await stream.announce()
    const second = await stream.announce({ viewers: 40 })
    creatorRoom.send({ kind: 'announce', record: second.bytes })
    expect((await viewer.room.next('announce')).record).toEqual(second.bytes)
    creatorRoom.send({ kind: 'announce', record: first.bytes })
    expect(await creatorRoom.next('refused')).toMatchObject({ code: 'stale-announcement' })
    const forged = Uint8Array.from(second.bytes)
    forged[20] = (forged[20] ?? 0) ^ 1
    creatorRoom.send({ kind: 'announce', record: forged })
    expect((await creatorRoom.next('refused')).code).toMatch(/^(bad|stale)-announcement$/)
    expect(viewer.room.received.filter(message => message.kind === 'announce')).toEqual([])
  })

  it('T-ANNOUNCE-2 takes none from a viewer while the creator is there, and one newer when it is not', async () => {
    const { tracker, stream, creator, creatorRoom } = await live()
    const a = await joined(tracker, stream)
    const b = await joined(tracker, stream)
    const newer = await stream.announce()
    a.room.send({ kind: 'announce', record: newer.bytes })
    expect(await a.room.next('refused')).toMatchObject({ code: 'not-creator' })
    await creator.close()
    await creatorRoom.ended
    const { record } = await until(async () => {
      a.room.send({ kind: 'announce', record: newer.bytes })
      return b.room.received.find(message => message.kind === 'announce')
    })
    expect(record).toEqual(newer.bytes)
  })

  it('T-ANNOUNCE-3 tells a creator whose clock is wrong, and lets it in', async () => {
    const tracker = await track()
    const stream = await TestStream.make()
    const creator = await peer(tracker)
    const room = await creator.open()
    const { bytes } = await stream.announce({ at: Date.now() - 20 * 60_000 })
    room.send({ ...(await stream.creatorJoin(creator)), announcement: bytes })
    await room.next('joined')
    expect((await room.next('refused')).detail).toContain('Your clock is wrong by 20 min')
  })

  it('T-PICTURE-1 keeps the picture that the announcement names, and gives it to anyone connected', async () => {
    const { tracker, stream, creatorRoom } = await live()
    const picture = randomBytes(PICTURE_MAX_BYTES)
    const stranger = await (await peer(tracker)).open()
    stranger.send({ kind: 'get-picture', streamId: stream.streamId })
    expect((await stranger.next('picture')).picture).toHaveLength(0)
    creatorRoom.send({ kind: 'put-picture', picture })
    expect(await creatorRoom.next('refused')).toMatchObject({ code: 'bad-announcement' })
    const pictureHash = nodeCrypto.sha256(picture)
    creatorRoom.send({ kind: 'announce', record: (await stream.announce({ pictureHash })).bytes })
    creatorRoom.send({ kind: 'put-picture', picture })
    const given = await until(async () => {
      stranger.send({ kind: 'get-picture', streamId: stream.streamId })
      const answer = await stranger.next('picture')
      return answer.picture.length > 0 ? answer : undefined
    })
    expect(given).toMatchObject({ streamId: stream.streamId })
    expect(Buffer.from(given.picture).equals(picture)).toBe(true)
    const viewer = await joined(tracker, stream)
    viewer.room.send({ kind: 'put-picture', picture })
    expect(await viewer.room.next('refused')).toMatchObject({ code: 'not-creator' })
  })

  it('T-DIR-1 lists live streams at once, those of a joined creator only, until they end', async () => {
    const { tracker, stream, creatorRoom } = await live()
    const unlisted = await TestStream.make()
    const record = Buffer.from((await unlisted.announce()).bytes).toString('base64')
    const created = await fetch(`${tracker.httpUrl}/api/stream/create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ record }),
    })
    expect(created.status).toBe(201)
    const client = await peer(tracker)
    const list = async () => {
      const answer = await client.open(DIRECTORY_LIST_PROTOCOL)
      await answer.ended
      return answer.raw.map(bytes => peekAnnouncement(bytes))
    }
    expect(await list()).toMatchObject([{ streamId: stream.streamId, hasManifest: true }])
    creatorRoom.send({ kind: 'announce', record: (await stream.announce({ status: 'ended' })).bytes })
    await until(async () => ((await list()).length === 0 ? true : undefined))
  })
})
