/**
 * `npm run fuzz -- [--inputs 1000000] [--seed 1] [--only <decoder>]`: hostile neighbours of valid messages against
 * every decoder of this folder. Each decoder runs in a process of its own, so that one that hangs or takes memory is
 * stopped from outside; the same seed gives the same inputs. Exit code 1 if anything but WireError came out, one
 * decode took long, or memory stayed taken.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type FuzzTarget, fuzzTargets } from './testing/fuzz-targets.ts'
import { mulberry32, mutate } from './testing/mutate.ts'
import { WireError } from './wire-error.ts'

/** Every decode is below a millisecond; the rest is for the machine's other work. */
const SLOW_MS = 250
/** A decode that looks slow is repeated so often: the machine may have been busy, a decoder is slow every time. */
const REPEATS = 3
/** What one decoder may keep after a million inputs: caches of ids are all that is meant to stay. */
const KEPT_MAX_MIB = 16
/** Of a whole process, a bare Node with our code being about 100. */
const RESIDENT_MAX_MIB = 400
const SILENT_MS = 30_000
const REPORT_EVERY = 20_000

type Row = {
  readonly name: string
  readonly inputs: number
  readonly accepted: number
  readonly refused: Readonly<Record<string, number>>
  readonly decodeUs: number
  readonly maxMs: number
  readonly keptMib: number
  readonly residentMib: number
  readonly faults: readonly string[]
}
type Report =
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'row'; readonly row: Row }

async function fuzzOne(
  target: FuzzTarget,
  inputs: number,
  seed: number,
  onProgress: (done: number) => void,
): Promise<Row> {
  const random = mulberry32(seed)
  const pick = () => target.samples[Math.floor(random() * target.samples.length)] ?? new Uint8Array()
  const refused: Record<string, number> = {}
  const faults: string[] = []
  let [accepted, totalMs, maxMs, keptBefore] = [0, 0, 0, 0]
  for (let index = 0; index < inputs && faults.length < 10; index++) {
    if (index % REPORT_EVERY === 0) onProgress(index)
    // Caches and compiled code have settled by then.
    if (index === Math.min(10_000, Math.floor(inputs / 10))) keptBefore = await keptMib()
    const bytes = mutate(pick(), pick(), random, target.maxBytes)
    let tookMs = Number.POSITIVE_INFINITY
    for (let attempt = 0; attempt < REPEATS && tookMs > SLOW_MS; attempt++) {
      const startMs = performance.now()
      try {
        const result = target.decode(bytes)
        // Awaiting each synchronous answer would cost more than most of them.
        if (result instanceof Promise) await result
        if (attempt === 0) accepted++
      } catch (error) {
        if (!(error instanceof WireError)) faults.push(`input ${index}: ${String(error)}: ${hex(bytes)}`)
        else if (attempt === 0) refused[error.code] = (refused[error.code] ?? 0) + 1
      }
      tookMs = Math.min(tookMs, performance.now() - startMs)
    }
    totalMs += tookMs
    maxMs = Math.max(maxMs, tookMs)
    if (tookMs > SLOW_MS) faults.push(`input ${index}: took ${tookMs.toFixed(0)} ms: ${hex(bytes)}`)
  }
  const kept = (await keptMib()) - keptBefore
  const residentMib = process.resourceUsage().maxRSS / 1_024
  if (kept > KEPT_MAX_MIB) faults.push(`kept ${kept.toFixed(1)} MiB`)
  if (residentMib > RESIDENT_MAX_MIB) faults.push(`took ${residentMib.toFixed(0)} MiB`)
  const decodeUs = (1_000 * totalMs) / inputs
  return { name: target.name, inputs, accepted, refused, decodeUs, maxMs, keptMib: kept, residentMib, faults }
}

/** Heap and buffers after a collection, in MiB. */
async function keptMib(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  for (let round = 0; round < 3; round++) {
    if (typeof collect === 'function') collect()
    await new Promise(resolve => setImmediate(resolve))
  }
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 2 ** 20
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** Runs one decoder in a process of its own; one that says nothing for long is stopped, and that is the finding. */
function fuzzApart(name: string, inputs: number, seed: number, running: Set<ChildProcess>): Promise<Row> {
  return new Promise(resolve => {
    const args = ['--only', name, '--inputs', String(inputs), '--seed', String(seed), '--child']
    const child = fork(fileURLToPath(import.meta.url), args)
    running.add(child)
    let done = 0
    let watchdog: NodeJS.Timeout
    let row: Row | undefined
    const listen = () => {
      clearTimeout(watchdog)
      watchdog = setTimeout(() => child.kill('SIGKILL'), SILENT_MS)
    }
    listen()
    child.on('message', (report: Report) => {
      listen()
      if (report.kind === 'row') row = report.row
      else done = report.done
    })
    child.on('exit', (code, signal) => {
      clearTimeout(watchdog)
      running.delete(child)
      const fault = `ended by ${signal ?? code} after input ${done}: it hung for ${SILENT_MS / 1_000} s or broke`
      const nothing = { accepted: 0, refused: {}, decodeUs: 0, maxMs: 0, keptMib: 0, residentMib: 0 }
      resolve(row ?? { name, inputs, ...nothing, faults: [fault] })
    })
  })
}

function print(row: Row): void {
  const codes = Object.entries(row.refused)
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => `${code} ${count}`)
  const columns = [
    row.faults.length === 0 ? 'ok  ' : 'FAIL',
    row.name.padEnd(17),
    String(row.inputs).padStart(8),
    String(row.accepted).padStart(8),
    row.decodeUs.toFixed(1).padStart(7),
    row.maxMs.toFixed(1).padStart(7),
    row.keptMib.toFixed(1).padStart(6),
    row.residentMib.toFixed(0).padStart(6),
    ` ${codes.join(', ')}`,
  ]
  console.log(columns.join(' '))
  for (const fault of row.faults) console.log(`     ${fault.slice(0, 2_000)}`)
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      child: { type: 'boolean', default: false },
    },
  })
  const [inputs, seed] = [Number(values.inputs), Number(values.seed)]
  if (!Number.isSafeInteger(inputs) || inputs < 1 || !Number.isSafeInteger(seed)) {
    console.error('--inputs takes a count from 1, --seed a whole number')
    process.exitCode = 2
    return
  }
  const targets = (await fuzzTargets()).filter(
    ({ name }) => values.only === undefined || name === values.only,
  )
  if (targets.length === 0) {
    console.error(`--only takes one of: ${(await fuzzTargets()).map(({ name }) => name).join(', ')}`)
    process.exitCode = 2
    return
  }
  if (values.child) {
    for (const target of targets) {
      const row = await fuzzOne(target, inputs, seed, done =>
        process.send?.({ kind: 'progress', done } satisfies Report),
      )
      process.send?.({ kind: 'row', row } satisfies Report)
    }
    process.disconnect()
    return
  }
  const startMs = performance.now()
  console.log(`${inputs} inputs each, seed ${seed}`)
  console.log(
    '     decoder             inputs accepted   µs/op  max ms   kept    RSS  refused (memory in MiB)',
  )
  const running = new Set<ChildProcess>()
  process.once('SIGINT', () => {
    for (const child of running) child.kill('SIGKILL')
    process.exit(130)
  })
  const queue = targets.map(({ name }) => name)
  let failed = 0
  const work = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const row = await fuzzApart(name, inputs, seed, running)
      if (row.faults.length > 0) failed++
      print(row)
    }
  }
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work))
  console.log(`${((performance.now() - startMs) / 1_000).toFixed(0)} s`)
  console.log(`${targets.length - failed} passed, ${failed} failed`)
  if (failed > 0) process.exitCode = 1
}

await main()
