import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { LEDGER_RULES } from '../client/engine/store/testing/ledger-contract.ts'
import { launchChromium } from './chromium.ts'
import { type PageServer, servePages } from './page-server.ts'
import { Disposer } from './support/disposer.ts'
import type {} from './support/pay-storage-page.ts'

const PAGE = 'e2e/support/pay-storage.html'

describe('payment storage in Chromium', () => {
  const disposer = new Disposer()
  let server: PageServer
  let browser: Browser
  let context: BrowserContext

  beforeAll(async () => {
    server = await servePages({ entries: [PAGE] })
    disposer.defer(() => server.close())
    browser = await launchChromium({ fakeMedia: false })
    disposer.defer(() => browser.close())
  })
  afterAll(() => disposer.dispose())
  beforeEach(async () => {
    context = await browser.newContext()
  })
  afterEach(() => context.close())

  async function open(): Promise<Page> {
    const page = await context.newPage()
    await page.goto(server.url + PAGE)
    await page.waitForFunction(() => 'payStorage' in window)
    return page
  }

  for (const { title } of LEDGER_RULES) {
    it(`${title} (IndexedDB)`, async () => {
      const page = await open()
      await page.evaluate(rule => window.payStorage.check(rule), title)
    })
  }

  it('S-STORE-1 the creator key of version 1 is the same after the migration, beside all new stores', async () => {
    const page = await open()
    const { before, after, stores } = await page.evaluate(() => window.payStorage.migrate())
    expect(after).toBe(before)
    expect(stores).toEqual(
      expect.arrayContaining(['account', 'sessions', 'session_keys', 'slots', 'ticks', 'cursor']),
    )
  })

  it('S-KEY-1 no page can read a session key', async () => {
    const page = await open()
    expect(await page.evaluate(() => window.payStorage.canReadSessionKey())).toBe(false)
  })

  it('S-TAB-3 one tab holds a session; another that takes over is asked for in words, and gets it', async () => {
    const [one, other] = [await open(), await open()]
    expect(await one.evaluate(() => window.payStorage.acquire())).toBe(true)
    await one.evaluate(() => window.payStorage.beAwake())
    expect(await other.evaluate(() => window.payStorage.acquire())).toBe(false)
    expect(await other.evaluate(() => window.payStorage.isHeld())).toBe(true)
    await other.evaluate(() => window.payStorage.takeOver())
    expect(await one.evaluate(() => window.payStorage.isLost())).toBe(true)
    expect(await other.evaluate(() => window.payStorage.isLost())).toBe(false)
  })

  it('S-TAB-4 a tab that does not answer loses it all the same; one that is closed leaves it free', async () => {
    const [one, other] = [await open(), await open()]
    expect(await one.evaluate(() => window.payStorage.acquire())).toBe(true)
    await other.evaluate(() => window.payStorage.takeOver())
    expect(await one.evaluate(() => window.payStorage.isLost())).toBe(true)
    await other.close()
    const third = await open()
    await expect.poll(() => third.evaluate(() => window.payStorage.acquire())).toBe(true)
  })
})
