import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { peekAnnouncement } from '../../../shared/protocol/announcement.ts'
import type { StreamId } from '../../../shared/protocol/ids.ts'
import { lineLogger } from '../../../tracker/logger.ts'
import { createSigner, generateSeed, nodeCrypto } from '../../../tracker/node-crypto.ts'
import { TestStream } from '../../../tracker/testing/test-stream.ts'
import { createTracker, type Tracker, type TrackerOptions } from '../../../tracker/tracker.ts'
import type { RoomMembership, TrackerRoom } from '../ports.ts'
import { TrackerSession } from './tracker-session.ts'

const logger = lineLogger('error', line => process.stderr.write(line))
const clock = { nowMs: () => performance.now(), wallMs: () => Date.now() }
const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function startTracker(options: Partial<TrackerOptions> = {}): Promise<Tracker> {
  const tracker = await createTracker({ host: '127.0.0.1', port: 0, isDev: true, ...options }, { logger })
  closers.push(() => tracker.close())
  return tracker
}

async function startSession(...trackers: readonly string[]): Promise<TrackerSession> {
  const seed = generateSeed()
  const session = await TrackerSession.start(
    { trackers, seed, isDev: true },
    { signer: createSigner(seed), clock, random: Math.random, logger },
  )
  closers.push(() => session.close())
  return session
}

function membership(streamId: StreamId): RoomMembership {
  return { streamId, role: 'viewer', tracks: [], natClass: 'unknown', slots: 4 }
}

async function goLive(stream: TestStream, ...trackers: readonly string[]) {
  const session = await startSession(...trackers)
  const creator = { self: session.self, signer: session.signer }
  const { bytes } = await stream.announce()
  const room = session.openRoom({
    ...membership(stream.streamId),
    role: 'creator',
    slots: 6,
    chain: await stream.root(creator),
    announcement: bytes,
  })
  const joined = await next(room, 'joined')
  return { session, room, creator, joined }
}

type Events = Parameters<TrackerRoom['on']>[0]
function next<Name extends Events>(room: TrackerRoom, name: Name) {
  return new Promise<Parameters<Parameters<typeof room.on<Name>>[1]>[0]>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${name} within 10 s`)), 10_000)
    const off = room.on(name, payload => {
      clearTimeout(timer)
      off()
      resolve(payload)
    })
  })
}

describe('tracker session', () => {
  it('T-SESSION-1 joins, finds the creator, and carries signals both ways', async () => {
    const tracker = await startTracker()
    const stream = await TestStream.make()
    const { room: creatorRoom, session: creator } = await goLive(stream, ...tracker.multiaddrs)
    const viewer = await startSession(...tracker.multiaddrs)
    const room = viewer.openRoom(membership(stream.streamId))
    const joined = await next(room, 'joined')
    expect(peekAnnouncement(joined.announcement).streamId).toBe(stream.streamId)
    expect(room.isConnected).toBe(true)
    const candidates = next(room, 'candidates')
    expect(room.send({ kind: 'find-parents', exclude: [], isOrphan: false })).toBe(true)
    expect((await candidates).map(({ peer }) => peer)).toEqual([creator.self])
    const announced = next(room, 'announce')
    const { bytes } = await stream.announce()
    creatorRoom.send({ kind: 'announce', record: bytes })
    expect(await announced).toEqual(bytes)
  })

  it('T-SESSION-2 a tracker that was killed and restarted is joined again, by whoever comes first', async () => {
    const seed = generateSeed()
    const first = await startTracker({ seed })
    const port = Number(new URL(first.httpUrl).port)
    const stream = await TestStream.make()
    const { room: creatorRoom } = await goLive(stream, ...first.multiaddrs)
    const viewer = await startSession(...first.multiaddrs)
    const room = viewer.openRoom(membership(stream.streamId))
    await next(room, 'joined')
    const away = [next(creatorRoom, 'disconnected'), next(room, 'disconnected')]
    await first.close()
    await Promise.all(away)
    expect(room.isConnected).toBe(false)
    expect(room.send({ kind: 'find-parents', exclude: [], isOrphan: false })).toBe(false)
    const back = [next(creatorRoom, 'joined'), next(room, 'joined')]
    const newcomer = await startSession(...first.multiaddrs)
    const restarted = await startTracker({ seed, port })
    const newRoom = newcomer.openRoom(membership(stream.streamId))
    await Promise.all([...back, next(newRoom, 'joined')])
    expect(restarted.multiaddrs).toEqual(first.multiaddrs)
  })

  it('T-SESSION-3 a stream that no tracker knows is refused for good, and every tracker was asked', async () => {
    const knowing = await startTracker()
    const stream = await TestStream.make()
    await goLive(stream, ...knowing.multiaddrs)
    let skewMs = 0
    const old = await createTracker(
      { host: '127.0.0.1', port: 0, isDev: true },
      { logger, clock: { nowMs: () => performance.now() + skewMs, wallMs: () => Date.now() } },
    )
    closers.push(() => old.close())
    skewMs = 60_000
    const viewer = await startSession(...old.multiaddrs, ...knowing.multiaddrs)
    await next(viewer.openRoom(membership(stream.streamId)), 'joined')
    const lost = (await startSession(...old.multiaddrs)).openRoom(membership(stream.streamId))
    expect(await next(lost, 'refused')).toMatchObject({ code: 'no-such-stream', isFinal: true })
  })

  it('T-SESSION-4 fails over to the next tracker when the first does not answer', async () => {
    const tracker = await startTracker()
    const gone = await startTracker()
    const [goneAddress = ''] = gone.multiaddrs
    await gone.close()
    const stream = await TestStream.make()
    await goLive(stream, goneAddress, ...tracker.multiaddrs)
    const viewer = await startSession(goneAddress, ...tracker.multiaddrs)
    const room = viewer.openRoom(membership(stream.streamId))
    expect((await next(room, 'joined')).peers).toBe(2)
  })

  it('T-SESSION-5 a creator without its key is told so once and for all', async () => {
    const tracker = await startTracker()
    const stream = await TestStream.make()
    await goLive(stream, ...tracker.multiaddrs)
    const thief = await startSession(...tracker.multiaddrs)
    const room = thief.openRoom({ ...membership(stream.streamId), role: 'creator' })
    expect(await next(room, 'refused')).toMatchObject({ code: 'bad-announcement', isFinal: true })
  })

  it('T-SESSION-6 gets many pictures side by side, and none where there is none', async () => {
    const tracker = await startTracker()
    const stream = await TestStream.make()
    const { room } = await goLive(stream, ...tracker.multiaddrs)
    const picture = Uint8Array.from(randomBytes(20_000))
    room.send({
      kind: 'announce',
      record: (await stream.announce({ pictureHash: nodeCrypto.sha256(picture) })).bytes,
    })
    room.send({ kind: 'put-picture', picture })
    const home = await startSession(...tracker.multiaddrs)
    const { signal } = new AbortController()
    const unknown = await TestStream.make()
    for (;;) {
      const pictures = await Promise.all([
        ...Array.from({ length: 30 }, () => home.getPicture(stream.streamId, { signal })),
        home.getPicture(unknown.streamId, { signal }),
      ])
      expect(pictures.pop()).toBeUndefined()
      if (pictures.some(found => found === undefined)) continue
      expect(pictures.every(found => found !== undefined && Buffer.compare(found, picture) === 0)).toBe(true)
      break
    }
  })

  it('T-SESSION-7 leaves at once when closed, and closes twice as well as once', async () => {
    const tracker = await startTracker()
    const stream = await TestStream.make()
    const { room: creatorRoom } = await goLive(stream, ...tracker.multiaddrs)
    const viewer = await startSession(...tracker.multiaddrs)
    await next(viewer.openRoom(membership(stream.streamId)), 'joined')
    const isAlone = new Promise<void>(resolve => {
      creatorRoom.on('stats', ({ peers }) => peers === 1 && resolve())
    })
    await Promise.all([viewer.close(), viewer.close()])
    await isAlone
  })

  it('T-SESSION-8 says what a tracker’s address looks like', async () => {
    for (const address of ['', 'localhost:8080', '/ip4/127.0.0.1/tcp/80/ws']) {
      await expect(startSession(address)).rejects.toThrow('is no tracker address')
    }
    await expect(startSession()).rejects.toThrow('No tracker is configured')
  })
})
