import { expect, test } from 'vitest'
import { FrameRing } from '../../shared/media/frame-ring.ts'
import { decodeMediaMessage, encodeFrame, type FrameHeader } from '../../shared/protocol/frame.ts'
import type { PeerId } from '../../shared/protocol/ids.ts'
import { ChildFeed } from './child-feed.ts'
import type { Link } from './net/link.ts'

const VIDEO = 0
const AUDIO = 1

/** A link that only remembers what it was given. */
function sinkLink() {
  const sent: { readonly channel: 'media' | 'repair'; readonly name: string; readonly bytes: number }[] = []
  const take = (channel: 'media' | 'repair') => (bytes: Uint8Array) => {
    const message = decodeMediaMessage(bytes)
    const { track, seq } = message.kind === 'part' ? message : message.header
    sent.push({ channel, name: `${track}:${seq}:${message.kind}`, bytes: bytes.length })
    return true
  }
  const link = {
    remote: 'child' as PeerId,
    sendMedia: take('media'),
    sendRepair: take('repair'),
    mediaBytesSent: 0,
  }
  return { link: link as unknown as Link, sent }
}

function header(
  track: number,
  seq: number,
  timestampUs: number,
  length: number,
  isKey: boolean,
): FrameHeader {
  return {
    tag: new Uint8Array(8),
    track,
    seq,
    epoch: 0,
    timestampUs,
    durationUs: 1_000,
    isKey,
    isEncrypted: false,
    temporalLayer: 0,
    length,
    partHashes: new Uint8Array(16 * Math.max(1, Math.ceil(length / 16_384))),
    signature: new Uint8Array(64),
  }
}

function store(ring: FrameRing, frame: FrameHeader, parts = Number.POSITIVE_INFINITY) {
  const payload = new Uint8Array(frame.length)
  const [first, ...rest] = encodeFrame(frame, payload) as [Uint8Array, ...Uint8Array[]]
  const stored = ring.insert(frame, first, rest.length === 0 ? payload : undefined)
  rest.slice(0, parts).forEach((bytes, index) => {
    ring.addPart(stored, index, bytes, bytes.subarray(20))
  })
  return stored
}

/** Three seconds: 10 frames/s with a key frame a second, 50 audio packets/s. */
function filledRing(): FrameRing {
  const ring = new FrameRing({ maxAgeUs: 30_000_000, maxBytes: 1e9 })
  for (let seq = 0; seq < 30; seq++) store(ring, header(VIDEO, seq, seq * 100_000, 1_000, seq % 10 === 0))
  for (let seq = 0; seq < 150; seq++) store(ring, header(AUDIO, seq, seq * 20_000, 100, true))
  return ring
}
const options = {
  tracks: [VIDEO, AUDIO],
  resume: [],
  bitrate: 2_000_000,
  isAudio: (track: number) => track === AUDIO,
}

test('O-FEED-1 a newcomer gets the newest key frame first, what follows it, and its sound, on `repair`', () => {
  const { link, sent } = sinkLink()
  new ChildFeed(link, filledRing(), options, 0)
  const video = sent.filter(({ name }) => name.startsWith('0:'))
  expect(video.map(({ name }) => name)).toEqual(
    Array.from({ length: 10 }, (_, index) => `0:${20 + index}:whole`),
  )
  expect(sent.find(({ name }) => name.startsWith('1:'))?.name).toBe('1:100:whole')
  expect(new Set(sent.map(({ channel }) => channel))).toEqual(new Set(['repair']))
})

test('O-FEED-2 a child that moved goes on where it stopped', () => {
  const { link, sent } = sinkLink()
  const resume = [
    { track: VIDEO, seq: 26 },
    { track: AUDIO, seq: 147 },
  ]
  new ChildFeed(link, filledRing(), { ...options, resume }, 0)
  expect(sent.map(({ name }) => name).sort()).toEqual([
    '0:27:whole',
    '0:28:whole',
    '0:29:whole',
    '1:148:whole',
    '1:149:whole',
  ])
  expect(sent).toHaveLength(5)
})

test('O-FEED-3 a child that is ahead of this peer gets nothing twice', () => {
  const { link, sent } = sinkLink()
  const resume = [
    { track: VIDEO, seq: 40 },
    { track: AUDIO, seq: 200 },
  ]
  new ChildFeed(link, filledRing(), { ...options, resume }, 0)
  expect(sent).toEqual([])
})

test('O-FEED-4 a frame that is still arriving goes ahead of its missing parts, on the channel they will come on', () => {
  const ring = filledRing()
  store(ring, header(VIDEO, 30, 3_000_000, 40_000, true), 1)
  const { link, sent } = sinkLink()
  new ChildFeed(link, ring, { ...options, tracks: [VIDEO] }, 0)
  expect(sent.map(({ name, channel }) => `${channel} ${name}`)).toEqual([
    'media 0:30:header',
    'media 0:30:part',
  ])
})

test('O-FEED-5 without acknowledgements no more than a window leaves, live and backlog together; with them all of it does', () => {
  const ring = new FrameRing({ maxAgeUs: 30_000_000, maxBytes: 1e9 })
  for (let seq = 0; seq < 30; seq++) store(ring, header(VIDEO, seq, seq * 33_000, 12_000, seq === 0))
  const { link, sent } = sinkLink()
  const feed = new ChildFeed(link, ring, { ...options, tracks: [VIDEO] }, 0)
  const total = () => sent.reduce((sum, { bytes }) => sum + bytes, 0)
  const first = total()
  expect(first).toBeLessThan(200_000)
  for (let now = 50; now < 5_000; now += 50) feed.pump(now)
  expect(total()).toBe(first)
  for (let now = 5_000; now < 10_000; now += 50) feed.acknowledge(total(), now)
  expect(sent).toHaveLength(30)
})

test('O-FEED-5 a child that attaches again on the same link is held to the window: old acknowledgements open nothing', () => {
  const ring = new FrameRing({ maxAgeUs: 30_000_000, maxBytes: 1e9 })
  for (let seq = 0; seq < 30; seq++) store(ring, header(VIDEO, seq, seq * 33_000, 12_000, seq === 0))
  const { link, sent } = sinkLink()
  const sentBefore = 5_000_000
  ;(link as { mediaBytesSent: number }).mediaBytesSent = sentBefore
  const feed = new ChildFeed(link, ring, { ...options, tracks: [VIDEO] }, 0)
  const first = sent.length
  expect(first).toBeLessThan(30)
  for (let now = 50; now < 5_000; now += 50) feed.acknowledge(sentBefore, now)
  expect(sent).toHaveLength(first)
})

test('O-FEED-6 tracks the child did not ask for are not sent', () => {
  const { link, sent } = sinkLink()
  const feed = new ChildFeed(link, filledRing(), { ...options, tracks: [AUDIO] }, 0)
  feed.offer({ frame: header(VIDEO, 31, 0, 10, true), bytes: new Uint8Array(10) }, 10)
  expect(sent.length).toBeGreaterThan(0)
  expect(sent.every(({ name }) => name.startsWith('1:'))).toBe(true)
})
