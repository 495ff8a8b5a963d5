import type { Browser, Page } from 'playwright-core'
import { type LaunchOptions, launchChromium } from '../chromium.ts'
import type { Disposer } from './disposer.ts'
import { FrameLog } from './frame-log.ts'
import type { ProbeReport } from './page-probe.ts'
import { probeScript } from './probe-script.ts'
import { until } from './until.ts'

/** Seven pages shall fit two cores, which without a graphics card draw every pixel too: small, and 10 pictures/s. */
const VIEWPORT = { width: 480, height: 480 }
const CAMERA = '--use-fake-device-for-media-stream=fps=10'

/** Looking costs the page a few ms each time. */
const LOOK_EVERY_MS = 100

export type GoLiveOptions = {
  readonly slots?: number
  readonly source?: 'Camera' | 'Test pattern'
}

/** A browser on the built site; every page comes with the probe. */
export class SitePages {
  readonly browser: Browser
  readonly #url: string
  readonly #disposer: Disposer

  private constructor(browser: Browser, url: string, disposer: Disposer) {
    this.browser = browser
    this.#url = url
    this.#disposer = disposer
  }

  /** `url`: where the site is. The browser ends with the disposer. */
  static async launch(url: string, disposer: Disposer, options: LaunchOptions = {}): Promise<SitePages> {
    const browser = await launchChromium({ ...options, args: [CAMERA, ...(options.args ?? [])] })
    disposer.defer(() => browser.close())
    return new SitePages(browser, url, disposer)
  }

  async open(hash: string): Promise<ProbedPage> {
    const context = await this.browser.newContext({
      permissions: ['camera', 'microphone'],
      viewport: VIEWPORT,
    })
    this.#disposer.defer(() => context.close())
    await context.addInitScript({ content: await probeScript() })
    const page = await context.newPage()
    await page.goto(`${this.#url}${hash}`)
    return new ProbedPage(page)
  }

  /** Goes live through Studio's form at its smallest quality. */
  async goLive({
    slots,
    source = 'Camera',
  }: GoLiveOptions = {}): Promise<{ studio: ProbedPage; streamId: string }> {
    const studio = await this.open(slots === undefined ? '#/studio' : `#/studio?slots=${slots}`)
    const { page } = studio
    await page.getByLabel('Quality').selectOption('360p')
    await page.getByRole('radio', { name: source }).check()
    await page.getByLabel('Title').fill('End to end')
    await page.getByRole('button', { name: 'Go live' }).click()
    const link = page.getByLabel('Link for viewers')
    const streamId = (await link.inputValue()).split('#/watch/')[1] ?? ''
    return { studio, streamId }
  }

  watch(streamId: string, slots: number): Promise<ProbedPage> {
    return this.open(`#/watch/${streamId}?slots=${slots}`)
  }
}

export class ProbedPage {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  report(): Promise<ProbeReport> {
    return this.page.evaluate(() => vkProbe.report())
  }

  /** Every frame and every time code so far. */
  async record(): Promise<{ readonly frames: FrameLog; readonly codes: readonly number[] }> {
    const { hashes, codes } = await this.page.evaluate(() => vkProbe.record())
    return { frames: FrameLog.of(hashes), codes }
  }

  /** Looks at the page's report until it satisfies. */
  async until(
    what: string,
    condition: (report: ProbeReport) => boolean,
    limitMs = 30_000,
  ): Promise<ProbeReport> {
    let report = await this.report()
    await until(
      () => `${what}: ${JSON.stringify(report)}`,
      async () => {
        report = await this.report()
        return condition(report)
      },
      limitMs,
      LOOK_EVERY_MS,
    )
    return report
  }
}
