import { blake2b } from '@noble/hashes/blake2.js'
import * as sr25519 from '@scure/sr25519'
import { signRawInput } from '../../../shared/protocol/account-signature.ts'
import { hexText, parseHex } from '../../../shared/protocol/hex.ts'
import type { ExtrinsicSigner } from './chain-port.ts'

/** Substrate's well-known development accounts and their sr25519 seeds: play money, anyone can sign. */
const SEEDS = {
  Alice: '0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a',
  Bob: '0x398f0c28f98885e046333d4a41c19cee4c37368a9832c6502f6cfd182e2aef89',
  Charlie: '0xbc1ede780f784bb6991a585e4f6e61522c14e1cae6ad0895fb57b9a205a8f938',
  Dave: '0x868020ae0687dda7d57565093a69090211449845a7e11453612800b663307246',
  Eve: '0x786ad0e2df456fe43dd1f91ebca22e235bc162e0bb8d53c633e8c85b2af68b7a',
  Ferdie: '0x42438b7883391c05512a938e36c2df0131e088b3756d6aa7a755fbff19d2f842',
} as const

export type DevName = keyof typeof SEEDS
export const DEV_NAMES = Object.keys(SEEDS) as readonly DevName[]

/** An sr25519 key in this process: of a development account, or from a key file. */
export type Sr25519Account = Omit<ExtrinsicSigner, 'sign' | 'signPayload'> & {
  readonly publicKey: Uint8Array
  sign(payload: Uint8Array): Uint8Array
  /** As a wallet's signRaw. */
  signText(text: string): Uint8Array
}

export function devAccount(name: DevName): Sr25519Account {
  return sr25519Account(parseHex(SEEDS[name]) ?? new Uint8Array())
}

/** `seed`: the 32-byte mini secret that wallets call seed. Throws RangeError for any other length. */
export function sr25519Account(seed: Uint8Array): Sr25519Account {
  if (seed.length !== 32) throw new RangeError(`an sr25519 seed is 32 bytes, not ${seed.length}`)
  const secret = sr25519.secretFromSeed(seed)
  const publicKey = sr25519.getPublicKey(secret)
  const sign = (message: Uint8Array) => sr25519.sign(secret, message)
  return {
    account: hexText(publicKey),
    scheme: 'sr25519',
    publicKey,
    sign,
    signText: text => sign(signRawInput(text)),
  }
}

/** Payloads above this many bytes are signed by their hash. */
export function payloadDigest(payload: Uint8Array): Uint8Array {
  return payload.length > 256 ? blake2b(payload, { dkLen: 32 }) : payload
}
