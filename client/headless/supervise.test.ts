import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const CLI = fileURLToPath(new URL('cli.ts', import.meta.url))
const LIMIT_MS = 25_000
const STREAM = '4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi'
const NOWHERE = '/ip4/127.0.0.1/tcp/1/ws/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'

it.runIf(process.platform === 'linux')(
  'H-CLI-10 a relay that native code took down starts again, and ends with its supervisor',
  async () => {
    // No tracker is there: the relay goes on looking for it, which is all it needs to do here.
    const relay = spawn(process.execPath, ['--import', 'tsx', CLI, 'relay', STREAM, '--tracker', NOWHERE], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    relay.stderr.on('data', (text: Buffer) => {
      said += text.toString()
    })
    const ended = new Promise<number | null>(resolve => relay.on('close', resolve))
    try {
      const first = await workerOf(relay.pid)
      process.kill(first, 'SIGSEGV')
      const second = await workerOf(relay.pid, first)
      expect(said).toContain('the WebRTC library crashed (SIGSEGV); starting again')
      relay.kill('SIGTERM')
      await ended
      expect(isAlive(second)).toBe(false)
    } finally {
      relay.kill('SIGKILL')
    }
  },
)

/** The child of that process, other than `not`. */
async function workerOf(pid: number | undefined, not?: number): Promise<number> {
  const end = performance.now() + LIMIT_MS
  while (performance.now() < end) {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
    const worker = children
      .split(' ')
      .map(Number)
      .find(child => child > 0 && child !== not)
    if (worker !== undefined) return worker
    await sleep(20)
  }
  throw new Error('no worker came')
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
