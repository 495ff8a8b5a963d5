/**
 * `npm run bench:pay-soak -- --minutes 5`: a paid stream with a payment in each block of two seconds, every part a process
 * of its own: local chain, tracker, broadcaster, and a viewer that writes what it pays for to a file. Is a picture
 * missing, does the ledger drift from the chain, does memory grow?
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { planckText } from '../client/engine/chain/planck-text.ts'
import { PolkadotChain } from '../client/engine/chain/polkadot-chain.ts'
import { parseJsonLine } from '../client/engine/store/ledger-json.ts'
import { booksSince, sumOf } from '../e2e/support/chain-books.ts'
import { H264, makeClip, OPUS } from '../scripts/make-clip.ts'
import { delay, machineMs } from './clock.ts'
import { num, printJson, printTable } from './report.ts'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '5' }, json: { type: 'boolean' } },
})
const minutes = Number(values.minutes)
if (!(minutes > 0)) throw new RangeError('--minutes is above 0')

const CLI = fileURLToPath(new URL('../client/headless/cli.ts', import.meta.url))
const PRICE = 100_000_000n
/** //Ferdie of the local chain. */
const PAYOUT = '0x1cbd2d43530a44705ad088af313e18f80b53ef16b36177cd4b77b846f2a5f07c'
const SAMPLE_EVERY_MS = 5_000
const READY_MS = 60_000
const CLOSING_MS = 90_000
const CLIP_MARGIN_S = 60
/** Of the clip: 30 pictures a second. */
const FRAME_S = 1 / 30

class Part {
  readonly name: string
  readonly child: ChildProcess
  readonly rssMb: { readonly atMs: number; readonly mb: number }[] = []
  said = ''
  readonly exited: Promise<void>

  constructor(name: string, args: readonly string[]) {
    this.name = name
    this.child = spawn(process.execPath, ['--import', 'tsx', CLI, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (text: Buffer) => {
        this.said += text.toString()
      })
    }
    this.exited = new Promise(resolve => this.child.on('close', () => resolve()))
    parts.push(this)
  }

  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const end = machineMs() + READY_MS
    while (machineMs() < end) {
      const match = pattern.exec(this.said)
      if (match !== null) return match
      if (this.child.exitCode !== null) break
      await delay(50)
    }
    throw new Error(`the ${this.name} did not say ${pattern}: ${this.said}`)
  }

  async measure(atMs: number): Promise<void> {
    const status = await readFile(`/proc/${this.child.pid}/status`, 'utf8').catch(() => '')
    const kb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN)
    this.rssMb.push({ atMs, mb: kb / 1024 })
  }

  /** Median of the samples from one minute on, and of the last minute. */
  get rss(): readonly [number, number] {
    const last = this.rssMb.at(-1)?.atMs ?? 0
    const median = (from: number, to: number): number => {
      const within = this.rssMb.filter(({ atMs }) => atMs >= from && atMs <= to).map(({ mb }) => mb)
      return within.sort((one, other) => one - other)[Math.floor(within.length / 2)] ?? Number.NaN
    }
    return [median(60_000, 120_000), median(last - 60_000, last)]
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) this.child.kill('SIGINT')
    const timer = setTimeout(() => this.child.kill('SIGKILL'), CLOSING_MS)
    await this.exited
    clearTimeout(timer)
  }
}

const parts: Part[] = []
const folder = await mkdtemp(join(tmpdir(), 'vilokanam-pay-soak-'))
let chain: PolkadotChain | undefined
try {
  const [chainPort, sitePort] = [await freePort(), await freePort()]
  const endpoint = `ws://127.0.0.1:${chainPort}`
  const site = `http://127.0.0.1:${sitePort}`
  await new Part('local chain', ['devchain', '--port', String(chainPort)]).says(/Local chain at/)
  const trackerArgs = ['tracker', '--dev', '--host', '127.0.0.1', '--port', String(sitePort)]
  new Part('tracker', [...trackerArgs, '--chain', endpoint])
  await answers(`${site}/healthz`)
  const paid = ['--price', '0.0001', '--payout', PAYOUT, '--folder', join(folder, 'creator')]
  // Not a loop: where a clip begins again it lacks a picture itself.
  const clip = await makeClip(join(folder, 'clip.mp4'), minutes * 60 + CLIP_MARGIN_S, [...H264, ...OPUS])
  const broadcaster = new Part('broadcaster', ['broadcast', clip, '--tracker', site, ...paid])
  const [address = ''] = await broadcaster.says(/http\S+#\/watch\/\S+/)
  chain = new PolkadotChain({ endpoints: [endpoint] })
  const info = await chain.open()
  const since = chain.best()
  if (since === undefined) throw new Error('the chain has no block')
  const output = join(folder, 'watched.mp4')
  const money = ['--budget', '1', '--wallet', '//Alice', '--folder', join(folder, 'viewer')]
  const viewer = new Part('viewer', ['watch', address, '--output', output, ...money])
  await viewer.says(/paying/)
  const startedAtMs = machineMs()
  while (machineMs() - startedAtMs < minutes * 60_000) {
    await delay(SAMPLE_EVERY_MS)
    for (const part of parts) await part.measure(machineMs() - startedAtMs)
  }
  await viewer.stop()
  await delay(8_000)
  const books = await booksSince(chain, since)
  const ledger = await readLedger(join(folder, 'viewer', 'sessions'))
  const onChain = sumOf(books.transfers, PAYOUT)
  const payments = books.transfers.filter(({ to }) => to === PAYOUT)
  const gaps = await missingPictures(output)
  const blocks = payments.map(({ block }) => block)
  const perBlock = payments.length / (Math.max(...blocks) - Math.min(...blocks) + 1)
  printTable(
    ['', 'value'],
    [
      ['seconds watched, journaled', num(ledger.ticks)],
      ['paid on chain', planckText(onChain, info)],
      ['ledger says', planckText(BigInt(ledger.ticks) * PRICE, info)],
      ['payments', num(payments.length)],
      ['payments a block', num(perBlock, 2)],
      ['pictures missing in the file', num(gaps)],
      ...parts.map(({ name, rss: [before, after] }) => [
        `${name}: MB after a minute, at the end`,
        `${num(before, 1)}, ${num(after, 1)}`,
      ]),
    ],
  )
  printJson(values.json, {
    minutes,
    ticksPlayed: ledger.ticks,
    ticksPaid: Number(onChain / PRICE),
    driftPlanck: String(onChain - BigInt(ledger.ticks) * PRICE),
    payments: payments.length,
    perBlock,
    picturesMissing: gaps,
    rssMb: Object.fromEntries(parts.map(({ name, rss }) => [name, rss])),
  })
} finally {
  await chain?.close()
  for (const part of [...parts].reverse()) await part.stop()
  await rm(folder, { recursive: true, force: true })
}

async function readLedger(path: string): Promise<{ readonly ticks: number }> {
  let ticks = 0
  for (const name of await readdir(path)) {
    if (!name.endsWith('.jsonl')) continue
    for (const line of (await readFile(join(path, name), 'utf8')).split('\n')) {
      if (line === '') continue
      const row = parseJsonLine(line)
      const rows = typeof row === 'object' && row !== null && 'ticks' in row ? row.ticks : []
      if (Array.isArray(rows)) ticks += rows.length
    }
  }
  return { ticks }
}

/** Holes between pictures, in pictures. */
async function missingPictures(path: string): Promise<number> {
  const { stdout } = await promisify(execFile)(
    'ffprobe',
    ['-v', 'error', '-select_streams', 'v', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', path],
    { maxBuffer: 64 * 1024 * 1024 },
  )
  const times = stdout
    .split('\n')
    .map(line => Number.parseFloat(line))
    .filter(Number.isFinite)
    .sort((one, other) => one - other)
  let missing = 0
  for (const [index, time] of times.entries()) {
    const before = times[index - 1]
    if (before !== undefined) missing += Math.max(0, Math.round((time - before) / FRAME_S) - 1)
  }
  return missing
}

async function answers(url: string): Promise<void> {
  const end = machineMs() + READY_MS
  while (machineMs() < end) {
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return
    await delay(100)
  }
  throw new Error(`${url} does not answer`)
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
