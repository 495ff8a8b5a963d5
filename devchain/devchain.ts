import { loadChopsticks } from './chopsticks.ts'
import { DevchainError } from './devchain-error.ts'
import type { Devchain } from './devchain-port.ts'
import { RunningDevchain } from './running-devchain.ts'

export type DevchainOptions = {
  /** TCP port of 127.0.0.1; 0 takes any free one. A taken one is an error. */
  readonly port: number
  /** 2,000 by default; 0: blocks are made by hand (`newBlock`). An empty block takes 270 ms of a core. */
  readonly blockMs?: number
  /** How many blocks finality is behind, 1 to 64: 3 by default. Also the deepest re-org. */
  readonly finalityLag?: number
  /** Above it a submission is answered with an error: 4 by default; two cores carry about six transfers a second. */
  readonly submissionsPerSecond?: number
  /** `devchain_*` switches over RPC, which break the chain for whoever else uses it: for tests of pages. */
  readonly hasSwitches?: boolean
  readonly signal?: AbortSignal
}

const DEFAULT_BLOCK_MS = 2_000
const BLOCK_MS_MAX = 600_000
const DEFAULT_FINALITY_LAG = 3
const FINALITY_LAG_MAX = 64
const DEFAULT_SUBMISSIONS_PER_SECOND = 4
const SUBMISSIONS_PER_SECOND_MAX = 100

/** Starts it; ready to serve when resolved, with block 1 made. Throws DevchainError, or the signal's reason. */
export async function startDevchain(options: DevchainOptions): Promise<Devchain> {
  const { port, signal } = options
  const { blockMs = DEFAULT_BLOCK_MS, finalityLag = DEFAULT_FINALITY_LAG, hasSwitches = false } = options
  const { submissionsPerSecond = DEFAULT_SUBMISSIONS_PER_SECOND } = options
  signal?.throwIfAborted()
  check('The port', port, 0, 65_535)
  check('The time between blocks, in milliseconds,', blockMs, 0, BLOCK_MS_MAX)
  check('The lag of finality', finalityLag, 1, FINALITY_LAG_MAX)
  check('Submissions a second', submissionsPerSecond, 1, SUBMISSIONS_PER_SECOND_MAX)
  const loaded = await loadChopsticks()
  const settings = { port, blockMs, finalityLag, submissionsPerSecond, hasSwitches }
  const devchain = new RunningDevchain(loaded, settings)
  await devchain.start()
  if (signal?.aborted) {
    await devchain.close()
    signal.throwIfAborted()
  }
  signal?.addEventListener('abort', () => void devchain.close(), { once: true })
  return devchain
}

function check(what: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return
  throw new DevchainError('bad-option', `${what} must be a whole number from ${min} to ${max}.`)
}
