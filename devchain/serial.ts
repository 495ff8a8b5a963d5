/** Runs tasks one after another, in the order they came. A failed one fails its caller and holds nobody up. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve()

  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(task, task)
    this.#last = result.catch(() => {})
    return result
  }
}
