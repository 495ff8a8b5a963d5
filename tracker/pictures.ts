import type { StreamId } from '../shared/protocol/ids.ts'
import { sameBytes } from '../shared/protocol/same-bytes.ts'
import { PICTURES_MAX } from './limits.ts'
import { nodeCrypto } from './node-crypto.ts'

/** The newest preview picture of each stream; the longest unchanged goes when there are too many. */
export class Pictures {
  readonly #pictures = new Map<StreamId, { readonly hash: Uint8Array; readonly bytes: Uint8Array }>()

  /** False, and nothing is kept, unless its SHA-256 is the announced one. */
  put(streamId: StreamId, picture: Uint8Array, announced: Uint8Array | undefined): boolean {
    const hash = nodeCrypto.sha256(picture)
    if (announced === undefined || !sameBytes(hash, announced)) return false
    this.#pictures.delete(streamId)
    if (this.#pictures.size >= PICTURES_MAX) {
      const oldest = this.#pictures.keys().next()
      if (oldest.done !== true) this.#pictures.delete(oldest.value)
    }
    // Our own copy: the message it came in is longer lived otherwise.
    this.#pictures.set(streamId, { hash, bytes: Uint8Array.from(picture) })
    return true
  }

  /** Only while it is the announced one: a picture of before is nobody's business. */
  get(streamId: StreamId, announced: Uint8Array | undefined): Uint8Array | undefined {
    const picture = this.#pictures.get(streamId)
    if (picture === undefined || announced === undefined || !sameBytes(picture.hash, announced))
      return undefined
    return picture.bytes
  }

  forget(streamId: StreamId): void {
    this.#pictures.delete(streamId)
  }
}
