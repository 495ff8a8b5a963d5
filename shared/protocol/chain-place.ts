import { U32_MAX } from './big-endian.ts'
import { bytesOf, HASH_BYTES, integer } from './field-checks.ts'
import type { ChainPlaceRecord } from './generated/records.ts'

/** Where the chain says that a stream began: a remark by the creator's account. Hashes have 32 bytes. */
export type ChainPlace = {
  /** u32 */
  readonly block: number
  readonly blockHash: Uint8Array
  readonly extrinsicHash: Uint8Array
  /** Of the manifest that was recorded; revisions since have others. */
  readonly manifestHash: Uint8Array
}

/** Throws WireError. */
export function chainPlaceFromRecord(record: ChainPlaceRecord): ChainPlace {
  return {
    block: integer('block', record.block, U32_MAX),
    blockHash: bytesOf('block hash', record.blockHash, HASH_BYTES),
    extrinsicHash: bytesOf('extrinsic hash', record.extrinsicHash, HASH_BYTES),
    manifestHash: bytesOf('recorded manifest hash', record.manifestHash, HASH_BYTES),
  }
}
