import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTracker } from '../tracker/tracker.ts'
import { Disposer } from './support/disposer.ts'
import { silent } from './support/node-mesh.ts'
import type { ProbeReport } from './support/page-probe.ts'
import { type ProbedPage, SitePages } from './support/site-pages.ts'
import { buildSite } from './ui/site.ts'

const VIEWERS = 6
/** Pictures that one look at the delay takes in: two seconds of them, more or less. */
const WINDOW = 50

const suite = new Disposer()
let pages: SitePages

beforeAll(async () => {
  const site = await buildSite()
  suite.defer(() => site.remove())
  const tracker = await createTracker(
    { host: '127.0.0.1', port: 0, stunPort: 0, isDev: true, siteDir: site.dir },
    { logger: silent },
  )
  suite.defer(() => tracker.close())
  pages = await SitePages.launch(`${tracker.httpUrl}/`, suite)
})
afterAll(() => suite.dispose())

test('E-1 camera and microphone reach six viewers through a tree of pages: in time, audible, bit for bit', async () => {
  const { studio, streamId } = await pages.goLive({ slots: 1 })
  const viewers: ProbedPage[] = []
  for (let index = 0; index < VIEWERS; index++) {
    const viewer = await pages.watch(streamId, 2)
    await viewer.until(`viewer ${index} shows the stream`, ({ shown }) => shown.length > 0)
    viewers.push(viewer)
  }

  const reports: ProbeReport[] = []
  for (const [index, viewer] of viewers.entries()) {
    const isTimely = ({ shown, loudest }: ProbeReport): boolean =>
      shown.length >= WINDOW && median(shown.slice(-WINDOW).map(({ lagMs }) => lagMs)) <= 500 && loudest > 0.01
    reports.push(await viewer.until(`viewer ${index} is within 500 ms, and audible`, isTimely, 60_000))
  }
  const sent = await studio.report()

  const depths = reports.map(({ stats }) => stats?.depth ?? 0)
  expect(Math.max(...depths)).toBeGreaterThanOrEqual(3)
  for (const { shown, unreadable, hashes, violations, errors, player } of reports) {
    // Every shown code is a later one than before, but for the rare picture that is drawn twice.
    const codes = shown.map(({ code }) => code)
    expect(codes).toEqual([...codes].sort((a, b) => a - b))
    expect(new Set(codes).size).toBeGreaterThan(WINDOW / 2)
    expect(unreadable).toBeLessThan(codes.length / 10)
    const received = Object.entries(hashes)
    expect(new Set(received.map(([key]) => key.split(':')[0])).size).toBe(2)
    expect(received.filter(([key, hash]) => sent.hashes[key] !== hash)).toEqual([])
    expect({ violations, errors, width: player?.width }).toEqual({ violations: [], errors: [], width: 640 })
  }
})

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
