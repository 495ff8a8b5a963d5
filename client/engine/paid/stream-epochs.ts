/** From one position of the media on, epochs count from this base; another follows when the creator's page is reloaded. */
type Stretch = { fromUs: number; readonly base: number }

/** A viewing sees few reloads of the creator's page; older stretches lie behind everything that is played. */
const STRETCHES_MAX = 8

/** Which epoch a position of the media belongs to, learned from the frames themselves. */
export class StreamEpochs {
  readonly #stretches: Stretch[] = []

  /** Each frame, in any order. */
  learn(timestampUs: number, epoch: number, epochMs: number): void {
    const base = epoch - Math.floor(timestampUs / (epochMs * 1000))
    const known = this.#stretches.find(stretch => stretch.base === base)
    if (known !== undefined) {
      known.fromUs = Math.min(known.fromUs, timestampUs)
      return
    }
    this.#stretches.push({ fromUs: timestampUs, base })
    this.#stretches.sort((one, other) => one.base - other.base)
    if (this.#stretches.length > STRETCHES_MAX) this.#stretches.shift()
  }

  /** Undefined before the first frame. */
  at(positionUs: number, epochMs: number): number | undefined {
    const stretch = this.#stretches.findLast(({ fromUs }) => fromUs <= positionUs) ?? this.#stretches[0]
    return stretch === undefined ? undefined : stretch.base + Math.floor(positionUs / (epochMs * 1000))
  }
}
