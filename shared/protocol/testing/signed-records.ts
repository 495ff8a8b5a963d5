import { type Announcement, signAnnouncement, type VerifiedAnnouncement } from '../announcement.ts'
import type { CryptoPort, Signer } from '../crypto-port.ts'
import { type Manifest, signManifest, type VerifiedManifest } from '../manifest.ts'

/** In November 2025. */
export const EXAMPLE_NOW_MS = 1_764_000_000_000

export type RecordKeys = { readonly account: Signer; readonly stream: Signer; readonly crypto: CryptoPort }

/** A free stream of one video and one audio track. */
export function exampleManifest({ account, stream }: RecordKeys): Manifest {
  return {
    certificate: {
      creator: { scheme: 'ed25519', publicKey: account.publicKey },
      streamKey: stream.publicKey,
      asset: 'native',
      maxPrice: 0n,
      notAfter: EXAMPLE_NOW_MS + 86_400_000,
    },
    title: 'Live ☕ from the kitchen',
    description: 'Two lines,\nnothing more.',
    category: 'cooking',
    tracks: [
      {
        kind: 'video',
        id: 1,
        codec: 'avc1.42001f',
        width: 1_280,
        height: 720,
        frameRate: 29.97,
        bitrate: 2_500_000,
        temporalLayers: 2,
      },
      {
        kind: 'audio',
        id: 2,
        codec: 'opus',
        sampleRate: 48_000,
        channels: 2,
        bitrate: 96_000,
        description: Uint8Array.of(1, 2, 3),
      },
    ],
    pricePerSecond: 0n,
    priceFromEpoch: 0,
    previewSeconds: 0,
    creditSeconds: 0,
    epochMs: 4_000,
    trackers: ['/ip4/127.0.0.1/tcp/8080/ws'],
    rev: 1,
  }
}

export function signExampleManifest(
  keys: RecordKeys,
  change: Partial<Manifest> = {},
): Promise<VerifiedManifest> {
  return signManifest({ ...exampleManifest(keys), ...change }, keys.account, keys.stream, keys.crypto)
}

export function signExampleAnnouncement(
  keys: RecordKeys,
  manifest: VerifiedManifest,
  withManifest: boolean,
  change: Partial<Announcement> = {},
): Promise<VerifiedAnnouncement> {
  const announcement: Announcement = {
    streamId: manifest.streamId,
    manifestHash: manifest.hash,
    seq: 7,
    at: EXAMPLE_NOW_MS,
    status: 'live',
    viewers: 12,
    heads: [
      { track: 1, seq: 900, timestampUs: 30_000_000 },
      { track: 2, seq: 1_500, timestampUs: 30_010_000 },
    ],
    pictureHash: new Uint8Array(32).fill(0x77),
    ...change,
  }
  return signAnnouncement(announcement, manifest, keys.stream, withManifest)
}
