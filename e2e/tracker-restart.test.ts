import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Viewer } from '../client/engine/viewer.ts'
import { createNodeDeps } from '../client/headless/node-deps.ts'
import { resolveTrackers } from '../client/headless/tracker-address.ts'
import { parseStreamId } from '../shared/protocol/ids.ts'
import { Command, freePort } from './support/command.ts'
import { Disposer } from './support/disposer.ts'
import { FrameLog } from './support/frame-log.ts'
import { silent } from './support/node-mesh.ts'
import { SitePages } from './support/site-pages.ts'
import { until } from './support/until.ts'
import { buildSite } from './ui/site.ts'

const suite = new Disposer()
let url: string
let startTracker: () => Promise<Command>

beforeAll(async () => {
  const site = await buildSite()
  suite.defer(() => site.remove())
  const folder = await mkdtemp(join(tmpdir(), 'vilokanam-tracker-'))
  suite.defer(() => rm(folder, { recursive: true, force: true }))
  const port = await freePort()
  url = `http://127.0.0.1:${port}/`
  const options = ['--dev', '--host', '127.0.0.1', '--port', String(port), '--no-stun', '--site', site.dir]
  startTracker = async () => {
    const tracker = new Command(suite, ['tracker', ...options, '--key-file', join(folder, 'key')])
    await until(
      () => `the tracker answers: ${tracker.said}`,
      () => answers(url),
      30_000,
    )
    return tracker
  }
})
afterAll(() => suite.dispose())

test('E-3 a tracker is killed and comes back: pictures run on, and newcomers are in within 3 s', async () => {
  const tracker = await startTracker()
  const pages = await SitePages.launch(url, suite)
  const { studio, streamId } = await pages.goLive({ slots: 1 })
  const watch = await pages.watch(streamId, 4)
  await watch.until('the page shows the stream', ({ shown }) => shown > 10)
  const { multiaddrs } = await resolveTrackers([url])

  await tracker.kill()
  const killed = await watch.report()
  await watch.until('the page has noticed', ({ stats }) => stats?.isTrackerConnected === false)
  const waiting = await watchFrom(multiaddrs, streamId)
  await watch.until('the picture runs on', ({ shown }) => shown > killed.shown + 30)
  expect(waiting.size).toBe(0)

  await startTracker()
  const fresh = await watchFrom(multiaddrs, streamId)
  const areIn = (): boolean => waiting.size > 0 && fresh.size > 0
  await until('both newcomers watch, the one that waited and the one that comes now', areIn, 3_000)

  await watch.until('the page is back with the tracker', ({ stats }) => stats?.isTrackerConnected === true)
  const { frames } = await watch.record()
  expect(frames.foreignTo((await studio.record()).frames)).toEqual([])
  expect(frames.missing()).toEqual([])
  const { violations, errors } = await watch.report()
  expect({ violations, errors }).toEqual({ violations: [], errors: [] })
})

/** Joins, or goes on trying; its frames as they come. */
async function watchFrom(trackers: readonly string[], streamId: string): Promise<FrameLog> {
  const deps = await createNodeDeps({ trackers, logger: silent })
  suite.defer(() => deps.close())
  const viewer = new Viewer(deps, { slots: 0 })
  suite.defer(() => viewer.close())
  const log = new FrameLog()
  viewer.on('frame', log.add)
  viewer.joinStream(parseStreamId(streamId)).catch(() => undefined)
  return log
}

async function answers(site: string): Promise<boolean> {
  return fetch(new URL('healthz', site)).then(
    ({ ok }) => ok,
    () => false,
  )
}
