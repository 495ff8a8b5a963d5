import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { DIRECTORY_LIST_PROTOCOL } from '../shared/overlay/room-directory.ts'
import { peekAnnouncement } from '../shared/protocol/announcement.ts'
import { PICTURE_MAX_BYTES, ROOM_MESSAGE_MAX_BYTES } from '../shared/protocol/limits.ts'
import { signSignal } from '../shared/protocol/signal.ts'
import { lineLogger } from './logger.ts'
import { generateSeed, nodeCrypto } from './node-crypto.ts'
import { type ClientStream, RoomClient } from './testing/room-client.ts'
import { TestStream, updateMessage } from './testing/test-stream.ts'
import { createTracker, type Tracker, type TrackerOptions } from './tracker.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function track(options: Partial<TrackerOptions> = {}): Promise<Tracker> {
  const logger = lineLogger('error', line => process.stderr.write(line))
  const tracker = await createTracker(
    { host: '127.0.0.1', port: 0, stunPort: 0, isDev: true, ...options },
    { logger },
  )
  closers.push(() => tracker.close())
  return tracker
}

async function peer(tracker: Tracker): Promise<RoomClient> {
  const client = await RoomClient.start(tracker.multiaddrs[0] ?? '')
  closers.push(() => client.close())
  return client
}

/** A tracker with a live stream and its creator in the room. */
async function live(options: Partial<TrackerOptions> = {}) {
  const tracker = await track(options)
  const stream = await TestStream.make()
  const creator = await peer(tracker)
  const creatorRoom = await creator.open()
  creatorRoom.send(await stream.creatorJoin(creator))
  await creatorRoom.next('joined')
  return { tracker, stream, creator, creatorRoom }
}

async function joined(
  tracker: Tracker,
  stream: TestStream,
): Promise<{ client: RoomClient; room: ClientStream }> {
  const client = await peer(tracker)
  const room = await client.open()
  room.send(stream.viewerJoin())
  await room.next('joined')
  return { client, room }
}

describe('tracker: rooms', () => {
  it('T-JOIN-1 tells a joiner the time, the newest announcement with its manifest, and STUN under the name it dialled', async () => {
    const { tracker, stream } = await live()
    const client = await peer(tracker)
    const room = await client.open()
    room.send(stream.viewerJoin())
    const answer = await room.next('joined')
    expect(Math.abs(answer.trackerTime - Date.now())).toBeLessThan(5_000)
    expect(answer).toMatchObject({ depthCap: 8, peers: 2 })
    expect(answer.iceServers).toEqual([{ urls: [`stun:127.0.0.1:${tracker.stunPort}`] }])
    expect(peekAnnouncement(answer.announcement)).toMatchObject({
      streamId: stream.streamId,
      hasManifest: true,
    })
  })

  it('T-TURN-1 gives TURN credentials in the answer to Join, and nowhere else', async () => {
    const turn = { urls: ['turn:turn.example:3478'], secret: 'north' }
    const { tracker, stream } = await live({ turn })
    const client = await peer(tracker)
    const room = await client.open()
    room.send(stream.viewerJoin())
    const { iceServers } = await room.next('joined')
    expect(iceServers.at(-1)?.username).toMatch(new RegExp(`^\\d+:${client.self}$`))
    const config = await (await fetch(`${tracker.httpUrl}/config.json`)).text()
    expect(config).not.toContain('turn.example')
  })

  it('T-JOIN-6 refuses a stream that nobody announced, once creators had time to come back', async () => {
    let skewMs = 0
    const clock = { nowMs: () => performance.now() + skewMs, wallMs: () => Date.now() }
    const tracker = await createTracker(
      { host: '127.0.0.1', port: 0, isDev: true },
      { logger: lineLogger('error', () => {}), clock },
    )
    closers.push(() => tracker.close())
    const stream = await TestStream.make()
    const early = await (await peer(tracker)).open()
    early.send(stream.viewerJoin())
    skewMs = 10_000
    expect(await early.next('refused')).toMatchObject({ code: 'no-such-stream' })
    const late = await (await peer(tracker)).open()
    late.send(stream.viewerJoin())
    expect(await late.next('refused')).toMatchObject({ code: 'no-such-stream' })
    await late.ended
  })

  it('T-JOIN-2 refuses a creator without the stream key', async () => {
    const { tracker, stream, creator } = await live()
    const thief = await peer(tracker)
    const forgeries = [
      { ...stream.viewerJoin(), role: 'creator' as const },
      { ...(await stream.creatorJoin(thief)), chain: await stream.root(creator) },
      { ...(await stream.creatorJoin(thief)), announcement: randomBytes(200) },
    ]
    for (const forgery of forgeries) {
      const room = await thief.open()
      room.send(forgery)
      const { code } = await room.next('refused')
      expect(['not-creator', 'bad-announcement', 'bad-chain']).toContain(code)
      await room.ended
    }
  })

  it('T-CAND-1 answers FindParents with proven peers only, at the depth of their chain', async () => {
    const { tracker, stream, creator } = await live()
    const proven = await joined(tracker, stream)
    const unproven = await joined(tracker, stream)
    proven.room.send(updateMessage(await stream.chain(creator, proven.client)))
    const asker = await joined(tracker, stream)
    asker.room.send({ kind: 'find-parents', exclude: [], isOrphan: false })
    const { candidates } = await asker.room.next('candidates')
    const depths = Object.fromEntries(candidates.map(({ peer: id, depth }) => [id, depth]))
    expect(depths).toEqual({ [creator.self]: 0, [proven.client.self]: 1 })
    expect(depths).not.toHaveProperty(unproven.client.self)
  })

  it('T-CAND-4 a liar gains no candidacy: forged edge, victim as tip, victim on the path, a shorter path', async () => {
    const { tracker, stream, creator } = await live()
    const victim = await joined(tracker, stream)
    victim.room.send(updateMessage(await stream.chain(creator, victim.client)))
    const liar = await joined(tracker, stream)
    const honest = await stream.chain(creator, victim.client, liar.client)
    const [first, second] = honest.edges
    if (first === undefined || second === undefined) throw new Error('two edges')
    const lies = [
      // Signed by itself instead of the parent.
      await stream.chain({ self: creator.self, signer: liar.client.signer }, liar.client),
      // The victim's own chain.
      await stream.chain(creator, victim.client),
      // The victim never signed for it.
      await stream.chain(creator, { self: victim.client.self, signer: liar.client.signer }, liar.client),
      // An honest edge moved to another parent.
      { ...honest, edges: [second] },
      // Another stream's root.
      { ...honest, root: (await (await TestStream.make()).root(creator)).root },
      // Longer valid than any parent grants.
      { ...honest, edges: [first, { ...second, untilS: second.untilS + 1 }] },
    ]
    for (const lie of lies) {
      liar.room.send(updateMessage(lie, 1_000))
      expect(await liar.room.next('refused')).toMatchObject({ code: 'bad-chain' })
    }
    const asker = await joined(tracker, stream)
    asker.room.send({ kind: 'find-parents', exclude: [], isOrphan: false })
    const { candidates } = await asker.room.next('candidates')
    expect(candidates.map(({ peer: id }) => id)).not.toContain(liar.client.self)
  })

  it('T-JOIN-7 a peer that joins the same room anew takes its own place', async () => {
    const { tracker, stream } = await live()
    const { client, room } = await joined(tracker, stream)
    const again = await client.open()
    again.send(stream.viewerJoin())
    expect(await again.next('joined')).toMatchObject({ peers: 2 })
    await room.ended
  })

  it('T-STATS-1 counts who leaves, by Leave and by a closed connection', async () => {
    const { tracker, stream, creatorRoom } = await live()
    const first = await joined(tracker, stream)
    const second = await joined(tracker, stream)
    const untilPeers = async (peers: number): Promise<void> => {
      while ((await creatorRoom.next('stats')).peers !== peers);
    }
    await untilPeers(3)
    first.room.send({ kind: 'leave' })
    await first.room.ended
    await second.client.close()
    await untilPeers(1)
  })
})

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

/** What `check` answers, as soon as it does. */
async function until<T>(check: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + 10_000
  for (;;) {
    const answer = await check()
    if (answer !== undefined) return answer
    if (performance.now() > end) throw new Error('not within 10 s')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

describe('tracker: hostile peers', () => {
  it('T-HOSTILE-1 contains rubbish, a length without end, and a message too long; others notice nothing', async () => {
    const { tracker, stream } = await live()
    const bystander = await joined(tracker, stream)
    const attacks = [
      { bytes: Uint8Array.of(3, 0xff, 0xff, 0xff), code: 'bad-message' },
      { bytes: Uint8Array.of(0), code: 'bad-message' },
      { bytes: new Uint8Array(12).fill(0xff), code: 'too-large' },
      { bytes: lengthOf(ROOM_MESSAGE_MAX_BYTES + 1), code: 'too-large' },
    ]
    for (const { bytes, code } of attacks) {
      const room = await (await peer(tracker)).open()
      room.sendBytes(bytes)
      expect(await room.next('refused')).toMatchObject({ code })
      await room.ended
    }
    bystander.room.send({ kind: 'find-parents', exclude: [], isOrphan: false })
    await bystander.room.next('candidates')
    const health = await fetch(`${tracker.httpUrl}/healthz`)
    expect(await health.json()).toEqual({ ok: true })
  })

  it('T-HOSTILE-2 survives raw bytes on the socket and in the handshake', async () => {
    const { tracker, stream } = await live()
    const port = new URL(tracker.httpUrl).port
    for (let attempt = 0; attempt < 20; attempt++) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
      await new Promise(resolve => socket.addEventListener('open', resolve, { once: true }))
      if (attempt % 2 === 0) socket.send(randomBytes(1 + attempt * 100))
      else socket.send('text')
      const closed = new Promise(resolve => socket.addEventListener('close', resolve, { once: true }))
      socket.close()
      await closed
    }
    await joined(tracker, stream)
  })

  it('T-LIMIT-2 refuses a peer that sends without end', async () => {
    const { tracker, stream } = await live()
    const { room } = await joined(tracker, stream)
    for (let count = 0; count < 600; count++) {
      room.send({ kind: 'get-picture', streamId: stream.streamId })
    }
    await room.ended
    const metrics = await (await fetch(`${tracker.httpUrl}/metrics`)).text()
    expect(metrics).toContain('vilokanam_refused_total{code="rate-limited"} 1\n')
  })

  it('T-LIMIT-3 a member that was refused is gone from the room', async () => {
    const { tracker, stream, creatorRoom } = await live()
    const { room } = await joined(tracker, stream)
    room.sendBytes(Uint8Array.of(1, 0xff))
    await room.ended
    while ((await creatorRoom.next('stats')).peers !== 1);
  })

  it('T-LIMIT-4 one peer joins at most 8 rooms', async () => {
    const tracker = await track()
    const client = await peer(tracker)
    const codes: string[] = []
    for (let index = 0; index < 9; index++) {
      const room = await client.open()
      room.send((await TestStream.make()).viewerJoin())
      if (index === 8) codes.push((await room.next('refused')).code)
    }
    expect(codes).toEqual(['too-many-rooms'])
  })

  it('T-LIMIT-5 holds one address to its connections, loopback too unless --dev', async () => {
    const tracker = await track({ isDev: false })
    const port = new URL(tracker.httpUrl).port
    const sockets: WebSocket[] = []
    closers.push(async () => {
      for (const socket of sockets) socket.close()
    })
    const open = () =>
      new Promise<boolean>(resolve => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
        sockets.push(socket)
        socket.addEventListener('open', () => resolve(true), { once: true })
        socket.addEventListener('error', () => resolve(false), { once: true })
      })
    const opened = await Promise.all(Array.from({ length: 256 }, open))
    expect(opened.every(Boolean)).toBe(true)
    const client = await peer(tracker)
    const room = await client.open()
    room.send((await TestStream.make()).viewerJoin())
    expect(await room.next('refused')).toMatchObject({ code: 'too-many-connections' })
    const more = await Promise.all(Array.from({ length: 80 }, open))
    expect(more.filter(Boolean).length).toBeLessThanOrEqual(64)
    expect(more).toContain(false)
  })
})

function lengthOf(length: number): Uint8Array {
  return Uint8Array.of((length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14)
}

describe('tracker: life', () => {
  it('T-LIFE-1 a taken port is a sentence with what to do', async () => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    closers.push(() => new Promise(resolve => other.close(resolve)))
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
