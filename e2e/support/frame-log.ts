import { createHash } from 'node:crypto'
import type { ReceivedFrame } from '../../client/engine/events.ts'

/** SHA-256 of every frame's payload, by track and seq. */
export class FrameLog {
  readonly hashes = new Map<string, string>()
  /** Frames that came a second time, by key: a viewer is shown each frame once. */
  readonly repeated: string[] = []

  static of(hashes: Readonly<Record<string, string>>): FrameLog {
    const log = new FrameLog()
    for (const [key, hash] of Object.entries(hashes)) log.hashes.set(key, hash)
    return log
  }

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

  /** Sequence numbers by track, as they came. */
  seqs(): Map<number, number[]> {
    const seqs = new Map<number, number[]>()
    for (const key of this.hashes.keys()) {
      const [track, seq] = key.split(':')
      seqs.set(Number(track), [...(seqs.get(Number(track)) ?? []), Number(seq)])
    }
    return seqs
  }

  newest(track = 0): number {
    return Math.max(-1, ...(this.seqs().get(track) ?? []))
  }

  /** Frames between the first and the last of a track that did not come. */
  missing(): string[] {
    const missing: string[] = []
    for (const [track, seqs] of this.seqs()) {
      const got = new Set(seqs)
      for (let seq = Math.min(...seqs); seq < Math.max(...seqs); seq++) {
        if (!got.has(seq)) missing.push(`${track}:${seq}`)
      }
    }
    return missing
  }
}
