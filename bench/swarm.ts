/**
 * `npm run bench:swarm -- --peers 100 --kbps 500 --seconds 20`: one creator and many viewers on real WebRTC in Node,
 * each with the whole engine; then the same tree with bare simple-peer piping, for the ratios.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { num, printJson, printTable, rounded } from './report.ts'
import type { PhaseResult } from './swarm-crew.ts'
import { runBare, runEngine } from './swarm-trees.ts'
import { TrackerProcess } from './tracker-process.ts'

const { values } = parseArgs({
  options: {
    peers: { type: 'string', default: '100' },
    kbps: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '20' },
    slots: { type: 'string', default: '3' },
    processes: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'boolean' },
  },
})
const [peers, kbps, seconds, slots, processes] = [
  values.peers,
  values.kbps,
  values.seconds,
  values.slots,
  values.processes,
].map(text => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`${text} is not a whole number above 0`)
  return value
}) as [number, number, number, number, number]

const tracker = await TrackerProcess.start()
const options = { kbps, slots, trackers: tracker.address.multiaddrs }
const engine = await runEngine(options, peers, processes, seconds)
tracker.stop()
const bare = await runBare(options, engine.parents, processes, seconds)

const kbPerPeer = engine.rssBytes / 1024 / peers
const row = (name: string, phase: PhaseResult): string[] => [
  name,
  num(phase.delivery, 5),
  num(phase.worstDelivery, 4),
  num(phase.hopP50Ms),
  num(phase.hopP95Ms),
  num(phase.endP95Ms),
  num(phase.cpuMs / seconds / 10, 0),
  num(phase.loopShare * 100, 0),
  num(phase.rssBytes / 1024 / peers, 0),
]
const perDepth = engine.depths.reduce<number[]>((counts, depth) => {
  counts[depth] = (counts[depth] ?? 0) + 1
  return counts
}, [])
console.log(
  `${peers} peers, ${kbps} kbit/s at 30 frames/s, ${slots} slots each, ${processes} processes, ${seconds} s`,
)
console.log(`peers by depth: ${perDepth.join(', ')}; changed parent meanwhile: ${engine.moved}\n`)
printTable(
  [
    '',
    'delivery',
    'worst peer',
    'hop p50 ms',
    'hop p95 ms',
    'end p95 ms',
    'CPU %',
    'busiest loop %',
    'kB/peer',
  ],
  [row('engine', engine), row('bare pipe', bare)],
)
console.log(
  `\nhop p95 ratio ${num(engine.hopP95Ms / bare.hopP95Ms, 2)} (aim ≤ 1.5), CPU ratio ${num(engine.cpuMs / bare.cpuMs, 2)} (aim ≤ 1.5)`,
)
printJson(values.json, {
  peers,
  delivery: rounded(engine.delivery, 6),
  hopP95Ms: rounded(engine.hopP95Ms, 2),
  hopP95Ratio: rounded(engine.hopP95Ms / bare.hopP95Ms),
  cpuRatio: rounded(engine.cpuMs / bare.cpuMs),
  kbPerPeer: rounded(kbPerPeer, 0),
  worstDelivery: rounded(engine.worstDelivery, 4),
  moved: engine.moved,
  maxDepth: Math.max(...engine.depths),
  processes,
  bare: {
    delivery: rounded(bare.delivery, 6),
    hopP95Ms: rounded(bare.hopP95Ms, 2),
    kbPerPeer: rounded(bare.rssBytes / 1024 / peers, 0),
  },
})
