/**
 * One valid message of every kind, small and easy to recognise byte by byte: the golden bytes of docs/spec/wire.md are
 * theirs, and the fuzzer starts from them. Signatures in them are place-holders.
 */
import { type Edge, type EdgeChain, extendChain } from '../edge-chain.ts'
import type { FrameHeader } from '../frame.ts'
import { type PeerId, peerIdFromPublicKey, type StreamId, streamIdFromBytes } from '../ids.ts'
import type { PeerMessage } from '../peer-message.ts'
import type { FromTracker, ToTracker } from '../room-message.ts'

type OfEachKind<T extends { readonly kind: string }> = {
  readonly [Kind in T['kind']]: Extract<T, { readonly kind: Kind }>
}

export const EXAMPLE_STREAM: StreamId = streamIdFromBytes(filled(32, 0x5d))
export const EXAMPLE_SDP = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:aX4k',
  'a=ice-pwd:0123456789abcdefghijklmn',
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
  'a=setup:actpass',
  'a=mid:0',
  'a=sctp-port:5000',
  '',
].join('\r\n')
export const EXAMPLE_CANDIDATE = 'candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host generation 0'

export function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value)
}

/** Hex with runs of four and more equal bytes as `(value×count)`: what golden bytes are written in. */
export function goldenText(bytes: Uint8Array): string {
  let golden = ''
  for (let start = 0, end = 0; start < bytes.length; start = end) {
    while (end < bytes.length && bytes[end] === bytes[start]) end++
    const byte = (bytes[start] ?? 0).toString(16).padStart(2, '0')
    golden += end - start < 4 ? byte.repeat(end - start) : `(${byte}×${end - start})`
  }
  return golden
}

/** The peer whose key is 32 times `value`. */
export function examplePeer(value: number): PeerId {
  return peerIdFromPublicKey(filled(32, value))
}

/** From peer 0xc0 down through peers 1, 2, 3…, `depth` edges. */
export function exampleChain(depth: number): EdgeChain {
  let chain: EdgeChain = { creator: examplePeer(0xc0), root: filled(64, 0xa0), edges: [] }
  for (let level = 1; level <= depth; level++) chain = extendChain(chain, exampleEdge(level))
  return chain
}

export function exampleEdge(child: number): Edge {
  return { child: examplePeer(child), untilS: 100 + child, signature: filled(64, 0xb0 + child) }
}

/** A frame of `length` bytes; its hashes are place-holders too. */
export function exampleHeader(length: number): FrameHeader {
  return {
    tag: filled(8, 0x5d),
    track: 0x0102,
    seq: 0x0304_0506_0708,
    epoch: 0x090a_0b0c,
    timestampUs: 0x0d0e_0f10_1112,
    durationUs: 33_333,
    isKey: true,
    isEncrypted: false,
    temporalLayer: 1,
    length,
    partHashes: filled(16 * Math.ceil(length / 16_384), 0x44),
    signature: filled(64, 0x99),
  }
}

export const EXAMPLE_PEER_MESSAGES: OfEachKind<PeerMessage> = {
  hello: {
    kind: 'hello',
    version: 1,
    peer: examplePeer(1),
    streamId: EXAMPLE_STREAM,
    proof: filled(64, 0x70),
  },
  attach: {
    kind: 'attach',
    role: 'warm',
    tracks: [1, 0xffff],
    slots: 4,
    subtree: 300,
    resume: [{ track: 1, seq: 2 ** 48 - 1 }],
    isOrphan: true,
    chain: exampleChain(1),
  },
  accept: { kind: 'accept', edge: exampleEdge(2), chain: exampleChain(1) },
  refuse: { kind: 'refuse', code: 'full', alternatives: [{ peer: examplePeer(3), depth: 2 }] },
  have: { kind: 'have', ranges: [{ track: 1, from: 1_000, to: 1_030 }] },
  pull: {
    kind: 'pull',
    items: [
      { track: 1, seq: 7, parts: [] },
      { track: 1, seq: 8, parts: [0, 255] },
    ],
    deadlineMs: 250,
  },
  path: { kind: 'path', edge: exampleEdge(2), chain: exampleChain(1) },
  stalled: { kind: 'stalled', newest: [{ track: 1, seq: 70_000 }] },
  feedback: { kind: 'feedback', received: 2 ** 33, queueDelayMs: 12, drops: 3, slots: 4, subtree: 9 },
  'hand-over': { kind: 'hand-over', to: [{ peer: examplePeer(4), depth: 3 }], withinMs: 1_000 },
  leave: { kind: 'leave', code: 'closing' },
  up: {
    kind: 'up',
    origin: filled(32, 0x11),
    counter: 5,
    body: filled(3, 0x22),
    signature: filled(64, 0x33),
  },
  down: { kind: 'down', target: filled(32, 0x11), counter: 5, body: filled(3, 0x22) },
  'peer-records': {
    kind: 'peer-records',
    records: [{ payload: filled(4, 0x44), signature: filled(64, 0x55) }],
  },
  ping: { kind: 'ping', nonce: 42 },
  pong: { kind: 'pong', nonce: 42 },
  ack: { kind: 'ack', media: 2 ** 40, repair: 1 },
  announce: { kind: 'announce', record: filled(5, 0x66) },
}

const signal = { payload: filled(6, 0x77), signature: filled(64, 0x88) }

export const EXAMPLES_TO_TRACKER: OfEachKind<ToTracker> = {
  join: {
    kind: 'join',
    streamId: EXAMPLE_STREAM,
    role: 'creator',
    tracks: [1, 2],
    natClass: 'symmetric',
    rttMs: 40,
    slots: 6,
    chain: exampleChain(0),
    announcement: filled(5, 0x66),
  },
  update: {
    kind: 'update',
    chain: exampleChain(1),
    freeSlots: 2,
    slots: 4,
    lossPermille: 10,
    subtree: 2,
    lagMs: 120,
  },
  'find-parents': { kind: 'find-parents', exclude: [examplePeer(9)], isOrphan: true },
  signal: { kind: 'signal', to: examplePeer(8), signal },
  leave: { kind: 'leave' },
  announce: { kind: 'announce', record: filled(5, 0x66) },
  'put-picture': { kind: 'put-picture', picture: filled(7, 0xff) },
  'get-picture': { kind: 'get-picture', streamId: EXAMPLE_STREAM },
}

export const EXAMPLES_FROM_TRACKER: OfEachKind<FromTracker> = {
  joined: {
    kind: 'joined',
    trackerTime: 1_764_000_000_000,
    depthCap: 8,
    peers: 20,
    iceServers: [
      { urls: ['stun:127.0.0.1:3478'] },
      {
        urls: ['turns:turn.example:5349?transport=tcp'],
        username: '1764000600:peer',
        credential: 'c2VjcmV0',
      },
    ],
    announcement: filled(5, 0x66),
  },
  candidates: {
    kind: 'candidates',
    candidates: [
      { peer: examplePeer(1), depth: 1, freeSlots: 2, rttMs: 30, ageS: 600, lagMs: 40, leaves: 1 },
      { peer: examplePeer(2), depth: 2, freeSlots: 0, rttMs: 0, ageS: 5, lagMs: 0, leaves: 0 },
    ],
  },
  signal: { kind: 'signal', to: examplePeer(8), signal },
  stats: { kind: 'stats', peers: 20, depthCap: 8, slots: 33, maxDepth: 3 },
  refused: { kind: 'refused', code: 'rate-limited', detail: 'wait a second' },
  announce: { kind: 'announce', record: filled(5, 0x66) },
  picture: { kind: 'picture', streamId: EXAMPLE_STREAM, picture: filled(7, 0xff) },
}
