import { execFile, spawn } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTracker, type Tracker } from '../tracker/tracker.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
/** Inside the package, so that `vilokanam` resolves to its own exports. */
const folder = join(root, 'dist', 'readme-example')
const silent = { debug() {}, info() {}, warn() {}, error() {}, scope: () => silent }
let tracker: Tracker

beforeAll(async () => {
  tracker = await createTracker({ host: '127.0.0.1', port: 0, isDev: true }, { logger: silent })
  const example = /```ts example\n([\s\S]*?)```/.exec(await readFile(join(root, 'README.md'), 'utf8'))?.[1]
  if (example === undefined) throw new Error('README.md has no ```ts example')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'example.ts'), example)
  // The example is checked and run against what is built, as a user's would be.
  await run('npx', ['tsc', '-b', 'client/headless'], { cwd: root })
})

afterAll(async () => {
  await tracker?.close()
  await rm(folder, { recursive: true, force: true })
})

test('H-4 the example in the README compiles against the package’s own types', async () => {
  const options = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--target',
    'es2023',
    '--module',
    'nodenext',
    '--types',
    'node',
  ]
  await run('npx', ['tsc', '--ignoreConfig', ...options, join(folder, 'example.ts')], { cwd: root })
})

test('H-5 the example in the README runs, prints what was sent, and ends by itself', async () => {
  const child = spawn('npx', ['tsx', join(folder, 'example.ts')], {
    cwd: root,
    env: { ...process.env, TRACKER: tracker.httpUrl },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (output += data.toString()))
  const code = await new Promise(resolve => child.on('exit', resolve))
  expect(output).toMatch(/^50 packet 50$/m)
  expect(code).toBe(0)
}, 60_000)
