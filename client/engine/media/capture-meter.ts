import type { EncodedFrame } from '../events.ts'
import type { CaptureStats } from './capture-types.ts'

const RECENT_MS = 1_000
const ENCODE_TIMES_MAX = 60

/** Counts what a capture sends. */
export class CaptureMeter {
  readonly #recent: { readonly atMs: number; readonly bytes: number; readonly isPicture: boolean }[] = []
  readonly #encodeMs: number[] = []
  #pictures = 0
  #dropped = 0
  #keys = 0
  #packets = 0
  #level = 0

  picture(frame: EncodedFrame, encodeMs: number, nowMs: number): void {
    this.#pictures++
    if (frame.isKey) this.#keys++
    this.#encodeMs.push(encodeMs)
    if (this.#encodeMs.length > ENCODE_TIMES_MAX) this.#encodeMs.shift()
    this.#add(frame, nowMs, true)
  }

  packet(frame: EncodedFrame, nowMs: number): void {
    this.#packets++
    this.#add(frame, nowMs, false)
  }

  dropped(): void {
    this.#dropped++
  }

  level(rms: number): void {
    this.#level = rms
  }

  stats(nowMs: number): Omit<CaptureStats, 'videoCodec'> {
    this.#expire(nowMs)
    const times = [...this.#encodeMs].sort((one, other) => one - other)
    return {
      encodedFrames: this.#pictures,
      droppedFrames: this.#dropped,
      keyFrames: this.#keys,
      audioPackets: this.#packets,
      framesPerSecond: this.#recent.filter(one => one.isPicture).length,
      bitrate: this.#recent.reduce((bits, one) => bits + one.bytes * 8, 0),
      encodeMs: times[times.length >> 1] ?? 0,
      audioLevel: this.#level,
    }
  }

  #add(frame: EncodedFrame, nowMs: number, isPicture: boolean): void {
    this.#recent.push({ atMs: nowMs, bytes: frame.payload.length, isPicture })
    this.#expire(nowMs)
  }

  #expire(nowMs: number): void {
    while ((this.#recent[0]?.atMs ?? nowMs) < nowMs - RECENT_MS) this.#recent.shift()
  }
}
