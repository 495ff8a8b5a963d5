import { expect, test } from 'vitest'
import { FrameRing, type StoredFrame } from '../../shared/media/frame-ring.ts'
import { LiveAnchor } from '../../shared/media/live-anchor.ts'
import type { QueuedMessage } from '../../shared/overlay/send-queue.ts'
import type { CryptoPort } from '../../shared/protocol/crypto-port.ts'
import { encodeFrame, encodePart, type FrameHeader, frameSigningInput } from '../../shared/protocol/frame.ts'
import { createSigner, generateSeed, nodeCrypto } from '../../tracker/node-crypto.ts'
import { Inbox } from './inbox.ts'

const streamId = new Uint8Array(32).map((_, index) => index + 1)
const creator = createSigner(generateSeed())
/** As in the browser: every check is a promise. */
const asyncCrypto: CryptoPort = {
  sha256: bytes => Promise.resolve(nodeCrypto.sha256(bytes)),
  verify: (key, message, signature) => Promise.resolve(nodeCrypto.verify(key, message, signature)),
}

function makeFrame(
  seq: number,
  payload: Uint8Array,
  over: Partial<FrameHeader> = {},
  signer = creator,
  id = streamId,
) {
  const count = Math.max(1, Math.ceil(payload.length / 16_384))
  const partHashes = new Uint8Array(16 * count)
  for (let index = 0; index < count; index++) {
    partHashes.set(
      nodeCrypto.sha256(payload.subarray(index * 16_384, (index + 1) * 16_384)).subarray(0, 16),
      index * 16,
    )
  }
  const unsigned = {
    tag: id.subarray(0, 8),
    track: 0,
    seq,
    epoch: 0,
    timestampUs: seq * 33_333,
    durationUs: 33_333,
    isKey: seq % 10 === 0,
    isEncrypted: false,
    temporalLayer: 0,
    length: payload.length,
    partHashes,
    ...over,
  }
  const header: FrameHeader = { ...unsigned, signature: signer.sign(frameSigningInput(id, unsigned)) }
  return { header, messages: encodeFrame(header, payload) }
}

function setup(crypto: CryptoPort = nodeCrypto) {
  const ring = new FrameRing({ maxAgeUs: 2_000_000, maxBytes: 1e9 })
  const anchor = new LiveAnchor()
  const forwarded: QueuedMessage[] = []
  const complete: StoredFrame[] = []
  const violations: string[] = []
  const handlers = {
    onVerified: (message: QueuedMessage) => void forwarded.push(message),
    onComplete: (frame: StoredFrame) => void complete.push(frame),
    onViolation: (reason: string) => void violations.push(reason),
  }
  const intake = {
    crypto,
    ring,
    anchor,
    streamId,
    streamKey: creator.publicKey,
    hasTrack: (track: number) => track < 2,
  }
  const inbox = new Inbox(intake, handlers)
  return { ring, anchor, forwarded, complete, violations, inbox, another: () => new Inbox(intake, handlers) }
}
const settle = () => new Promise(resolve => setImmediate(resolve))
const big = new Uint8Array(40_000).map((_, index) => index * 7)

test.each([
  ['synchronous', nodeCrypto],
  ['WebCrypto-like', asyncCrypto],
])(
  'O-MEDIA-1 each part is forwarded as it is verified, unchanged, in any order of arrival (%s)',
  async (_, crypto) => {
    const { inbox, forwarded, complete, violations } = setup(crypto)
    const { messages } = makeFrame(0, big)
    const order = [messages[2], messages[0], messages[3], messages[1]]
    for (const bytes of order) if (bytes !== undefined) inbox.receive(bytes, 0)
    await settle()
    await settle()
    expect(violations).toEqual([])
    expect(forwarded).toHaveLength(4)
    expect(forwarded[0]?.bytes).toBe(messages[0])
    expect(new Set(forwarded.map(({ bytes }) => bytes))).toEqual(new Set(messages))
    expect(complete).toHaveLength(1)
  },
)

test('O-MEDIA-2 a flipped bit anywhere in a message stops it before it is forwarded', () => {
  for (const size of [100, 40_000]) {
    const { messages } = makeFrame(0, big.subarray(0, size))
    messages.forEach((bytes, which) => {
      for (let at = 0; at < bytes.length; at += Math.max(1, Math.floor(bytes.length / 40))) {
        const { inbox, forwarded, violations } = setup()
        for (const earlier of messages.slice(0, which)) inbox.receive(earlier, 0)
        const before = forwarded.length
        const flipped = bytes.slice()
        flipped[at] = (flipped[at] ?? 0) ^ 1
        inbox.receive(flipped, 0)
        // A bit in a part's address makes it an orphan, one in the track an unknown one: dropped, nobody is blamed yet.
        expect(forwarded).toHaveLength(before)
        if (at >= 30) expect(violations).toHaveLength(1)
      }
    })
  }
})

test('O-MEDIA-3 a frame signed by another key is forged', () => {
  const { inbox, forwarded, violations } = setup()
  const stranger = createSigner(generateSeed())
  for (const bytes of makeFrame(0, big, {}, stranger).messages) inbox.receive(bytes, 0)
  expect(violations).toEqual(['bad-signature'])
  expect(forwarded).toEqual([])
})

test('O-MEDIA-4 another stream’s frame is refused by its tag, and with a forged tag by its signature', () => {
  const other = streamId.map(byte => byte ^ 0xff)
  const honest = setup()
  honest.inbox.receive(makeFrame(0, big, {}, creator, other).messages[0] as Uint8Array, 0)
  expect(honest.violations).toEqual(['wrong-stream'])
  const relabelled = makeFrame(0, big, {}, creator, other).messages[0]?.slice() as Uint8Array
  relabelled.set(streamId.subarray(0, 8), 1)
  const second = setup()
  second.inbox.receive(relabelled, 0)
  expect(second.violations).toEqual(['bad-signature'])
})

test('O-MEDIA-5 what the ring let go of is too old; a duplicate inside it blames nobody', () => {
  const { inbox, violations, forwarded, another } = setup()
  const frames = Array.from({ length: 120 }, (_, seq) => makeFrame(seq, big.subarray(0, 50)))
  frames.forEach(({ messages }, seq) => {
    inbox.receive(messages[0] as Uint8Array, seq * 33)
  })
  expect(forwarded).toHaveLength(120)
  inbox.receive(frames[119]?.messages[0] as Uint8Array, 4_000)
  inbox.receive(frames[115]?.messages[0] as Uint8Array, 4_000)
  another().receive(frames[118]?.messages[0] as Uint8Array, 4_000)
  expect(violations).toEqual([])
  expect(forwarded).toHaveLength(120)
  inbox.receive(frames[3]?.messages[0] as Uint8Array, 4_000)
  expect(violations).toEqual(['too-old'])
})

test('O-MEDIA-6 a recording that verifies is not live', () => {
  const { inbox, anchor, violations, forwarded } = setup()
  anchor.witness(3_600_000_000, 0)
  inbox.receive(makeFrame(0, big, { timestampUs: 3_580_000_000 }).messages[0] as Uint8Array, 0)
  expect(violations).toEqual(['not-live'])
  expect(forwarded).toEqual([])
})

test('O-MEDIA-7 parts without headers are bounded in number and bytes, and over time, and never forwarded', () => {
  const { header } = makeFrame(1, big)
  const flood = setup()
  for (let index = 0; index < 65; index++) {
    flood.inbox.receive(encodePart({ ...header, seq: 1_000 + index }, 0, new Uint8Array(16_384)), 0)
  }
  expect(flood.violations).toEqual(['orphan-parts'])
  const trickle = setup()
  for (let index = 0; index < 400 && trickle.violations.length === 0; index++) {
    trickle.inbox.receive(
      encodePart({ ...header, seq: 1_000 + index }, 0, new Uint8Array(16_384)),
      index * 100,
    )
  }
  expect(trickle.violations).toEqual(['orphan-parts'])
  const honest = setup()
  for (let index = 0; index < 60; index++) {
    honest.inbox.receive(
      encodePart({ ...header, seq: 1_000 + index }, 0, new Uint8Array(16_384)),
      index * 1_000,
    )
  }
  expect(honest.violations).toEqual([])
  expect([...flood.forwarded, ...trickle.forwarded, ...honest.forwarded]).toEqual([])
})

test('O-MEDIA-8 two valid frames for one seq blame the creator: the first stays, the relay is not left', () => {
  const { inbox, violations, ring } = setup()
  const first = makeFrame(0, big.subarray(0, 50))
  const second = makeFrame(0, big.subarray(0, 60))
  inbox.receive(first.messages[0] as Uint8Array, 0)
  inbox.receive(second.messages[0] as Uint8Array, 0)
  expect(violations).toEqual([])
  expect(ring.get(0, 0)?.header.length).toBe(50)
})

test('O-MEDIA-9 after a violation nothing more of that link is looked at', () => {
  const { inbox, forwarded, violations } = setup()
  inbox.receive(new Uint8Array([9, 9, 9]), 0)
  inbox.receive(makeFrame(0, big.subarray(0, 50)).messages[0] as Uint8Array, 0)
  expect(violations).toEqual(['bad-message'])
  expect(forwarded).toEqual([])
})
