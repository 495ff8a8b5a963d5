import { setTimeout as sleep } from 'node:timers/promises'

/** Below this no timer helps: they count in whole ms. */
const TIMER_MS = 0.1

export type PacerDeps = {
  /** Monotonic, ms. */
  readonly nowMs: () => number
  /** Rejects when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<unknown>
}

export const nodePacerDeps: PacerDeps = {
  nowMs: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
}

/**
 * Releases media in real time: media time runs along a monotonic clock from the first `until()`.
 * What comes later than the slack moves the whole schedule, so that a source which stopped for a while
 * goes on at normal speed; within the slack it catches up.
 */
export class Pacer {
  readonly #deps: PacerDeps
  readonly #slackMs: number
  #originMs: number | undefined
  #delayMs = 0

  constructor(deps: PacerDeps, options: { readonly slackMs: number }) {
    this.#deps = deps
    this.#slackMs = options.slackMs
  }

  /** By how much the schedule had to be moved until now, ms. */
  get delayMs(): number {
    return this.#delayMs
  }

  /** Resolves when `mediaUs` is due, at once if it is overdue. Rejects when aborted. */
  async until(mediaUs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const mediaMs = mediaUs / 1000
    const lateMs = this.#lateMs(mediaMs)
    if (lateMs > this.#slackMs) {
      this.#originMs = this.#deps.nowMs() - mediaMs
      this.#delayMs += lateMs
    }
    // Another track may move the schedule meanwhile, so the remaining time is asked for again.
    for (let early = -this.#lateMs(mediaMs); early > TIMER_MS; early = -this.#lateMs(mediaMs)) {
      await this.#deps.sleep(early, signal)
    }
  }

  #lateMs(mediaMs: number): number {
    const now = this.#deps.nowMs()
    this.#originMs ??= now - mediaMs
    return now - this.#originMs - mediaMs
  }
}
