import { blake2AsU8a, xxhashAsU8a } from '@polkadot/util-crypto'
import { bytesToHex, type Hex, hexToBytes } from './hex.ts'

/** `System.Account` of pallet_balances as this runtime has it: four counters, then four u128 amounts. */
const ACCOUNT_BYTES = 80
const PROVIDERS_OFFSET = 8
const FREE_OFFSET = 16
const U128_BYTES = 16

export const TOTAL_ISSUANCE: Hex = plainKey('Balances', 'TotalIssuance')
/** FixedU128: 10^18 is one. */
export const NEXT_FEE_MULTIPLIER: Hex = plainKey('TransactionPayment', 'NextFeeMultiplier')

/** Blake2_128Concat, as `System.Account` is hashed. */
export function accountKey(account: Hex): Hex {
  const id = hexToBytes(account)
  return `${plainKey('System', 'Account')}${bytesToHex(blake2AsU8a(id, 128)).slice(2)}${account.slice(2).toLowerCase()}`
}

/** The account with `planck` more; undefined: it does not exist yet. */
export function creditAccount(stored: Hex | undefined, planck: bigint): Hex {
  const bytes = stored === undefined ? new Uint8Array(ACCOUNT_BYTES) : hexToBytes(stored)
  const view = new DataView(bytes.buffer)
  writeU128(view, FREE_OFFSET, readU128(view, FREE_OFFSET) + planck)
  // An account without a provider is none: its nonce would be forgotten.
  if (view.getUint32(PROVIDERS_OFFSET, true) === 0) view.setUint32(PROVIDERS_OFFSET, 1, true)
  return bytesToHex(bytes)
}

export function decodeU128(stored: Hex): bigint {
  return readU128(new DataView(hexToBytes(stored).buffer), 0)
}

export function encodeU128(value: bigint): Hex {
  const bytes = new Uint8Array(U128_BYTES)
  writeU128(new DataView(bytes.buffer), 0, value)
  return bytesToHex(bytes)
}

function plainKey(pallet: string, item: string): Hex {
  return `${bytesToHex(xxhashAsU8a(pallet, 128))}${bytesToHex(xxhashAsU8a(item, 128)).slice(2)}`
}

function readU128(view: DataView, offset: number): bigint {
  return view.getBigUint64(offset, true) | (view.getBigUint64(offset + 8, true) << 64n)
}

function writeU128(view: DataView, offset: number, value: bigint): void {
  view.setBigUint64(offset, value & 0xffff_ffff_ffff_ffffn, true)
  view.setBigUint64(offset + 8, value >> 64n, true)
}
