import { type Clock, systemClock } from '../clock.ts'
import { lineLogger } from '../logger.ts'
import { createTracker, type Tracker, type TrackerOptions } from '../tracker.ts'
import { type ClientStream, RoomClient } from './room-client.ts'
import { TestStream } from './test-stream.ts'

const logger = lineLogger('error', line => process.stderr.write(line))
const closers: (() => unknown)[] = []

/** For `afterEach`: stops what the test started, the last first. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close()
}

export function onClose(close: () => unknown): void {
  closers.push(close)
}

export async function track(
  options: Partial<TrackerOptions> = {},
  clock: Clock = systemClock,
): Promise<Tracker> {
  const tracker = await createTracker(
    { host: '127.0.0.1', port: 0, stunPort: 0, isDev: true, ...options },
    { logger, clock },
  )
  onClose(() => tracker.close())
  return tracker
}

export async function peer(tracker: Tracker): Promise<RoomClient> {
  const client = await RoomClient.start(tracker.multiaddrs[0] ?? '')
  onClose(() => client.close())
  return client
}

/** A tracker with a live stream and its creator in the room. */
export async function live(options: Partial<TrackerOptions> = {}, title = 'Kitchen') {
  const tracker = await track(options)
  const stream = await TestStream.make({ title })
  const creator = await peer(tracker)
  const creatorRoom = await creator.open()
  creatorRoom.send(await stream.creatorJoin(creator))
  await creatorRoom.next('joined')
  return { tracker, stream, creator, creatorRoom }
}

export async function joined(
  tracker: Tracker,
  stream: TestStream,
): Promise<{ readonly client: RoomClient; readonly room: ClientStream }> {
  const client = await peer(tracker)
  const room = await client.open()
  room.send(stream.viewerJoin())
  await room.next('joined')
  return { client, room }
}

/** What `check` answers, as soon as it does. */
export async function until<T>(check: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + 10_000
  for (;;) {
    const answer = await check()
    if (answer !== undefined) return answer
    if (performance.now() > end) throw new Error('not within 10 s')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
