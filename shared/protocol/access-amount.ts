import { readU32, writeU32 } from './big-endian.ts'

/** Bytes of a rounded amount: a shift in the upper 6 bits, 34 bits of mantissa. */
export const ROUNDED_AMOUNT_BYTES = 5
/** Bytes of an exact amount: a Substrate balance is a u128. */
export const EXACT_AMOUNT_BYTES = 16
const MANTISSA_BITS = 34n
const SHIFT_MAX = 63n
const U128_MAX = 2n ** 128n - 1n

/**
 * An amount in 5 bytes, so that a grant with two of them stays within 64: exact below 2^34, else off by less than
 * 6 in 10^11, `down` or `up`. Beyond 2^97 it stays at the largest. Decisions about money rest on exact amounts.
 */
export function writeRounded(bytes: Uint8Array, offset: number, planck: bigint, way: 'down' | 'up'): void {
  let shift = 0n
  let mantissa = planck < 0n ? 0n : planck
  while (mantissa >> MANTISSA_BITS > 0n && shift < SHIFT_MAX) {
    mantissa = way === 'up' ? (mantissa + 1n) >> 1n : mantissa >> 1n
    shift++
  }
  if (mantissa >> MANTISSA_BITS > 0n) mantissa = (1n << MANTISSA_BITS) - 1n
  bytes[offset] = Number((shift << 2n) | (mantissa >> 32n))
  writeU32(bytes, offset + 1, Number(mantissa & 0xffff_ffffn))
}

export function readRounded(bytes: Uint8Array, offset: number): bigint {
  const first = bytes[offset] ?? 0
  const mantissa = (BigInt(first & 0b11) << 32n) | BigInt(readU32(bytes, offset + 1))
  return mantissa << BigInt(first >> 2)
}

/** Big-endian u128; what is outside of it becomes the nearest end. */
export function writeExact(bytes: Uint8Array, offset: number, planck: bigint): void {
  let rest = planck < 0n ? 0n : planck > U128_MAX ? U128_MAX : planck
  for (let index = EXACT_AMOUNT_BYTES - 4; index >= 0; index -= 4) {
    writeU32(bytes, offset + index, Number(rest & 0xffff_ffffn))
    rest >>= 32n
  }
}

export function readExact(bytes: Uint8Array, offset: number): bigint {
  let planck = 0n
  for (let index = 0; index < EXACT_AMOUNT_BYTES; index += 4) {
    planck = (planck << 32n) | BigInt(readU32(bytes, offset + index))
  }
  return planck
}
