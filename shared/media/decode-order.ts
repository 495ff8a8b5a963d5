import type { PlayoutFrame } from './playout-frame.ts'
import { lowestSkipped, nextPhase } from './temporal-pattern.ts'

/** Frames that wait for their turn; more means that nothing takes them. 20 s of 30 pictures a second. */
export const DECODE_QUEUE_MAX = 600

export type DecodeOrderOptions = {
  /** 'each': every frame stands alone (audio). 'group': frames need those before them back to a key frame. */
  readonly dependency: 'each' | 'group'
  readonly temporalLayers: number
}

/**
 * Puts one track's frames into decoding order. A missing frame is waited for until it would have been due, and longer if
 * nothing can be decoded without it: then until a later key frame is at hand.
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
  #keyUs = 0
  /** Distance of two key frames with nothing missing between them; unknown at first. */
  #keyEveryUs: number | undefined
  #isGroupWhole = false
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

  /**
   * The next frame to decode, if its turn has come. `dueUs`: media time now due; what is missing before it is given up,
   * unless nothing could be decoded without it: then there is nothing to gain by going on before a key frame is at hand.
   */
  take(dueUs: number): Frame | undefined {
    for (;;) {
      let frame = this.#following()
      if (frame === undefined) return undefined
      const expected = this.#next ?? frame.seq
      const gap = frame.seq - expected
      if (gap > 0 && !this.#needsKey) {
        if (!this.#isOverdue(frame, gap, dueUs)) return undefined
        if (!this.#canGoOn(frame, gap)) frame = this.#firstKey()
        if (frame === undefined) return undefined
      }
      const passed = this.#dropBefore(frame.seq)
      if (gap > 0) {
        this.#missed += frame.seq - expected - passed
        this.#isGroupWhole = false
      }
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
    this.#isGroupWhole = false
  }

  #following(): Frame | undefined {
    const exact = this.#next === undefined ? undefined : this.#waiting.get(this.#next)
    if (exact !== undefined) return exact
    // While a key frame is needed, what lies before one only stands in its way.
    if (this.#needsKey) return this.#firstKey()
    let first: Frame | undefined
    for (const frame of this.#waiting.values())
      if (first === undefined || frame.seq < first.seq) first = frame
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

  /** Whether `frame` can be decoded without the `gap` frames before it. */
  #canGoOn(frame: Frame, gap: number): boolean {
    if (this.#options.dependency === 'each' || frame.isKey) return true
    // The key frame itself may be among the missing: its successors look like those of any base frame.
    if (this.#keyEveryUs === undefined) return false
    if (frame.timestampUs >= this.#keyUs + this.#keyEveryUs - 1.5 * frame.durationUs) return false
    const lowest = lowestSkipped(this.#options.temporalLayers, this.#phase, gap, frame.temporalLayer)
    if (lowest === undefined) return false
    this.#brokenLayer = Math.min(this.#brokenLayer, lowest)
    this.#phase = (this.#phase ?? 0) + gap
    return true
  }

  #firstKey(): Frame | undefined {
    let first: Frame | undefined
    for (const frame of this.#waiting.values()) {
      if (frame.isKey && (first === undefined || frame.seq < first.seq)) first = frame
    }
    return first
  }

  #accept(frame: Frame): boolean {
    if (this.#options.dependency === 'each') return true
    if (this.#needsKey && !frame.isKey) return false
    if (frame.isKey) {
      if (this.#isGroupWhole) this.#keyEveryUs = frame.timestampUs - this.#keyUs
      this.#keyUs = frame.timestampUs
      this.#isGroupWhole = true
    }
    this.#needsKey = false
    this.#phase = nextPhase(this.#options.temporalLayers, this.#phase, frame)
    if (frame.isKey || frame.temporalLayer < this.#brokenLayer) {
      this.#brokenLayer = Number.POSITIVE_INFINITY
      return true
    }
    return false
  }
}
