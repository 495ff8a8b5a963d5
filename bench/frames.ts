/**
 * `npm run bench:frames`: what a frame costs before WebRTC: signing and encoding at the creator; decoding, verifying,
 * hashing, storing and forwarding at a relay; per frame, per part and per child. CPU time, so that a busy machine
 * changes little. docs/benchmarks.md says what the fields mean.
 */
import { randomFillSync } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { EncodedFrame } from '../client/engine/events.ts'
import { encodeFrame, frameSigningInput, PART_HASH_BYTES } from '../shared/protocol/frame.ts'
import { PART_PAYLOAD_MAX_BYTES } from '../shared/protocol/limits.ts'
import { createSigner, generateSeed, nodeCrypto } from '../tracker/node-crypto.ts'
import { countCopiedBytes } from './copied-bytes.ts'
import { type RelayInput, relay } from './relay-rig.ts'
import { num, printJson, printTable, rounded } from './report.ts'
import { SyntheticStream } from './synthetic-stream.ts'

const { values } = parseArgs({ options: { json: { type: 'boolean' } } })

const CHILDREN = 4
/** The cost of one child is the difference that so many make: of four it would drown in the noise. */
const MANY_CHILDREN = 64
const STREAM_KBPS = 2_500
const STREAM_SECONDS = 20
const AUDIO_BYTES = 240
const AUDIO_EVERY_MS = 20
/** Each figure is the least of this many rounds: the others were disturbed, by the collector or by the machine. */
const ROUNDS = 5

const streamId = randomFillSync(new Uint8Array(32))
const signer = createSigner(generateSeed())

/** What Broadcaster does to one frame. */
function signAndEncode(frame: EncodedFrame, seq: number): Uint8Array[] {
  const { payload, timestampUs, durationUs, isKey, temporalLayer, track } = frame
  const partHashes = new Uint8Array(Math.ceil(payload.length / PART_PAYLOAD_MAX_BYTES) * PART_HASH_BYTES)
  for (let index = 0; index * PART_PAYLOAD_MAX_BYTES < payload.length; index++) {
    const start = index * PART_PAYLOAD_MAX_BYTES
    const digest = nodeCrypto.sha256(payload.subarray(start, start + PART_PAYLOAD_MAX_BYTES))
    partHashes.set(digest.subarray(0, PART_HASH_BYTES), index * PART_HASH_BYTES)
  }
  const tag = streamId.subarray(0, 8)
  const fields = {
    tag,
    track,
    seq,
    epoch: 0,
    timestampUs,
    durationUs,
    isKey,
    isEncrypted: false,
    temporalLayer,
  }
  const unsigned = { ...fields, length: payload.length, partHashes }
  const signature = signer.sign(frameSigningInput(streamId, unsigned))
  if (signature instanceof Promise) throw new Error('node:crypto signs at once')
  return encodeFrame({ ...unsigned, signature }, payload)
}

function input(frames: readonly EncodedFrame[], bitrate: number): RelayInput {
  const nextSeq = [0, 0]
  const messages = frames.flatMap(frame => {
    const seq = nextSeq[frame.track] ?? 0
    nextSeq[frame.track] = seq + 1
    return signAndEncode(frame, seq).map(bytes => ({ atMs: frame.timestampUs / 1000, bytes }))
  })
  return { streamId, streamKey: signer.publicKey, bitrate, messages }
}

/** CPU time of `work`, ms: the least of some rounds, after one that warms up. */
function cpuMs(work: () => void): number {
  work()
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / 1000)
  }
  return least
}

function fixedSize(bytes: number, count: number): EncodedFrame[] {
  return Array.from({ length: count }, (_, index) => ({
    track: 0,
    timestampUs: Math.round((index * 1_000_000) / 30),
    durationUs: 33_333,
    isKey: index % 30 === 0,
    temporalLayer: 0,
    payload: randomFillSync(new Uint8Array(bytes)),
  }))
}

/** Video and Opus as a creator sends them: 80 objects a second. */
function liveStream(): EncodedFrame[] {
  const video = new SyntheticStream(STREAM_KBPS)
  const frames = Array.from({ length: STREAM_SECONDS * 30 }, () => video.next())
  for (let atMs = 0; atMs < STREAM_SECONDS * 1000; atMs += AUDIO_EVERY_MS) {
    const payload = randomFillSync(new Uint8Array(AUDIO_BYTES))
    frames.push({
      track: 1,
      timestampUs: atMs * 1000,
      durationUs: 20_000,
      isKey: true,
      temporalLayer: 0,
      payload,
    })
  }
  return frames.sort((a, b) => a.timestampUs - b.timestampUs)
}

const sizes = [
  { name: '2 kB', bytes: 2_000, count: 3_000 },
  { name: '10 kB', bytes: 10_000, count: 2_000 },
  { name: '80 kB', bytes: 80_000, count: 300 },
].map(({ name, bytes, count }) => {
  const frames = fixedSize(bytes, count)
  const made = input(frames, bytes * 8 * 30)
  const perFrame = (ms: number): number => (ms * 1000) / count
  const signUs = perFrame(cpuMs(() => frames.forEach((frame, seq) => void signAndEncode(frame, seq))))
  const receiveUs = perFrame(cpuMs(() => relay(made, 0)))
  const forwardUs = perFrame(cpuMs(() => relay(made, MANY_CHILDREN)))
  const messages = made.messages.length / count
  return {
    name,
    bytes,
    messages,
    signUs,
    receiveUs,
    perChildUs: Math.max(0, forwardUs - receiveUs) / MANY_CHILDREN,
  }
})

const live = input(liveStream(), STREAM_KBPS * 1000)
const frameCount = STREAM_SECONDS * (30 + 1000 / AUDIO_EVERY_MS)
const aloneMs = cpuMs(() => relay(live, 0))
const relayMs = cpuMs(() => relay(live, CHILDREN))
const manyMs = cpuMs(() => relay(live, MANY_CHILDREN))
const parts = live.messages.length
const copied = countCopiedBytes(() => {
  const { completed, delivered, foreign } = relay(live, CHILDREN)
  if (completed !== frameCount || delivered !== parts * CHILDREN) throw new Error('frames were lost')
  if (foreign > 0) throw new Error(`${foreign} messages were not forwarded as the bytes that came in`)
})
const relayCoreShare = relayMs / (STREAM_SECONDS * 1000)
const nsPerPart = (relayMs * 1e6) / parts
const nsPerPartPerChild = (Math.max(0, manyMs - aloneMs) * 1e6) / parts / MANY_CHILDREN

printTable(
  ['payload', 'messages', 'hash+sign+encode µs', 'decode+verify+hash+store µs', 'forward µs per child'],
  sizes.map(size => [
    size.name,
    num(size.messages),
    num(size.signUs),
    num(size.receiveUs),
    num(size.perChildUs, 2),
  ]),
)
console.log(`
A relay with ${CHILDREN} children, ${STREAM_KBPS / 1000} Mbit/s at 30 frames/s and 50 Opus packets/s, without WebRTC:
  ${num(relayCoreShare * 100, 2)} % of a core (aim: below 5 %); a core carries ${num((frameCount * 1000) / relayMs, 0)} such frames/s
  ${num(nsPerPart, 0)} ns a part received, of which ${num(nsPerPartPerChild, 0)} ns a child
  ${num(copied / parts, 1)} bytes copied a part received, all children together
`)
printJson(values.json, {
  framesPerSecond: rounded((frameCount * 1000) / relayMs, 0),
  nsPerPart: rounded(nsPerPart, 0),
  nsPerPartPerChild: rounded(nsPerPartPerChild, 0),
  bytesCopiedPerPart: rounded(copied / parts, 1),
  relayCoreShare: rounded(relayCoreShare, 4),
  sizes: sizes.map(({ bytes, messages, signUs, receiveUs, perChildUs }) => ({
    bytes,
    messages: rounded(messages),
    signUs: rounded(signUs, 1),
    receiveUs: rounded(receiveUs, 1),
    forwardUsPerChild: rounded(perChildUs, 2),
  })),
})
