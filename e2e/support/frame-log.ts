import { createHash } from 'node:crypto'
import type { ReceivedFrame } from '../../client/engine/events.ts'

/** SHA-256 of every frame's payload, by track and seq. */
export class FrameLog {
  readonly hashes = new Map<string, string>()
  /** Frames that came a second time, by key: a viewer is shown each frame once. */
  readonly repeated: string[] = []

  readonly add = (frame: ReceivedFrame): void => {
    const key = `${frame.track}:${frame.seq}`
    if (this.hashes.has(key)) this.repeated.push(key)
    this.hashes.set(key, createHash('sha256').update(frame.payload).digest('hex'))
  }

  get size(): number {
    return this.hashes.size
  }

  /** Frames here that `sent` does not hold, or holds otherwise. */
  foreignTo(sent: FrameLog): string[] {
    return [...this.hashes].filter(([key, hash]) => sent.hashes.get(key) !== hash).map(([key]) => key)
  }

  newest(track = 0): number {
    let newest = -1
    for (const key of this.hashes.keys()) {
      const [of, seq] = key.split(':')
      if (Number(of) === track) newest = Math.max(newest, Number(seq))
    }
    return newest
  }
}
