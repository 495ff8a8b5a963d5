/**
 * What the watch page loads before its first picture: `npx tsx scripts/page-weight.ts [--json]`. Builds the site,
 * goes live in one Chromium page and opens the stream in another. Fails above the limit of DESIGN §12.
 */
import { consoleLogger } from '../client/engine/console-logger.ts'
import { launchChromium } from '../e2e/chromium.ts'
import { Disposer } from '../e2e/support/disposer.ts'
import { PAGE_WEIGHT_MAX_BYTES, weighWatchPage } from '../e2e/ui/page-weight.ts'
import { buildSite, hostStatically } from '../e2e/ui/site.ts'
import { createTracker } from '../tracker/tracker.ts'

const running = new Disposer()
try {
  const site = await buildSite()
  running.defer(() => site.remove())
  const [studioHost, watchHost] = [await hostStatically(site.dir), await hostStatically(site.dir)]
  running.defer(() => Promise.all([studioHost.close(), watchHost.close()]))
  const tracker = await createTracker(
    { host: '127.0.0.1', port: 0, isDev: true },
    { logger: consoleLogger('error') },
  )
  running.defer(() => tracker.close())
  for (const host of [studioHost, watchHost]) host.setConfig({ trackers: tracker.multiaddrs, dev: true })
  const browser = await launchChromium()
  running.defer(() => browser.close())

  const studio = await browser.newPage()
  await studio.goto(`${studioHost.url}#/studio`)
  await studio.getByRole('radio', { name: 'Test pattern' }).check()
  await studio.getByLabel('Title').fill('Page weight')
  await studio.getByRole('button', { name: 'Go live' }).click()
  const link = await studio.getByLabel('Link for viewers').inputValue({ timeout: 30_000 })

  const { files, totalBytes } = await weighWatchPage(browser, watchHost, new URL(link).hash)
  for (const { file, gzipBytes } of [...files].sort((a, b) => b.gzipBytes - a.gzipBytes))
    console.log(`${(gzipBytes / 1_000).toFixed(1).padStart(8)} kB  ${file}`)
  console.log(
    `${(totalBytes / 1_000).toFixed(1).padStart(8)} kB  gzip in all, at most ${PAGE_WEIGHT_MAX_BYTES / 1_000} kB`,
  )
  if (process.argv.includes('--json'))
    console.log(JSON.stringify({ totalBytes, maxBytes: PAGE_WEIGHT_MAX_BYTES, files }))
  if (totalBytes > PAGE_WEIGHT_MAX_BYTES) process.exitCode = 1
} finally {
  await running.dispose()
}
