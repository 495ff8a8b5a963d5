import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ViewerState } from '../client/engine/events.ts'
import { Viewer } from '../client/engine/viewer.ts'
import { createNodeDeps } from '../client/headless/node-deps.ts'
import { parseStreamAddress } from '../client/headless/stream-address.ts'
import { H264, makeClip, OPUS, VP8 } from '../scripts/make-clip.ts'
import { freePort } from './support/command.ts'
import { Disposer } from './support/disposer.ts'
import { NodeMesh, silent } from './support/node-mesh.ts'
import { SitePages } from './support/site-pages.ts'
import { until } from './support/until.ts'

const CLI = fileURLToPath(new URL('../client/headless/cli.ts', import.meta.url))
const VILOKANAM = ['--import', 'tsx', CLI]
const FFMPEG = ['ffmpeg', '-hide_banner', '-loglevel', 'error', '-nostdin', '-re']

const suite = new Disposer()
const scene = new Disposer()
let folder: string
let mesh: NodeMesh
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vilokanam-headless-'))
  suite.defer(() => rm(folder, { recursive: true, force: true }))
  mesh = await NodeMesh.start(suite)
})
afterEach(() => scene.dispose())
afterAll(() => suite.dispose())

class Running {
  readonly process: ChildProcess
  readonly exited: Promise<number | null>
  out = ''
  err = ''

  constructor(command: string, args: readonly string[], options: SpawnOptions = {}) {
    this.process = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
    this.process.stdout?.on('data', (text: Buffer) => {
      this.out += text.toString()
    })
    this.process.stderr?.on('data', (text: Buffer) => {
      this.err += text.toString()
    })
    this.exited = new Promise(resolve => this.process.on('close', code => resolve(code)))
    scene.defer(() => {
      if (this.process.exitCode === null) this.process.kill('SIGKILL')
      return this.exited
    })
  }

  async says(pattern: RegExp): Promise<string> {
    await until(
      () => `${pattern} in ${this.out}${this.err}`,
      () => pattern.test(this.out) || this.process.exitCode !== null,
      60_000,
    )
    return pattern.exec(this.out)?.[1] ?? expect.fail(`it ended, saying ${this.out}${this.err}`)
  }
}

const vilokanam = (...args: readonly string[]) => new Running(process.execPath, [...VILOKANAM, ...args])

/** A viewer in this process; it has seen a picture when this resolves. */
async function watch(address: string): Promise<{ states: ViewerState['kind'][]; codec: string | undefined }> {
  const deps = await createNodeDeps({ trackers: mesh.tracker.multiaddrs, logger: silent })
  scene.defer(() => deps.close())
  const viewer = new Viewer(deps, { slots: 0 })
  scene.defer(() => viewer.close())
  const states: ViewerState['kind'][] = []
  viewer.on('state', ({ kind }) => states.push(kind))
  let pictures = 0
  viewer.on('frame', ({ track }) => {
    if (track === 0) pictures += 1
  })
  const { manifest } = await viewer.joinStream(parseStreamAddress(address).streamId)
  await until('ten pictures arrive', () => pictures >= 10)
  return { states, codec: manifest.tracks[0]?.codec }
}

test('H-PIPE-1 ffmpeg pipes WebM in; H-CLI-7 Ctrl-C ends it tidily and viewers are told', async () => {
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30']
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000']
  const source = [...FFMPEG, ...picture, ...sound, ...VP8, ...OPUS, '-f', 'webm', '-']
  const broadcast = ['exec', process.execPath, ...VILOKANAM, 'broadcast', '-', '--tracker', mesh.url]
  // `exec`: the shell's own process becomes the broadcaster, and the signal meets it alone.
  const running = new Running('sh', ['-c', `${source.join(' ')} | ${broadcast.join(' ')}`], {
    detached: true,
  })
  const address = await running.says(/Live: (\S+)/)
  const { states, codec } = await watch(address)
  expect(codec).toBe('vp8')
  // A terminal's Ctrl-C goes to every process of the pipeline, the source included.
  process.kill(-(running.process.pid ?? expect.fail('no pid')), 'SIGINT')
  await until(
    () => `the viewer is told: ${states}`,
    () => states.at(-1) === 'ended',
  )
  await running.exited
  expect(running.err.replaceAll(/^Exiting normally.*$|^\[?Note: .*$/gm, '').trim()).toBe('')
})

test.each([
  ['that ends', 1, 0, 'The source has ended, and the stream with it.'],
  ['that is cut off', 0.6, 1, 'it is cut off. Copy or download it again'],
] as const)(
  'H-CLI-9 a file %s ends the stream, and viewers are told',
  async (name, share, code, sentence) => {
    const path = join(folder, `${name}.mp4`)
    const whole = await readFile(await makeClip(path, 10, [...H264, ...OPUS, '-movflags', '+faststart']))
    await writeFile(path, whole.subarray(0, Math.floor(whole.length * share)))
    const running = vilokanam('broadcast', path, '--tracker', mesh.url)
    const { states } = await watch(await running.says(/Live: (\S+)/))
    expect(await running.exited).toBe(code)
    expect(running.out + running.err).toContain(sentence)
    await until(
      () => `the viewer is told: ${states}`,
      () => states.at(-1) === 'ended',
    )
  },
)

test('H-CLI-7 a relay and a broadcaster end with exit code 0 on Ctrl-C, SIGTERM and a closed output', async () => {
  const clip = await makeClip(join(folder, 'loops.mp4'), 2, [...H264, ...OPUS])
  const broadcaster = vilokanam('broadcast', clip, '--loop', '--tracker', mesh.url)
  const address = await broadcaster.says(/Live: (\S+)/)
  const relay = vilokanam('relay', address)
  await relay.says(/(relaying · depth 1)/)
  const piped = vilokanam('relay', address)
  await piped.says(/(relaying)/)
  relay.process.kill('SIGINT')
  piped.process.stdout?.destroy()
  expect(await relay.exited).toBe(0)
  expect(relay.out).toContain('Left the stream.')
  broadcaster.process.kill('SIGTERM')
  expect(await broadcaster.exited).toBe(0)
  expect(broadcaster.out).toContain('Stopping: viewers are told')
  expect(await piped.exited).toBe(0)
  expect([broadcaster.err, relay.err, piped.err]).toEqual(['', '', ''])
}, 120_000)

test('H-CLI-8 demo prints one address; Home lists the sample channel, and a click shows and sounds it', async () => {
  const port = await freePort()
  const demo = vilokanam('demo', '--port', String(port), '--chain-port', String(await freePort()))
  const url = await demo.says(/Open (\S+)/)
  expect(demo.out.match(/https?:/g)).toHaveLength(1)
  const pages = await SitePages.launch(url, scene)
  const home = await pages.open('')
  await home.page
    .getByRole('link', { name: /Sample channel/ })
    .first()
    .click()
  const report = await home.until(
    'the sample channel plays',
    ({ player, loudest }) => (player?.shownFrames ?? 0) > 30 && loudest > 0.01,
  )
  expect({ errors: report.errors, violations: report.violations }).toEqual({ errors: [], violations: [] })
  demo.process.kill('SIGINT')
  expect(await demo.exited).toBe(0)
  expect(demo.err).toBe('')
  await expect(fetch(new URL('healthz', url))).rejects.toThrow()
})

test('H-CLI-8 what demo started ends with it, even when it is killed', async () => {
  const demo = vilokanam('demo', '--port', String(await freePort()), '--no-chain')
  const url = await demo.says(/Open (\S+)/)
  demo.process.kill('SIGKILL')
  await demo.exited
  await until('the tracker is gone', () =>
    fetch(new URL('healthz', url)).then(
      () => false,
      () => true,
    ),
  )
})
