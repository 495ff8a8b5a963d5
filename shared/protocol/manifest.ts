import { type AccountSigner, signRawInput, verifyAccountSignature } from './account-signature.ts'
import { U32_MAX } from './big-endian.ts'
import {
  type Account,
  type AccountScheme,
  type Certificate,
  certificateText,
  checkCertificate,
  parseCertificate,
  parsePlanck,
} from './certificate.ts'
import type { CryptoPort, MaybePromise, Signer } from './crypto-port.ts'
import {
  bytesOf,
  bytesUpTo,
  integer,
  KEY_BYTES,
  listUpTo,
  SIGNATURE_BYTES,
  text,
  unique,
} from './field-checks.ts'
import { type CertificateRecord, ManifestPayload, SignedRecord } from './generated/records.ts'
import { type StreamId, streamIdFromBytes } from './ids.ts'
import {
  CATEGORY_MAX_CHARS,
  DESCRIPTION_MAX_CHARS,
  MANIFEST_MAX_BYTES,
  MULTIADDR_MAX_CHARS,
  TITLE_MAX_CHARS,
  TRACKERS_MAX,
  TRACKS_MAX,
} from './limits.ts'
import { sameBytes } from './same-bytes.ts'
import { signingInput } from './signing.ts'
import { decodeStrictly } from './strict-reader.ts'
import { type Track, trackFromRecord, trackToRecord } from './track.ts'
import { WireError } from './wire-error.ts'

export type { Account, AccountScheme, Certificate } from './certificate.ts'
export { certificateText, parseCertificate } from './certificate.ts'
export type { AudioTrack, Track, VideoTrack } from './track.ts'

export type Manifest = {
  readonly certificate: Certificate
  readonly title: string
  readonly description: string
  readonly category: string
  /** 1 to 8, each with an id of its own. */
  readonly tracks: readonly Track[]
  /** planck per second; 0n is a free stream. */
  readonly pricePerSecond: bigint
  readonly priceFromEpoch: number
  /** Price of the epochs before `priceFromEpoch`, for whoever comes between; absent: `pricePerSecond` holds there too. */
  readonly priceBefore?: bigint
  /** At most a day, as `creditSeconds`. */
  readonly previewSeconds: number
  readonly creditSeconds: number
  /** 1 s to 10 min. */
  readonly epochMs: number
  /** 32 bytes; absent on a free stream. */
  readonly creatorX25519?: Uint8Array
  /** Multiaddrs. */
  readonly trackers: readonly string[]
  readonly rev: number
}

/** A manifest whose signatures were checked, with the bytes it travelled as. */
export type VerifiedManifest = {
  readonly manifest: Manifest
  readonly streamId: StreamId
  /** SignedRecord bytes. */
  readonly bytes: Uint8Array
  /** SHA-256 of `bytes`. */
  readonly hash: Uint8Array
}

const SCHEME_BYTE: Readonly<Record<AccountScheme, number>> = { ed25519: 0, sr25519: 1, ecdsa: 2 }
const SECONDS_MAX = 86_400
const EPOCH_MIN_MS = 1_000
const EPOCH_MAX_MS = 600_000
const MULTIADDR = /^\/[\x21-\x7e]+$/
/** ecdsa signatures have a recovery byte more. */
const ACCOUNT_SIGNATURE_MAX_BYTES = SIGNATURE_BYTES + 1

/** SHA-256 of `signingInput('streamId', scheme byte ‖ account public key, stream key)`. */
export function deriveStreamId(
  creator: Account,
  streamKey: Uint8Array,
  crypto: CryptoPort,
): MaybePromise<StreamId> {
  const scheme = Uint8Array.of(SCHEME_BYTE[creator.scheme])
  const digest = crypto.sha256(signingInput('streamId', scheme, creator.publicKey, streamKey))
  return digest instanceof Promise ? digest.then(streamIdFromBytes) : streamIdFromBytes(digest)
}

/**
 * `accountSigner` signs `<Bytes>certificateText</Bytes>` as a wallet's signRaw does (a bare Signer as an ed25519
 * account); `streamSigner` the manifest. Throws WireError for fields out of range, for keys other than the
 * certificate's, and for a wallet's signature that is not that account's.
 */
export async function signManifest(
  manifest: Manifest,
  accountSigner: Signer | AccountSigner,
  streamSigner: Signer,
  crypto: CryptoPort,
): Promise<VerifiedManifest> {
  const { creator } = checkCertificate(manifest.certificate)
  const account: Account =
    'signRaw' in accountSigner
      ? accountSigner.account
      : { scheme: 'ed25519', publicKey: accountSigner.publicKey }
  if (account.scheme !== creator.scheme || !sameBytes(account.publicKey, creator.publicKey)) {
    throw new WireError('bad-field', 'the account that signs is not the one in the certificate')
  }
  const certified = certificateText(manifest.certificate)
  const signature =
    'signRaw' in accountSigner
      ? await accountSigner.signRaw(certified)
      : await accountSigner.sign(signRawInput(certified))
  // Wallets are other people's programs, and the account may have been changed in the prompt.
  if ('signRaw' in accountSigner) await verifyAccountSignature(creator, certified, signature, crypto)
  return signPayload(manifest, { text: certified, signature }, streamSigner, crypto)
}

/**
 * A later revision under the same certificate (its text and signature are carried over from `previous`).
 * Throws WireError for fields out of range, another certificate, and a `rev` that is not above the previous one.
 */
export async function reviseManifest(
  previous: VerifiedManifest,
  next: Manifest,
  streamSigner: Signer,
  crypto: CryptoPort,
): Promise<VerifiedManifest> {
  const { certificate } = decodeRecord(previous.bytes)
  if (certificateText(next.certificate) !== certificate.text) {
    throw new WireError('bad-field', 'a revision keeps its certificate')
  }
  if (next.rev <= previous.manifest.rev) throw new WireError('bad-field', 'a revision has a higher number')
  return signPayload(next, certificate, streamSigner, crypto)
}

/** Checks sizes, both signatures and every field. Throws WireError. `nowMs` against notAfter. */
export async function verifyManifest(
  bytes: Uint8Array,
  crypto: CryptoPort,
  nowMs: number,
): Promise<VerifiedManifest> {
  // Our own copy: the caller's buffer may be a large message that should not live as long as the manifest.
  const own = new Uint8Array(bytesUpTo('manifest', bytes, MANIFEST_MAX_BYTES))
  const { manifest, certificate, payload, signature } = decodeRecord(own)
  const { creator, streamKey } = manifest.certificate
  checkNotExpired(manifest, nowMs)
  if (!(await crypto.verify(streamKey, signingInput('manifest', payload), signature))) {
    throw new WireError('bad-signature', 'the manifest is not signed by its stream key')
  }
  await verifyAccountSignature(creator, certificate.text, certificate.signature, crypto)
  return identified(manifest, own, crypto)
}

/** Throws WireError('expired') past the certificate's last moment. */
export function checkNotExpired(manifest: Manifest, nowMs: number): void {
  if (nowMs > manifest.certificate.notAfter) throw new WireError('expired', 'the certificate has run out')
}

async function signPayload(
  manifest: Manifest,
  certificate: CertificateRecord,
  streamSigner: Signer,
  crypto: CryptoPort,
): Promise<VerifiedManifest> {
  if (!sameBytes(streamSigner.publicKey, manifest.certificate.streamKey)) {
    throw new WireError('bad-field', 'the stream key that signs is not the one in the certificate')
  }
  const payload = ManifestPayload.encode({
    certificate,
    title: manifest.title,
    description: manifest.description,
    category: manifest.category,
    tracks: manifest.tracks.map(trackToRecord),
    pricePerSecond: String(manifest.pricePerSecond),
    priceFromEpoch: manifest.priceFromEpoch,
    previewSeconds: manifest.previewSeconds,
    creditSeconds: manifest.creditSeconds,
    epochMs: manifest.epochMs,
    creatorX25519: manifest.creatorX25519 ?? new Uint8Array(),
    trackers: [...manifest.trackers],
    rev: manifest.rev,
    priceBefore: manifest.priceBefore === undefined ? '' : String(manifest.priceBefore),
  })
  const signature = await streamSigner.sign(signingInput('manifest', payload))
  const bytes = SignedRecord.encode({ payload, signature })
  // Read back, so that a creator learns of a field out of range before anyone else does.
  return identified(decodeRecord(bytes).manifest, bytes, crypto)
}

async function identified(
  manifest: Manifest,
  bytes: Uint8Array,
  crypto: CryptoPort,
): Promise<VerifiedManifest> {
  const { creator, streamKey } = manifest.certificate
  const streamId = await deriveStreamId(creator, streamKey, crypto)
  return { manifest, streamId, bytes, hash: await crypto.sha256(bytes) }
}

function decodeRecord(bytes: Uint8Array) {
  const { payload, signature } = decodeStrictly(SignedRecord.codec(), bytes, MANIFEST_MAX_BYTES)
  bytesOf('manifest signature', signature, SIGNATURE_BYTES)
  const message = decodeStrictly(ManifestPayload.codec(), payload, MANIFEST_MAX_BYTES)
  const { certificate } = message
  if (certificate === undefined) throw new WireError('bad-field', 'manifest without certificate')
  bytesUpTo('certificate signature', certificate.signature, ACCOUNT_SIGNATURE_MAX_BYTES, SIGNATURE_BYTES)
  return {
    manifest: manifestFromPayload(message, parseCertificate(certificate.text)),
    certificate,
    payload,
    signature,
  }
}

function manifestFromPayload(message: ManifestPayload, certificate: Certificate): Manifest {
  const { creatorX25519 } = message
  const pricePerSecond = parsePlanck('price', message.pricePerSecond)
  const priceBefore =
    message.priceBefore === '' ? undefined : parsePlanck('price before', message.priceBefore)
  if (pricePerSecond > certificate.maxPrice || (priceBefore ?? 0n) > certificate.maxPrice)
    throw new WireError('bad-field', 'price above the certified highest')
  if (creatorX25519.length > 0) bytesOf('creator X25519 key', creatorX25519, KEY_BYTES)
  else if (pricePerSecond > 0n) throw new WireError('bad-field', 'a price needs the creator’s X25519 key')
  const tracks = listUpTo('tracks', message.tracks, TRACKS_MAX).map(trackFromRecord)
  if (tracks.length === 0) throw new WireError('bad-field', 'manifest without tracks')
  for (const tracker of listUpTo('trackers', message.trackers, TRACKERS_MAX)) {
    if (!MULTIADDR.test(text('tracker', tracker, MULTIADDR_MAX_CHARS))) {
      throw new WireError('bad-field', 'tracker address')
    }
  }
  return {
    certificate,
    title: text('title', message.title, TITLE_MAX_CHARS),
    description: text('description', message.description, DESCRIPTION_MAX_CHARS, true),
    category: text('category', message.category, CATEGORY_MAX_CHARS),
    tracks: unique('tracks', tracks, track => track.id),
    pricePerSecond,
    priceFromEpoch: message.priceFromEpoch,
    ...(priceBefore !== undefined && { priceBefore }),
    previewSeconds: integer('preview', message.previewSeconds, SECONDS_MAX),
    creditSeconds: integer('credit', message.creditSeconds, SECONDS_MAX),
    epochMs: integer('epoch', message.epochMs, EPOCH_MAX_MS, EPOCH_MIN_MS),
    ...(creatorX25519.length > 0 && { creatorX25519 }),
    trackers: unique('trackers', message.trackers, tracker => tracker),
    rev: integer('rev', message.rev, U32_MAX),
  }
}
