import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from './chromium.ts'
import { type PageServer, servePages } from './page-server.ts'
import { Disposer } from './support/disposer.ts'

const PAGE = 'e2e/support/creator-streams.html'
const disposer = new Disposer()
let server: PageServer
let context: BrowserContext

beforeAll(async () => {
  server = await servePages({ entries: [PAGE] })
  disposer.defer(() => server.close())
  const browser = await launchChromium()
  disposer.defer(() => browser.close())
  context = await browser.newContext()
})
afterAll(() => disposer.dispose())

async function open(): Promise<Page> {
  const page = await context.newPage()
  await page.goto(server.url + PAGE)
  await ready(page)
  return page
}

const ready = (page: Page) => page.waitForFunction(() => 'creatorStreams' in window)

test('E-RESUME-2 a stream key and its numbers outlive a reload, which no page can read; one tab has it at a time', async () => {
  const page = await open()
  const publicKey = await page.evaluate(() => window.creatorStreams.start())
  expect(await page.evaluate(() => window.creatorStreams.isLocked())).toBe(false)
  const other = await open()
  expect(await other.evaluate(() => window.creatorStreams.isLocked())).toBe(true)
  await other.close()

  await page.reload()
  await ready(page)
  // The page before held the lock until it was gone.
  expect(await page.evaluate(() => window.creatorStreams.isLocked())).toBe(false)
  expect(await page.evaluate(() => window.creatorStreams.list())).toEqual([
    { publicKey, doesSign: true, seq: 1_000 },
  ])
  expect(await page.evaluate(() => window.creatorStreams.areExtractable())).toEqual([false])
  expect(await page.evaluate(() => window.creatorStreams.forget())).toBe(0)
})
