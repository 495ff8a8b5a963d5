import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FromTracker, ToTracker } from '../../../shared/protocol/room-message.ts'
import { lineLogger } from '../../../tracker/logger.ts'
import { TestStream } from '../../../tracker/testing/test-stream.ts'
import type { RoomMembership } from '../ports.ts'
import { RoomSession } from './tracker-room-session.ts'
import type { RoomStream } from './tracker-room-stream.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A tracker whose every word the test says. */
class FakeStream implements RoomStream {
  readonly sent: ToTracker[] = []
  readonly #queue: FromTracker[] = []
  #isOver = false
  #wake: () => void = () => {}

  send(message: ToTracker): boolean {
    this.sent.push(message)
    return true
  }

  say(message: FromTracker): void {
    this.#queue.push(message)
    this.#wake()
  }

  close(): void {
    this.#isOver = true
    this.#wake()
  }

  async *messages(): AsyncGenerator<FromTracker> {
    for (;;) {
      const message = this.#queue.shift()
      if (message !== undefined) yield message
      else if (this.#isOver) return
      else {
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
      }
    }
  }
}

function setup(
  stream: TestStream,
  options: { trackerCount?: number; membership?: Partial<RoomMembership>; isDown?: boolean } = {},
) {
  const opened: { readonly at: number; readonly index: number; readonly stream: FakeStream }[] = []
  const hungUp: number[] = []
  let isDown = options.isDown ?? false
  const session = new RoomSession(
    {
      streamId: stream.streamId,
      role: 'viewer',
      tracks: [],
      natClass: 'unknown',
      slots: 4,
      ...options.membership,
    },
    {
      clock: { nowMs: () => Date.now(), wallMs: () => Date.now() },
      random: () => 1,
      logger: lineLogger('silent', () => {}),
      trackerCount: options.trackerCount ?? 1,
      rttMs: () => 7,
      openStream: async index => {
        const fake = new FakeStream()
        opened.push({ at: Date.now(), index, stream: fake })
        if (isDown) throw new Error('refused')
        return fake
      },
      hangUp: index => {
        hungUp.push(index)
        opened.at(-1)?.stream.close()
      },
      onClose: () => {},
    },
  )
  const last = (): FakeStream => {
    const entry = opened.at(-1)
    if (entry === undefined) throw new Error('nothing was opened')
    return entry.stream
  }
  const setDown = (down: boolean): void => {
    isDown = down
  }
  return { session, opened, hungUp, last, setDown }
}

const settle = () => vi.advanceTimersByTimeAsync(0)

async function joinedMessage(stream: TestStream): Promise<Extract<FromTracker, { kind: 'joined' }>> {
  const { bytes } = await stream.announce()
  return { kind: 'joined', trackerTime: 0, depthCap: 8, peers: 1, iceServers: [], announcement: bytes }
}

describe('room session', () => {
  it('T-SESSION-2 comes back within 100 ms, then less often, and tells the newest of itself', async () => {
    const stream = await TestStream.make()
    const { session, opened, last, setDown } = setup(stream)
    await settle()
    expect(last().sent).toMatchObject([{ kind: 'join', rttMs: 7, slots: 4 }])
    expect(last().sent[0]).not.toHaveProperty('announcement')
    const joined = await joinedMessage(stream)
    last().say(joined)
    await settle()
    session.setMembership({ slots: 2 })
    const newer = await stream.announce()
    last().say({ kind: 'announce', record: newer.bytes })
    await settle()
    setDown(true)
    const lostAt = Date.now()
    last().close()
    await vi.advanceTimersByTimeAsync(120_000)
    const waits = opened
      .slice(1)
      .map(({ at }, index) => at - (index === 0 ? lostAt : (opened[index]?.at ?? 0)))
    expect(waits.slice(0, 5)).toEqual([100, 200, 400, 800, 1_000])
    expect(Math.max(...waits)).toBe(5_000)
    setDown(false)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(last().sent).toMatchObject([{ kind: 'join', slots: 2, announcement: newer.bytes }])
    session.close()
  })

  it('T-SESSION-2 a creator, whom all wait for, asks every second however long it takes', async () => {
    const stream = await TestStream.make()
    const { session, opened } = setup(stream, { membership: { role: 'creator' }, isDown: true })
    await vi.advanceTimersByTimeAsync(120_000)
    const tail = opened.slice(-3).map(({ at }) => at)
    expect(tail.map((at, index) => at - (tail[index - 1] ?? at))).toEqual([0, 1_000, 1_000])
    session.close()
  })

  it('T-SESSION-4 takes a tracker that says nothing for 25 s for gone', async () => {
    const stream = await TestStream.make()
    const { session, opened, hungUp, last } = setup(stream)
    await settle()
    last().say(await joinedMessage(stream))
    await vi.advanceTimersByTimeAsync(20_000)
    last().say({ kind: 'stats', peers: 1, depthCap: 8, slots: 0, maxDepth: 0 })
    await vi.advanceTimersByTimeAsync(24_000)
    expect(hungUp).toEqual([])
    await vi.advanceTimersByTimeAsync(10_000)
    expect(hungUp).toEqual([0])
    expect(opened.length).toBe(2)
    session.close()
  })

  it('T-SESSION-4 tries the other trackers at once, and only then waits', async () => {
    const stream = await TestStream.make()
    const { session, opened } = setup(stream, { trackerCount: 3, isDown: true })
    await vi.advanceTimersByTimeAsync(99)
    expect(opened.map(({ index }) => index)).toEqual([0, 1, 2])
    await vi.advanceTimersByTimeAsync(1)
    expect(opened.map(({ index }) => index)).toEqual([0, 1, 2, 0, 1, 2])
    session.close()
  })

  it('T-SESSION-5 tells a wrong clock from a refused Join by when it comes', async () => {
    const stream = await TestStream.make()
    const refused = { kind: 'refused', code: 'bad-announcement', detail: 'Your clock is wrong' } as const
    for (const isJoined of [true, false]) {
      const { session, last } = setup(stream, { membership: { role: 'creator' } })
      const said: boolean[] = []
      session.on('refused', ({ isFinal }) => said.push(isFinal))
      await settle()
      if (isJoined) last().say(await joinedMessage(stream))
      last().say(refused)
      await settle()
      expect(said).toEqual([!isJoined])
      session.close()
    }
  })

  it('T-SESSION-3 a stream that was joined once is not given up for no-such-stream', async () => {
    const stream = await TestStream.make()
    const { session, opened, last } = setup(stream)
    const said: string[] = []
    session.on('refused', ({ code }) => said.push(code))
    await settle()
    last().say(await joinedMessage(stream))
    await settle()
    last().close()
    await vi.advanceTimersByTimeAsync(100)
    last().say({ kind: 'refused', code: 'no-such-stream', detail: '' })
    last().close()
    await vi.advanceTimersByTimeAsync(500)
    expect(said).toEqual([])
    expect(opened.length).toBeGreaterThan(2)
    session.close()
  })
})
