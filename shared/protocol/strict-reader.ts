import { type Codec, MaxLengthError, type Reader } from 'protons-runtime'
import { U32_MAX } from './big-endian.ts'
import { utf8Decode } from './utf8.ts'
import { WireError } from './wire-error.ts'

const VARINT = 0
const FIXED64 = 1
const LENGTH_DELIMITED = 2
const FIXED32 = 5
const VARINT_MAX_BYTES = 10

/**
 * Decodes a protobuf message of at most `maxBytes` with generated code. Unknown fields are skipped; throws only
 * WireError. Byte fields are views into `bytes`.
 */
export function decodeStrictly<T>(codec: Codec<T>, bytes: Uint8Array, maxBytes: number): T {
  return decode(codec, new StrictReader(checkSize(bytes, maxBytes)))
}

/** As above, for a message whose fields are its kinds: exactly one that we know must be there. */
export function decodeOneKind<T>(codec: Codec<T>, bytes: Uint8Array, maxBytes: number): T {
  const reader = new StrictReader(checkSize(bytes, maxBytes))
  const message = decode(codec, reader)
  if (reader.knownFields === 0) throw new WireError('unknown-kind', 'no kind that this version knows')
  if (reader.knownFields > 1) throw new WireError('bad-field', 'more than one kind in a message')
  return message
}

function checkSize(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length > maxBytes) throw new WireError('too-large', `${bytes.length} bytes, at most ${maxBytes}`)
  return bytes
}

function decode<T>(codec: Codec<T>, reader: StrictReader): T {
  try {
    // The cast: protons' Reader has thirty methods; ours has those that our messages make the generated code call
    // (strict-reader.test.ts holds the two lists together).
    return codec.decode(reader as unknown as Reader)
  } catch (error) {
    if (error instanceof WireError) throw error
    const detail = error instanceof Error ? error.message : 'undecodable'
    throw new WireError(error instanceof MaxLengthError ? 'too-large' : 'bad-field', detail)
  }
}

/**
 * Stands in for protons' own reader, which was written for friends: that one lets a field overrun its message, goes on
 * at the wrong place after an over-long varint, ignores wire types, takes broken UTF-8 and numbers past 2^53, and
 * recurses as deep as a stranger nests groups. This one throws WireError.
 *
 * The generated code asks for a tag and then, by its field number, for a value; `wireType` is what the tag promised,
 * undefined while a tag is due. `ends` are the ends of the enclosing messages, innermost last. It asks alike for a
 * small number and for the length of a message, so those two cannot be told apart here: one in the other's place is
 * read as what it is not, within the same bounds.
 */
export class StrictReader {
  readonly len: number
  pos = 0
  /** Fields of the outermost message that the generated code knew. */
  knownFields = 0
  private readonly buf: Uint8Array
  private readonly ends: number[]
  private end: number
  private wireType: number | undefined

  constructor(bytes: Uint8Array) {
    this.buf = bytes
    this.len = bytes.length
    this.end = bytes.length
    this.ends = [bytes.length]
  }

  /** A tag, a number, or the length of a message inside: the generated code asks for all three by this name. */
  uint32(): number {
    const { wireType } = this
    if (wireType === undefined) return this.tag()
    if (wireType === LENGTH_DELIMITED) {
      const length = this.length()
      this.end = this.pos + length
      this.ends.push(this.end)
      return length
    }
    this.promised(VARINT)
    return this.varint(U32_MAX)
  }

  /** Enumerations. */
  int32(): number {
    this.promised(VARINT)
    return this.varint(U32_MAX)
  }

  bool(): boolean {
    this.promised(VARINT)
    return this.varint(1) === 1
  }

  uint64Number(): number {
    this.promised(VARINT)
    return this.varint(Number.MAX_SAFE_INTEGER)
  }

  bytes(): Uint8Array {
    const length = this.length()
    this.pos += length
    return this.buf.subarray(this.pos - length, this.pos)
  }

  string(): string {
    return utf8Decode(this.bytes())
  }

  /** An unknown field. Groups left protobuf before proto3, and skipping them takes recursion: refused. */
  skipType(wireType: number): void {
    if (this.ends.length === 1) this.knownFields--
    if (wireType === LENGTH_DELIMITED) this.bytes()
    else {
      this.promised(wireType)
      if (wireType === VARINT) this.varint(Number.POSITIVE_INFINITY)
      else if (wireType === FIXED64) this.skip(8)
      else if (wireType === FIXED32) this.skip(4)
      else throw new WireError('bad-field', `wire type ${wireType}`)
    }
  }

  private tag(): number {
    while (this.pos === this.end && this.ends.length > 1) {
      this.ends.pop()
      this.end = this.ends.at(-1) ?? this.len
    }
    const tag = this.varint(U32_MAX)
    if (tag >>> 3 === 0) throw new WireError('bad-field', 'field number 0')
    this.wireType = tag & 7
    if (this.ends.length === 1) this.knownFields++
    return tag
  }

  private promised(wireType: number): void {
    if (this.wireType !== wireType) throw new WireError('bad-field', 'wire type of a field')
    this.wireType = undefined
  }

  private length(): number {
    this.promised(LENGTH_DELIMITED)
    const length = this.varint(U32_MAX)
    if (this.pos + length > this.end) throw new WireError('truncated', 'a field runs past its message')
    return length
  }

  private varint(max: number): number {
    let value = 0
    let scale = 1
    for (let index = 0; index < VARINT_MAX_BYTES; index++) {
      if (this.pos >= this.end) throw new WireError('truncated', 'number cut off')
      const byte = this.buf[this.pos++] ?? 0
      value += (byte & 0x7f) * scale
      if (byte < 0x80) {
        if (value > max) throw new WireError('bad-field', 'number out of range')
        return value
      }
      scale *= 128
    }
    throw new WireError('bad-field', 'number of more than ten bytes')
  }

  private skip(length: number): void {
    if (this.pos + length > this.end) throw new WireError('truncated', 'a field runs past its message')
    this.pos += length
  }
}
