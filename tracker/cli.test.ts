import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { trackerCommand } from './cli.ts'
import { loadSeed } from './key-file.ts'

const MODULE = new URL('./cli.ts', import.meta.url).href
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** The command in a process of its own. */
function run(args: readonly string[], env: Record<string, string> = {}) {
  const script = `const { trackerCommand } = await import(${JSON.stringify(MODULE)}); await trackerCommand().parseAsync(process.argv.slice(1), { from: 'user' })`
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', script, '--', ...args],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  closers.push(() => child.kill('SIGKILL'))
  let out = ''
  let errors = ''
  child.stdout?.on('data', data => {
    out += data
  })
  child.stderr?.on('data', data => {
    errors += data
  })
  const ended = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)))
  const said = async (text: RegExp): Promise<RegExpExecArray> => {
    const end = performance.now() + 20_000
    for (;;) {
      const match = text.exec(out)
      if (match !== null) return match
      if (performance.now() > end || child.exitCode !== null)
        throw new Error(`not said: ${text}\n${out}${errors}`)
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }
  return { child, ended, said, errors: () => errors }
}

describe('vilokanam tracker', () => {
  it('T-CLI-1 explains each option, with its environment variable', () => {
    const options = trackerCommand().options
    expect(options.length).toBeGreaterThan(12)
    for (const { flags, description, envVar } of options) {
      expect([flags, description.length > 20]).toEqual([flags, true])
      expect([flags, envVar]).toEqual([flags, expect.stringMatching(/^VILOKANAM_[A-Z_]+$/)])
    }
    expect(new Set(options.map(({ envVar }) => envVar)).size).toBe(options.length)
  })

  it('T-CLI-2 runs until it is told to stop, and then exits with 0', async () => {
    const tracker = run(['--host', '127.0.0.1', '--port', '0', '--no-stun'], { VILOKANAM_LOG_LEVEL: 'warn' })
    const [, url = ''] = await tracker.said(/Tracker at (\S+)\n/)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    tracker.child.kill('SIGTERM')
    expect(await tracker.ended).toBe(0)
    expect(tracker.errors()).toBe('')
  })

  it('T-CLI-3 says what to do about a taken port, and exits with 1', async () => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    closers.push(() => other.close())
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const tracker = run(['--host', '127.0.0.1', '--no-stun'], { VILOKANAM_PORT: String(port) })
    expect(await tracker.ended).toBe(1)
    expect(tracker.errors()).toContain(
      `vilokanam: Port ${port} on 127.0.0.1 is already in use. Stop the program that uses it, or choose another with --port.`,
    )
  })

  it('T-CLI-4 says what is wrong with options that do not fit', async () => {
    const faults = [
      [['--tls-cert', '/nowhere'], 'Give --tls-cert and --tls-key together.'],
      [['--tls-cert', '/nowhere', '--tls-key', '/nowhere'], '/nowhere cannot be read.'],
      [['--turn-url', 'turn:a'], 'Give --turn-url and --turn-secret together'],
    ] as const
    for (const [args, sentence] of faults) {
      const tracker = run(['--port', '0', ...args])
      expect(await tracker.ended).toBe(1)
      expect(tracker.errors()).toContain(sentence)
    }
  })

  it('T-CLI-5 makes a key on first use, for its owner only, and keeps it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'key-'))
    closers.push(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'tracker.key')
    const seed = loadSeed(path)
    expect(seed).toHaveLength(32)
    expect(loadSeed(path)).toEqual(seed)
    expect(readFileSync(path, 'utf8')).toBe(`${Buffer.from(seed).toString('hex')}\n`)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    writeFileSync(path, 'no key')
    expect(() => loadSeed(path)).toThrow('holds no key')
    expect(() => loadSeed(join(folder, 'none', 'key'))).toThrow('cannot be written')
  })
})
