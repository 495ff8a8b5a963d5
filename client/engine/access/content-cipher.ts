import {
  CONTENT_KEY_BYTES,
  contentAssociatedData,
  contentNonce,
} from '../../../shared/protocol/access-content.ts'
import { type StreamId, streamIdToBytes } from '../../../shared/protocol/ids.ts'
import { AccessError, type ContentCipher, type ContentHeader } from './access-contract.ts'
import { type SealKey, webSealKey } from './sealing.ts'

const TAG_BYTES = 8

type EpochKey = { readonly raw: Uint8Array; readonly key: Promise<SealKey> }

/** A random key an epoch, made when first needed and held in memory only. */
export class WebContentCipher implements ContentCipher {
  readonly #tag: Uint8Array
  readonly #keys = new Map<number, EpochKey>()
  /** Per track. They only go up, so no key ever sees a nonce twice, whatever epochs frames belong to. */
  readonly #lastSeq = new Map<number, number>()
  #from = 0

  constructor(streamId: StreamId) {
    this.#tag = streamIdToBytes(streamId).slice(0, TAG_BYTES)
  }

  async encrypt(header: ContentHeader, payload: Uint8Array): Promise<Uint8Array> {
    const last = this.#lastSeq.get(header.track) ?? -1
    if (header.seq <= last) {
      throw new AccessError(
        'nonce-repeat',
        `track ${header.track} was at ${last} and comes with ${header.seq}`,
      )
    }
    const { key } = this.#epochKey(header.epoch)
    // Before anything is awaited: a second call must find it.
    this.#lastSeq.set(header.track, header.seq)
    const associated = contentAssociatedData({ ...header, tag: this.#tag })
    return (await key).seal(payload, associated, contentNonce(header))
  }

  keyOf(epoch: number): Uint8Array {
    return this.#epochKey(epoch).raw
  }

  forgetBefore(epoch: number): void {
    this.#from = Math.max(this.#from, epoch)
    for (const known of this.#keys.keys()) if (known < this.#from) this.#keys.delete(known)
  }

  #epochKey(epoch: number): EpochKey {
    const known = this.#keys.get(epoch)
    if (known !== undefined) return known
    // A second key for it could meet frames of the first.
    if (epoch < this.#from) throw new AccessError('epoch-over', `epoch ${epoch} is over`)
    const raw = crypto.getRandomValues(new Uint8Array(CONTENT_KEY_BYTES))
    const made = { raw, key: webSealKey(raw) }
    this.#keys.set(epoch, made)
    return made
  }
}
