import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StreamId } from '../shared/protocol/ids.ts'
import { flipPayloadBit } from './support/attacks.ts'
import { Disposer } from './support/disposer.ts'
import { idOf, NodeMesh, parentOf } from './support/node-mesh.ts'
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
  const fed = await victim.until('the page is fed by the hostile relay', ({ shown }) => shown.length > 10)
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
    ({ stats, shown }) => stats?.path.at(-2) === idOf(honest) && shown.length > caught.shown.length + 40,
  )
  await until('its child goes on', () => grandchild.log.size > before + 60)
  const sent = await studio.report()
  expect(report.violations).toEqual([{ peer: hostile, reason: 'bad-hash' }])
  expect(report.errors).toEqual([])
  expect(report.unreadable).toBe(0)
  expect(grandchild.violations).toEqual([])
  for (const received of [Object.entries(report.hashes), [...grandchild.log.hashes]]) {
    expect(received.length).toBeGreaterThan(0)
    // What was sent in this very moment is not in the creator's report yet.
    const known = received.filter(([key]) => key in sent.hashes)
    expect(known.filter(([key, hash]) => sent.hashes[key] !== hash)).toEqual([])
    expect(known.length).toBeGreaterThan(received.length - 40)
  }
})
