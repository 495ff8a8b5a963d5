import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import type { VkWatch } from '../../client/ui/watch/vk-watch.ts'
import type { StaticHost } from './site.ts'

export type PageWeight = {
  readonly files: readonly { readonly file: string; readonly gzipBytes: number }[]
  readonly totalBytes: number
}

/** DESIGN §12: what the watch page loads before the first picture, gzip. */
export const PAGE_WEIGHT_MAX_BYTES = 250_000

/** Opens a running stream cold and weighs all that `host` handed out until its first picture. `host` is for this alone. */
export async function weighWatchPage(
  browser: Browser,
  host: StaticHost,
  streamHash: string,
): Promise<PageWeight> {
  const page = await browser.newPage()
  try {
    await page.goto(`${host.url}${streamHash}`)
    await page.waitForFunction(
      () => {
        const app = document.querySelector('vk-app')?.shadowRoot
        return (app?.querySelector<VkWatch>('vk-watch')?.player?.stats.shownFrames ?? 0) > 0
      },
      undefined,
      { timeout: 60_000 },
    )
    const files = host.served.map(({ file, bytes }) => ({ file, gzipBytes: gzipSync(bytes).length }))
    return { files, totalBytes: files.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0) }
  } finally {
    await page.close()
  }
}
