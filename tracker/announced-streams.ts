import {
  peekAnnouncement,
  type VerifiedAnnouncement,
  verifyAnnouncement,
  withManifest,
} from '../shared/protocol/announcement.ts'
import type { CryptoPort } from '../shared/protocol/crypto-port.ts'
import type { StreamId } from '../shared/protocol/ids.ts'
import { ANNOUNCEMENT_TTL_MS } from '../shared/protocol/limits.ts'
import { WireError } from '../shared/protocol/wire-error.ts'
import type { Clock } from './clock.ts'
import { STREAMS_MAX } from './limits.ts'

export type AnnouncedStream = {
  readonly streamId: StreamId
  readonly verified: VerifiedAnnouncement
  /** The record with its manifest inside: for whoever comes new. */
  readonly record: Uint8Array
  /** Monotonic ms. */
  readonly arrivedAtMs: number
  /** A creator was joined in its room: only then is it in the directory. */
  readonly isListed: boolean
}

export type Offer =
  | { readonly kind: 'accepted'; readonly stream: AnnouncedStream }
  /** The very seq that is known already. */
  | { readonly kind: 'known'; readonly stream: AnnouncedStream }
  | { readonly kind: 'stale' }
  | { readonly kind: 'full' }
  | { readonly kind: 'bad'; readonly detail: string }

/** Every stream whose announcement verified here: the newest of each, timed by our own clock from arrival. */
export class AnnouncedStreams {
  readonly #streams = new Map<StreamId, AnnouncedStream>()
  readonly #crypto: CryptoPort
  readonly #clock: Clock

  constructor(deps: { readonly crypto: CryptoPort; readonly clock: Clock }) {
    this.#crypto = deps.crypto
    this.#clock = deps.clock
  }

  get size(): number {
    return this.#streams.size
  }

  get(streamId: StreamId): AnnouncedStream | undefined {
    return this.#streams.get(streamId)
  }

  /** Verifies a record that a stranger sent, and keeps it when it is newer. `expected`: the stream it must be of. */
  async offer(record: Uint8Array, expected?: StreamId): Promise<Offer> {
    try {
      const { streamId, seq } = peekAnnouncement(record)
      if (expected !== undefined && streamId !== expected) return { kind: 'bad', detail: 'of another stream' }
      const before = this.#freshness(streamId, seq)
      if (before !== undefined) return before
      const known = this.#streams.get(streamId)?.verified.manifest
      const verified = await verifyAnnouncement(record, known, this.#crypto, this.#clock.wallMs())
      // Verifying takes turns: another record may have come first.
      return this.#freshness(streamId, seq) ?? this.#keep(streamId, verified)
    } catch (error) {
      if (error instanceof WireError) return { kind: 'bad', detail: error.message }
      throw error
    }
  }

  /** The creator is in its room, so the stream may be shown to everybody. */
  list(streamId: StreamId): void {
    const stream = this.#streams.get(streamId)
    if (stream !== undefined && !stream.isListed) this.#streams.set(streamId, { ...stream, isListed: true })
  }

  /** What the directory shows: live or paused, and announced within the last 30 s. */
  *listed(): Generator<AnnouncedStream> {
    const oldestMs = this.#clock.nowMs() - ANNOUNCEMENT_TTL_MS
    for (const stream of this.#streams.values()) {
      const isOver = stream.verified.announcement.status === 'ended'
      if (stream.isListed && !isOver && stream.arrivedAtMs > oldestMs) yield stream
    }
  }

  forget(streamId: StreamId): void {
    this.#streams.delete(streamId)
  }

  #freshness(streamId: StreamId, seq: number): Offer | undefined {
    const stream = this.#streams.get(streamId)
    if (stream === undefined) return this.#streams.size >= STREAMS_MAX ? { kind: 'full' } : undefined
    const newest = stream.verified.announcement.seq
    if (seq > newest) return undefined
    return seq === newest ? { kind: 'known', stream } : { kind: 'stale' }
  }

  #keep(streamId: StreamId, verified: VerifiedAnnouncement): Offer {
    const stream: AnnouncedStream = {
      streamId,
      verified,
      record: withManifest(verified),
      arrivedAtMs: this.#clock.nowMs(),
      isListed: this.#streams.get(streamId)?.isListed ?? false,
    }
    this.#streams.set(streamId, stream)
    return { kind: 'accepted', stream }
  }
}
