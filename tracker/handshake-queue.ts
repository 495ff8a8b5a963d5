type Waiting = (leave: () => void) => void

/**
 * Lets so many handshakes run at once, the others in the order they came. A crowd of thousands that all shook hands
 * together would all be served after its peers' patience has run out, come back, and never be served at all.
 */
export class HandshakeQueue {
  readonly #atOnce: number
  readonly #waitingMax: number
  readonly #waiting: Waiting[] = []
  #running = 0
  #isAdmitting = false

  constructor(options: { readonly atOnce: number; readonly waitingMax: number }) {
    this.#atOnce = options.atOnce
    this.#waitingMax = options.waitingMax
  }

  /** Calls `start` now or later; what it is given may be called more than once. False: too many wait already. */
  enter(start: Waiting): boolean {
    if (this.#waiting.length >= this.#waitingMax) return false
    this.#waiting.push(start)
    this.#admit()
    return true
  }

  #admit(): void {
    // One that leaves at once must not let the next in from within its own start.
    if (this.#isAdmitting) return
    this.#isAdmitting = true
    while (this.#running < this.#atOnce) {
      const start = this.#waiting.shift()
      if (start === undefined) break
      this.#running++
      start(this.#leaveOnce())
    }
    this.#isAdmitting = false
  }

  #leaveOnce(): () => void {
    let isInside = true
    return () => {
      if (!isInside) return
      isInside = false
      this.#running--
      this.#admit()
    }
  }
}
