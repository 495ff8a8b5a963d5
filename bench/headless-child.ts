/**
 * One headless peer in a process of its own, as `bench:soak` and `bench:join` start them: the broadcaster of a looped
 * file, or a relay. Reports itself every ten seconds, and ends with the process that started it.
 */
import { Broadcaster } from '../client/engine/broadcaster.ts'
import type { EngineDeps } from '../client/engine/ports.ts'
import { StreamMember } from '../client/engine/stream-member.ts'
import { createFileProducer } from '../client/headless/file-producer.ts'
import { createNodeDeps } from '../client/headless/node-deps.ts'
import type { StoredFrame } from '../shared/media/frame-ring.ts'
import { parseStreamId } from '../shared/protocol/ids.ts'
import { machineMs } from './clock.ts'
import { silent } from './silent.ts'

export type HeadlessChildOptions = {
  readonly trackers: readonly string[]
  readonly slots: number
} & (
  | { readonly kind: 'broadcaster'; readonly file: string }
  | { readonly kind: 'relay'; readonly streamId: string }
)

export type HeadlessReport =
  | { readonly kind: 'live'; readonly streamId: string }
  | {
      readonly kind: 'sample'
      readonly rssBytes: number
      readonly heapBytes: number
      /** User and system time since the process began, ms. */
      readonly cpuMs: number
      readonly depth: number | undefined
      readonly framesDropped: number
      /** Pictures since the last report: when each was pushed (broadcaster) or whole (relay), by the machine's clock. */
      readonly frames: readonly (readonly [seq: number, atMs: number])[]
    }

const REPORT_EVERY_MS = 10_000
/** createFileProducer numbers the picture's track 0. */
const VIDEO_TRACK = 0

let frames: [seq: number, atMs: number][] = []

/** A relay that notes when it has the whole of a picture. */
class TimedRelay extends StreamMember {
  constructor(deps: EngineDeps, slots: number) {
    super(deps, 'relay', slots)
  }

  protected override onFrame({ header }: StoredFrame): void {
    if (header.track === VIDEO_TRACK) frames.push([header.seq, machineMs()])
  }
}

const options = JSON.parse(process.argv[2] ?? '{}') as HeadlessChildOptions
const { slots, trackers } = options
process.on('disconnect', () => process.exit(0))
const deps = await createNodeDeps({ trackers, logger: silent })

if (options.kind === 'broadcaster') {
  const producer = await createFileProducer({ kind: 'file', path: options.file }, { isLooping: true })
  const broadcaster = new Broadcaster(deps, { slots })
  const { streamId } = await broadcaster.startStream({ title: 'soak', tracks: producer.tracks, trackers })
  let seq = 0
  producer.start(
    frame => {
      if (frame.track === VIDEO_TRACK) frames.push([seq++, machineMs()])
      broadcaster.push(frame)
    },
    error => {
      throw error ?? new Error('the looped file ended')
    },
  )
  broadcaster.on('stats', stats => keepSample(stats))
  process.send?.({ kind: 'live', streamId })
} else {
  const relay = new TimedRelay(deps, slots)
  relay.on('stats', stats => keepSample(stats))
  relay.on('state', state => {
    if (state.kind === 'failed' || state.kind === 'ended') throw new Error(`the relay is ${state.kind}`)
  })
  await relay.joinStream(parseStreamId(options.streamId))
}

let standing: { depth: number | undefined; framesDropped: number } = { depth: undefined, framesDropped: 0 }

function keepSample(stats: typeof standing): void {
  standing = stats
}

setInterval(() => {
  const { rss, heapUsed } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  const { depth, framesDropped } = standing
  const report: HeadlessReport = {
    kind: 'sample',
    rssBytes: rss,
    heapBytes: heapUsed,
    cpuMs: (user + system) / 1000,
    depth,
    framesDropped,
    frames,
  }
  frames = []
  process.send?.(report)
}, REPORT_EVERY_MS)
