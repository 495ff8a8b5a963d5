type PriceStep = { readonly fromEpoch: number; readonly pricePerSecond: bigint }

/** planck for `ms` of media, rounded up: a creator is not paid in fractions. */
export function priceOf(pricePerSecond: bigint, ms: number): bigint {
  return (pricePerSecond * BigInt(Math.max(0, Math.ceil(ms))) + 999n) / 1_000n
}

/** Prices by epoch, as the revisions of a manifest say. */
export class PriceList {
  #steps: readonly PriceStep[]

  constructor(pricePerSecond: bigint) {
    this.#steps = [{ fromEpoch: 0, pricePerSecond }]
  }

  /** A later word about the same or a later epoch counts. */
  change(pricePerSecond: bigint, fromEpoch: number): void {
    const before = this.#steps.filter(step => step.fromEpoch < fromEpoch)
    this.#steps = [...before, { fromEpoch, pricePerSecond }]
  }

  at(epoch: number): bigint {
    return this.#steps.findLast(step => step.fromEpoch <= epoch)?.pricePerSecond ?? 0n
  }

  /** What can no longer be asked for is let go of. */
  forgetBefore(epoch: number): void {
    const holding = this.#steps.findLastIndex(step => step.fromEpoch <= epoch)
    if (holding > 0) this.#steps = this.#steps.slice(holding)
  }
}
