/** What a test started, in the order it started; stopped in the other order, also when the test failed half-way. */
export class Disposer {
  readonly #stops: (() => unknown)[] = []

  /** `stop` may be asynchronous. */
  defer(stop: () => unknown): void {
    this.#stops.push(stop)
  }

  /** Stops everything, then throws the first error met. Afterwards it can be used again. */
  async dispose(): Promise<void> {
    const errors: unknown[] = []
    for (const stop of this.#stops.splice(0).reverse()) {
      try {
        await stop()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }
}
