import { blake2b } from '@noble/hashes/blake2.js'
import { hexText, parseHex } from '../../../shared/protocol/hex.ts'
import type { AccountHex } from './chain-port.ts'

/** `modlpy/utilisuba` of the multisig pallet: what keeps its accounts apart from all others. */
const PREFIX = 'modlpy/utilisuba'
const ACCOUNT_BYTES = 32
/** SCALE compact 2: two signatories. */
const TWO = 0x08

/**
 * The account of the multisig pallet that either of the two can spend from alone: blake2-256 of
 * `prefix ‖ the two in ascending order ‖ threshold 1 (u16)`. Nobody has to create it, and the order of the arguments
 * does not matter. Throws RangeError for anything but two different accounts.
 */
export function multisigAccount(one: AccountHex, other: AccountHex): AccountHex {
  const first = accountBytes(one)
  const second = accountBytes(other)
  if (one === other) throw new RangeError('a multisig needs two different accounts')
  const [low, high] = one < other ? [first, second] : [second, first]
  const input = new Uint8Array(PREFIX.length + 1 + 2 * ACCOUNT_BYTES + 2)
  for (let index = 0; index < PREFIX.length; index++) input[index] = PREFIX.charCodeAt(index)
  input[PREFIX.length] = TWO
  input.set(low, PREFIX.length + 1)
  input.set(high, PREFIX.length + 1 + ACCOUNT_BYTES)
  input[PREFIX.length + 1 + 2 * ACCOUNT_BYTES] = 1
  return hexText(blake2b(input, { dkLen: ACCOUNT_BYTES }))
}

function accountBytes(account: AccountHex): Uint8Array {
  const bytes = parseHex(account)
  if (bytes?.length !== ACCOUNT_BYTES) throw new RangeError(`not an account: ${account.slice(0, 80)}`)
  return bytes
}
