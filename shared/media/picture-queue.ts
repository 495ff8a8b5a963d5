export type Picture = { readonly timestampUs: number; readonly durationUs: number }

/** Decoded pictures that wait to be shown, oldest first. */
export class PictureQueue {
  readonly #waiting: Picture[] = []
  #shown: Picture | undefined

  get length(): number {
    return this.#waiting.length
  }

  get shown(): Picture | undefined {
    return this.#shown
  }

  get newestUs(): number | undefined {
    return this.#waiting.at(-1)?.timestampUs
  }

  /** False if a later one was already shown. */
  add(picture: Picture): boolean {
    if (this.#shown !== undefined && picture.timestampUs <= this.#shown.timestampUs) return false
    let at = this.#waiting.length
    while (at > 0 && (this.#waiting[at - 1]?.timestampUs ?? 0) > picture.timestampUs) at--
    this.#waiting.splice(at, 0, picture)
    return true
  }

  /** The newest picture due by `dueUs`, and those before it that were overtaken. The very first is due at once. */
  take(dueUs: number): { readonly show: Picture | undefined; readonly discard: readonly Picture[] } {
    let due = 0
    while (due < this.#waiting.length && (this.#waiting[due]?.timestampUs ?? 0) <= dueUs) due++
    if (due === 0 && this.#shown === undefined && this.#waiting.length > 0) due = 1
    const taken = this.#waiting.splice(0, due)
    const show = taken.pop()
    if (show !== undefined) this.#shown = show
    return { show, discard: taken }
  }

  /** All that wait are given up; the next one is due at once. */
  clear(): readonly Picture[] {
    this.#shown = undefined
    return this.#waiting.splice(0)
  }
}
