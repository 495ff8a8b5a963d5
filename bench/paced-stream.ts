import type { EncodedFrame } from '../client/engine/events.ts'
import { machineMs } from './clock.ts'
import { FRAME_RATE, type SyntheticStream } from './synthetic-stream.ts'

/** A SyntheticStream in real time. */
export class PacedStream {
  readonly #stream: SyntheticStream
  /** Index of the next frame. */
  next = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(stream: SyntheticStream) {
    this.#stream = stream
  }

  start(push: (frame: EncodedFrame, index: number) => void): void {
    const startedAtMs = machineMs()
    const step = (): void => {
      // A late timer is caught up with: the stream's rate is what was asked for, whatever the machine does.
      while (machineMs() - startedAtMs >= (this.next * 1000) / FRAME_RATE) {
        push(this.#stream.next(), this.next)
        this.next += 1
      }
      this.#timer = setTimeout(step, startedAtMs + (this.next * 1000) / FRAME_RATE - machineMs())
    }
    step()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
