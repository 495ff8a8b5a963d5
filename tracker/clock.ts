import { performance } from 'node:perf_hooks'

export interface Clock {
  /** Monotonic, ms; never jumps. */
  nowMs(): number
  /** ms since the epoch, as the machine believes. */
  wallMs(): number
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
}
