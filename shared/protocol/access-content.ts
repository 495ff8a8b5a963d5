import { writeU16, writeU32, writeU48 } from './big-endian.ts'
import { type FrameHeader, frameSigningInput, PART_HASH_BYTES } from './frame.ts'
import { SIGNING_CONTEXTS } from './signing.ts'

export const CONTENT_KEY_BYTES = 32
export const CONTENT_NONCE_BYTES = 12

/** `u32 epoch ‖ u16 track ‖ u48 seq`: never the same twice under one epoch's key, since a seq is used once. */
export function contentNonce(header: {
  readonly epoch: number
  readonly track: number
  readonly seq: number
}): Uint8Array {
  const nonce = new Uint8Array(CONTENT_NONCE_BYTES)
  writeU32(nonce, 0, header.epoch)
  writeU16(nonce, 4, header.track)
  writeU48(nonce, 6, header.seq)
  return nonce
}

const NO_STREAM = new Uint8Array(32)
const ONE_HASH = new Uint8Array(PART_HASH_BYTES)
const AT_HEADER = SIGNING_CONTEXTS.frame.length + 1 + NO_STREAM.length
/** `tag 8 ‖ track 2 ‖ seq 6 ‖ epoch 4 ‖ timestamp 6 ‖ duration 4 ‖ flags 1`. */
export const CONTENT_AAD_BYTES = 31

/** The header's fields from `tag` up to `flags`, of an encrypted frame. Throws WireError for fields out of range. */
export function contentAssociatedData(
  header: Omit<FrameHeader, 'isEncrypted' | 'length' | 'partHashes' | 'signature'>,
): Uint8Array {
  // By the frame codec itself, so that the two can never differ; length and hashes come after what is taken.
  const whole = frameSigningInput(NO_STREAM, {
    ...header,
    isEncrypted: true,
    length: 1,
    partHashes: ONE_HASH,
  })
  return whole.slice(AT_HEADER, AT_HEADER + CONTENT_AAD_BYTES)
}
