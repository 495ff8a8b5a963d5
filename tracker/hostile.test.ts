import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { ROOM_MESSAGE_MAX_BYTES } from '../shared/protocol/limits.ts'
import { closeAll, joined, live, onClose, peer, track } from './testing/live-tracker.ts'
import { TestStream } from './testing/test-stream.ts'

afterEach(closeAll)

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
    onClose(async () => {
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
