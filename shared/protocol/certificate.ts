import { integer } from './field-checks.ts'
import { hexText, parseHex } from './hex.ts'
import { CERTIFICATE_TEXT_MAX_CHARS } from './limits.ts'
import { parseUtc, UTC_MAX_MS, utcText } from './utc-time.ts'
import { WireError } from './wire-error.ts'

export type AccountScheme = 'ed25519' | 'sr25519' | 'ecdsa'
/** A Polkadot account: 32 bytes (33 for ecdsa). */
export type Account = { readonly scheme: AccountScheme; readonly publicKey: Uint8Array }

/** What the creator's account signs once per broadcast, as readable text. */
export type Certificate = {
  readonly creator: Account
  /** Where payments go (32 bytes); absent on a free stream. */
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

/** A Substrate balance is a u128. */
export const PLANCK_MAX = 2n ** 128n - 1n
const PLANCK_TEXT = /^(?:0|[1-9][0-9]{0,38})$/
/** Ids of the assets pallet on Asset Hub are u32. */
const ASSET_TEXT = /^(?:native|0|[1-9][0-9]{0,9})$/
const ASSET_MAX = 2 ** 32 - 1
const TITLE = 'Vilokanam broadcast certificate, version 1'
const INTENT = 'I go live with the stream key below. It signs my video until it expires.'
const NONE = 'none'
const LABELS = [
  'Creator account',
  'Stream key',
  'Payout account',
  'Chain',
  'Asset',
  'Highest price per second',
  'Valid until',
] as const

/** The readable text; `parseCertificate(text)` reads exactly what this writes. */
export function certificateText(certificate: Certificate): string {
  const { creator, payout, streamKey, chain, asset, maxPrice, notAfter } = certificate
  const values = [
    `${creator.scheme} ${hexText(creator.publicKey)}`,
    `ed25519 ${hexText(streamKey)}`,
    payout === undefined ? NONE : hexText(payout),
    chain === undefined ? NONE : hexText(chain),
    asset,
    `${maxPrice} planck`,
    utcText(notAfter),
  ]
  return [TITLE, INTENT, ...LABELS.map((label, index) => `${label}: ${values[index]}`)].join('\n')
}

/** Throws WireError. */
export function parseCertificate(text: string): Certificate {
  if (text.length > CERTIFICATE_TEXT_MAX_CHARS) throw new WireError('too-large', 'certificate')
  const lines = text.split('\n')
  if (lines[0] !== TITLE) throw new WireError('unsupported-version', 'certificate')
  const values = LABELS.map((label, index) => {
    const line = lines[index + 2] ?? ''
    if (!line.startsWith(`${label}: `)) throw unreadable(label)
    return line.slice(label.length + 2)
  })
  const [creator = '', streamKey = '', payout = '', chain = '', asset = '', price = '', until = ''] = values
  const certificate = checkCertificate({
    creator: parseAccount(creator),
    streamKey: parseKey('stream key', streamKey.replace(/^ed25519 /, '')),
    ...(payout !== NONE && { payout: parseKey('payout account', payout) }),
    ...(chain !== NONE && { chain: parseKey('chain', chain) }),
    asset,
    maxPrice: parsePlanck('highest price', price.replace(/ planck$/, '')),
    notAfter: parseUtc(until) ?? Number.NaN,
  })
  // One certificate has one text, so whatever a lenient step above let through is refused here.
  if (certificateText(certificate) !== text) throw unreadable('form')
  return certificate
}

/** Returns what it was given, or throws WireError. */
export function checkCertificate(certificate: Certificate): Certificate {
  const { creator, payout, streamKey, chain, asset, maxPrice, notAfter } = certificate
  if (creator.publicKey.length !== accountBytes(creator.scheme)) throw unreadable('creator account')
  if (streamKey.length !== 32) throw unreadable('stream key')
  if (payout !== undefined && payout.length !== 32) throw unreadable('payout account')
  if (chain !== undefined && chain.length !== 32) throw unreadable('chain')
  if (!ASSET_TEXT.test(asset) || Number(asset) > ASSET_MAX) throw unreadable('asset')
  if (maxPrice < 0n || maxPrice > PLANCK_MAX) throw unreadable('highest price')
  if (maxPrice > 0n && (payout === undefined || chain === undefined)) {
    throw new WireError('bad-field', 'certificate: a price needs a payout account and a chain')
  }
  integer('certificate: valid until', notAfter, UTC_MAX_MS)
  return certificate
}

/** Decimal planck without sign or leading zeros. Throws WireError. */
export function parsePlanck(name: string, text: string): bigint {
  const value = PLANCK_TEXT.test(text) ? BigInt(text) : -1n
  if (value < 0n || value > PLANCK_MAX) throw new WireError('bad-field', `${name}: not an amount`)
  return value
}

function accountBytes(scheme: AccountScheme): number {
  return scheme === 'ecdsa' ? 33 : 32
}

function parseAccount(text: string): Account {
  const [scheme = '', key = ''] = text.split(' ')
  if (scheme !== 'ed25519' && scheme !== 'sr25519' && scheme !== 'ecdsa') throw unreadable('creator account')
  return { scheme, publicKey: parseKey('creator account', key) }
}

function parseKey(name: string, text: string): Uint8Array {
  const bytes = parseHex(text)
  if (bytes === undefined) throw unreadable(name)
  return bytes
}

function unreadable(what: string): WireError {
  return new WireError('bad-field', `certificate: ${what}`)
}
