import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StreamId } from '../shared/protocol/ids.ts'
import { flipPayloadBit } from './support/attacks.ts'
import { Disposer } from './support/disposer.ts'
import type { FrameLog } from './support/frame-log.ts'
import { idOf, NodeMesh, parentOf, type Watcher } from './support/node-mesh.ts'
import { SitePages } from './support/site-pages.ts'
import { until } from './support/until.ts'
import { buildSite } from './ui/site.ts'

const suite = new Disposer()
let mesh: NodeMesh

beforeAll(async () => {
  const site = await buildSite()
  suite.defer(() => site.remove())
  mesh = await NodeMesh.start(suite, { siteDir: site.dir, stunPort: 0 })
})
afterAll(() => suite.dispose())

test('O-MEDIA-2 a page drops what a hostile relay changed before it forwards or shows it, and goes on without', async () => {
  const pages = await SitePages.launch(mesh.url, suite)
  const { studio, streamId: text } = await pages.goLive({ slots: 2 })
  const streamId = text as StreamId
  const honest = await mesh.startRelay(streamId, 4)
  await until('the honest relay hangs on the creator', () => honest.stats?.depth === 1)
  honest.setHidden(true)
  const { relay, wire } = await mesh.startHostile(streamId, 1)
  await until('the hostile relay hangs on the creator', () => relay.stats?.depth === 1)
  const hostile = idOf(relay)
  const victim = await pages.watch(text, 1)
  const fed = await victim.until('the page is fed by the hostile relay', ({ shown }) => shown > 10)
  expect(fed.stats?.path.at(-2)).toBe(hostile)
  const self = fed.stats?.self
  const grandchild = await mesh.startViewer(streamId, 0)
  await until(
    'the page feeds a child',
    () => parentOf(grandchild.viewer) === self && grandchild.log.size > 10,
  )

  honest.setHidden(false)
  wire.attack = flipPayloadBit
  const caught = await victim.until('a violation', ({ violations }) => violations.length > 0)
  const before = grandchild.log.size
  const report = await victim.until(
    'the page goes on through the honest relay',
    ({ stats, shown }) => stats?.path.at(-2) === idOf(honest) && shown > caught.shown + 40,
  )
  await until('its child goes on', () => grandchild.log.size > before + 60)
  expect(report.violations).toEqual([{ peer: hostile, reason: 'bad-hash' }])
  expect(report.errors).toEqual([])
  expect(report.unreadable).toBe(0)
  expect(grandchild.violations).toEqual([])
  const received = [(await victim.record()).frames, leave(grandchild)]
  const { frames: sent } = await studio.record()
  for (const frames of received) expect(frames.foreignTo(sent)).toEqual([])
})

/** Its frames; no more come. */
function leave({ viewer, log }: Watcher): FrameLog {
  viewer.leave()
  return log
}
