import { type ChildProcess, fork } from 'node:child_process'
import type { CommandReport } from './command-context.ts'

const STDERR_KEPT_CHARS = 4_000
/** Longer than any command takes to say goodbye. */
const STOP_TIMEOUT_MS = 5_000

/** One of this program's own commands in a process of its own: it ends with its parent, however that ends. */
export class ChildCommand {
  readonly #process: ChildProcess
  readonly #name: string
  #stderr = ''
  #isStopping = false
  /** Rejects when the command ends without having been stopped, with what it said last. */
  readonly failed: Promise<never>
  readonly #exited: Promise<void>

  constructor(name: string, args: readonly string[], onReport: (report: CommandReport) => void = () => {}) {
    const program = process.argv[1]
    if (program === undefined) throw new Error('this process has no program to start again')
    this.#name = name
    this.#process = fork(program, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT_CHARS)
    })
    this.#process.on('message', message => onReport(message as CommandReport))
    let fail: (error: Error) => void = () => {}
    this.failed = new Promise((_resolve, reject) => {
      fail = reject
    })
    this.failed.catch(() => {})
    this.#exited = new Promise(resolve => {
      this.#process.on('close', code => {
        if (!this.#isStopping) fail(new Error(this.#ending(code)))
        resolve()
      })
    })
  }

  /** Asks it to end, and after a while makes it. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#process.kill('SIGTERM')
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await this.#exited
    clearTimeout(timer)
  }

  #ending(code: number | null): string {
    const said = this.#stderr.trim()
    return `The ${this.#name} ended (${code === null ? 'killed' : `exit code ${code}`})${said === '' ? '.' : `: ${said}`}`
  }
}
