import type { AccountHex } from '../../shared/pay/evidence.ts'
import { parseHex } from '../../shared/protocol/hex.ts'
import type { Account, Manifest, Track } from '../../shared/protocol/manifest.ts'
import { EngineError } from './engine-error.ts'

/** What a creator asks for; amounts are planck. */
export type StreamPrice = {
  readonly pricePerSecond: bigint
  /** Never charged above it under this certificate; at least the price. */
  readonly highestPrice: bigint
  readonly payout: AccountHex
  /** Genesis hash of the chain, hex with `0x`. */
  readonly genesis: string
  /** 0: none. */
  readonly previewSeconds: number
  /** 0: prepayment only. */
  readonly creditSeconds: number
  /** 4,000 by default; longer for large audiences (DESIGN §9). */
  readonly epochMs?: number
}

export type StreamDescription = {
  readonly title: string
  readonly description?: string
  readonly category?: string
  readonly tracks: readonly Track[]
  /** Multiaddrs that viewers may find the room at. */
  readonly trackers?: readonly string[]
}

/** A certificate outlives the longest broadcast by this, ms; a stolen stream key dies with it. */
const CERTIFICATE_VALID_MS = 24 * 3_600_000
const EPOCH_MS = 4_000
/** Viewers learn of a new price at least so long before it holds. */
export const PRICE_NOTICE_MS = 30_000

/** The first revision. Throws EngineError `bad-price`. */
export function firstManifest(
  { title, description, category, tracks, trackers }: StreamDescription,
  keys: { readonly creator: Account; readonly streamKey: Uint8Array; readonly wallMs: number },
  paid: { readonly price: StreamPrice; readonly creatorX25519: Uint8Array } | undefined,
): Manifest {
  const price = paid?.price
  return {
    certificate: {
      creator: keys.creator,
      streamKey: keys.streamKey,
      ...(price !== undefined && {
        payout: bytesOf('The payout account', price.payout),
        chain: bytesOf('The chain’s genesis hash', price.genesis),
      }),
      asset: 'native',
      maxPrice: price?.highestPrice ?? 0n,
      notAfter: keys.wallMs + CERTIFICATE_VALID_MS,
    },
    title,
    description: description ?? '',
    category: category ?? '',
    tracks,
    pricePerSecond: checkPrice(price?.pricePerSecond ?? 0n, price?.highestPrice ?? 0n),
    priceFromEpoch: 0,
    previewSeconds: price?.previewSeconds ?? 0,
    creditSeconds: price?.creditSeconds ?? 0,
    epochMs: price?.epochMs ?? EPOCH_MS,
    ...(paid !== undefined && { creatorX25519: paid.creatorX25519 }),
    trackers: trackers ?? [],
    rev: 0,
  }
}

/** A revision with another price, from the first epoch that begins after the notice. Throws EngineError `bad-price`. */
export function repricedManifest(manifest: Manifest, pricePerSecond: bigint, epoch: number): Manifest {
  if (pricePerSecond === 0n || manifest.pricePerSecond === 0n)
    throw new EngineError(
      'bad-price',
      'A free stream stays free, and a paid one paid: end it and start another.',
    )
  checkPrice(pricePerSecond, manifest.certificate.maxPrice)
  if (epoch < manifest.priceFromEpoch) {
    const waitS = Math.ceil(((manifest.priceFromEpoch - epoch) * manifest.epochMs) / 1000)
    const sentence = `A new price is announced and holds within ${waitS} s: change it again after that.`
    throw new EngineError('bad-price', sentence)
  }
  const notice = Math.ceil(PRICE_NOTICE_MS / manifest.epochMs)
  return {
    ...manifest,
    pricePerSecond,
    priceBefore: manifest.pricePerSecond,
    // The running epoch is partly over, so one more.
    priceFromEpoch: epoch + notice + 1,
    rev: manifest.rev + 1,
  }
}

/** The same stream from a page that was loaded again: `epoch` was the running one, it goes on as `resumedEpoch`. */
export function resumedManifest(
  manifest: Manifest,
  change: { readonly tracks: readonly Track[]; readonly creatorX25519: Uint8Array | undefined },
  epochs: { readonly epoch: number; readonly resumedEpoch: number },
): Manifest {
  const { tracks, creatorX25519 } = change
  // Epochs jump at a reload; what was promised for in so many seconds still holds in so many.
  const isPending = manifest.priceFromEpoch > epochs.epoch
  const priceFromEpoch = manifest.priceFromEpoch + (isPending ? epochs.resumedEpoch - epochs.epoch : 0)
  const { creatorX25519: _old, ...kept } = manifest
  return {
    ...kept,
    tracks,
    ...(creatorX25519 !== undefined && { creatorX25519 }),
    priceFromEpoch,
    rev: manifest.rev + 1,
  }
}

function checkPrice(price: bigint, highest: bigint): bigint {
  if (price >= 0n && price <= highest) return price
  throw new EngineError(
    'bad-price',
    `The price must lie between 0 and ${highest} planck a second, the highest your certificate allows.`,
  )
}

function bytesOf(what: string, hex: string): Uint8Array {
  const bytes = parseHex(hex)
  if (bytes?.length === 32) return bytes
  throw new EngineError('bad-price', `${what} is not 32 bytes of hex.`)
}
