import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeMediaMessage,
  encodeFrame,
  encodeHeader,
  encodePart,
  encodeWhole,
  type FrameHeader,
  frameSigningInput,
  frameSigningInputOf,
  partCount,
  partMatches,
} from './frame.ts'
import { FRAME_MAX_BYTES, MEDIA_MESSAGE_MAX_BYTES, PART_PAYLOAD_MAX_BYTES } from './limits.ts'
import { exampleHeader, filled, goldenText } from './testing/message-examples.ts'
import { mulberry32, mutate } from './testing/mutate.ts'
import { refusalOf } from './testing/refusal.ts'

const refusal = (bytes: Uint8Array) => refusalOf(() => decodeMediaMessage(bytes))
const FIELDS = '(5d×8) 0102 030405060708 090a0b0c 0d0e0f101112 00008235 05'.replaceAll(' ', '')

/** `bytes` with `values` written at `offset`. */
function patched(bytes: Uint8Array, offset: number, ...values: number[]): Uint8Array {
  const changed = new Uint8Array(bytes)
  changed.set(values, offset)
  return changed
}

const u32 = fc.nat({ max: 2 ** 32 - 1 })
const u48 = fc.maxSafeNat().map(value => value % 2 ** 48)
const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const anyLength = fc.oneof(
  fc.integer({ min: 1, max: 3 * PART_PAYLOAD_MAX_BYTES }),
  fc.constantFrom(
    1,
    PART_PAYLOAD_MAX_BYTES - 1,
    PART_PAYLOAD_MAX_BYTES,
    PART_PAYLOAD_MAX_BYTES + 1,
    FRAME_MAX_BYTES,
  ),
)
const anyHeader: fc.Arbitrary<FrameHeader> = anyLength.chain(length =>
  fc.record({
    tag: bytesOf(8),
    track: fc.nat({ max: 0xffff }),
    seq: u48,
    epoch: u32,
    timestampUs: u48,
    durationUs: u32,
    isKey: fc.boolean(),
    isEncrypted: fc.boolean(),
    temporalLayer: fc.nat({ max: 3 }),
    length: fc.constant(length),
    partHashes: bytesOf(16 * partCount(length)),
    signature: bytesOf(64),
  }),
)

describe('W-FRAME-1 layout', () => {
  test('W-FRAME-1 golden header', () => {
    const golden = `01${FIELDS}000040010002(44×32)(99×64)`
    expect(goldenText(encodeHeader(exampleHeader(16_385)))).toBe(golden)
  })

  test('W-FRAME-1 golden whole', () => {
    const message = encodeWhole(exampleHeader(3), Uint8Array.of(1, 2, 3))
    expect(goldenText(message)).toBe(`03${FIELDS}000000030001(44×16)(99×64)010203`)
  })

  test('W-FRAME-1 golden part', () => {
    const message = encodePart(exampleHeader(16_388), 1, filled(4, 0xee))
    expect(goldenText(message)).toBe('02(5d×8)01020304050607080001(ee×4)')
  })

  test('W-FRAME-1 every header comes back', () => {
    fc.assert(
      fc.property(anyHeader, header => {
        const bytes = encodeHeader(header)
        expect(decodeMediaMessage(bytes)).toEqual({ kind: 'header', header, bytes })
      }),
    )
  })

  test('W-FRAME-1 the flags: bit 0 key, bit 1 encrypted, bits 2 and 3 the layer', () => {
    const header = { ...exampleHeader(16_385), isKey: false, isEncrypted: true, temporalLayer: 3 }
    expect(encodeHeader(header)[31]).toBe(0b1110)
  })
})

describe('W-FRAME-2 sending order', () => {
  test('W-FRAME-2 a frame of one part is one message, of more a header and its parts', () => {
    const kinds = (length: number) =>
      encodeFrame(exampleHeader(length), filled(length, 1)).map(message => decodeMediaMessage(message).kind)
    expect(kinds(PART_PAYLOAD_MAX_BYTES)).toEqual(['whole'])
    expect(kinds(PART_PAYLOAD_MAX_BYTES + 1)).toEqual(['header', 'part', 'part'])
    expect(encodeFrame(exampleHeader(FRAME_MAX_BYTES), filled(FRAME_MAX_BYTES, 1))).toHaveLength(257)
  })

  test('W-FRAME-2 the parts of a frame, in order, are its payload', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 * PART_PAYLOAD_MAX_BYTES }), length => {
        const payload = Uint8Array.from({ length }, (_, index) => index * 7)
        const got: number[] = []
        for (const [at, bytes] of encodeFrame(exampleHeader(length), payload).entries()) {
          const message = decodeMediaMessage(bytes)
          if (message.kind === 'header') continue
          if (message.kind === 'part') expect(message.index).toBe(at - 1)
          got.push(...message.payload)
        }
        expect(Uint8Array.from(got)).toEqual(payload)
      }),
      { numRuns: 20 },
    )
  })

  test('W-FRAME-2 no part but the last is short', () => {
    const header = exampleHeader(PART_PAYLOAD_MAX_BYTES + 10)
    expect(refusalOf(() => encodePart(header, 0, filled(PART_PAYLOAD_MAX_BYTES - 1, 0)))).toBe('bad-field')
    expect(refusalOf(() => encodePart(header, 1, filled(11, 0)))).toBe('bad-field')
    expect(refusalOf(() => encodePart(header, 2, filled(1, 0)))).toBe('bad-field')
  })
})

describe('W-FRAME-3 bounds', () => {
  const header = encodeHeader(exampleHeader(2 * PART_PAYLOAD_MAX_BYTES))
  const whole = encodeWhole(exampleHeader(3), filled(3, 0xee))
  const part = encodePart(exampleHeader(3), 0, filled(3, 0xee))

  test('W-FRAME-3 the largest message of all is the largest whole one', () => {
    const largest = encodeWhole(exampleHeader(PART_PAYLOAD_MAX_BYTES), filled(PART_PAYLOAD_MAX_BYTES, 0xee))
    expect(largest).toHaveLength(MEDIA_MESSAGE_MAX_BYTES)
    expect(refusal(largest)).toBeUndefined()
    expect(encodeHeader(exampleHeader(FRAME_MAX_BYTES)).length).toBeLessThan(MEDIA_MESSAGE_MAX_BYTES)
    expect(refusal(filled(MEDIA_MESSAGE_MAX_BYTES + 1, 1))).toBe('too-large')
  })

  test.each([
    ['an unknown kind', patched(header, 0, 4), 'unknown-kind'],
    ['kind 0', patched(header, 0, 0), 'unknown-kind'],
    ['an empty frame', patched(whole, 32, 0, 0, 0, 0), 'bad-field'],
    ['a frame past 4 MiB', patched(header, 32, 0, 0x40, 0, 1, 1, 1), 'too-large'],
    ['fewer parts than its length needs', patched(header, 36, 0, 1), 'bad-field'],
    ['more parts than its length needs', patched(header, 36, 0, 3), 'bad-field'],
    ['65,535 parts', patched(header, 36, 0xff, 0xff), 'bad-field'],
    ['no parts', patched(header, 36, 0, 0), 'bad-field'],
    ['flags of a later version', patched(header, 31, 0x10), 'bad-field'],
    ['a whole message of two parts', patched(header, 0, 3), 'bad-field'],
    ['a byte after a header', Uint8Array.of(...header, 0), 'trailing-bytes'],
    ['a byte after a whole frame', Uint8Array.of(...whole, 0), 'trailing-bytes'],
    ['a whole frame without its last byte', whole.subarray(0, -1), 'truncated'],
    ['a part past 16 KiB', Uint8Array.of(...part, ...filled(PART_PAYLOAD_MAX_BYTES - 2, 0)), 'too-large'],
    ['a part without payload', part.subarray(0, 19), 'truncated'],
    ['part 256', patched(part, 17, 1, 0), 'bad-field'],
  ])('W-FRAME-3 %s is refused', (_, bytes, code) => {
    expect(refusal(bytes)).toBe(code)
  })

  test('W-FRAME-3 whatever is cut off is truncated', () => {
    for (const message of [header, whole]) {
      for (let length = 0; length < message.length; length++) {
        expect(refusal(message.subarray(0, length))).toBe('truncated')
      }
    }
  })

  test.each([
    ['track', { track: 0x1_0000 }],
    ['seq', { seq: 2 ** 48 }],
    ['epoch', { epoch: -1 }],
    ['timestamp', { timestampUs: 0.5 }],
    ['duration', { durationUs: 2 ** 32 }],
    ['layer', { temporalLayer: 4 }],
    ['length', { length: FRAME_MAX_BYTES + 1, partHashes: filled(257 * 16, 0) }],
    ['no length', { length: 0 }],
    ['hashes', { partHashes: filled(16, 0) }],
    ['tag', { tag: filled(7, 0) }],
    ['signature', { signature: filled(63, 0) }],
  ])('W-FRAME-3 a header whose %s does not fit is not written', (_, wrong) => {
    expect(refusalOf(() => encodeHeader({ ...exampleHeader(16_385), ...wrong }))).toBe('bad-field')
  })

  test('W-FRAME-3 a mutated message is decoded or refused, nothing else', () => {
    const samples = [header, whole, part]
    fc.assert(
      fc.property(fc.integer(), fc.nat({ max: 2 }), fc.nat({ max: 2 }), (seed, one, other) => {
        const [sample = header, donor = part] = [samples[one], samples[other]]
        refusal(mutate(sample, donor, mulberry32(seed), MEDIA_MESSAGE_MAX_BYTES))
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('W-FRAME-4 what is signed', () => {
  const streamId = filled(32, 0x5d)

  test('W-FRAME-4 context, stream id, and the header without kind and signature', () => {
    const input = frameSigningInput(streamId, exampleHeader(16_385))
    const context = Buffer.from('vilokanam/frame/1\0').toString('hex')
    expect(goldenText(input)).toBe(`${context}(5d×40)${FIELDS.slice(6)}000040010002(44×32)`)
  })

  test('W-FRAME-4 straight from a message: the same, whichever its kind', () => {
    const header = exampleHeader(3)
    const input = frameSigningInput(streamId, header)
    expect(frameSigningInputOf(streamId, encodeWhole(header, filled(3, 1)))).toEqual(input)
    expect(frameSigningInputOf(streamId, encodeHeader(header))).toEqual(input)
  })

  test('W-FRAME-4 each field of the header changes it', () => {
    const base = exampleHeader(16_385)
    const changes: Partial<FrameHeader>[] = [
      { tag: filled(8, 1) },
      { track: 1 },
      { seq: 1 },
      { epoch: 1 },
      { timestampUs: 1 },
      { durationUs: 1 },
      { isKey: false },
      { isEncrypted: true },
      { temporalLayer: 2 },
      { length: 16_386 },
      { partHashes: filled(32, 1) },
    ]
    const inputs = [base, ...changes.map(change => ({ ...base, ...change }))].map(header =>
      Buffer.from(frameSigningInput(streamId, header)).toString('hex'),
    )
    expect(new Set(inputs).size).toBe(changes.length + 1)
  })

  test('W-FRAME-4 bytes too short to be a header give nothing to verify', () => {
    const header = encodeHeader(exampleHeader(16_385))
    expect(refusalOf(() => frameSigningInputOf(streamId, header.subarray(0, 60)))).toBe('truncated')
    expect(refusalOf(() => frameSigningInputOf(streamId, new Uint8Array()))).toBe('truncated')
    expect(refusalOf(() => frameSigningInputOf(filled(31, 0), header))).toBe('bad-field')
  })
})

test('W-FRAME-5 decoding copies nothing', () => {
  const padded = new Uint8Array(500)
  const source = encodeWhole(exampleHeader(3), filled(3, 1))
  padded.set(source, 10)
  const message = decodeMediaMessage(padded.subarray(10, 10 + source.length))
  if (message.kind !== 'whole') throw new Error(message.kind)
  for (const view of [
    message.payload,
    message.header.tag,
    message.header.partHashes,
    message.header.signature,
  ]) {
    expect(view.buffer).toBe(padded.buffer)
  }
  padded[10 + source.length - 1] = 77
  expect(message.payload[2]).toBe(77)
  const part = decodeMediaMessage(encodePart(exampleHeader(3), 0, filled(3, 1)))
  if (part.kind !== 'part') throw new Error(part.kind)
  expect(part.payload.buffer).toBe(part.bytes.buffer)
})

test('W-FRAME-6 a part belongs to a header by the first half of its SHA-256', () => {
  const parts = [filled(PART_PAYLOAD_MAX_BYTES, 1), filled(5, 2)]
  const digests = parts.map(part => new Uint8Array(createHash('sha256').update(part).digest()))
  const partHashes = Uint8Array.from(digests.flatMap(digest => [...digest.subarray(0, 16)]))
  const header = { ...exampleHeader(PART_PAYLOAD_MAX_BYTES + 5), partHashes }
  const [first = filled(0, 0), second = filled(0, 0)] = digests
  expect(partMatches(header, 0, first)).toBe(true)
  expect(partMatches(header, 1, second)).toBe(true)
  expect(partMatches(header, 0, second)).toBe(false)
  expect(partMatches(header, 2, second)).toBe(false)
  expect(partMatches(header, -1, second)).toBe(false)
  expect(partMatches(header, 0, first.subarray(0, 15))).toBe(false)
  expect(partMatches(header, 0, patched(first, 15, (first[15] ?? 0) ^ 1))).toBe(false)
  expect(partMatches(header, 0, patched(first, 16, (first[16] ?? 0) ^ 1))).toBe(true)
})
