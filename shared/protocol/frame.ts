/**
 * Media messages on `media` and `repair` (docs/SPEC.md W-FRAME). Integers are big-endian.
 *
 *   kind u8: 1 header, 2 part, 3 whole (header and the only part in one message)
 *   header: kind ‖ tag 8 ‖ track u16 ‖ seq u48 ‖ epoch u32 ‖ timestamp µs u48 ‖ duration µs u32 ‖ flags u8
 *           ‖ length u32 ‖ part count u16 ‖ part count × 16-byte SHA-256/128 ‖ signature 64
 *   part:   kind ‖ tag 8 ‖ track u16 ‖ seq u48 ‖ index u16 ‖ payload
 *   whole:  header (with kind 3, part count 1) ‖ payload
 *
 * The signature covers `signingInput('frame', streamId 32, header without kind and without signature)`: so
 * kinds 1 and 3 of the same frame carry the same signature.
 */
export type FrameFlags = {
  readonly isKey: boolean
  readonly isEncrypted: boolean
  readonly temporalLayer: number
}

export type FrameHeader = {
  /** First 8 bytes of the stream id. */
  readonly tag: Uint8Array
  readonly track: number
  readonly seq: number
  readonly epoch: number
  readonly timestampUs: number
  readonly durationUs: number
  readonly isKey: boolean
  readonly isEncrypted: boolean
  /** 0..3; frames of layer n need only layers ≤ n. */
  readonly temporalLayer: number
  /** Payload bytes of the whole frame. */
  readonly length: number
  /** First 16 bytes of each part's SHA-256, concatenated: 16 × part count bytes. */
  readonly partHashes: Uint8Array
  /** 64 bytes. */
  readonly signature: Uint8Array
}

export type MediaMessage =
  | { readonly kind: 'header'; readonly header: FrameHeader; readonly bytes: Uint8Array }
  | {
      readonly kind: 'whole'
      readonly header: FrameHeader
      readonly payload: Uint8Array
      readonly bytes: Uint8Array
    }
  | {
      readonly kind: 'part'
      readonly tag: Uint8Array
      readonly track: number
      readonly seq: number
      readonly index: number
      /** A view into `bytes`, not a copy. */
      readonly payload: Uint8Array
      readonly bytes: Uint8Array
    }

export function partCount(length: number): number {
  throw new Error('not built')
}
/** Bytes that the stream key signs for this header. `streamId`: 32 bytes. */
export function frameSigningInput(streamId: Uint8Array, header: Omit<FrameHeader, 'signature'>): Uint8Array {
  throw new Error('not built')
}
/** As above, straight from a received header or whole message, without decoding it again: the hot path's form. */
export function frameSigningInputOf(streamId: Uint8Array, message: Uint8Array): Uint8Array {
  throw new Error('not built')
}
export function encodeHeader(header: FrameHeader): Uint8Array {
  throw new Error('not built')
}
export function encodeWhole(header: FrameHeader, payload: Uint8Array): Uint8Array {
  throw new Error('not built')
}
export function encodePart(header: FrameHeader, index: number, payload: Uint8Array): Uint8Array {
  throw new Error('not built')
}
/** Every message of a frame in sending order: `[whole]`, or `[header, part 0, part 1, …]`. */
export function encodeFrame(header: FrameHeader, payload: Uint8Array): Uint8Array[] {
  throw new Error('not built')
}
/** Throws only WireError. Views into `bytes`; copies nothing. */
export function decodeMediaMessage(bytes: Uint8Array): MediaMessage {
  throw new Error('not built')
}
/** True iff the 16-byte hash of part `index` equals the first 16 bytes of `digest`. */
export function partMatches(header: FrameHeader, index: number, digest: Uint8Array): boolean {
  throw new Error('not built')
}
