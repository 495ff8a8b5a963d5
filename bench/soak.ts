/**
 * `npm run bench:soak -- --minutes 60`: one broadcaster looping the sample clip and five relays for an hour, each a
 * process of its own, on a real tracker. Do memory and latency stay where they were after five minutes?
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { delay, machineMs } from './clock.ts'
import type { HeadlessChildOptions, HeadlessReport } from './headless-child.ts'
import { percentile } from './percentile.ts'
import { num, printJson, printTable, rounded } from './report.ts'
import { TrackerProcess } from './tracker-process.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    relays: { type: 'string', default: '5' },
    json: { type: 'boolean' },
  },
})
const minutes = Number(values.minutes)
const relays = Number(values.relays)
if (!(minutes > 0) || !Number.isInteger(relays) || relays < 1)
  throw new RangeError('--minutes and --relays are above 0')

/** The creator keeps one place for orphans: with these, five relays stand at depths 1 to 3. */
const CREATOR_SLOTS = 3
const RELAY_SLOTS = 2
/** Everything is warm by then; of a short run it is the half. */
const BASELINE_MINUTE = Math.min(5, minutes / 2)
/** A frame sent this long before the end must have arrived everywhere. */
const ARRIVAL_MS = 5_000
const MINUTE_MS = 60_000
const MB = 1024 * 1024

type Sample = {
  readonly atMs: number
  readonly rssBytes: number
  readonly heapBytes: number
  readonly cpuMs: number
}

class Watched {
  readonly name: string
  readonly samples: Sample[] = []
  /** When each picture was pushed or whole, by seq. */
  readonly frames = new Map<number, number>()
  depth: number | undefined
  framesDropped = 0
  ended: string | undefined

  constructor(name: string) {
    this.name = name
  }

  take(report: Extract<HeadlessReport, { kind: 'sample' }>): void {
    const { rssBytes, heapBytes, cpuMs } = report
    this.samples.push({ atMs: machineMs() - startedAtMs, rssBytes, heapBytes, cpuMs })
    for (const [seq, atMs] of report.frames) this.frames.set(seq, atMs)
    this.depth = report.depth
    this.framesDropped = report.framesDropped
  }

  /** Median over the minute that ends at `minute`. */
  median(minute: number, pick: (sample: Sample) => number): number {
    const to = minute * MINUTE_MS
    const within = this.samples.filter(({ atMs }) => atMs > to - MINUTE_MS && atMs <= to + 1_000)
    return percentile(within.map(pick), 0.5) ?? Number.NaN
  }

  /** Share of a core over the whole run. */
  cpuShare(): number {
    const first = this.samples[0]
    const last = this.samples.at(-1)
    if (first === undefined || last === undefined || first === last) return Number.NaN
    return (last.cpuMs - first.cpuMs) / (last.atMs - first.atMs)
  }
}

const startedAtMs = machineMs()
const children: ChildProcess[] = []
const watched: Watched[] = []

function start(
  name: string,
  options: HeadlessChildOptions,
  onLive: (streamId: string) => void = () => {},
): void {
  const child = fork(fileURLToPath(new URL('./headless-child.ts', import.meta.url)), [
    JSON.stringify(options),
  ])
  const entry = new Watched(name)
  children.push(child)
  watched.push(entry)
  child.on('message', message => {
    const report = message as HeadlessReport
    if (report.kind === 'live') onLive(report.streamId)
    else entry.take(report)
  })
  child.on('exit', (code, signal) => {
    entry.ended = `${signal ?? `exit code ${code}`} after ${num((machineMs() - startedAtMs) / MINUTE_MS)} min`
    console.log(`${name} ended: ${entry.ended}`)
  })
}

/** Send → whole at a relay, ms, of all relays, for frames pushed in the minute that ends at `minute`. */
function latencies(minute: number): number[] {
  const [creator, ...others] = watched
  const to = startedAtMs + minute * MINUTE_MS
  const found: number[] = []
  for (const [seq, sentAtMs] of creator?.frames ?? []) {
    if (sentAtMs <= to - MINUTE_MS || sentAtMs > to) continue
    for (const { frames } of others) {
      const arrivedAtMs = frames.get(seq)
      if (arrivedAtMs !== undefined) found.push(arrivedAtMs - sentAtMs)
    }
  }
  return found
}

function figures(minute: number) {
  const found = latencies(minute)
  return {
    rssMb: watched.map(entry => rounded(entry.median(minute, ({ rssBytes }) => rssBytes) / MB, 1)),
    heapMb: watched.map(entry => rounded(entry.median(minute, ({ heapBytes }) => heapBytes) / MB, 1)),
    latencyP50Ms: rounded(percentile(found, 0.5), 2),
    latencyP95Ms: rounded(percentile(found, 0.95), 2),
  }
}

/** Frames whole at the relays ÷ frames sent since each relay's first. */
function delivery(): number {
  const [creator, ...others] = watched
  const until = machineMs() - ARRIVAL_MS - 10_000
  let due = 0
  let got = 0
  for (const { frames } of others) {
    const first = Math.min(...[...frames.keys()].slice(0, 60))
    for (const [seq, sentAtMs] of creator?.frames ?? []) {
      if (seq < first || sentAtMs > until) continue
      due += 1
      if (frames.has(seq)) got += 1
    }
  }
  return got / due
}

const tracker = await TrackerProcess.start()
const { multiaddrs: trackers } = tracker.address
const trackerRss: number[] = []
const file = fileURLToPath(new URL('../sample/sample.mp4', import.meta.url))
const streamId = await new Promise<string>(resolve =>
  start('broadcaster', { kind: 'broadcaster', file, trackers, slots: CREATOR_SLOTS }, resolve),
)
for (let index = 1; index <= relays; index++) {
  start(`relay ${index}`, { kind: 'relay', streamId, trackers, slots: RELAY_SLOTS })
  await delay(500)
}

for (let minute = 1; minute <= Math.ceil(minutes); minute++) {
  await delay(startedAtMs + Math.min(minute, minutes) * MINUTE_MS - machineMs())
  trackerRss.push((await tracker.memory()).rssBytes)
  const { rssMb, latencyP50Ms, latencyP95Ms } = figures(Math.min(minute, minutes))
  const depths = watched.map(({ depth }) => depth ?? '?').join(' ')
  console.log(
    `minute ${minute}: RSS ${rssMb.map(value => Math.round(value ?? 0)).join(' ')} MB, latency p50 ${latencyP50Ms} p95 ${latencyP95Ms} ms, depths ${depths}`,
  )
}
// The last reports are up to ten seconds away.
await delay(11_000)

const before = figures(BASELINE_MINUTE)
const after = figures(minutes)
const delivered = delivery()
console.log('')
printTable(
  [
    'process',
    'depth',
    `RSS MB at ${BASELINE_MINUTE} min`,
    'at the end',
    'heap MB',
    'at the end',
    'CPU %',
    'dropped',
  ],
  watched.map((entry, index) => [
    entry.name,
    String(entry.depth ?? '—'),
    num(before.rssMb[index] ?? undefined),
    num(after.rssMb[index] ?? undefined),
    num(before.heapMb[index] ?? undefined),
    num(after.heapMb[index] ?? undefined),
    num(entry.cpuShare() * 100),
    String(entry.framesDropped),
  ]),
)
const trackerAt = (minute: number): number | undefined => {
  const bytes = trackerRss[Math.max(0, Math.ceil(minute) - 1)]
  return bytes === undefined ? undefined : bytes / MB
}
console.log(`
tracker: ${num(trackerAt(BASELINE_MINUTE))} MB, at the end ${num(trackerAt(minutes))} MB
send → whole at the relays: p50 ${before.latencyP50Ms} ms, p95 ${before.latencyP95Ms} ms at ${BASELINE_MINUTE} min; p50 ${after.latencyP50Ms} ms, p95 ${after.latencyP95Ms} ms at the end
delivery ${num(delivered, 6)}`)
const ended = watched.flatMap(({ name, ended }) => (ended === undefined ? [] : [`${name}: ${ended}`]))
printJson(values.json, {
  minutes,
  relays,
  delivery: rounded(delivered, 6),
  processes: watched.map(({ name }) => name),
  depths: watched.map(({ depth }) => depth ?? null),
  baselineMinute: BASELINE_MINUTE,
  before,
  after,
  trackerRssMb: { before: rounded(trackerAt(BASELINE_MINUTE), 1), after: rounded(trackerAt(minutes), 1) },
  cpuShare: watched.map(entry => rounded(entry.cpuShare())),
  dropped: watched.map(({ framesDropped }) => framesDropped),
  ended,
})
for (const child of children) child.removeAllListeners('exit').kill('SIGKILL')
tracker.stop()
process.exit(ended.length === 0 ? 0 : 1)
