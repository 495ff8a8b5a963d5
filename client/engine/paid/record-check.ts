import { blake2b } from '@noble/hashes/blake2.js'
import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { VerifiedAnnouncement } from '../../../shared/protocol/announcement.ts'
import type { Account } from '../../../shared/protocol/certificate.ts'
import { hexText } from '../../../shared/protocol/hex.ts'
import { sameBytes } from '../../../shared/protocol/same-bytes.ts'
import type { ChainPort } from '../chain/chain-port.ts'
import { type RecordCheck, verifyRecord } from '../earn/record-on-chain.ts'

export type StreamRecordCheck =
  /** The creator names none. */
  | { readonly kind: 'none' }
  /** `isCurrent`: it is of the manifest as it is now, not of a revision before it (a price changed, a page reloaded). */
  | (Extract<RecordCheck, { kind: 'verified' }> & { readonly isCurrent: boolean })
  | Exclude<RecordCheck, { kind: 'verified' }>

/**
 * Does the chain say that this creator's account began this stream, where the announcement names it? Never throws but
 * for `signal`. The chain must be open.
 */
export async function checkStreamRecord(
  chain: ChainPort,
  { announcement, manifest }: VerifiedAnnouncement,
  options: { readonly signal?: AbortSignal } = {},
): Promise<StreamRecordCheck> {
  const { record } = announcement
  if (record === undefined) return { kind: 'none' }
  const { state } = chain
  const { creator, chain: genesis } = manifest.manifest.certificate
  if (state.kind !== 'ready' || genesis === undefined || state.info.genesis !== hexText(genesis))
    return {
      kind: 'unread',
      sentence: 'The record could not be looked up: its chain is not the one at hand.',
    }
  const check = await verifyRecord(
    chain,
    {
      block: { number: record.block, hash: hexText(record.blockHash) },
      extrinsic: hexText(record.extrinsicHash),
    },
    { kind: 'start', manifestHash: record.manifestHash, account: chainAccount(creator) },
    options,
  )
  if (check.kind !== 'verified') return check
  return { ...check, isCurrent: sameBytes(record.manifestHash, manifest.hash) }
}

/** For a page or a terminal; undefined where there is nothing to say. */
export function recordWords(check: StreamRecordCheck): string | undefined {
  switch (check.kind) {
    case 'none':
    case 'unread':
      return undefined
    case 'verified':
      return `Recorded on chain in block ${check.place.block.number}${check.isCurrent ? '' : ', as it was when it began'}.`
    case 'not-there':
      return `Not found on chain, though the creator says so: ${check.sentence}`
    default:
      return check satisfies never
  }
}

/** Of an ecdsa account the chain knows the hash of its key only. */
function chainAccount({ scheme, publicKey }: Account): AccountHex {
  return hexText(scheme === 'ecdsa' ? blake2b(publicKey, { dkLen: 32 }) : publicKey)
}
