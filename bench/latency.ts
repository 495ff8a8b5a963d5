/**
 * `npm run bench:latency -- --hops 4`: a chain of real Chromium pages behind a creator page with a test pattern whose
 * picture carries a time code. One depth renders at a time and reads the code back from its canvas; the pages above it
 * only relay. Capture → shown, play-out buffer included.
 */
import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../e2e/chromium.ts'
import { servePages } from '../e2e/page-server.ts'
import { delay, machineMs } from './clock.ts'
import type { Rendered } from './latency/page.ts'
import { percentile } from './percentile.ts'
import { num, printJson, printTable, rounded } from './report.ts'
import { TrackerProcess } from './tracker-process.ts'

const { values } = parseArgs({
  options: {
    hops: { type: 'string', default: '4' },
    /** Of rendering at each depth. */
    seconds: { type: 'string', default: '20' },
    kbps: { type: 'string', default: '2500' },
    json: { type: 'boolean' },
  },
})
const hops = Number(values.hops)
const seconds = Number(values.seconds)
const bitrate = Number(values.kbps) * 1000
if (!Number.isInteger(hops) || hops < 1 || !(seconds > 0) || !(bitrate > 0)) {
  throw new RangeError('--hops, --seconds and --kbps are above 0')
}

const PAGE = 'bench/latency/page.html'
const ATTACH_LIMIT_MS = 20_000
/** The jitter buffer learns the way in this time. */
const START_UP_MS = 10_000
/** Time codes count modulo this many ms. */
const CODE_MODULO = 2 ** 32

async function openPage(browser: Browser, url: string): Promise<Page> {
  // A context of its own for each: Chromium then gives each page a process of its own.
  const context = await browser.newContext()
  const page = await context.newPage()
  page.on('pageerror', error => console.error(`page: ${error.message}`))
  await page.goto(url + PAGE)
  await page.waitForFunction(() => 'latencyPage' in globalThis)
  return page
}

async function attach(page: Page, depth: number): Promise<void> {
  const end = machineMs() + ATTACH_LIMIT_MS
  for (;;) {
    const now = await page.evaluate(() => latencyPage.depth())
    if (now === depth) return
    if (machineMs() > end) throw new Error(`a page stands at depth ${now}, not ${depth}`)
    await delay(100)
  }
}

type Depth = {
  readonly depth: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly frames: number
  readonly encodedP50Ms: number
  readonly arrivedP50Ms: number
  readonly arrivedP95Ms: number
  readonly rendered: Rendered
}

function measure(depth: number, rendered: Rendered, encoded: ReadonlyMap<number, number>): Depth {
  const codes = new Map(rendered.shown.map(({ timestampUs, code }) => [timestampUs, code]))
  /** Since the picture was drawn at the creator. */
  const since = (times: Iterable<readonly [number, number]>): number[] => {
    const found: number[] = []
    for (const [timestampUs, atMs] of times) {
      const code = codes.get(timestampUs)
      if (code !== undefined) found.push(elapsed(code, atMs))
    }
    return found
  }
  const shown = rendered.shown.map(({ code, atMs }) => elapsed(code, atMs))
  const arrived = since(rendered.arrived)
  return {
    depth,
    p50Ms: percentile(shown, 0.5) ?? Number.NaN,
    p95Ms: percentile(shown, 0.95) ?? Number.NaN,
    frames: shown.length,
    encodedP50Ms: percentile(since(encoded), 0.5) ?? Number.NaN,
    arrivedP50Ms: percentile(arrived, 0.5) ?? Number.NaN,
    arrivedP95Ms: percentile(arrived, 0.95) ?? Number.NaN,
    rendered,
  }
}

function elapsed(code: number, atMs: number): number {
  const ms = (((atMs - code) % CODE_MODULO) + CODE_MODULO) % CODE_MODULO
  return ms > CODE_MODULO / 2 ? ms - CODE_MODULO : ms
}

const tracker = await TrackerProcess.start()
const trackers = tracker.address.multiaddrs
const server = await servePages({ entries: [PAGE] })
const browser = await launchChromium()
try {
  const creator = await openPage(browser, server.url)
  const { streamId, videoCodec } = await creator.evaluate(
    ([addresses, bits]) => latencyPage.create(addresses, 1, bits),
    [trackers, bitrate] as const,
  )
  const pages: Page[] = []
  for (let depth = 1; depth <= hops; depth++) {
    const page = await openPage(browser, server.url)
    await page.evaluate(([addresses, id]) => latencyPage.join(addresses, id), [trackers, streamId] as const)
    await attach(page, depth)
    pages.push(page)
  }
  const depths: Depth[] = []
  for (const [index, page] of pages.entries()) {
    await creator.evaluate(() => latencyPage.encoded())
    const rendered = await page.evaluate(([startUpMs, ms]) => latencyPage.render(startUpMs, ms), [
      START_UP_MS,
      seconds * 1000,
    ] as const)
    await attach(page, index + 1)
    depths.push(measure(index + 1, rendered, new Map(await creator.evaluate(() => latencyPage.encoded()))))
  }
  console.log(`1280×720 at 30 frames/s, ${bitrate / 1e6} Mbit/s ${videoCodec}, ${seconds} s at each depth\n`)
  printTable(
    [
      'depth',
      'shown p50 ms',
      'p95 ms',
      'frames',
      'encoded p50',
      'arrived p50',
      'p95',
      'dropped',
      'buffer ms',
      'clock',
    ],
    depths.map(({ depth, p50Ms, p95Ms, frames, encodedP50Ms, arrivedP50Ms, arrivedP95Ms, rendered }) => [
      String(depth),
      num(p50Ms),
      num(p95Ms),
      `${frames}${rendered.unreadable === 0 ? '' : ` (+${rendered.unreadable} unread)`}`,
      num(encodedP50Ms),
      num(arrivedP50Ms),
      num(arrivedP95Ms),
      String(rendered.dropped),
      num(rendered.targetMs),
      rendered.clock,
    ]),
  )
  console.log('\nfrom the drawing of the picture at the creator; aim at 4 hops: p50 ≤ 60, p95 ≤ 110')
  printJson(values.json, {
    depths: depths.map(
      ({ depth, p50Ms, p95Ms, frames, encodedP50Ms, arrivedP50Ms, arrivedP95Ms, rendered }) => ({
        depth,
        p50Ms: rounded(p50Ms, 1),
        p95Ms: rounded(p95Ms, 1),
        frames,
        encodedP50Ms: rounded(encodedP50Ms, 1),
        arrivedP50Ms: rounded(arrivedP50Ms, 1),
        arrivedP95Ms: rounded(arrivedP95Ms, 1),
        dropped: rendered.dropped,
        unreadable: rendered.unreadable,
        clock: rendered.clock,
      }),
    ),
    videoCodec,
    kbps: bitrate / 1000,
  })
} finally {
  await browser.close()
  await server.close()
  tracker.stop()
}
