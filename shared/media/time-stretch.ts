/** A voice's or instrument's period, 80 to 400 Hz, at 48,000 samples/s. */
export const LAG_MIN = 120
export const LAG_MAX = 600
/** Samples over which the two places are blended: 5 ms. */
export const OVERLAP = 240
/** Only every fourth sample is compared: a join within 83 µs of the best is not heard. */
const STRIDE = 4

/**
 * How far away the wave around `cursor` looks most like itself (WSOLA; Verhelst and Roelands, 1993): samples, always
 * positive, looked for ahead of the cursor (`direction` 1) or behind it (-1). `mask`: length of `plane` minus 1.
 */
export function bestLag(plane: Float32Array, mask: number, cursor: number, direction: 1 | -1): number {
  let best = LAG_MIN
  let bestScore = Number.NEGATIVE_INFINITY
  for (let lag = LAG_MIN; lag <= LAG_MAX; lag += STRIDE) {
    let product = 0
    let energy = 1e-9
    for (let offset = 0; offset < OVERLAP; offset += STRIDE) {
      const here = plane[(cursor + offset) & mask] ?? 0
      const there = plane[(cursor + offset + direction * lag) & mask] ?? 0
      product += here * there
      energy += there * there
    }
    const score = product / Math.sqrt(energy)
    if (score > bestScore) {
      bestScore = score
      best = lag
    }
  }
  return best
}
