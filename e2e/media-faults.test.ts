import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type LaunchOptions, launchChromium } from './chromium.ts'
import { LOOPBACK, LoopbackPage } from './media/loopback-page.ts'
import { type PageServer, servePages } from './page-server.ts'
import { Disposer } from './support/disposer.ts'

/** Small, to leave the machine room. */
const PATTERN = { kind: 'test-pattern', width: 640, height: 360 } as const

const disposer = new Disposer()
let server: PageServer
let opened: LoopbackPage | undefined
let browser: Browser | undefined

beforeAll(async () => {
  server = await servePages({ entries: [LOOPBACK] })
  disposer.defer(() => server.close())
})
afterEach(async () => {
  await opened?.close()
  await browser?.close()
  opened = undefined
  browser = undefined
})
afterAll(() => disposer.dispose())

async function open(
  options: LaunchOptions = {},
  before?: () => void,
  url = server.url,
): Promise<LoopbackPage> {
  browser = await launchChromium(options)
  opened = await LoopbackPage.open(browser, url, before)
  return opened
}

const failureOfCamera = (page: LoopbackPage): Promise<string> =>
  page.page.evaluate(() => loopback.failure(() => loopback.start({ kind: 'camera' })))

test('P-FAULT-1 no camera: says so, and which other sources there are', async () => {
  const sentence = await failureOfCamera(await open({ fakeMedia: false }))
  expect(sentence).toBe(
    'no-camera: No camera and microphone was found. Connect one, or choose another source: a screen, a file or the test pattern.',
  )
})

test('P-FAULT-2 permission refused: says where to give it', async () => {
  const sentence = await failureOfCamera(await open({ fakeMedia: 'refused' }))
  expect(sentence).toMatch(
    /^permission-refused: .*not allowed to use the camera and microphone.*site settings/,
  )
})

test('P-FAULT-3 no WebCodecs: capture and play-out each name browsers that have them', async () => {
  const page = await open({}, () => {
    for (const name of ['VideoEncoder', 'AudioEncoder', 'VideoDecoder', 'AudioDecoder']) {
      Reflect.deleteProperty(globalThis, name)
    }
  })
  expect(await failureOfCamera(page)).toMatch(/^no-webcodecs: .*Use a current Chrome/)
  const play = await page.page.evaluate(() => loopback.failure(async () => loopback.playTracks([])))
  expect(play).toMatch(/^no-webcodecs: .*Use a current Chrome/)
})

test('P-FAULT-4 a codec the browser cannot decode: the error names it, and the sound plays on', async () => {
  const page = await open()
  for (const codec of ['hev1.1.6.L93.B0', 'no codec at all']) {
    await page.start(PATTERN, { claimVideoCodec: codec })
    const { errors } = await page.until('an error', report => report.errors.length > 0)
    expect(errors[0]).toMatch(/^unsupported-codec: /)
    expect(errors[0]).toContain(codec)
    await page.until('sound', report => report.stats.audioLevel > 0.02 && report.stats.clock === 'audio')
    await page.page.evaluate(() => loopback.stop())
  }
})

test('P-FAULT-5 an encoder without any known codec: says what to use', async () => {
  const page = await open({}, () => {
    VideoEncoder.isConfigSupported = config => Promise.resolve({ supported: false, config })
  })
  expect(await failureOfCamera(page)).toMatch(/^unsupported-codec: .*cannot encode 1280 × 720/)
})

test('P-FAULT-6 an insecure origin: says that https or localhost mends it', async () => {
  const url = server.url.replace('127.0.0.1', 'studio.test')
  const page = await open({ args: ['--host-resolver-rules=MAP studio.test 127.0.0.1'] }, undefined, url)
  expect(await failureOfCamera(page)).toMatch(/^insecure-origin: .*https/)
})

test('P-FAULT-7 a file that is no video: says what to convert it to', async () => {
  const page = await open()
  const sentence = await page.page.evaluate(() =>
    loopback.failure(() => loopback.start({ kind: 'file', file: new Blob(['not a video'.repeat(1000)]) })),
  )
  expect(sentence).toMatch(/^bad-file: .*MP4/)
})

test('P-FAULT-8 a camera that goes away ends the stream with a reason; a source that was closed without one', async () => {
  const page = await open()
  await page.start({ kind: 'camera' })
  await page.until('pictures', report => report.capture.encodedFrames > 5)
  await page.page.evaluate(() => {
    const [track] = loopback.current().producer.preview.getVideoTracks()
    // stop() itself tells nobody: the browser's own event is what a pulled plug looks like.
    track?.stop()
    track?.dispatchEvent(new Event('ended'))
  })
  const { end } = await page.until('the end', report => report.end !== undefined)
  expect(end).toMatch(/^no-camera: The camera was disconnected/)
  await page.page.evaluate(() => loopback.stop())
  await page.start({ kind: 'screen' })
  await page.page.evaluate(() =>
    loopback.current().producer.preview.getTracks()[0]?.dispatchEvent(new Event('ended')),
  )
  expect((await page.until('the end', report => report.end !== undefined)).end).toBe('ended')
})

test('P-DECODE-1 damaged frames: an error, and the picture goes on at a key frame', async () => {
  const page = await open()
  await page.start(PATTERN, { damageOnce: 60 })
  const damaged = await page.until('an error', report => report.errors.length > 0)
  expect(damaged.errors[0]).toMatch(/^decode-failed: /)
  const shown = damaged.stats.shownFrames
  const after = await page.until('pictures again', report => report.stats.shownFrames > shown + 30)
  expect(after.unreadable).toBe(0)
})

test('P-ORDER-7 frames lost on the way: no error, every picture shown is whole, and time goes on', async () => {
  const page = await open()
  // Every 45th: now a layer that nobody needs, now one that all need until the next key frame.
  await page.start(PATTERN, { loseEvery: 45 })
  const report = await page.until(
    'pictures',
    ({ codes, frames }) => codes.length > 120 && frames.length > 500,
    60_000,
  )
  expect(report.errors).toEqual([])
  expect(report.unreadable).toBe(0)
  expect(report.codes.toSorted((one, other) => one - other)).toEqual(report.codes)
})

test('P-CLOCK-4 sound that waits for a click does not stop the picture, and joins it without a jump', async () => {
  browser = await launchChromium({ autoplay: false })
  const context = await browser.newContext()
  const page = await context.newPage()
  // Anything a test evaluates counts as a click, so the page starts by itself and calls when it wants one. Not with
  // a microphone: a page that captures needs no click.
  const asked = page.waitForRequest('**/ask-for-click')
  await page.addInitScript(() => {
    const timer = setInterval(async () => {
      if (!('loopback' in globalThis)) return
      clearInterval(timer)
      const file = await (await fetch('/sample/sample.mp4')).blob()
      await loopback.start({ kind: 'file', file }, { stampTimeCode: true })
      loopback.current().player.on('gesture', event => {
        if (event.isNeeded) void fetch('/ask-for-click')
      })
      document.addEventListener('click', () => void loopback.current().player.resumeSound())
    }, 50)
  })
  await page.goto(server.url + LOOPBACK)
  await asked
  opened = new LoopbackPage(context, page)
  const silent = await opened.until('pictures', report => report.stats.shownFrames > 30)
  expect(silent.needsGesture).toBe(true)
  expect(silent.stats).toMatchObject({ clock: 'monotonic', audioLevel: 0 })
  await page.mouse.click(10, 10)
  const sounding = await opened.until(
    'sound',
    ({ stats }) => stats.clock === 'audio' && stats.audioLevel > 0.001,
  )
  expect(sounding.needsGesture).toBe(false)
  await opened.until('pictures', report => report.stats.shownFrames > sounding.stats.shownFrames + 30)
  const { codes } = await opened.report()
  expect(codes.toSorted((one, other) => one - other)).toEqual(codes)
})

test('P-HIDDEN-1 a hidden page goes on sounding without decoding pictures, and shows them when it is back', async () => {
  const page = await open()
  await page.start(PATTERN)
  await page.until('pictures', report => report.stats.shownFrames > 30 && report.stats.audioLevel > 0.02)
  const hide = (isHidden: boolean) =>
    page.page.evaluate(value => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => value })
      document.dispatchEvent(new Event('visibilitychange'))
    }, isHidden)
  await hide(true)
  const before = await page.report(true)
  const hidden = await page.until(
    'sound',
    report => report.ticks > before.ticks + 1 && report.stats.audioLevel > 0.02,
  )
  expect(hidden.stats.decodedFrames - before.stats.decodedFrames).toBeLessThan(10)
  await hide(false)
  await page.until('pictures', report => report.stats.shownFrames > hidden.stats.shownFrames + 30)
})

test('P-PAUSE-1 pause stops picture, sound and ticks; play goes on at the live edge', async () => {
  const page = await open()
  await page.start(PATTERN)
  await page.until('pictures', report => report.ticks >= 1 && report.stats.audioLevel > 0.02)
  await page.page.evaluate(() => loopback.current().player.pause())
  await page.until('silence', report => report.stats.audioLevel < 0.001)
  const paused = await page.report(true)
  expect(paused.stats.state).toBe('paused')
  await page.until('more frames', report => report.frames.length > 150)
  const still = await page.report()
  expect(still.ticks).toBe(paused.ticks)
  expect(still.stats.shownFrames).toBe(paused.stats.shownFrames)
  await page.page.evaluate(() => loopback.current().player.play())
  const again = await page.until(
    'pictures',
    report => report.codes.length > 10 && report.stats.audioLevel > 0.02,
  )
  expect(again.latencies.at(-1)).toBeLessThan(1_500)
})
