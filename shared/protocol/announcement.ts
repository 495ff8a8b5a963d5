import type { CryptoPort, Signer } from './crypto-port.ts'
import type { StreamId } from './ids.ts'
import type { VerifiedManifest } from './manifest.ts'

export type StreamStatus = 'live' | 'paused' | 'ended'
/** Where a track's newest frame stands. */
export type Head = { readonly track: number; readonly seq: number; readonly timestampUs: number }

export type Announcement = {
  readonly streamId: StreamId
  /** SHA-256 of the signed manifest. */
  readonly manifestHash: Uint8Array
  readonly seq: number
  /** ms since the epoch by the creator's clock; for display. */
  readonly at: number
  readonly status: StreamStatus
  readonly viewers: number
  readonly heads: readonly Head[]
  /** SHA-256 of the preview picture; absent without one. */
  readonly pictureHash?: Uint8Array
}

export type VerifiedAnnouncement = {
  readonly announcement: Announcement
  readonly manifest: VerifiedManifest
  /** AnnouncementRecord bytes, as received. */
  readonly bytes: Uint8Array
}

/** `withManifest`: put the signed manifest into the record. */
export function signAnnouncement(
  announcement: Announcement,
  manifest: VerifiedManifest,
  streamSigner: Signer,
  withManifest: boolean,
): Promise<VerifiedAnnouncement> {
  throw new Error('not built')
}
/**
 * Checks sizes, signature and fields; the manifest is the record's own, else `known` when its hash is the announced
 * one. Throws WireError('bad-field') when neither is at hand. Freshness (seq, TTL) is the caller's.
 */
export function verifyAnnouncement(
  bytes: Uint8Array,
  known: VerifiedManifest | undefined,
  crypto: CryptoPort,
  nowMs: number,
): Promise<VerifiedAnnouncement> {
  throw new Error('not built')
}
/** The stream id an announcement claims, before anything is verified: to look up `known`. Throws WireError. */
export function peekAnnouncement(bytes: Uint8Array): {
  streamId: StreamId
  manifestHash: Uint8Array
  seq: number
  hasManifest: boolean
} {
  throw new Error('not built')
}
/** The same announcement with or without the manifest inside (signature untouched). */
export function withManifest(announcement: VerifiedAnnouncement): Uint8Array {
  throw new Error('not built')
}
