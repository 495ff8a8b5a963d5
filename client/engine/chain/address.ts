import { blake2b } from '@noble/hashes/blake2.js'
import { hexText, parseHex } from '../../../shared/protocol/hex.ts'
import type { AccountHex } from './chain-port.ts'

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const CHECKSUM_CONTEXT = 'SS58PRE'
const CHECKSUM_BYTES = 2
const ACCOUNT_BYTES = 32
/** Two bytes of prefix, an account and a checksum never need more. */
const ADDRESS_MAX_CHARS = 50
/** 64 and up take two bytes; 46 and 47 are reserved. */
const PREFIX_MAX = 16_383

/** An account as people see it, in the chain's own SS58 form. RangeError for what is no account or prefix. */
export function encodeAddress(account: AccountHex, ss58Prefix: number): string {
  const id = parseHex(account)
  if (id?.length !== ACCOUNT_BYTES) throw new RangeError(`not an account: ${account.slice(0, 80)}`)
  const body = Uint8Array.of(...prefixBytes(ss58Prefix), ...id)
  return base58(Uint8Array.of(...body, ...checksum(body)))
}

/** The account of an address of any chain, with that chain's prefix; undefined for anything that is not quite one. */
export function decodeAddress(
  address: string,
): { readonly account: AccountHex; readonly ss58Prefix: number } | undefined {
  const bytes = parseBase58(address)
  if (bytes === undefined) return undefined
  const prefixLength = bytes.length - ACCOUNT_BYTES - CHECKSUM_BYTES
  const [first = 0, second = 0] = bytes
  if (prefixLength !== (first < 64 ? 1 : 2) || first > 127) return undefined
  const body = bytes.subarray(0, prefixLength + ACCOUNT_BYTES)
  if (hexText(checksum(body)) !== hexText(bytes.subarray(body.length))) return undefined
  const ss58Prefix = first < 64 ? first : ((first & 0x3f) << 2) | (second >> 6) | ((second & 0x3f) << 8)
  return { account: hexText(body.subarray(prefixLength)), ss58Prefix }
}

function prefixBytes(prefix: number): readonly number[] {
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > PREFIX_MAX)
    throw new RangeError(`not an address prefix: ${prefix}`)
  if (prefix < 64) return [prefix]
  return [((prefix & 0xfc) >> 2) | 0x40, (prefix >> 8) | ((prefix & 0x03) << 6)]
}

function checksum(body: Uint8Array): Uint8Array {
  const input = new Uint8Array(CHECKSUM_CONTEXT.length + body.length)
  for (let index = 0; index < CHECKSUM_CONTEXT.length; index++)
    input[index] = CHECKSUM_CONTEXT.charCodeAt(index)
  input.set(body, CHECKSUM_CONTEXT.length)
  return blake2b(input, { dkLen: 64 }).subarray(0, CHECKSUM_BYTES)
}

function base58(bytes: Uint8Array): string {
  let value = BigInt(hexText(bytes))
  let text = ''
  for (; value > 0n; value /= 58n) text = `${ALPHABET[Number(value % 58n)]}${text}`
  for (const byte of bytes) {
    if (byte !== 0) break
    text = `1${text}`
  }
  return text
}

function parseBase58(text: string): Uint8Array | undefined {
  if (text.length === 0 || text.length > ADDRESS_MAX_CHARS) return undefined
  let value = 0n
  for (const char of text) {
    const digit = ALPHABET.indexOf(char)
    if (digit < 0) return undefined
    value = value * 58n + BigInt(digit)
  }
  const digits = value === 0n ? '' : value.toString(16)
  const zeros = /^1*/.exec(text)?.[0].length ?? 0
  return parseHex(`0x${'00'.repeat(zeros)}${digits.length % 2 === 1 ? '0' : ''}${digits}`)
}
