import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Disposer } from './disposer.ts'
import { until } from './until.ts'

const CLI = fileURLToPath(new URL('../../client/headless/cli.ts', import.meta.url))
const SAID_KEPT_CHARS = 8_000

/** `vilokanam …` from the sources, in a process of its own that ends with the disposer. */
export class Command {
  readonly #child: ChildProcess
  readonly #exited: Promise<void>
  /** Both outputs, the last of them. */
  said = ''

  constructor(disposer: Disposer, args: readonly string[]) {
    this.#child = spawn(process.execPath, ['--import', 'tsx', CLI, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const note = (text: Buffer): void => {
      this.said = (this.said + text.toString()).slice(-SAID_KEPT_CHARS)
    }
    this.#child.stdout?.on('data', note)
    this.#child.stderr?.on('data', note)
    this.#exited = new Promise(resolve => this.#child.on('close', () => resolve()))
    disposer.defer(() => this.kill())
  }

  /** The first match in what it says. Throws when it ends without, or takes too long. */
  async says(pattern: RegExp, limitMs = 30_000): Promise<RegExpExecArray> {
    let match: RegExpExecArray | null = null
    await until(
      () => `${pattern} in: ${this.said}`,
      () => {
        match = pattern.exec(this.said)
        if (match === null && this.hasEnded) throw new Error(`it ended, saying: ${this.said}`)
        return match !== null
      },
      limitMs,
    )
    if (match === null) throw new Error('unreachable')
    return match
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** As Ctrl-C does. Resolves with the exit code when it has ended by itself. */
  async interrupt(): Promise<number | null> {
    if (!this.hasEnded) this.#child.kill('SIGINT')
    await this.#exited
    return this.#child.exitCode
  }

  /** At once, without a word to anybody. Resolves when it is gone. */
  async kill(): Promise<void> {
    if (!this.hasEnded) this.#child.kill('SIGKILL')
    await this.#exited
  }
}

/** Nobody listens there at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
