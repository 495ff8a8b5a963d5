import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { CaptureSource } from '../../client/engine/media/capture.ts'
import type { Loopback, LoopbackReport, StartOptions } from './loopback.ts'

declare global {
  var loopback: Loopback
}

export const LOOPBACK = 'e2e/media/loopback.html'

/** loopback.html, driven from a test. */
export class LoopbackPage {
  readonly page: Page
  readonly #context: BrowserContext

  constructor(context: BrowserContext, page: Page) {
    this.#context = context
    this.page = page
  }

  /** `before`: runs in the page before its scripts do. */
  static async open(browser: Browser, url: string, before?: () => void): Promise<LoopbackPage> {
    const context = await browser.newContext()
    const page = await context.newPage()
    if (before !== undefined) await page.addInitScript(before)
    await page.goto(url + LOOPBACK)
    await page.waitForFunction(() => 'loopback' in globalThis)
    return new LoopbackPage(context, page)
  }

  start(source: CaptureSource, options: StartOptions = {}): ReturnType<Loopback['start']> {
    return this.page.evaluate(([from, how]) => loopback.start(from, how), [source, options] as const)
  }

  report(reset = false): Promise<LoopbackReport> {
    return this.page.evaluate(isReset => loopback.report(isReset), reset)
  }

  /** Looks at the page's report until it satisfies; throws after `limitMs`. */
  async until(
    what: string,
    condition: (report: LoopbackReport) => boolean,
    limitMs = 30_000,
  ): Promise<LoopbackReport> {
    const endMs = performance.now() + limitMs
    for (;;) {
      const report = await this.report()
      if (condition(report)) return report
      if (performance.now() > endMs) {
        const { stats, errors, end } = report
        throw new Error(`not within ${limitMs} ms: ${what}: ${JSON.stringify({ ...stats, errors, end })}`)
      }
      // Seldom, since the page stops playing while it answers.
      await this.page.waitForTimeout(200)
    }
  }

  close(): Promise<void> {
    return this.#context.close()
  }
}
