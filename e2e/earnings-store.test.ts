import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium } from './chromium.ts'
import { type PageServer, servePages } from './page-server.ts'

type Checks = {
  checkEarnings?: () => Promise<string>
  checkRecords?: () => Promise<string>
}

let server: PageServer
let browser: Browser
let page: Page

beforeAll(async () => {
  server = await servePages({ entries: ['e2e/store/earnings.html'] })
  browser = await launchChromium()
  page = await browser.newPage()
  await page.goto(`${server.url}e2e/store/earnings.html`)
  await page.waitForFunction(() => (window as unknown as Checks).checkRecords !== undefined)
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

it('E-STORE-1 in IndexedDB: one transaction a commit, another writer refused, everything exact', async () => {
  expect(await page.evaluate(async () => await (window as unknown as Checks).checkEarnings?.())).toBe('kept')
})

it('E-STORE-1 rows of broadcasts in IndexedDB', async () => {
  expect(await page.evaluate(async () => await (window as unknown as Checks).checkRecords?.())).toBe('kept')
})
