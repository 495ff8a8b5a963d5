export type BlockClockDeps = {
  /** Makes one block; the next is due `blockMs` after this one was due, or at once when it took longer. */
  readonly produce: () => Promise<void>
}

/** Calls `produce` every `blockMs`, never twice at a time. 0: only by hand. */
export class BlockClock {
  readonly #produce: () => Promise<void>
  readonly #blockMs: number
  #timer: NodeJS.Timeout | undefined
  #dueAt = 0
  #isRunning = false

  constructor({ produce }: BlockClockDeps, blockMs: number) {
    this.#produce = produce
    this.#blockMs = blockMs
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  resume(): void {
    if (this.#isRunning || this.#blockMs === 0) return
    this.#isRunning = true
    this.#dueAt = performance.now() + this.#blockMs
    this.#schedule()
  }

  pause(): void {
    this.#isRunning = false
    clearTimeout(this.#timer)
  }

  /** No block for `ms` from now; then every `blockMs` again. */
  delay(ms: number): void {
    if (!this.#isRunning) return
    clearTimeout(this.#timer)
    this.#dueAt = performance.now() + ms
    this.#schedule()
  }

  #schedule(): void {
    this.#timer = setTimeout(() => void this.#tick(), Math.max(0, this.#dueAt - performance.now()))
  }

  async #tick(): Promise<void> {
    const dueAt = this.#dueAt
    await this.#produce()
    // Paused, or delayed while it was building: whoever did that has scheduled the next, or none.
    if (!this.#isRunning || this.#dueAt !== dueAt) return
    this.#dueAt = Math.max(this.#dueAt + this.#blockMs, performance.now())
    this.#schedule()
  }
}
