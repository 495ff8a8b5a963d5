import type { LiveAnchor } from '../../shared/media/live-anchor.ts'
import {
  peekAnnouncement,
  type VerifiedAnnouncement,
  verifyAnnouncement,
  withManifest,
} from '../../shared/protocol/announcement.ts'
import type { CryptoPort } from '../../shared/protocol/crypto-port.ts'
import { type EdgeChain, edgeCache, verifyChain } from '../../shared/protocol/edge-chain.ts'
import type { StreamId } from '../../shared/protocol/ids.ts'
import type { VerifiedManifest } from '../../shared/protocol/manifest.ts'
import type { Clock } from './ports.ts'

export type StreamRecordDeps = {
  readonly crypto: CryptoPort
  readonly clock: Clock
  readonly anchor: LiveAnchor
  /** ms since the epoch by the tracker's clock. */
  readonly trackerTimeMs: () => number
  /** A newer announcement was verified; `forward` is what children get of it. */
  readonly onNewer: (verified: VerifiedAnnouncement, forward: Uint8Array) => void
}

/** Edges remembered as verified: a tree of a few hundred peers passes by one relay. */
const EDGES_REMEMBERED = 1_024

/** What is known of one stream by its key's signatures alone: manifest, newest announcement, whose chains hold. */
export class StreamRecord {
  readonly #streamId: StreamId
  readonly #deps: StreamRecordDeps
  readonly #edges = edgeCache(EDGES_REMEMBERED)
  #announcement: VerifiedAnnouncement | undefined

  constructor(streamId: StreamId, deps: StreamRecordDeps) {
    this.#streamId = streamId
    this.#deps = deps
  }

  get manifest(): VerifiedManifest | undefined {
    return this.#announcement?.manifest
  }

  get announcement(): VerifiedAnnouncement | undefined {
    return this.#announcement
  }

  /** Stream time of the live edge, s. */
  get streamTimeS(): number {
    return Math.floor(this.#deps.anchor.edgeUs(this.#deps.clock.nowMs()) / 1_000_000)
  }

  /** Announcement bytes from anybody. An old one is ignored; throws WireError for what does not verify. */
  async receive(record: Uint8Array): Promise<void> {
    const { seq, streamId } = peekAnnouncement(record)
    if (streamId !== this.#streamId) throw new RangeError('announcement of another stream')
    if (!this.#isNewer(seq)) return
    const { crypto, trackerTimeMs } = this.#deps
    const verified = await verifyAnnouncement(record, this.manifest, crypto, trackerTimeMs())
    if (this.#isNewer(verified.announcement.seq)) this.adopt(verified)
  }

  /** One's own, or a verified one that is newer. */
  adopt(verified: VerifiedAnnouncement): void {
    const previous = this.manifest?.manifest.rev
    const { announcement, manifest } = verified
    this.#announcement = verified
    const now = this.#deps.clock.nowMs()
    if (announcement.status === 'live') {
      this.#deps.anchor.announced()
      for (const { timestampUs } of announcement.heads) this.#deps.anchor.witness(timestampUs, now)
    }
    const forward = previous === manifest.manifest.rev ? verified.bytes : withManifest(verified)
    this.#deps.onNewer(verified, forward)
  }

  /** True iff the chain leads from this stream's key to its tip and has not expired. */
  async verifies(chain: EdgeChain | undefined): Promise<boolean> {
    const streamKey = this.manifest?.manifest.certificate.streamKey
    if (chain === undefined || streamKey === undefined) return false
    return verifyChain(chain, this.#streamId, streamKey, this.streamTimeS, this.#deps.crypto, this.#edges)
  }

  #isNewer(seq: number): boolean {
    return this.#announcement === undefined || seq > this.#announcement.announcement.seq
  }
}
