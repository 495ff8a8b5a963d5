import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { peekAnnouncement } from '../shared/protocol/announcement.ts'
import { closeAll, joined, live, peer, track } from './testing/live-tracker.ts'
import { TestStream, updateMessage } from './testing/test-stream.ts'

afterEach(closeAll)

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
    const tracker = await track({}, clock)
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
