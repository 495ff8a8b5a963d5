/** A number in [0, 1), 32 bits of it random: mulberry32 (Ettinger, 2017). The same seed gives the same row. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Bytes at which parsers change their mind: limits of varints, tags of groups, ends of UTF-8, ASCII that means something. */
const SPITEFUL = [
  0x00, 0x01, 0x02, 0x03, 0x07, 0x0b, 0x0c, 0x0d, 0x0a, 0x20, 0x2d, 0x7f, 0x80, 0xbf, 0xc0, 0xed, 0xf4, 0xfe,
  0xff,
]
/** 2^32 - 1, 2^31, 2^53 and 2^64 - 1 as varints: lengths and counts that no message holds. */
const HUGE_VARINTS = [
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x80, 0x80, 0x80, 0x08],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
] as const
const MUTATIONS_MAX = 4

/**
 * A hostile neighbour of `sample`: bits flipped, cut short, a piece of `other` put in, lengths inflated, a piece
 * doubled, or noise; one to four of these. At most `maxBytes` long.
 */
export function mutate(
  sample: Uint8Array,
  other: Uint8Array,
  random: () => number,
  maxBytes: number,
): Uint8Array {
  let bytes: Uint8Array = sample
  for (let left = 1 + below(random, MUTATIONS_MAX); left > 0; left--) bytes = mutateOnce(bytes, other, random)
  return bytes.length > maxBytes ? bytes.subarray(0, maxBytes) : bytes
}

function mutateOnce(bytes: Uint8Array, other: Uint8Array, random: () => number): Uint8Array {
  const at = below(random, bytes.length + 1)
  switch (below(random, 9)) {
    case 0:
      return withByte(bytes, at, (bytes[at] ?? 0) ^ (1 << below(random, 8)))
    case 1:
      return withByte(bytes, at, SPITEFUL[below(random, SPITEFUL.length)] ?? 0)
    case 2:
      // A length or a count that is a little, or a lot, off.
      return withByte(bytes, at, (bytes[at] ?? 0) + below(random, 16) - 8)
    case 3:
      return splice(bytes, at, 1, Uint8Array.from(HUGE_VARINTS[below(random, HUGE_VARINTS.length)] ?? []))
    case 4:
      return bytes.subarray(0, at)
    case 5:
      return splice(bytes, at, below(random, 8), new Uint8Array())
    case 6:
      return splice(bytes, at, 0, slice(bytes, random))
    case 7:
      return splice(bytes, at, below(random, 64), slice(other, random))
    default:
      return splice(bytes, at, below(random, 8), noise(random))
  }
}

function below(random: () => number, limit: number): number {
  return Math.floor(random() * limit)
}

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const changed = new Uint8Array(bytes)
  changed[at] = value
  return changed
}

function slice(bytes: Uint8Array, random: () => number): Uint8Array {
  const start = below(random, bytes.length)
  return bytes.subarray(start, start + below(random, 256))
}

function noise(random: () => number): Uint8Array {
  return Uint8Array.from({ length: below(random, 32) }, () => below(random, 256))
}

function splice(bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array {
  const rest = bytes.subarray(at + remove)
  const spliced = new Uint8Array(at + insert.length + rest.length)
  spliced.set(bytes.subarray(0, at))
  spliced.set(insert, at)
  spliced.set(rest, at + insert.length)
  return spliced
}
