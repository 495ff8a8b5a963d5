import type { EncodedFrame, ReceivedFrame } from '../../client/engine/events.ts'

/** Before each code: ciphertext does not begin so by chance. */
const MARK = Uint8Array.from([0x74, 0x69, 0x6d, 0x65, 0x63, 0x6f, 0x64, 0x65])
const CODE_BYTES = 16

/** Writes the frame's time into the picture itself, as a camera that films a clock does. */
export function withTimeCode(frame: EncodedFrame): EncodedFrame {
  const payload = Uint8Array.from(frame.payload)
  payload.set(MARK)
  new DataView(payload.buffer).setBigUint64(MARK.length, BigInt(frame.timestampUs))
  return { ...frame, payload }
}

/** What one peer was really shown: the time codes that it could read out of pictures. */
export class TimeCodes {
  /** µs, with each frame's length. */
  readonly shown = new Map<number, number>()
  #shownUs = 0
  #newestUs = -1

  readonly add = (frame: ReceivedFrame): void => {
    const us = timeCodeOf(frame.payload)
    if (us === undefined || us !== frame.timestampUs || this.shown.has(us)) return
    this.shown.set(us, frame.durationUs)
    this.#shownUs += frame.durationUs
    this.#newestUs = Math.max(this.#newestUs, us)
  }

  /** Of media, each moment once. */
  get seconds(): number {
    return this.#shownUs / 1_000_000
  }

  /** −1 before the first. */
  get newestUs(): number {
    return this.#newestUs
  }

  /** Moments between the first and the last, from `sinceUs` on, after which the next frame is missing. */
  gaps(sinceUs = 0): number[] {
    const codes = [...this.shown].filter(([us]) => us >= sinceUs).toSorted(([one], [other]) => one - other)
    return codes
      .slice(0, -1)
      .filter(([us, length], index) => (codes[index + 1]?.[0] ?? us) - us > length * 1.5)
      .map(([us]) => us)
  }
}

function timeCodeOf(payload: Uint8Array): number | undefined {
  if (payload.length < CODE_BYTES || MARK.some((byte, index) => payload[index] !== byte)) return undefined
  const view = new DataView(payload.buffer, payload.byteOffset)
  return Number(view.getBigUint64(MARK.length))
}
