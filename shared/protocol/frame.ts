import {
  readU16,
  readU32,
  readU48,
  U16_MAX,
  U32_MAX,
  U48_MAX,
  writeU16,
  writeU32,
  writeU48,
} from './big-endian.ts'
import {
  FRAME_MAX_BYTES,
  FRAME_MAX_PARTS,
  MEDIA_MESSAGE_MAX_BYTES,
  PART_PAYLOAD_MAX_BYTES,
} from './limits.ts'
import { SIGNING_CONTEXTS } from './signing.ts'
import { WireError } from './wire-error.ts'

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

const KIND_HEADER = 1
const KIND_PART = 2
const KIND_WHOLE = 3
const TAG_BYTES = 8
export const PART_HASH_BYTES = 16
const SIGNATURE_BYTES = 64
const STREAM_ID_BYTES = 32
const FLAG_KEY = 0b0000_0001
const FLAG_ENCRYPTED = 0b0000_0010
const LAYER_SHIFT = 2
const LAYER_MAX = 3
const FLAGS_KNOWN = FLAG_KEY | FLAG_ENCRYPTED | (LAYER_MAX << LAYER_SHIFT)

/** Offsets in a header or whole message. A part has tag, track and seq at the same places. */
const AT_TAG = 1
const AT_TRACK = 9
const AT_SEQ = 11
const AT_EPOCH = 17
const AT_TIMESTAMP = 21
const AT_DURATION = 27
const AT_FLAGS = 31
const AT_LENGTH = 32
const AT_PART_COUNT = 36
const AT_HASHES = 38
const AT_PART_INDEX = 17
const AT_PART_PAYLOAD = 19

/** Parts of a frame of `length` payload bytes: 1 for anything up to one part's size. */
export function partCount(length: number): number {
  return Math.max(1, Math.ceil(length / PART_PAYLOAD_MAX_BYTES))
}

/** Bytes that the stream key signs for this header. `streamId`: 32 bytes. */
export function frameSigningInput(streamId: Uint8Array, header: Omit<FrameHeader, 'signature'>): Uint8Array {
  const message = new Uint8Array(AT_HASHES + header.partHashes.length)
  writeFields(message, header)
  return frameSigningInputOf(streamId, message)
}

const SIGNING_PREFIX = Uint8Array.from(`${SIGNING_CONTEXTS.frame}\0`, character => character.charCodeAt(0))

/** As above, straight from a received header or whole message, without decoding it again: the hot path's form. */
export function frameSigningInputOf(streamId: Uint8Array, message: Uint8Array): Uint8Array {
  if (streamId.length !== STREAM_ID_BYTES) throw new WireError('bad-field', 'a stream id is 32 bytes')
  const end = AT_HASHES + PART_HASH_BYTES * readU16(message, AT_PART_COUNT)
  if (message.length < end) throw new WireError('truncated', 'frame header')
  const input = new Uint8Array(SIGNING_PREFIX.length + STREAM_ID_BYTES + end - AT_TAG)
  input.set(SIGNING_PREFIX)
  input.set(streamId, SIGNING_PREFIX.length)
  input.set(message.subarray(AT_TAG, end), SIGNING_PREFIX.length + STREAM_ID_BYTES)
  return input
}

export function encodeHeader(header: FrameHeader): Uint8Array {
  const message = new Uint8Array(headerBytes(header))
  writeHeader(message, KIND_HEADER, header)
  return message
}

export function encodeWhole(header: FrameHeader, payload: Uint8Array): Uint8Array {
  if (partCount(header.length) !== 1 || payload.length !== header.length) {
    throw new WireError('bad-field', 'a whole message carries the frame in its only part')
  }
  const start = headerBytes(header)
  const message = new Uint8Array(start + payload.length)
  writeHeader(message, KIND_WHOLE, header)
  message.set(payload, start)
  return message
}

/** `payload`: the bytes of this part alone. */
export function encodePart(header: FrameHeader, index: number, payload: Uint8Array): Uint8Array {
  if (index >= partCount(header.length) || payload.length !== partLength(header.length, index)) {
    throw new WireError('bad-field', 'part index or length')
  }
  const message = new Uint8Array(AT_PART_PAYLOAD + payload.length)
  message[0] = KIND_PART
  message.set(header.tag, AT_TAG)
  writeU16(message, AT_TRACK, header.track)
  writeU48(message, AT_SEQ, header.seq)
  writeU16(message, AT_PART_INDEX, index)
  message.set(payload, AT_PART_PAYLOAD)
  return message
}

/** Every message of a frame in sending order: `[whole]`, or `[header, part 0, part 1, …]`. */
export function encodeFrame(header: FrameHeader, payload: Uint8Array): Uint8Array[] {
  const count = partCount(header.length)
  if (count === 1) return [encodeWhole(header, payload)]
  if (payload.length !== header.length) throw new WireError('bad-field', 'payload length')
  const messages = [encodeHeader(header)]
  for (let index = 0; index < count; index++) {
    const start = index * PART_PAYLOAD_MAX_BYTES
    messages.push(encodePart(header, index, payload.subarray(start, start + PART_PAYLOAD_MAX_BYTES)))
  }
  return messages
}

/** Throws only WireError. Views into `bytes`; copies nothing. */
export function decodeMediaMessage(bytes: Uint8Array): MediaMessage {
  if (bytes.length > MEDIA_MESSAGE_MAX_BYTES) throw new WireError('too-large', 'media message')
  switch (bytes[0]) {
    case KIND_PART:
      return decodePart(bytes)
    case KIND_HEADER: {
      const header = decodeHeader(bytes)
      if (bytes.length > headerBytes(header)) throw new WireError('trailing-bytes', 'after a frame header')
      return { kind: 'header', header, bytes }
    }
    case KIND_WHOLE: {
      const header = decodeHeader(bytes)
      if (header.partHashes.length !== PART_HASH_BYTES) {
        throw new WireError('bad-field', 'a whole message has one part')
      }
      const start = headerBytes(header)
      if (bytes.length < start + header.length) throw new WireError('truncated', 'whole frame')
      if (bytes.length > start + header.length) throw new WireError('trailing-bytes', 'after a whole frame')
      return { kind: 'whole', header, payload: bytes.subarray(start), bytes }
    }
    case undefined:
      throw new WireError('truncated', 'empty media message')
    default:
      throw new WireError('unknown-kind', `media message ${bytes[0]}`)
  }
}

/** True iff the 16-byte hash of part `index` equals the first 16 bytes of `digest`. */
export function partMatches(header: FrameHeader, index: number, digest: Uint8Array): boolean {
  const { partHashes } = header
  const start = index * PART_HASH_BYTES
  if (start < 0 || start + PART_HASH_BYTES > partHashes.length || digest.length < PART_HASH_BYTES)
    return false
  for (let offset = 0; offset < PART_HASH_BYTES; offset++) {
    if (partHashes[start + offset] !== digest[offset]) return false
  }
  return true
}

function headerBytes(header: FrameHeader): number {
  return AT_HASHES + header.partHashes.length + SIGNATURE_BYTES
}

function partLength(frameLength: number, index: number): number {
  return Math.min(PART_PAYLOAD_MAX_BYTES, frameLength - index * PART_PAYLOAD_MAX_BYTES)
}

function writeHeader(message: Uint8Array, kind: number, header: FrameHeader): void {
  if (header.signature.length !== SIGNATURE_BYTES) throw new WireError('bad-field', 'frame signature length')
  writeFields(message, header)
  message[0] = kind
  message.set(header.signature, AT_HASHES + header.partHashes.length)
}

function writeFields(message: Uint8Array, header: Omit<FrameHeader, 'signature'>): void {
  const count = partCount(header.length)
  if (
    header.tag.length !== TAG_BYTES ||
    !isUnsigned(header.track, U16_MAX) ||
    !isUnsigned(header.seq, U48_MAX) ||
    !isUnsigned(header.epoch, U32_MAX) ||
    !isUnsigned(header.timestampUs, U48_MAX) ||
    !isUnsigned(header.durationUs, U32_MAX) ||
    !isUnsigned(header.temporalLayer, LAYER_MAX) ||
    !isUnsigned(header.length, FRAME_MAX_BYTES) ||
    header.length === 0 ||
    header.partHashes.length !== count * PART_HASH_BYTES
  ) {
    throw new WireError('bad-field', 'frame header field out of range')
  }
  message.set(header.tag, AT_TAG)
  writeU16(message, AT_TRACK, header.track)
  writeU48(message, AT_SEQ, header.seq)
  writeU32(message, AT_EPOCH, header.epoch)
  writeU48(message, AT_TIMESTAMP, header.timestampUs)
  writeU32(message, AT_DURATION, header.durationUs)
  message[AT_FLAGS] =
    (header.isKey ? FLAG_KEY : 0) |
    (header.isEncrypted ? FLAG_ENCRYPTED : 0) |
    (header.temporalLayer << LAYER_SHIFT)
  writeU32(message, AT_LENGTH, header.length)
  writeU16(message, AT_PART_COUNT, count)
  message.set(header.partHashes, AT_HASHES)
}

function isUnsigned(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max
}

/** Reads the header at the start of a header or whole message; what follows it is the caller's to judge. */
function decodeHeader(bytes: Uint8Array): FrameHeader {
  if (bytes.length < AT_HASHES) throw new WireError('truncated', 'frame header')
  const length = readU32(bytes, AT_LENGTH)
  if (length > FRAME_MAX_BYTES) throw new WireError('too-large', `frame of ${length} bytes`)
  if (length === 0) throw new WireError('bad-field', 'empty frame')
  const count = readU16(bytes, AT_PART_COUNT)
  if (count !== partCount(length)) throw new WireError('bad-field', `${count} parts for ${length} bytes`)
  const flags = bytes[AT_FLAGS] ?? 0
  if ((flags & ~FLAGS_KNOWN) !== 0) throw new WireError('bad-field', `frame flags ${flags}`)
  const afterHashes = AT_HASHES + PART_HASH_BYTES * count
  if (bytes.length < afterHashes + SIGNATURE_BYTES) throw new WireError('truncated', 'frame header')
  return {
    tag: bytes.subarray(AT_TAG, AT_TAG + TAG_BYTES),
    track: readU16(bytes, AT_TRACK),
    seq: readU48(bytes, AT_SEQ),
    epoch: readU32(bytes, AT_EPOCH),
    timestampUs: readU48(bytes, AT_TIMESTAMP),
    durationUs: readU32(bytes, AT_DURATION),
    isKey: (flags & FLAG_KEY) !== 0,
    isEncrypted: (flags & FLAG_ENCRYPTED) !== 0,
    temporalLayer: flags >>> LAYER_SHIFT,
    length,
    partHashes: bytes.subarray(AT_HASHES, afterHashes),
    signature: bytes.subarray(afterHashes, afterHashes + SIGNATURE_BYTES),
  }
}

function decodePart(bytes: Uint8Array): MediaMessage {
  if (bytes.length <= AT_PART_PAYLOAD) throw new WireError('truncated', 'frame part')
  if (bytes.length > AT_PART_PAYLOAD + PART_PAYLOAD_MAX_BYTES) throw new WireError('too-large', 'frame part')
  const index = readU16(bytes, AT_PART_INDEX)
  if (index >= FRAME_MAX_PARTS) throw new WireError('bad-field', `part ${index}`)
  return {
    kind: 'part',
    tag: bytes.subarray(AT_TAG, AT_TAG + TAG_BYTES),
    track: readU16(bytes, AT_TRACK),
    seq: readU48(bytes, AT_SEQ),
    index,
    payload: bytes.subarray(AT_PART_PAYLOAD),
    bytes,
  }
}
