import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { consoleLogger } from '../client/engine/console-logger.ts'
import type { VkStudio } from '../client/ui/studio/vk-studio.ts'
import type { VkWatch } from '../client/ui/watch/vk-watch.ts'
import { createTracker, type Tracker } from '../tracker/tracker.ts'
import { launchChromium } from './chromium.ts'
import { Disposer } from './support/disposer.ts'
import { PAGE_WEIGHT_MAX_BYTES, weighWatchPage } from './ui/page-weight.ts'
import { type BuiltSite, buildSite, hostStatically, type StaticHost } from './ui/site.ts'

const LIMIT = { timeout: 30_000 }
const TITLE = 'A test of everything'
const SAMPLE = fileURLToPath(new URL('../sample/sample.mp4', import.meta.url))

const suite = new Disposer()
const test = new Disposer()
let site: BuiltSite
let host: StaticHost
let browser: Browser
let tracker: Tracker
/** What pages asked for outside the site's folder, and what their console complained of. */
const outside: string[] = []
const complaints: string[] = []

beforeAll(async () => {
  site = await buildSite()
  suite.defer(() => site.remove())
  host = await hostStatically(site.dir)
  suite.defer(() => host.close())
  tracker = await startTracker()
  suite.defer(() => tracker.close())
  browser = await launchChromium()
  suite.defer(() => browser.close())
  host.setConfig({ trackers: tracker.multiaddrs, dev: true })
})

afterEach(() => test.dispose())
afterAll(() => suite.dispose())

function startTracker(port = 0): Promise<Tracker> {
  return createTracker(
    { host: '127.0.0.1', port, stunPort: 0, isDev: true },
    { logger: consoleLogger('error') },
  )
}

async function open(hash: string, of: Browser | BrowserContext = browser): Promise<Page> {
  const page = await of.newPage()
  test.defer(() => page.close())
  page.on('request', request => {
    const url = request.url()
    if (!url.startsWith(host.url) && !url.startsWith('blob:') && !url.startsWith('data:')) outside.push(url)
  })
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', error => complaints.push(error.message))
  await page.goto(`${host.url}${hash}`)
  return page
}

/** Resolves with the link for viewers. */
async function goLive(studio: Page, source = 'Camera'): Promise<string> {
  await studio.getByLabel('Quality').selectOption('360p')
  await studio.getByRole('radio', { name: source }).check()
  await studio.getByLabel('Title').fill(TITLE)
  await studio.getByLabel('Category').fill('Coding')
  await studio.getByRole('button', { name: 'Go live' }).click()
  return studio.getByLabel('Link for viewers').inputValue(LIMIT)
}

const watching = (page: Page) =>
  page.locator('vk-watch').evaluate(element => {
    const { player, viewer } = element as VkWatch
    return {
      shown: player?.stats.shownFrames ?? 0,
      level: player?.stats.audioLevel ?? 0,
      state: player?.stats.state,
      slots: viewer?.stats?.slots,
    }
  })

const isShowing = async (page: Page) => (await watching(page)).shown > 0

describe('a stream from Studio to Watch', () => {
  it('U-WATCH-1 U-HOME-1 U-STUDIO-4 goes live, is listed with its picture, and is seen and heard after one click', async () => {
    const home = await open('#/')
    await home.getByRole('heading', { name: 'Be the first' }).waitFor(LIMIT)
    const studio = await open('#/studio')
    await goLive(studio)
    // Home was open before: it changes by itself.
    const card = home.getByRole('link', { name: TITLE })
    await card.waitFor(LIMIT)
    expect(await card.textContent()).toContain('Coding')
    const picture = home.locator('vk-stream-card img')
    await picture.waitFor(LIMIT)
    await expect
      .poll(() => picture.evaluate(image => (image as HTMLImageElement).naturalWidth))
      .toBeGreaterThan(0)

    await card.click()
    await expect.poll(() => isShowing(home), LIMIT).toBe(true)
    // The fake microphone beeps once a second.
    await expect.poll(async () => (await watching(home)).level, LIMIT).toBeGreaterThan(0.001)
    await expect
      .poll(() => home.getByRole('status').first().textContent(), LIMIT)
      .toContain('straight to the creator')
    expect(await home.title()).toContain(TITLE)
    await expect.poll(() => studio.getByRole('row').count(), LIMIT).toBe(2)
  })

  it('U-WATCH-5 U-WATCH-7 pauses and goes on by key, and leaving the page tells the creator', async () => {
    const studio = await open('#/studio')
    const watch = await open(new URL(await goLive(studio, 'Test pattern')).hash)
    await expect.poll(() => isShowing(watch), LIMIT).toBe(true)
    await watch.keyboard.press('k')
    await expect.poll(async () => (await watching(watch)).state).toBe('paused')
    const { shown } = await watching(watch)
    await watch.keyboard.press('k')
    await expect.poll(async () => (await watching(watch)).shown, LIMIT).toBeGreaterThan(shown)

    // The table's heading, and one direct child.
    await expect.poll(() => studio.getByRole('row').count(), LIMIT).toBe(2)
    await watch.getByRole('link', { name: 'Live now' }).click()
    await studio.getByText('Nobody yet').waitFor(LIMIT)
    await watch.goBack()
    await expect.poll(() => isShowing(watch), LIMIT).toBe(true)
    // What the browser says when a tab is closed, while this one still answers.
    const state = await watch.locator('vk-watch').evaluate(element => {
      const { viewer } = element as VkWatch
      window.dispatchEvent(new PageTransitionEvent('pagehide'))
      return viewer?.state.kind
    })
    expect(state).toBe('closed')
    await studio.getByText('Nobody yet').waitFor(LIMIT)
  })

  it('U-STUDIO-5 U-STUDIO-6 U-WATCH-4 asks before leaving while live, and tells viewers when it ends', async () => {
    const studio = await open('#/studio')
    const watch = await open(new URL(await goLive(studio, 'Test pattern')).hash)
    await expect.poll(() => isShowing(watch), LIMIT).toBe(true)
    await studio.getByRole('link', { name: 'Live now' }).click()
    await studio.getByRole('button', { name: 'Stay live' }).click()
    expect(new URL(studio.url()).hash).toBe('#/studio')
    expect(
      await studio.locator('vk-studio').evaluate(element => (element as VkStudio).broadcaster?.state.kind),
    ).toBe('live')
    // Leaving the site asks in the browser's own way.
    const asked = studio.waitForEvent('dialog', LIMIT)
    await studio.evaluate(() => {
      setTimeout(() => location.reload())
    })
    const dialog = await asked
    expect(dialog.type()).toBe('beforeunload')
    await dialog.dismiss()
    expect(await studio.getByRole('button', { name: 'End stream' }).first().isVisible()).toBe(true)

    await studio.getByRole('link', { name: 'Live now' }).click()
    await studio.getByRole('button', { name: 'End stream and leave' }).click()
    await studio.getByRole('heading', { name: 'Live now' }).waitFor(LIMIT)
    await watch.getByRole('status').filter({ hasText: 'The stream has ended' }).waitFor(LIMIT)
    await watch.getByRole('link', { name: 'See what else is live' }).click()
    await watch.getByRole('heading', { name: 'Live now' }).waitFor(LIMIT)
  })

  it('U-STUDIO-6 a source that ends, ends the stream, and the form is back', async () => {
    const studio = await open('#/studio')
    const watch = await open(new URL(await goLive(studio)).hash)
    await expect.poll(() => isShowing(watch), LIMIT).toBe(true)
    // As when the camera is unplugged: its tracks end, and say so.
    await studio.getByLabel('Preview of what you stream').evaluate(video => {
      for (const track of ((video as HTMLVideoElement).srcObject as MediaStream).getTracks()) {
        track.stop()
        track.dispatchEvent(new Event('ended'))
      }
    })
    await studio.getByRole('button', { name: 'Go live' }).waitFor(LIMIT)
    expect(await studio.locator('.notice').textContent()).toMatch(/camera|source/)
    await watch.getByRole('status').filter({ hasText: 'The stream has ended' }).waitFor(LIMIT)
    await studio.getByRole('button', { name: 'Turn on camera and microphone' }).waitFor(LIMIT)
  })

  it('U-STUDIO-4 mutes, hides the picture and copies the link', async () => {
    const studio = await open('#/studio')
    await studio.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    const link = await goLive(studio)
    const muted = () =>
      studio.locator('vk-studio').evaluate(element => {
        const { producer } = element as VkStudio
        return [producer?.isAudioMuted, producer?.isVideoMuted]
      })
    await studio.getByRole('button', { name: 'Mute sound' }).click()
    await studio.getByRole('button', { name: 'Hide picture' }).click()
    expect(await muted()).toEqual([true, true])
    await studio.getByRole('button', { name: 'Sound is off' }).click()
    expect(await muted()).toEqual([false, true])
    await studio.getByRole('button', { name: 'Copy' }).click()
    await expect.poll(() => studio.evaluate(() => navigator.clipboard.readText())).toBe(link)
  })

  it('U-STUDIO-1 streams a screen and a video file', async () => {
    const screen = await open(new URL(await goLive(await open('#/studio'), 'Screen')).hash)
    await expect.poll(() => isShowing(screen), LIMIT).toBe(true)

    const studio = await open('#/studio')
    await studio.getByRole('radio', { name: 'Video file' }).check()
    await studio.getByLabel('Video file').last().setInputFiles(SAMPLE)
    const preview = studio.getByLabel('Preview of what you stream')
    await expect
      .poll(() => preview.evaluate(video => (video as HTMLVideoElement).videoWidth), LIMIT)
      .toBe(1280)
    const file = await open(new URL(await goLive(studio, 'Video file')).hash)
    await expect.poll(() => isShowing(file), LIMIT).toBe(true)
    await expect.poll(async () => (await watching(file)).level, LIMIT).toBeGreaterThan(0.001)
  })

  it('U-WATCH-3 a stream whose codec this browser cannot decode', async () => {
    const link = await goLive(await open('#/studio'), 'Test pattern')
    const watch = await browser.newPage()
    test.defer(() => watch.close())
    await watch.addInitScript(() => {
      // Asked for a codec that this Chromium has no decoder of, it behaves as another browser would with this one.
      const { configure } = VideoDecoder.prototype
      const { isConfigSupported } = VideoDecoder
      const foreign = (config: VideoDecoderConfig) => ({ ...config, codec: 'mp4v.20.9' })
      VideoDecoder.prototype.configure = function (config) {
        configure.call(this, foreign(config))
      }
      VideoDecoder.isConfigSupported = config => isConfigSupported.call(VideoDecoder, foreign(config))
    })
    await watch.goto(link)
    await watch
      .getByRole('alert')
      .filter({ hasText: 'cannot decode the picture of this stream' })
      .waitFor(LIMIT)
  })

  it('U-ROUTE-2 takes upload slots from the address and from the Connection panel', async () => {
    const studio = await open('#/studio')
    const { hash } = new URL(await goLive(studio, 'Test pattern'))
    const watch = await open(`?slots=1${hash}`)
    await expect.poll(async () => (await watching(watch)).slots, LIMIT).toBe(1)
    await watch.getByText('Connection', { exact: true }).click()
    await watch.getByLabel('Upload slots').selectOption('0')
    await expect.poll(async () => (await watching(watch)).slots).toBe(0)
    expect(watch.url()).toContain(`${hash}?slots=0`)
  })

  it('U-WATCH-3 goes on by itself when the tracker is back', async () => {
    const seed = new Uint8Array(32).fill(7)
    const start = (port: number) =>
      createTracker({ host: '127.0.0.1', port, isDev: true, seed }, { logger: consoleLogger('error') })
    const first = await start(0)
    test.defer(() => first.close())
    const { port } = new URL(first.httpUrl)
    host.setConfig({ trackers: first.multiaddrs, dev: true })
    test.defer(() => host.setConfig({ trackers: tracker.multiaddrs, dev: true }))
    // Not `open`: a page that finds no tracker says so in its console as well.
    const [studio, watch] = [await browser.newPage(), await browser.newPage()]
    test.defer(() => Promise.all([studio.close(), watch.close()]))
    await studio.goto(`${host.url}#/studio`)
    const link = await goLive(studio, 'Test pattern')
    await first.close()
    await studio.getByText('No tracker answers at the moment').waitFor(LIMIT)
    await watch.goto(link)
    await watch.getByRole('alert').filter({ hasText: 'No tracker answers' }).waitFor(LIMIT)
    const second = await start(Number(port))
    test.defer(() => second.close())
    await expect.poll(() => isShowing(watch), LIMIT).toBe(true)
    expect(await watch.getByRole('alert').count()).toBe(0)
  })

  it('U-STUDIO-7 streams of one browser come from one account, whose key cannot be read', async () => {
    const storage = await browser.newContext()
    test.defer(() => storage.close())
    const broadcast = async (of: Browser | BrowserContext) => {
      const studio = await open('#/studio', of)
      const watch = await open(new URL(await goLive(studio, 'Test pattern')).hash)
      const account = () =>
        watch.locator('vk-watch').evaluate(element => {
          const manifest = (element as VkWatch).viewer?.streamInfo?.manifest
          return manifest?.certificate.creator.publicKey.join()
        })
      await expect.poll(account, LIMIT).toBeDefined()
      expect(await studio.evaluate(isKeptKeyExtractable)).toBe(false)
      const key = await account()
      await Promise.all([studio.close(), watch.close()])
      return key
    }
    const account = await broadcast(storage)
    expect(await broadcast(storage)).toBe(account)
    expect(await broadcast(browser)).not.toBe(account)
  })

  it('U-WATCH-3 a stream that no tracker knows', async () => {
    const watch = await open('#/watch/4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi')
    await watch.getByRole('alert').filter({ hasText: 'This stream is not live' }).waitFor(LIMIT)
    expect(await watch.getByRole('link', { name: 'See what is live' }).isVisible()).toBe(true)
  })

  it('U-WATCH-1 where the browser wants a click for sound, one button gives it', async () => {
    const strict = await launchChromium({ autoplay: false })
    test.defer(() => strict.close())
    const link = await goLive(await open('#/studio'))
    const watch = await strict.newPage()
    // Playwright looks into a page as if its user had clicked, so the page itself has to say when to look.
    await watch.addInitScript(() => {
      const looking = setInterval(() => {
        const page = document.querySelector('vk-app')?.shadowRoot?.querySelector('vk-watch')
        if ((page as VkWatch | null)?.player?.needsGesture !== true) return
        clearInterval(looking)
        void fetch('./click-is-needed')
      }, 50)
    })
    const asked = watch.waitForRequest(/click-is-needed/, LIMIT)
    await watch.goto(link)
    await asked
    await watch.getByRole('button', { name: 'Click for sound' }).click(LIMIT)
    await expect.poll(async () => (await watching(watch)).level, LIMIT).toBeGreaterThan(0.001)
    expect(await watch.getByRole('button', { name: 'Click for sound' }).count()).toBe(0)
  })

  it('U-WEIGHT-1 the watch page loads no more than it may before its first picture, and no gossipsub', async () => {
    const fresh = await hostStatically(site.dir)
    test.defer(() => fresh.close())
    fresh.setConfig({ trackers: tracker.multiaddrs, dev: true })
    const link = await goLive(await open('#/studio'), 'Test pattern')
    const { totalBytes, files } = await weighWatchPage(browser, fresh, new URL(link).hash)
    expect(totalBytes).toBeLessThanOrEqual(PAGE_WEIGHT_MAX_BYTES)
    // It was weighed: the network stack alone is more than half of it.
    expect(totalBytes).toBeGreaterThan(PAGE_WEIGHT_MAX_BYTES / 2)
    expect(files.filter(({ file }) => /gossipsub|directory|studio|home/.test(file))).toEqual([])
  })

  it('U-NET-1 no page asked for anything outside its folder, and no console complained', () => {
    expect(outside).toEqual([])
    expect(complaints).toEqual([])
  })
})

async function isKeptKeyExtractable(): Promise<boolean> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open('vilokanam')
    opening.onsuccess = () => resolve(opening.result)
    opening.onerror = () => reject(opening.error)
  })
  const pair = await new Promise<CryptoKeyPair>(resolve => {
    const reading = database.transaction('account').objectStore('account').get('creator')
    reading.onsuccess = () => resolve(reading.result)
  })
  return pair.privateKey.extractable
}
