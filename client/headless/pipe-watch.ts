import type { Readable } from 'node:stream'
import type { SourceNotice } from './source-error.ts'

const WINDOW_MS = 10_000
/** Falling behind by this much of a window shows as a picture that stops and starts. */
const SLOW_MS_PER_WINDOW = 500
const SILENT_MS = 5_000
/** A live source leaves the pipe empty most of the time. */
const FULL_MS = 5_000

export type PipeReading = {
  /** Monotonic. */
  readonly nowMs: number
  /** When the last frame came through, monotonic. */
  readonly lastFrameAtMs: number
  /** By how much the pacer had to move its schedule until now. */
  readonly delayMs: number
  readonly isFull: boolean
}

export function isFull(stream: Readable): boolean {
  return stream.readableLength >= stream.readableHighWaterMark
}

/** Watches how a pipe is fed and says so once per spell; told every second or so. */
export class PipeWatch {
  #window: { readonly startedAtMs: number; readonly delayMs: number; readonly isFirst: boolean } | undefined
  #fullSinceMs: number | undefined
  #isSilent = false
  #wasFull = false
  #wasSlow = false

  check(reading: PipeReading): SourceNotice[] {
    const notices: SourceNotice[] = []
    if (this.#isNewlySilent(reading)) {
      notices.push({
        kind: 'silent-source',
        message: `The source has sent nothing for ${SILENT_MS / 1000} s. Viewers wait; look at the program that feeds the pipe.`,
      })
    }
    if (this.#isNewlySlow(reading)) {
      notices.push({
        kind: 'slow-source',
        message:
          'The source is slower than real time: viewers see the picture stop and start. Give its encoder less to do ' +
          '(a smaller picture, a faster preset) or more of the machine.',
      })
    }
    if (this.#isNewlyFull(reading)) {
      notices.push({
        kind: 'full-pipe',
        message:
          'The pipe is full: the source writes faster than real time and is held back. That is right for a file; ' +
          'a live source (camera, OBS) would fall behind: add -re or lower its frame rate.',
      })
    }
    return notices
  }

  #isNewlySilent({ nowMs, lastFrameAtMs }: PipeReading): boolean {
    const isSilent = nowMs - lastFrameAtMs >= SILENT_MS
    const isNew = isSilent && !this.#isSilent
    this.#isSilent = isSilent
    return isNew
  }

  /** The first window does not count: what the pipe's own bursts cost shows there. */
  #isNewlySlow({ nowMs, delayMs }: PipeReading): boolean {
    const window = this.#window
    if (window !== undefined && nowMs - window.startedAtMs < WINDOW_MS) return false
    this.#window = { startedAtMs: nowMs, delayMs, isFirst: window === undefined }
    if (window === undefined || window.isFirst) return false
    const isSlow = delayMs - window.delayMs > SLOW_MS_PER_WINDOW
    const isNew = isSlow && !this.#wasSlow
    this.#wasSlow = isSlow
    return isNew
  }

  #isNewlyFull({ nowMs, isFull }: PipeReading): boolean {
    this.#fullSinceMs = isFull ? (this.#fullSinceMs ?? nowMs) : undefined
    if (this.#wasFull || this.#fullSinceMs === undefined || nowMs - this.#fullSinceMs < FULL_MS) return false
    this.#wasFull = true
    return true
  }
}
