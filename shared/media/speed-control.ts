/** By resampling: not heard as pitch (DESIGN §8). */
const GENTLE_MAX = 0.005
/** Reached at 20 ms of error, so that measuring noise of 1 ms changes the pitch by 0.025 % only. */
const GENTLE_GAIN = GENTLE_MAX / 20
/** By leaving out or repeating periods of sound. More than a tenth is heard as haste. */
const BRISK_MAX = 0.1
const BRISK_GAIN = BRISK_MAX / 200
const BRISK_MIN = 0.02
/** Resampling would take longer than 12 s for more than this. */
const BRISK_ABOVE_MS = 60
const BRISK_UNTIL_MS = 15

/** Speed of play-out from its error: positive ms when later than wanted. */
export class SpeedControl {
  #isBrisk = false

  next(errorMs: number): number {
    const size = Math.abs(errorMs)
    this.#isBrisk = size > (this.#isBrisk ? BRISK_UNTIL_MS : BRISK_ABOVE_MS)
    const wanted = this.#isBrisk
      ? Math.max(BRISK_MIN, Math.min(BRISK_MAX, size * BRISK_GAIN))
      : Math.min(GENTLE_MAX, size * GENTLE_GAIN)
    return 1 + Math.sign(errorMs) * wanted
  }
}
