import { PriceList } from '../../shared/pay/access-price.ts'
import type { PayTerms } from '../../shared/pay/payer-contract.ts'
import type { Manifest } from '../../shared/protocol/manifest.ts'

/** What a second costs in which epoch, as the newest manifest says. */
export class StreamTerms {
  #manifest: Manifest | undefined
  #prices = new PriceList(0n)

  setManifest(manifest: Manifest): void {
    this.#manifest = manifest
    this.#prices = new PriceList(manifest.priceBefore ?? manifest.pricePerSecond)
    this.#prices.change(manifest.pricePerSecond, manifest.priceFromEpoch)
  }

  /** planck a second; 0n before the first manifest, and of a free stream. */
  priceAt(epoch: number): bigint {
    return this.#prices.at(epoch)
  }

  /** While that epoch is on. Undefined before the first manifest. */
  at(epoch: number): PayTerms | undefined {
    const manifest = this.#manifest
    if (manifest === undefined) return undefined
    const { pricePerSecond, priceFromEpoch, epochMs, creditSeconds } = manifest
    return {
      price: this.priceAt(epoch),
      ...(priceFromEpoch > epoch && { next: { price: pricePerSecond, fromEpoch: priceFromEpoch } }),
      epochMs,
      creditSeconds,
    }
  }
}
