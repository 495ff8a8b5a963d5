import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTracker } from '../tracker/tracker.ts'
import { Disposer } from './support/disposer.ts'
import { silent } from './support/node-mesh.ts'
import type { ProbeReport } from './support/page-probe.ts'
import { type ProbedPage, SitePages } from './support/site-pages.ts'
import { buildSite } from './ui/site.ts'

const VIEWERS = 6
/** Five seconds of pictures are looked at together: one late picture is not a late viewer. */
const LAGS_KEPT = 50
const VIDEO = 1
const AUDIO = 2

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
    await viewer.until(`viewer ${index} shows the stream`, ({ shown }) => shown > 0)
    viewers.push(viewer)
  }

  for (const [index, viewer] of viewers.entries()) {
    const isTimely = ({ lagMs, loudest }: ProbeReport): boolean =>
      lagMs.length === LAGS_KEPT && median(lagMs) <= 500 && loudest > 0.01
    await viewer.until(`viewer ${index} is within 500 ms, and audible`, isTimely, 100_000)
  }
  const reports = await Promise.all(viewers.map(viewer => viewer.report()))
  const records = await Promise.all(viewers.map(viewer => viewer.record()))
  const { frames: sent } = await studio.record()

  const depths = reports.map(({ stats }) => stats?.depth ?? 0)
  expect(Math.max(...depths)).toBeGreaterThanOrEqual(3)
  for (const { shown, unreadable, violations, errors, player } of reports) {
    expect(unreadable).toBeLessThan(shown / 10)
    expect({ violations, errors, width: player?.width }).toEqual({ violations: [], errors: [], width: 640 })
  }
  for (const { frames, codes } of records) {
    expect(codes).toEqual([...codes].sort((a, b) => a - b))
    expect(new Set(codes).size).toBeGreaterThan(LAGS_KEPT / 2)
    expect([...frames.seqs().keys()].sort()).toEqual([VIDEO, AUDIO])
    expect(frames.foreignTo(sent)).toEqual([])
  }
})

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
