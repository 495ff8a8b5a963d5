import { U32_MAX, U48_MAX } from './big-endian.ts'
import { type ChainPlace, chainPlaceFromRecord } from './chain-place.ts'
import type { CryptoPort, Signer } from './crypto-port.ts'
import {
  bytesOf,
  bytesUpTo,
  HASH_BYTES,
  integer,
  listUpTo,
  SIGNATURE_BYTES,
  seq,
  track,
  unique,
} from './field-checks.ts'
import { AnnouncementPayload, AnnouncementRecord, type HeadRecord } from './generated/records.ts'
import { type StreamId, streamIdFromBytes, streamIdToBytes } from './ids.ts'
import { ANNOUNCEMENT_MAX_BYTES, TRACKS_MAX } from './limits.ts'
import { checkNotExpired, type VerifiedManifest, verifyManifest } from './manifest.ts'
import { sameBytes } from './same-bytes.ts'
import { signingInput } from './signing.ts'
import { decodeStrictly } from './strict-reader.ts'
import { WireError } from './wire-error.ts'

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
  /** Where the start stands on chain, as the creator says: looked up by who wants to know. Absent where it was not written. */
  readonly record?: ChainPlace
}

export type VerifiedAnnouncement = {
  readonly announcement: Announcement
  readonly manifest: VerifiedManifest
  /** AnnouncementRecord bytes, as received. */
  readonly bytes: Uint8Array
}

const { Status: WireStatus } = AnnouncementPayload
const STATUS_TO_WIRE: Readonly<Record<StreamStatus, AnnouncementPayload.Status>> = {
  live: WireStatus.LIVE,
  paused: WireStatus.PAUSED,
  ended: WireStatus.ENDED,
}
const STATUS_FROM_WIRE: Readonly<Record<AnnouncementPayload.Status, StreamStatus>> = {
  [WireStatus.LIVE]: 'live',
  [WireStatus.PAUSED]: 'paused',
  [WireStatus.ENDED]: 'ended',
}

/** `withManifest`: put the signed manifest into the record. Throws WireError for fields out of range. */
export async function signAnnouncement(
  announcement: Announcement,
  manifest: VerifiedManifest,
  streamSigner: Signer,
  withManifest: boolean,
): Promise<VerifiedAnnouncement> {
  const payload = AnnouncementPayload.encode({
    streamId: streamIdToBytes(announcement.streamId),
    manifestHash: announcement.manifestHash,
    seq: announcement.seq,
    at: announcement.at,
    status: STATUS_TO_WIRE[announcement.status],
    viewers: announcement.viewers,
    heads: [...announcement.heads],
    pictureHash: announcement.pictureHash ?? new Uint8Array(),
    ...(announcement.record && { record: announcement.record }),
  })
  const signature = await streamSigner.sign(signingInput('announcement', payload))
  const bytes = AnnouncementRecord.encode({
    payload,
    signature,
    manifest: withManifest ? manifest.bytes : new Uint8Array(),
  })
  // Read back, so that a creator learns of a field out of range before anyone else does.
  const read = decodeRecord(bytes).announcement
  checkBelongs(read, manifest)
  return { announcement: read, manifest, bytes }
}

/**
 * Checks sizes, signature and fields; the manifest is the record's own, else `known` when its hash is the announced
 * one. Throws WireError('bad-field') when neither is at hand. Freshness (seq, TTL) is the caller's.
 */
export async function verifyAnnouncement(
  bytes: Uint8Array,
  known: VerifiedManifest | undefined,
  crypto: CryptoPort,
  nowMs: number,
): Promise<VerifiedAnnouncement> {
  // Our own copy: the caller's buffer may be a large message that should not live as long as the announcement.
  const own = new Uint8Array(bytesUpTo('announcement', bytes, ANNOUNCEMENT_MAX_BYTES))
  const { announcement, record } = decodeRecord(own)
  const manifest = await announcedManifest(announcement, record.manifest, known, crypto, nowMs)
  checkBelongs(announcement, manifest)
  const { streamKey } = manifest.manifest.certificate
  if (!(await crypto.verify(streamKey, signingInput('announcement', record.payload), record.signature))) {
    throw new WireError('bad-signature', 'the announcement is not signed by its stream key')
  }
  return { announcement, manifest, bytes: own }
}

/** The stream id an announcement claims, before anything is verified: to look up `known`. Throws WireError. */
export function peekAnnouncement(bytes: Uint8Array): {
  streamId: StreamId
  manifestHash: Uint8Array
  seq: number
  hasManifest: boolean
} {
  const { announcement, record } = decodeRecord(bytes)
  const { streamId, manifestHash, seq } = announcement
  return { streamId, manifestHash, seq, hasManifest: record.manifest.length > 0 }
}

/** The same announcement as a record with the manifest inside (signature untouched): for whoever joins now. */
export function withManifest(announcement: VerifiedAnnouncement): Uint8Array {
  const { record } = decodeRecord(announcement.bytes)
  if (record.manifest.length > 0) return announcement.bytes
  return AnnouncementRecord.encode({ ...record, manifest: announcement.manifest.bytes })
}

async function announcedManifest(
  announcement: Announcement,
  inside: Uint8Array,
  known: VerifiedManifest | undefined,
  crypto: CryptoPort,
  nowMs: number,
): Promise<VerifiedManifest> {
  // A manifest that was verified before, told by its hash, is not verified again: a wallet's signature costs 3-4 ms.
  if (known !== undefined && sameBytes(announcement.manifestHash, known.hash)) {
    // It is passed on with the record: a relay that altered it would poison whoever comes new.
    if (inside.length > 0 && !sameBytes(inside, known.bytes)) {
      throw new WireError('bad-field', 'announcement with another manifest than it names')
    }
    checkNotExpired(known.manifest, nowMs)
    return known
  }
  if (inside.length === 0) throw new WireError('bad-field', 'announcement of a manifest that is not at hand')
  return verifyManifest(inside, crypto, nowMs)
}

function checkBelongs(announcement: Announcement, manifest: VerifiedManifest): void {
  if (announcement.streamId !== manifest.streamId) {
    throw new WireError('wrong-stream', 'the manifest is of another stream')
  }
  if (!sameBytes(announcement.manifestHash, manifest.hash)) {
    throw new WireError('bad-field', 'the announcement names another manifest')
  }
  for (const head of announcement.heads) {
    if (!manifest.manifest.tracks.some(({ id }) => id === head.track)) {
      throw new WireError('bad-field', `head of track ${head.track}, which the manifest has not`)
    }
  }
}

function decodeRecord(bytes: Uint8Array): { announcement: Announcement; record: AnnouncementRecord } {
  const record = decodeStrictly(AnnouncementRecord.codec(), bytes, ANNOUNCEMENT_MAX_BYTES)
  bytesOf('announcement signature', record.signature, SIGNATURE_BYTES)
  const payload = decodeStrictly(AnnouncementPayload.codec(), record.payload, ANNOUNCEMENT_MAX_BYTES)
  const { pictureHash, record: place } = payload
  const announcement: Announcement = {
    streamId: streamIdFromBytes(payload.streamId),
    manifestHash: bytesOf('manifest hash', payload.manifestHash, HASH_BYTES),
    seq: integer('announcement seq', payload.seq, U32_MAX),
    at: payload.at,
    status: STATUS_FROM_WIRE[payload.status],
    viewers: payload.viewers,
    heads: unique('heads', listUpTo('heads', payload.heads, TRACKS_MAX), head => head.track).map(
      headFromRecord,
    ),
    ...(pictureHash.length > 0 && { pictureHash: bytesOf('picture hash', pictureHash, HASH_BYTES) }),
    ...(place && { record: chainPlaceFromRecord(place) }),
  }
  return { announcement, record }
}

function headFromRecord(head: HeadRecord): Head {
  return {
    track: track(head.track),
    seq: seq(head.seq),
    timestampUs: integer('head timestamp', head.timestampUs, U48_MAX),
  }
}
