import type { PlayoutFrame } from './playout-frame.ts'
import { canSkip, nextPhase } from './temporal-pattern.ts'

/** Frames that wait for their turn; more means that nothing takes them. 20 s of 30 pictures a second. */
export const DECODE_QUEUE_MAX = 600

export type DecodeOrderOptions = {
  /** 'each': every frame stands alone (audio). 'group': frames need those before them back to a key frame. */
  readonly dependency: 'each' | 'group'
  readonly temporalLayers: number
}

/**
 * Puts one track's frames into decoding order. A missing frame is waited for until it would have been due; then what
 * depends on it is dropped: nothing if it was of a layer that nobody needs, else all up to the next key frame.
 */
export class DecodeOrder<Frame extends PlayoutFrame> {
  readonly #options: DecodeOrderOptions
  readonly #waiting = new Map<number, Frame>()
  #next: number | undefined
  /** Position in the pattern of temporal layers after the last frame taken; undefined when unknown. */
  #phase: number | undefined
  /** Frames of this layer and above cannot be decoded until one below it was. */
  #brokenLayer = Number.POSITIVE_INFINITY
  #needsKey: boolean
  #lastUs = 0
  #lastDurationUs = 0
  #dropped = 0
  #missed = 0

  constructor(options: DecodeOrderOptions) {
    this.#options = options
    this.#needsKey = options.dependency === 'group'
  }

  /** Frames that came and were never handed out. */
  get dropped(): number {
    return this.#dropped
  }

  /** Frames given up without having come. */
  get missed(): number {
    return this.#missed
  }

  get length(): number {
    return this.#waiting.size
  }

  /** False for a frame that came twice or after its turn. */
  push(frame: Frame): boolean {
    if (this.#waiting.has(frame.seq)) return false
    if (this.#next !== undefined && frame.seq < this.#next) {
      this.#dropped++
      return false
    }
    this.#waiting.set(frame.seq, frame)
    if (this.#waiting.size > DECODE_QUEUE_MAX && !this.skipToNewestKey()) {
      this.#dropBefore(Number.POSITIVE_INFINITY)
      this.restart()
    }
    return true
  }

  /** The next frame to decode, if its turn has come. `dueUs`: media time now due; what is missing before it is given up. */
  take(dueUs: number): Frame | undefined {
    for (;;) {
      const frame = this.#following()
      if (frame === undefined) return undefined
      const gap = this.#next === undefined ? 0 : frame.seq - this.#next
      const isWanted = !this.#needsKey || frame.isKey
      if (gap > 0 && isWanted && !this.#needsKey && !this.#isOverdue(frame, gap, dueUs)) return undefined
      const passed = this.#dropBefore(frame.seq)
      if (gap > 0) this.#giveUp(frame, gap - passed)
      this.#waiting.delete(frame.seq)
      this.#next = frame.seq + 1
      this.#lastUs = frame.timestampUs
      this.#lastDurationUs = frame.durationUs
      if (this.#accept(frame)) return frame
      this.#dropped++
    }
  }

  /** Drops everything before the newest key frame that waits, and goes on there. False, and nothing happens, if none waits. */
  skipToNewestKey(): boolean {
    let key: Frame | undefined
    for (const frame of this.#waiting.values()) {
      const stands = this.#options.dependency === 'each' || frame.isKey
      if (stands && (key === undefined || frame.seq > key.seq)) key = frame
    }
    if (key === undefined) return false
    this.#dropBefore(key.seq)
    this.#next = key.seq
    this.restart()
    return true
  }

  /** The decoder lost its state: go on at the next key frame. */
  restart(): void {
    this.#needsKey = this.#options.dependency === 'group'
    this.#brokenLayer = Number.POSITIVE_INFINITY
    this.#phase = undefined
  }

  #following(): Frame | undefined {
    const exact = this.#next === undefined ? undefined : this.#waiting.get(this.#next)
    if (exact !== undefined) return exact
    let first: Frame | undefined
    for (const frame of this.#waiting.values()) {
      // While a key frame is needed, what lies before one only stands in its way.
      if (this.#needsKey && !frame.isKey) continue
      if (first === undefined || frame.seq < first.seq) first = frame
    }
    return first
  }

  #isOverdue(frame: Frame, gap: number, dueUs: number): boolean {
    const missingUs = Math.max(
      this.#lastUs + this.#lastDurationUs,
      frame.timestampUs - gap * frame.durationUs,
    )
    return dueUs >= Math.min(missingUs, frame.timestampUs)
  }

  #dropBefore(seq: number): number {
    let count = 0
    for (const waiting of [...this.#waiting.keys()]) {
      if (waiting >= seq) continue
      this.#waiting.delete(waiting)
      count++
    }
    this.#dropped += count
    return count
  }

  #giveUp(frame: Frame, gap: number): void {
    this.#missed += gap
    if (this.#options.dependency === 'each' || this.#needsKey || frame.isKey) return
    const lowest = canSkip(this.#options.temporalLayers, this.#phase, gap, frame.temporalLayer)
    if (lowest === undefined) this.#needsKey = true
    else {
      this.#brokenLayer = Math.min(this.#brokenLayer, lowest)
      this.#phase = (this.#phase ?? 0) + gap
    }
  }

  #accept(frame: Frame): boolean {
    if (this.#options.dependency === 'each') return true
    if (this.#needsKey && !frame.isKey) return false
    this.#needsKey = false
    this.#phase = nextPhase(this.#options.temporalLayers, this.#phase, frame)
    if (frame.isKey || frame.temporalLayer < this.#brokenLayer) {
      this.#brokenLayer = Number.POSITIVE_INFINITY
      return true
    }
    return false
  }
}
