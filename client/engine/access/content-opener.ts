import {
  CONTENT_KEY_BYTES,
  contentAssociatedData,
  contentNonce,
} from '../../../shared/protocol/access-content.ts'
import { type StreamId, streamIdToBytes } from '../../../shared/protocol/ids.ts'
import { AccessError, type ContentHeader, type ContentOpener } from './access-contract.ts'
import { type SealKey, webSealKey } from './sealing.ts'

const TAG_BYTES = 8
/** What can be rewound is 30 s: eight epochs of 4 s, thirty of 1 s. */
const EPOCHS_KEPT = 64

/** Opens the frames of the epochs it was given keys for. */
export class WebContentOpener implements ContentOpener {
  readonly #tag: Uint8Array
  readonly #keys = new Map<number, Promise<SealKey>>()

  constructor(streamId: StreamId) {
    this.#tag = streamIdToBytes(streamId).slice(0, TAG_BYTES)
  }

  addKey(epoch: number, key: Uint8Array): void {
    if (key.length !== CONTENT_KEY_BYTES) throw new AccessError('bad-key', 'a content key has 32 bytes')
    this.#keys.set(epoch, webSealKey(key))
    if (this.#keys.size > EPOCHS_KEPT) this.#keys.delete(Math.min(...this.#keys.keys()))
  }

  hasKey(epoch: number): boolean {
    return this.#keys.has(epoch)
  }

  async open(frame: ContentHeader & { readonly payload: Uint8Array }): Promise<Uint8Array | undefined> {
    const key = await this.#keys.get(frame.epoch)
    if (key === undefined) return undefined
    const associated = contentAssociatedData({ ...frame, tag: this.#tag })
    return key.unseal(frame.payload, associated, contentNonce(frame))
  }

  close(): void {
    this.#keys.clear()
  }
}
