import type { VerifiedAnnouncement } from '../../../shared/protocol/announcement.ts'
import type { CryptoPort } from '../../../shared/protocol/crypto-port.ts'
import type { StreamId } from '../../../shared/protocol/ids.ts'
import type { TrackerPort } from '../../engine/ports.ts'

export type PictureLoaderDeps = {
  readonly tracker: Pick<TrackerPort, 'getPicture'>
  readonly crypto: Pick<CryptoPort, 'sha256'>
}

/** A tracker is asked for this many at a time. */
const PARALLEL_MAX = 3

/**
 * Preview pictures as object URLs. A tracker hands out any bytes it likes, so only those whose SHA-256 the creator
 * announced become a picture. Formats are left to the browser's image decoder, which runs no script.
 */
export class PictureLoader {
  readonly #deps: PictureLoaderDeps
  readonly #onChange: () => void
  readonly #shown = new Map<string, string>()
  readonly #wanted = new Set<StreamId>()
  /** The announcement each stream's picture was last asked for by. */
  readonly #asked = new Map<string, { readonly seq: number; readonly hash: string; isThere: boolean }>()
  readonly #closing = new AbortController()
  #running = 0

  constructor(deps: PictureLoaderDeps, onChange: () => void) {
    this.#deps = deps
    this.#onChange = onChange
  }

  /** The newest verified picture of this stream, which may be older than its newest announcement. */
  url(streamId: string): string | undefined {
    return this.#shown.get(streamId)
  }

  /** What is on screen now; pictures of streams that are gone are freed. */
  update(entries: readonly VerifiedAnnouncement[]): void {
    const ids = new Set<string>()
    for (const entry of entries) {
      const { streamId, pictureHash, seq } = entry.announcement
      ids.add(streamId)
      if (pictureHash === undefined) continue
      const hash = pictureHash.join()
      const asked = this.#asked.get(streamId)
      // One that the tracker did not have yet is asked for again with the next announcement, not before.
      if (asked?.hash === hash && (asked.isThere || asked.seq === seq)) continue
      this.#asked.set(streamId, { seq, hash, isThere: false })
      this.#wanted.add(streamId)
    }
    for (const streamId of this.#asked.keys()) if (!ids.has(streamId)) this.#asked.delete(streamId)
    for (const streamId of this.#wanted) if (!ids.has(streamId)) this.#wanted.delete(streamId)
    for (const [streamId, url] of this.#shown) {
      if (ids.has(streamId)) continue
      URL.revokeObjectURL(url)
      this.#shown.delete(streamId)
    }
    this.#pump()
  }

  /** Frees everything. Idempotent. */
  close(): void {
    this.#closing.abort()
    this.#wanted.clear()
    for (const url of this.#shown.values()) URL.revokeObjectURL(url)
    this.#shown.clear()
  }

  #pump(): void {
    for (const streamId of this.#wanted) {
      if (this.#running >= PARALLEL_MAX) return
      this.#wanted.delete(streamId)
      this.#running += 1
      void this.#load(streamId).finally(() => {
        this.#running -= 1
        this.#pump()
      })
    }
  }

  async #load(streamId: StreamId): Promise<void> {
    const { signal } = this.#closing
    try {
      const bytes = await this.#deps.tracker.getPicture(streamId, { signal })
      if (bytes === undefined || signal.aborted) return
      const hash = (await this.#deps.crypto.sha256(bytes)).join()
      const asked = this.#asked.get(streamId)
      if (signal.aborted || asked?.hash !== hash) return
      asked.isThere = true
      const before = this.#shown.get(streamId)
      if (before !== undefined) URL.revokeObjectURL(before)
      this.#shown.set(streamId, URL.createObjectURL(new Blob([new Uint8Array(bytes)])))
      this.#onChange()
    } catch {
      // No picture is no reason to hide a stream.
    }
  }
}
