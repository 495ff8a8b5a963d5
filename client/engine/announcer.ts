import {
  type Announcement,
  type StreamStatus,
  signAnnouncement,
  type VerifiedAnnouncement,
} from '../../shared/protocol/announcement.ts'
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

  constructor(deps: AnnouncerDeps, firstSeq: number) {
    this.#deps = deps
    this.#nextSeq = firstSeq
  }

  setPicture(hash: Uint8Array): void {
    this.#pictureHash = hash
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
    }
    return signAnnouncement(announcement, manifest, this.#deps.streamSigner, false)
  }
}
