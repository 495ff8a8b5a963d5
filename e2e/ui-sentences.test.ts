import { createServer } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type LaunchOptions, launchChromium } from './chromium.ts'
import { Disposer } from './support/disposer.ts'
import { type BuiltSite, buildSite, hostStatically, type StaticHost } from './ui/site.ts'

/** An id of the right form that no stream has. */
const NO_STREAM = '4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi'

const suite = new Disposer()
const test = new Disposer()
let site: BuiltSite
let host: StaticHost
let browser: Browser
/** Nobody listens there. */
let deadTracker: string

beforeAll(async () => {
  site = await buildSite()
  suite.defer(() => site.remove())
  host = await hostStatically(site.dir)
  suite.defer(() => host.close())
  browser = await launchChromium()
  suite.defer(() => browser.close())
  deadTracker = `/ip4/127.0.0.1/tcp/${await freePort()}/ws/p2p/12D3KooWGRUf7sPPtG2BZZUCVhw8Xq7SjDEuSDHGBVzFYHqpsGcz`
})

afterEach(() => test.dispose())
afterAll(() => suite.dispose())

/** `lacking`: globals taken away before the page starts, as in a browser that never had them. */
async function open(
  hash: string,
  {
    lacking = [],
    of = browser,
    url = host.url,
  }: { lacking?: readonly string[]; of?: Browser; url?: string } = {},
): Promise<Page> {
  host.setConfig({ trackers: [deadTracker], dev: true })
  const page = await of.newPage()
  test.defer(() => page.close())
  await page.addInitScript(names => {
    for (const name of names) Reflect.deleteProperty(globalThis, name)
  }, lacking)
  await page.goto(`${url}${hash}`)
  return page
}

async function launch(options: LaunchOptions): Promise<Browser> {
  const other = await launchChromium(options)
  test.defer(() => other.close())
  return other
}

async function alarm(page: Page, limitMs = 20_000): Promise<string> {
  const box = page.getByRole('alert').first()
  await box.waitFor({ timeout: limitMs })
  return (await box.textContent()) ?? ''
}

async function goLive(page: Page, source: string): Promise<void> {
  await page.getByRole('radio', { name: source }).check()
  await page.getByLabel('Title').fill('A test')
  await page.getByRole('button', { name: 'Go live' }).click()
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

describe('what went wrong, and what to do', () => {
  it('U-ROUTE-1 an address that is no page', async () => {
    const page = await open('#/nowhere')
    expect(await page.getByRole('main').textContent()).toContain('There is nothing at “/nowhere”')
    await page.getByRole('link', { name: 'See what is live' }).click()
    await page.getByRole('heading', { name: 'Live now' }).waitFor()
  })

  it('U-WATCH-3 an address that names no stream', async () => {
    const page = await open('#/watch/not-an-id')
    expect(await alarm(page)).toContain('This address names no stream')
  })

  it('U-WATCH-3 a tracker that does not answer, after which the page goes on trying', async () => {
    const page = await open(`#/watch/${NO_STREAM}`)
    const status = page.getByRole('status').first()
    await expect.poll(() => status.textContent()).toContain('Looking for the tracker')
    expect(await alarm(page)).toContain('No tracker answers')
    expect(await page.getByRole('button', { name: 'Try again' }).isVisible()).toBe(true)
  })

  it('U-HOME-3 a tracker that does not answer, on Home', async () => {
    const page = await open('#/')
    expect(await alarm(page)).toContain('No tracker answers')
  })

  it('U-STUDIO-3 a tracker that does not answer, on going live', async () => {
    const page = await open('#/studio')
    await goLive(page, 'Test pattern')
    expect(await alarm(page)).toContain('No tracker answers')
    // The form is as it was.
    expect(await page.getByLabel('Title').inputValue()).toBe('A test')
    expect(await page.getByRole('button', { name: 'Go live' }).isEnabled()).toBe(true)
  })

  it('U-CONFIG-2 no config.json, or one that names no tracker', async () => {
    const page = await open('#/nowhere')
    host.setConfig(undefined)
    await page.evaluate(id => {
      location.hash = `#/watch/${id}`
    }, NO_STREAM)
    expect(await alarm(page)).toContain('no config.json')
    host.setConfig({ trackers: [] })
    await page.getByRole('button', { name: 'Try again' }).click()
    await expect.poll(() => alarm(page)).toContain('names no tracker')
  })

  it('U-CAP-1 no WebRTC, no decoder, no Ed25519', async () => {
    const watch = `#/watch/${NO_STREAM}`
    expect(await alarm(await open(watch, { lacking: ['RTCPeerConnection'] }))).toContain('no WebRTC')
    expect(await alarm(await open(watch, { lacking: ['VideoDecoder'] }))).toContain('no WebCodecs decoder')
    expect(await alarm(await open('#/', { lacking: ['RTCPeerConnection'] }))).toContain('no WebRTC')
    const page = await browser.newPage()
    test.defer(() => page.close())
    await page.addInitScript(() => {
      const refuse = () => Promise.reject(new DOMException('no', 'NotSupportedError'))
      Object.assign(SubtleCrypto.prototype, { generateKey: refuse })
    })
    await page.goto(`${host.url}${watch}`)
    expect(await alarm(page)).toContain('Ed25519')
  })

  it('U-CAP-2 without an encoder Studio says so, and Watch still loads', async () => {
    const studio = await open('#/studio', { lacking: ['VideoEncoder'] })
    expect(await alarm(studio)).toContain('has no WebCodecs encoder')
    expect(await studio.getByRole('button', { name: 'Go live' }).count()).toBe(0)
    const watch = await open(`#/watch/${NO_STREAM}`, { lacking: ['VideoEncoder'] })
    await watch.getByRole('group', { name: 'Player' }).waitFor()
    expect(await watch.getByRole('alert').count()).toBe(0)
  })

  it('U-CAP-3 an insecure origin, with the secure address', async () => {
    const other = await launch({ args: ['--host-resolver-rules=MAP tv.test 127.0.0.1'] })
    const url = host.url.replace('127.0.0.1', 'tv.test')
    const page = await open(`#/watch/${NO_STREAM}`, { of: other, url })
    const sentence = await alarm(page)
    expect(sentence).toContain(url.replace('http:', 'https:'))
    expect(sentence).toContain('--tls-cert')
  })

  it('U-STUDIO-3 no camera', async () => {
    const bare = await launch({ fakeMedia: false })
    const page = await open('#/studio', { of: bare })
    await page.getByRole('button', { name: 'Turn on camera and microphone' }).click()
    expect(await alarm(page)).toMatch(/^\s*No camera.* was found\. Connect one/)
  })

  it('U-STUDIO-3 permission refused', async () => {
    const refusing = await launch({ fakeMedia: 'refused' })
    const page = await open('#/studio', { of: refusing })
    await page.getByRole('button', { name: 'Turn on camera and microphone' }).click()
    expect(await alarm(page)).toContain('not allowed to use the camera')
  })

  it('U-STUDIO-3 a file that is no video', async () => {
    const page = await open('#/studio')
    await page.getByRole('radio', { name: 'Video file' }).check()
    await page
      .getByLabel('Video file')
      .last()
      .setInputFiles({
        name: 'broken.mp4',
        mimeType: 'video/mp4',
        buffer: Buffer.from('this is no video'),
      })
    expect(await alarm(page)).toContain('cannot play this file')
  })

  it('U-STUDIO-3 no codec that the encoder supports', async () => {
    const page = await browser.newPage()
    test.defer(() => page.close())
    host.setConfig({ trackers: [deadTracker], dev: true })
    await page.addInitScript(() => {
      VideoEncoder.isConfigSupported = async config => ({ supported: false, config })
    })
    await page.goto(`${host.url}#/studio`)
    await goLive(page, 'Test pattern')
    expect(await alarm(page)).toMatch(/codec|encode/)
  })

  it('U-STUDIO-1 a title is asked for, and nothing else before a button is pressed', async () => {
    const page = await open('#/studio')
    await page.getByRole('button', { name: 'Go live' }).click()
    expect(await alarm(page)).toContain('Give the stream a title')
    expect(await page.evaluate(() => document.querySelector('vk-app')?.matches(':focus-within'))).toBe(true)
    expect(await page.getByLabel('Title').evaluate(input => input.matches(':focus'))).toBe(true)
  })
})
