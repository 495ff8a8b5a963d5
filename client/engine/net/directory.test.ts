import { afterEach, describe, expect, it } from 'vitest'
import type { VerifiedAnnouncement } from '../../../shared/protocol/announcement.ts'
import { DIRECTORY_TOPIC } from '../../../shared/protocol/room-message.ts'
import { lineLogger } from '../../../tracker/logger.ts'
import { createSigner, generateSeed, nodeCrypto } from '../../../tracker/node-crypto.ts'
import { TestStream } from '../../../tracker/testing/test-stream.ts'
import { createTracker, type Tracker } from '../../../tracker/tracker.ts'
import { Directory } from './directory.ts'
import { TrackerSession } from './tracker-session.ts'

const SUBSCRIBERS = 100
const logger = lineLogger('error', line => process.stderr.write(line))
const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  const all = closers.splice(0).reverse()
  await Promise.all(all.slice(0, -1).map(close => close()))
  await all.at(-1)?.()
})

let skewMs = 0
const clock = { nowMs: () => performance.now() + skewMs, wallMs: () => Date.now() }

async function startTracker(): Promise<Tracker> {
  const tracker = await createTracker({ host: '127.0.0.1', port: 0, isDev: true }, { logger })
  closers.push(() => tracker.close())
  return tracker
}

async function startSession(tracker: Tracker): Promise<TrackerSession> {
  const seed = generateSeed()
  const session = await TrackerSession.start(
    { trackers: tracker.multiaddrs, seed, isDev: true },
    { signer: createSigner(seed), clock, random: Math.random, logger },
  )
  closers.push(() => session.close())
  return session
}

async function openDirectory(tracker: Tracker): Promise<Directory> {
  const directory = new Directory({ tracker: await startSession(tracker), crypto: nodeCrypto, clock, logger })
  closers.push(() => directory.close())
  return directory
}

async function goLive(tracker: Tracker, stream: TestStream) {
  const session = await startSession(tracker)
  const { bytes } = await stream.announce()
  const room = session.openRoom({
    streamId: stream.streamId,
    role: 'creator',
    tracks: [],
    natClass: 'unknown',
    slots: 6,
    chain: await stream.root(session),
    announcement: bytes,
  })
  await new Promise(resolve => room.on('joined', resolve))
  return room
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 40_000
  while (!condition()) {
    if (performance.now() > end) throw new Error('not within 40 s')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

/** Until the directory shows what is asked for. */
function shows(
  directory: Directory,
  isRight: (streams: readonly VerifiedAnnouncement[]) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('not shown within 40 s')), 40_000)
    const check = (streams: readonly VerifiedAnnouncement[]): void => {
      if (!isRight(streams)) return
      clearTimeout(limit)
      off()
      resolve()
    }
    const off = directory.on('streams', check)
    check(directory.streams)
  })
}

const hasSeq = (seq: number) => (streams: readonly VerifiedAnnouncement[]) =>
  streams.some(({ announcement }) => announcement.seq === seq)

describe('directory', () => {
  it('T-DIR-1 shows a newcomer at once what is live, and then what changes, until it ends', async () => {
    const tracker = await startTracker()
    const stream = await TestStream.make({ title: 'Kitchen' })
    const room = await goLive(tracker, stream)
    const directory = await openDirectory(tracker)
    await shows(directory, hasSeq(1))
    expect(directory.streams[0]?.manifest.manifest.title).toBe('Kitchen')
    await connected(directory)
    room.send({ kind: 'announce', record: (await stream.announce()).bytes })
    await shows(directory, hasSeq(2))
    room.send({ kind: 'announce', record: (await stream.announce({ status: 'ended' })).bytes })
    await shows(directory, streams => streams.length === 0)
  })

  it('T-DIR-2 drops what is not announced again within 30 s of its own clock', async () => {
    const tracker = await startTracker()
    const stream = await TestStream.make()
    await goLive(tracker, stream)
    const directory = await openDirectory(tracker)
    await shows(directory, hasSeq(1))
    skewMs += 30_001
    await shows(directory, streams => streams.length === 0)
    skewMs = 0
  })

  it('T-DIR-3 a hub passes a creator’s announcement, and a peer’s own, to each of 100 subscribers', async () => {
    const tracker = await startTracker()
    const stream = await TestStream.make()
    const room = await goLive(tracker, stream)
    const directories = await Promise.all(Array.from({ length: SUBSCRIBERS }, () => openDirectory(tracker)))
    await Promise.all(directories.map(connected))
    room.send({ kind: 'announce', record: (await stream.announce()).bytes })
    await Promise.all(directories.map(directory => shows(directory, hasSeq(2))))
    // A Studio that has gossipsub of its own speaks to all the others only through the hub.
    const [studio, ...others] = directories
    await until(() => directories.every(({ gossip }) => gossip?.getMeshPeers(DIRECTORY_TOPIC).length === 1))
    const { bytes } = await stream.announce()
    await studio?.gossip?.publish(DIRECTORY_TOPIC, bytes)
    await Promise.all(others.map(directory => shows(directory, hasSeq(3))))
  }, 150_000)
})

function connected(directory: Directory): Promise<void> {
  return new Promise(resolve => {
    const check = (): void => {
      if (directory.state.kind !== 'connected') return
      off()
      resolve()
    }
    const off = directory.on('state', check)
    check()
  })
}
