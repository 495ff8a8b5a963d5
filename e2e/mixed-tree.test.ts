import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ffmpeg, H264_B_FRAMES, makeClip, OPUS, VP9 } from '../scripts/make-clip.ts'
import { Command } from './support/command.ts'
import { Disposer } from './support/disposer.ts'
import { NodeMesh } from './support/node-mesh.ts'
import type { DecodedPicture } from './support/page-probe.ts'
import { psnr } from './support/psnr.ts'
import { SitePages } from './support/site-pages.ts'
import { buildSite } from './ui/site.ts'

const FRAME_RATE = 30
/** Longer than a slow machine needs to open two pages. */
const CLIP_S = 60
const PICTURES = 6

const suite = new Disposer()
const scene = new Disposer()
let folder: string
let mesh: NodeMesh

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vilokanam-mixed-'))
  suite.defer(() => rm(folder, { recursive: true, force: true }))
  const site = await buildSite()
  suite.defer(() => site.remove())
  mesh = await NodeMesh.start(suite, { siteDir: site.dir, stunPort: 0 })
})
afterEach(() => scene.dispose())
afterAll(() => suite.dispose())

test('E-1 a page watches a page through a headless relay', async () => {
  const pages = await SitePages.launch(mesh.url, scene)
  const { studio, streamId } = await pages.goLive({ slots: 1 })
  const relay = new Command(scene, ['relay', `${mesh.url}#/watch/${streamId}`, '--slots', '1'])
  await relay.says(/relaying/)
  const watch = await pages.watch(streamId, 0)
  const report = await watch.until('the page shows it', ({ shown, loudest }) => shown > 40 && loudest > 0.01)
  const { stats } = await studio.until(
    'the creator knows its one child',
    ({ stats }) => stats?.links.length === 1,
  )
  expect(report.stats?.path.slice(0, 2)).toEqual([stats?.self, stats?.links[0]?.peer])
  expect(report.stats?.depth).toBe(2)
  const { frames } = await watch.record()
  expect(frames.foreignTo((await studio.record()).frames)).toEqual([])
  expect({ violations: report.violations, errors: report.errors }).toEqual({ violations: [], errors: [] })
})

test.each([
  ['MP4 (H.264 with B-frames)', 'clip.mp4', [...H264_B_FRAMES, ...OPUS]],
  ['WebM (VP9)', 'clip.webm', [...VP9, ...OPUS]],
])('E-1 what pages decode of a broadcast %s is what ffmpeg decodes of the file', async (_, name, codecs) => {
  const clip = await makeClip(join(folder, name), CLIP_S, codecs)
  const broadcaster = new Command(scene, ['broadcast', clip, '--tracker', mesh.url, '--slots', '1'])
  const [, streamId = ''] = await broadcaster.says(/#\/watch\/(\S+)/)
  const pages = await SitePages.launch(mesh.url, scene)
  const depths: (number | undefined)[] = []
  for (let index = 0; index < 2; index++) {
    const watch = await pages.watch(streamId, 1)
    const { stats } = await watch.until('the page shows it', ({ player }) => (player?.shownFrames ?? 0) > 5)
    depths.push(stats?.depth)
    const pictures = await watch.page.evaluate(count => vkProbe.decode(count, 10), PICTURES)
    const wanted = await decodedByFfmpeg(clip, pictures)
    for (const [at, { planes }] of pictures.entries()) {
      expect(psnr(Buffer.from(planes, 'base64'), wanted[at] ?? Buffer.alloc(0))).toBeGreaterThanOrEqual(40)
    }
  }
  expect(depths).toEqual([1, 2])
})

/** The same pictures of the file, in the same order. */
async function decodedByFfmpeg(clip: string, pictures: readonly DecodedPicture[]): Promise<Buffer[]> {
  const numbers = pictures.map(({ timestampUs }) => Math.round((timestampUs * FRAME_RATE) / 1e6))
  const select = numbers.map(number => `eq(n,${number})`).join('+')
  const out = join(folder, 'planes.yuv')
  await ffmpeg([
    '-i',
    clip,
    '-vf',
    `select='${select}'`,
    '-fps_mode',
    'passthrough',
    '-pix_fmt',
    'yuv420p',
    '-f',
    'rawvideo',
    out,
  ])
  const all = await readFile(out)
  const bytes = all.length / pictures.length
  return pictures.map((_, at) => all.subarray(at * bytes, (at + 1) * bytes))
}
