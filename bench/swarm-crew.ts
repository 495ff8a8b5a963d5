import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { delay } from './clock.ts'
import { type FrameTimes, summarize, type TreeSummary } from './frame-times.ts'
import type { FromWorker, Measured, ToWorker, WorkerOptions } from './swarm-worker.ts'

export type PhaseResult = TreeSummary & {
  readonly parents: readonly number[]
  /** Peers whose parent changed within the window. */
  readonly moved: number
  /** User and system time of all workers in the window. */
  readonly cpuMs: number
  /** Busy share of the busiest worker's JavaScript thread. */
  readonly loopShare: number
  /** Growth of all workers' resident sets from before the first peer, bytes. */
  readonly rssBytes: number
}

/** Time for what is under way when the window ends. */
const GRACE_MS = 2_000

/**
 * The processes that carry one phase's peers: peer `p` lives in process `p mod processes`, the creator is peer 0.
 * Each phase has new ones, so that nothing of one phase is left in the other's figures.
 */
export class SwarmCrew {
  readonly #workers: ChildProcess[]
  readonly #rssBefore: number[] = []
  readonly #listeners = new Set<(message: FromWorker) => void>()
  #failed: Error | undefined

  private constructor(script: string, options: WorkerOptions, processes: number) {
    const path = fileURLToPath(new URL(script, import.meta.url))
    this.#workers = Array.from({ length: processes }, () =>
      fork(path, [JSON.stringify(options)], { serialization: 'advanced' }),
    )
    for (const worker of this.#workers) {
      worker.on('message', message => {
        for (const listener of [...this.#listeners]) listener(message as FromWorker)
      })
      worker.on('exit', (code, signal) =>
        this.#fail(new Error(`a worker of ${script} ended: ${signal ?? code}`)),
      )
    }
  }

  static async start(script: string, options: WorkerOptions, processes: number): Promise<SwarmCrew> {
    const crew = new SwarmCrew(script, options, processes)
    const ready: number[] = []
    await crew.#collect('ready', processes, message => {
      if (message.kind === 'ready') ready.push(message.rssBytes)
    })
    crew.#rssBefore.push(...ready)
    return crew
  }

  tell(peer: number, message: ToWorker): void {
    this.#workers[peer % this.#workers.length]?.send(message)
  }

  on(listener: (message: FromWorker) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves with the first message that `pick` gives something for. */
  async first<T>(what: string, limitMs: number, pick: (message: FromWorker) => T | undefined): Promise<T> {
    let found: T | undefined
    await this.#collect(
      what,
      1,
      message => {
        found ??= pick(message)
        return found !== undefined
      },
      limitMs,
    )
    if (found === undefined) throw new Error('unreachable')
    return found
  }

  /** Measures `seconds` of the running stream in all workers. */
  async measure(
    seconds: number,
    parentsOf: (measured: readonly Measured[]) => MeasuredTree,
  ): Promise<PhaseResult> {
    const toAll = (message: ToWorker): void => this.#workers.forEach(worker => void worker.send(message))
    toAll({ kind: 'window-begins' })
    await delay(seconds * 1000)
    toAll({ kind: 'window-ends' })
    await delay(GRACE_MS)
    const measured: Measured[] = []
    const all = this.#collect('measured', this.#workers.length, message => {
      if (message.kind === 'measured') measured.push(message)
    })
    toAll({ kind: 'report' })
    await all
    const { parents, moved } = parentsOf(measured)
    const times: FrameTimes = parents.map((_, peer) => find(measured, peer))
    const window = measured.find(({ window: { to } }) => to > 0)?.window ?? { from: 0, to: 0 }
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
    return {
      ...summarize(times, parents, moved, window),
      parents,
      moved: moved.size,
      cpuMs: sum(measured.map(({ cpuMs }) => cpuMs)),
      loopShare: Math.max(...measured.map(({ loopShare }) => loopShare)),
      rssBytes: sum(measured.map(({ rssBytes }) => rssBytes)) - sum(this.#rssBefore),
    }
  }

  stop(): void {
    for (const worker of this.#workers) {
      worker.removeAllListeners('exit')
      if (worker.connected) worker.disconnect()
    }
  }

  #fail(error: Error): void {
    this.#failed = error
    for (const listener of [...this.#listeners]) listener({ kind: 'failed' })
  }

  #collect(
    what: string,
    count: number,
    take: (message: FromWorker) => unknown,
    limitMs = 60_000,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      let left = count
      const stop = (): void => {
        clearTimeout(timer)
        off()
      }
      const timer = setTimeout(() => {
        stop()
        reject(new Error(`${what}: not within ${limitMs} ms`))
      }, limitMs)
      const off = this.on(message => {
        if (this.#failed !== undefined) {
          stop()
          return reject(this.#failed)
        }
        if (take(message) === true || message.kind === what) left -= 1
        if (left > 0) return
        stop()
        resolve()
      })
    })
  }
}

export type MeasuredTree = { readonly parents: readonly number[]; readonly moved: ReadonlySet<number> }

function find(measured: readonly Measured[], peer: number): Float64Array {
  for (const { peers } of measured) {
    const found = peers.find(entry => entry.peer === peer)
    if (found !== undefined) return found.times
  }
  return new Float64Array(0)
}
