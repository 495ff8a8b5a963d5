import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.map': 'application/json',
}

export type BuiltSite = { readonly dir: string; remove(): Promise<void> }

/** The site as `npm run build:site` makes it, in a folder of its own. */
export async function buildSite(): Promise<BuiltSite> {
  const dir = await mkdtemp(join(tmpdir(), 'vilokanam-site-'))
  // Vitest says `test` here, by which Vite would bundle the development build of Lit.
  const { NODE_ENV } = process.env
  process.env['NODE_ENV'] = 'production'
  try {
    await build({
      configFile: fileURLToPath(new URL('../../vite.config.ts', import.meta.url)),
      root: fileURLToPath(new URL('../../client/ui', import.meta.url)),
      logLevel: 'error',
      build: { outDir: dir, emptyOutDir: true },
    })
  } finally {
    if (NODE_ENV === undefined) delete process.env['NODE_ENV']
    else process.env['NODE_ENV'] = NODE_ENV
  }
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) }
}

export type StaticHost = {
  /** Of a folder, as on a host that has other pages as well: `http://127.0.0.1:<port>/some/folder/`. */
  readonly url: string
  /** What `config.json` answers from now on; undefined: 404. */
  setConfig(config: unknown): void
  /** Files handed out so far, in order. */
  readonly served: readonly { readonly file: string; readonly bytes: Uint8Array }[]
  close(): Promise<void>
}

const FOLDER = '/some/folder/'

/** A host that knows nothing of the site: it hands out files. */
export async function hostStatically(dir: string): Promise<StaticHost> {
  let config: unknown
  const served: { file: string; bytes: Uint8Array }[] = []
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://host').pathname
    const file = normalize(path.slice(FOLDER.length) || 'index.html')
    try {
      if (!path.startsWith(FOLDER) || file.startsWith('..')) throw new Error('outside')
      if (file === 'config.json' && config === undefined) throw new Error('no config')
      const bytes =
        file === 'config.json' ? Buffer.from(JSON.stringify(config)) : await readFile(join(dir, file))
      served.push({ file, bytes })
      response
        .writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' })
        .end(bytes)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}${FOLDER}`,
    served,
    setConfig: next => {
      config = next
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
