import type { CryptoPort, MaybePromise, Signer } from './crypto-port.ts'
import type { StreamId } from './ids.ts'

export type AccountScheme = 'ed25519' | 'sr25519' | 'ecdsa'
/** A Polkadot account: 32 bytes (33 for ecdsa). */
export type Account = { readonly scheme: AccountScheme; readonly publicKey: Uint8Array }

export type VideoTrack = {
  readonly kind: 'video'
  readonly id: number
  readonly codec: string
  readonly width: number
  readonly height: number
  readonly frameRate: number
  /** bit/s */
  readonly bitrate: number
  readonly temporalLayers: number
  /** WebCodecs decoder description; absent when parameter sets are in band (annexb). */
  readonly description?: Uint8Array
}
export type AudioTrack = {
  readonly kind: 'audio'
  readonly id: number
  readonly codec: string
  readonly sampleRate: number
  readonly channels: number
  readonly bitrate: number
  readonly description?: Uint8Array
}
export type Track = VideoTrack | AudioTrack

/** What the creator's account signs once per broadcast, as readable text. */
export type Certificate = {
  readonly creator: Account
  /** Where payments go; absent on a free stream. */
  readonly payout?: Uint8Array
  /** Ed25519, 32 bytes. */
  readonly streamKey: Uint8Array
  /** Genesis hash (32 bytes) of the chain payments are made on; absent on a free stream. */
  readonly chain?: Uint8Array
  /** 'native' or an asset id in decimal. */
  readonly asset: string
  /** planck per second; never charged above it. */
  readonly maxPrice: bigint
  /** ms since the epoch. */
  readonly notAfter: number
}

export type Manifest = {
  readonly certificate: Certificate
  readonly title: string
  readonly description: string
  readonly category: string
  readonly tracks: readonly Track[]
  /** planck per second; 0n is a free stream. */
  readonly pricePerSecond: bigint
  readonly priceFromEpoch: number
  readonly previewSeconds: number
  readonly creditSeconds: number
  readonly epochMs: number
  /** 32 bytes; absent on a free stream. */
  readonly creatorX25519?: Uint8Array
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

/** SHA-256 of `signingInput('streamId', scheme byte ‖ account public key, stream key)`. */
export function deriveStreamId(
  creator: Account,
  streamKey: Uint8Array,
  crypto: CryptoPort,
): MaybePromise<StreamId> {
  throw new Error('not built')
}
/** The readable text; `parseCertificate(text)` reads exactly what this writes. */
export function certificateText(certificate: Certificate): string {
  throw new Error('not built')
}
/** Throws WireError. */
export function parseCertificate(text: string): Certificate {
  throw new Error('not built')
}
/**
 * `accountSigner` signs `<Bytes>certificateText</Bytes>` as a wallet's signRaw does; `streamSigner` the manifest.
 */
export function signManifest(
  manifest: Manifest,
  accountSigner: Signer,
  streamSigner: Signer,
  crypto: CryptoPort,
): Promise<VerifiedManifest> {
  throw new Error('not built')
}
/** A later revision under the same certificate (its text and signature are carried over from `previous`). */
export function reviseManifest(
  previous: VerifiedManifest,
  next: Manifest,
  streamSigner: Signer,
  crypto: CryptoPort,
): Promise<VerifiedManifest> {
  throw new Error('not built')
}
/** Checks sizes, both signatures and every field. Throws WireError; sr25519 and ecdsa come with payments. `nowMs` against notAfter. */
export function verifyManifest(
  bytes: Uint8Array,
  crypto: CryptoPort,
  nowMs: number,
): Promise<VerifiedManifest> {
  throw new Error('not built')
}
