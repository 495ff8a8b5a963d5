import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'

export type PageServer = {
  /** `http://127.0.0.1:<port>/`; paths below it are the repository's, e.g. `e2e/media/loopback.html`. */
  readonly url: string
  close(): Promise<void>
}

export type PageServerOptions = {
  /** HTML files whose imports are bundled before the first page loads; else vite would reload a page in mid-test. */
  readonly entries: readonly string[]
  /** Added to each response, e.g. a content security policy. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Serves the sources as they are, TypeScript included, to tests in a real browser. */
export async function servePages(options: PageServerOptions): Promise<PageServer> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'vilokanam-pages-'))
  const server = await createServer({
    configFile: false,
    root: fileURLToPath(new URL('..', import.meta.url)),
    cacheDir,
    appType: 'mpa',
    logLevel: 'error',
    resolve: { alias: { 'simple-peer': 'simple-peer/simplepeer.min.js' } },
    optimizeDeps: { entries: [...options.entries] },
    server: {
      host: '127.0.0.1',
      port: 0,
      // Tests give the server other names, to be an origin that is not secure.
      allowedHosts: true,
      hmr: false,
      watch: null,
      headers: { ...options.headers },
    },
  })
  await server.listen()
  const address = server.httpServer?.address()
  if (address === null || address === undefined || typeof address === 'string') {
    throw new Error('The page server has no port.')
  }
  return {
    url: `http://127.0.0.1:${address.port}/`,
    async close() {
      await server.close()
      await rm(cacheDir, { recursive: true, force: true })
    },
  }
}
