import { fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** Tells the worker that it is one. */
const WORKER = 'VILOKANAM_SUPERVISED'
/** What native code ends with when it fails; nothing of ours ends so. */
const CRASHES: readonly (NodeJS.Signals | null)[] = [
  'SIGSEGV',
  'SIGABRT',
  'SIGBUS',
  'SIGILL',
  'SIGFPE',
  'SIGTRAP',
]
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000
/** A worker that ran this long starts again without delay. */
const HEALTHY_MS = 60_000

export function isSupervised(): boolean {
  return process.env[WORKER] === '1'
}

/**
 * Runs this very command line in a process of its own and starts that again when native code takes it down, which a
 * hostile peer can bring about (docs/threats.md). Resolves with the exit code of a worker that ended otherwise.
 */
export async function supervise(note: (text: string) => void, signal: AbortSignal): Promise<number> {
  const program = process.argv[1]
  if (program === undefined) throw new Error('this process has no program to start again')
  let pauseMs = FIRST_PAUSE_MS
  for (;;) {
    const startedAtMs = performance.now()
    const { code, killedBy } = await runOnce(program, signal)
    if (signal.aborted) return code ?? 0
    if (!CRASHES.includes(killedBy)) return code ?? 1
    if (performance.now() - startedAtMs > HEALTHY_MS) pauseMs = FIRST_PAUSE_MS
    note(`Note: the WebRTC library crashed (${killedBy}); starting again.`)
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return 0
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
  }
}

function runOnce(
  program: string,
  signal: AbortSignal,
): Promise<{ readonly code: number | null; readonly killedBy: NodeJS.Signals | null }> {
  const worker = fork(program, process.argv.slice(2), {
    stdio: 'inherit',
    env: { ...process.env, [WORKER]: '1' },
  })
  // Ctrl-C in a terminal reaches the worker by itself; a second word for the same does no harm.
  const stop = () => worker.kill('SIGTERM')
  signal.addEventListener('abort', stop, { once: true })
  worker.on('message', message => {
    if (process.connected) process.send?.(message)
  })
  return new Promise((resolve, reject) => {
    worker.on('error', reject)
    worker.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', stop)
      resolve({ code, killedBy })
    })
  })
}
