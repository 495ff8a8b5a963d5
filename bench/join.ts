/**
 * `npm run bench:join`: how long a newcomer waits for the first picture, each time in a new browser context: after a
 * click on a stream on Home, and after opening a link to it with nothing loaded. The built site on a real tracker, a
 * headless broadcaster and two headless relays; the page itself is not changed, only listened to.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { launchChromium } from '../e2e/chromium.ts'
import { delay } from './clock.ts'
import type { HeadlessChildOptions, HeadlessReport } from './headless-child.ts'
import { STEPS, type Step } from './join/steps.ts'
import { percentile } from './percentile.ts'
import { num, printJson, printTable, rounded } from './report.ts'
import { TrackerProcess } from './tracker-process.ts'

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '20' }, json: { type: 'boolean' } },
})
const runs = Number(values.runs)
if (!Number.isInteger(runs) || runs < 1) throw new RangeError('--runs is above 0')

const LIMIT_MS = 20_000
/** The last visitor's Leave is through by then. */
const BETWEEN_MS = 300
const RELAYS = 2

const children: ChildProcess[] = []

function start(options: HeadlessChildOptions): Promise<string> {
  const child = fork(fileURLToPath(new URL('./headless-child.ts', import.meta.url)), [
    JSON.stringify(options),
  ])
  children.push(child)
  return new Promise((resolve, reject) => {
    child.on('message', message => {
      const report = message as HeadlessReport
      if (report.kind === 'live') resolve(report.streamId)
    })
    child.on('exit', code => reject(new Error(`the ${options.kind} ended with code ${code}`)))
  })
}

/** join/marks.ts as one script. */
async function marksScript(): Promise<string> {
  const entry = fileURLToPath(new URL('./join/marks.ts', import.meta.url))
  const made = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, lib: { entry, formats: ['iife'], name: 'joinMarksScript' } },
  })
  const [output] = Array.isArray(made) ? made : [made]
  if (output === undefined || !('output' in output)) throw new Error('the marks were not bundled')
  return output.output[0].code
}

type Marks = Partial<Record<Step, number>>

/** Opens a page with nothing cached, lets `go` lead it to the stream, and waits for the picture. */
async function visit(browser: Browser, script: string, go: (page: Page) => Promise<void>): Promise<Marks> {
  const context = await browser.newContext({ viewport: { width: 960, height: 720 } })
  try {
    await context.addInitScript({ content: script })
    const page = await context.newPage()
    await go(page)
    await page.waitForFunction(() => joinMarks['first picture'] !== undefined, undefined, {
      timeout: LIMIT_MS,
    })
    const marks = await page.evaluate(() => joinMarks)
    // As a visitor leaves: with pagehide, so that the place is free for the next.
    await page.goto('about:blank')
    return marks
  } finally {
    await context.close()
    await delay(BETWEEN_MS)
  }
}

/** Each step's time since `origin` (a step, or 0 for the start of the navigation), over all visits. */
function table(visits: readonly Marks[], origin: Step | undefined): { step: Step; times: number[] }[] {
  return STEPS.flatMap(step => {
    const times = visits.flatMap(marks => {
      const at = marks[step]
      const from = origin === undefined ? 0 : marks[origin]
      return at === undefined || from === undefined || at < from ? [] : [at - from]
    })
    return step === origin || times.length < visits.length / 2 ? [] : [{ step, times }]
  })
}

function print(title: string, rows: ReturnType<typeof table>): void {
  console.log(`\n${title}`)
  printTable(
    ['until', 'p50 ms', 'p95 ms', 'step p50 ms'],
    rows.map(({ step, times }, index) => {
      const p50 = percentile(times, 0.5) ?? Number.NaN
      const before = index === 0 ? 0 : (percentile(rows[index - 1]?.times ?? [], 0.5) ?? 0)
      return [step, num(p50, 0), num(percentile(times, 0.95), 0), num(p50 - before, 0)]
    }),
  )
}

const siteDir = await mkdtemp(join(tmpdir(), 'vilokanam-site-'))
await build({
  configFile: fileURLToPath(new URL('../vite.config.ts', import.meta.url)),
  root: fileURLToPath(new URL('../client/ui', import.meta.url)),
  logLevel: 'error',
  build: { outDir: siteDir, emptyOutDir: true },
})
const script = await marksScript()
const tracker = await TrackerProcess.start(siteDir)
const { multiaddrs: trackers, httpUrl } = tracker.address
const browser = await launchChromium()
try {
  const file = fileURLToPath(new URL('../sample/sample.mp4', import.meta.url))
  const streamId = await start({ kind: 'broadcaster', file, trackers, slots: 6 })
  for (let index = 0; index < RELAYS; index++) {
    start({ kind: 'relay', streamId, trackers, slots: 8 }).catch(() => {})
  }
  await delay(3_000)
  const clicked: Marks[] = []
  const opened: Marks[] = []
  for (let run = 0; run < runs; run++) {
    clicked.push(
      await visit(browser, script, async page => {
        await page.goto(httpUrl)
        await page.locator(`a[href*="${streamId}"]`).first().click({ timeout: LIMIT_MS })
      }),
    )
    opened.push(
      await visit(browser, script, async page => void (await page.goto(`${httpUrl}/#/watch/${streamId}`))),
    )
  }
  const afterClick = table(clicked, 'click')
  const afterOpening = table(opened, undefined)
  console.log(`${runs} visits each way, every one in a new browser context`)
  print('Click on a stream on Home', afterClick)
  print('A link to the stream, nothing loaded yet', afterOpening)
  const total = (rows: ReturnType<typeof table>): number[] =>
    rows.find(({ step }) => step === 'first picture')?.times ?? []
  const steps = (rows: ReturnType<typeof table>): Record<string, number | null> =>
    Object.fromEntries(rows.map(({ step, times }) => [step, rounded(percentile(times, 0.5), 0)]))
  console.log('\naim: p95 ≤ 700 ms from the click')
  printJson(values.json, {
    runs,
    p50Ms: rounded(percentile(total(afterClick), 0.5), 0),
    p95Ms: rounded(percentile(total(afterClick), 0.95), 0),
    openedP50Ms: rounded(percentile(total(afterOpening), 0.5), 0),
    openedP95Ms: rounded(percentile(total(afterOpening), 0.95), 0),
    stepsP50Ms: { click: steps(afterClick), opened: steps(afterOpening) },
  })
} finally {
  await browser.close()
  for (const child of children) child.removeAllListeners('exit').kill('SIGKILL')
  tracker.stop()
  await rm(siteDir, { recursive: true, force: true })
}
