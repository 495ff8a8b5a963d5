/** Events by name with one payload each. A listener that throws is the listener's problem: the others still run. */
export class TypedEmitter<Events extends Record<string, unknown>> {
  readonly #listeners = new Map<keyof Events, Set<(payload: never) => void>>()

  /** Returns its own unsubscribe. */
  on<Name extends keyof Events>(name: Name, listener: (payload: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }

  /** @internal Called by the owner only. */
  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void {
    const listeners = this.#listeners.get(name)
    if (listeners === undefined) return
    for (const listener of listeners) {
      try {
        ;(listener as (payload: Events[Name]) => void)(payload)
      } catch (error) {
        // Rethrown where the host reports uncaught errors, so that it is seen but stops nobody else.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  /** @internal */
  removeAllListeners(): void {
    this.#listeners.clear()
  }
}
