import {
  type Announcement,
  type StreamStatus,
  signAnnouncement,
  type VerifiedAnnouncement,
} from '../../shared/protocol/announcement.ts'
import type { ChainPlace } from '../../shared/protocol/chain-place.ts'
import type { MaybePromise, Signer } from '../../shared/protocol/crypto-port.ts'
import type { VerifiedManifest } from '../../shared/protocol/manifest.ts'

export type AnnouncerDeps = {
  readonly streamSigner: Signer
  readonly wallMs: () => number
  /** Before a number is used. */
  readonly reserve: (seq: number) => MaybePromise<void>
}

/** Signs what the creator says of its stream every 10 s, each under a higher number. */
export class Announcer {
  readonly #deps: AnnouncerDeps
  #nextSeq: number
  #pictureHash: Uint8Array | undefined
  #record: ChainPlace | undefined

  constructor(deps: AnnouncerDeps, firstSeq: number, record?: ChainPlace) {
    this.#deps = deps
    this.#nextSeq = firstSeq
    this.#record = record
  }

  setPicture(hash: Uint8Array): void {
    this.#pictureHash = hash
  }

  setRecord(record: ChainPlace): void {
    this.#record = record
  }

  async sign(
    manifest: VerifiedManifest,
    status: StreamStatus,
    heads: Announcement['heads'],
    viewers: number,
  ): Promise<VerifiedAnnouncement> {
    const seq = this.#nextSeq++
    await this.#deps.reserve(seq)
    const announcement: Announcement = {
      streamId: manifest.streamId,
      manifestHash: manifest.hash,
      seq,
      at: this.#deps.wallMs(),
      status,
      viewers,
      heads,
      ...(this.#pictureHash === undefined ? {} : { pictureHash: this.#pictureHash }),
      ...(this.#record === undefined ? {} : { record: this.#record }),
    }
    return signAnnouncement(announcement, manifest, this.#deps.streamSigner, false)
  }
}
