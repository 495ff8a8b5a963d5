import { U16_MAX, U32_MAX } from './big-endian.ts'
import { decodeChain, decodeEdge, type Edge, type EdgeChain, encodeChain, encodeEdge } from './edge-chain.ts'
import {
  bytesOf,
  bytesUpTo,
  codeAt,
  integer,
  KEY_BYTES,
  listUpTo,
  SIGNATURE_BYTES,
  seq,
  track,
  unique,
} from './field-checks.ts'
import * as wire from './generated/peer.ts'
import {
  type PeerId,
  peerIdFromPublicKey,
  publicKeyOfPeer,
  type StreamId,
  streamIdFromBytes,
  streamIdToBytes,
} from './ids.ts'
import {
  ALTERNATIVES_MAX,
  ANNOUNCEMENT_MAX_BYTES,
  CHAIN_MAX_EDGES,
  FRAME_MAX_PARTS,
  HAVE_RANGE_MAX_FRAMES,
  HAVE_RANGES_MAX,
  PEER_MESSAGE_MAX_BYTES,
  PEER_RECORD_MAX_BYTES,
  PEER_RECORDS_MAX,
  PULL_ITEMS_MAX,
  REQUESTED_DELAY_MAX_MS,
  TRACKS_MAX,
  UP_BODY_MAX_BYTES,
} from './limits.ts'
import { decodeOneKind } from './strict-reader.ts'
import { WireError } from './wire-error.ts'

export const PROTOCOL_VERSION = 1

/** Places are wire codes, from 1: new ones are added at the end. */
export const REFUSE_CODES = [
  'full',
  'too-deep',
  'loop',
  'no-input',
  'wrong-stream',
  'leaving',
  'not-proven',
  'busy',
] as const
export type RefuseCode = (typeof REFUSE_CODES)[number]
export const LEAVE_CODES = [
  'closing',
  'moving',
  'hostile',
  'stalled',
  'ended',
  'displaced',
  'no-capacity',
] as const
export type LeaveCode = (typeof LEAVE_CODES)[number]
export type Alternative = { readonly peer: PeerId; readonly depth: number }
export type TrackPosition = { readonly track: number; readonly seq: number }
export type SeqRange = { readonly track: number; readonly from: number; readonly to: number }
export type PullItem = { readonly track: number; readonly seq: number; readonly parts: readonly number[] }

/** Everything that travels on `control`; docs/SPEC.md lists direction, rate limit and the core's event of each. */
export type PeerMessage =
  | {
      readonly kind: 'hello'
      readonly version: number
      readonly peer: PeerId
      readonly streamId: StreamId
      readonly proof: Uint8Array
    }
  | {
      readonly kind: 'attach'
      readonly role: 'child' | 'warm'
      readonly tracks: readonly number[]
      readonly slots: number
      readonly subtree: number
      readonly resume: readonly TrackPosition[]
      readonly isOrphan: boolean
      readonly chain?: EdgeChain
    }
  | { readonly kind: 'accept'; readonly edge: Edge; readonly chain: EdgeChain }
  | { readonly kind: 'refuse'; readonly code: RefuseCode; readonly alternatives: readonly Alternative[] }
  | { readonly kind: 'have'; readonly ranges: readonly SeqRange[] }
  | { readonly kind: 'pull'; readonly items: readonly PullItem[]; readonly deadlineMs: number }
  | { readonly kind: 'path'; readonly edge: Edge; readonly chain: EdgeChain }
  | { readonly kind: 'stalled'; readonly newest: readonly TrackPosition[] }
  | {
      readonly kind: 'feedback'
      readonly received: number
      readonly queueDelayMs: number
      readonly drops: number
      readonly slots: number
      readonly subtree: number
    }
  | { readonly kind: 'hand-over'; readonly to: readonly Alternative[]; readonly withinMs: number }
  | { readonly kind: 'leave'; readonly code: LeaveCode }
  | {
      readonly kind: 'up'
      readonly origin: Uint8Array
      readonly counter: number
      readonly body: Uint8Array
      readonly signature: Uint8Array
    }
  | {
      readonly kind: 'down'
      readonly target: Uint8Array
      readonly counter: number
      readonly body: Uint8Array
    }
  | {
      readonly kind: 'peer-records'
      readonly records: readonly { readonly payload: Uint8Array; readonly signature: Uint8Array }[]
    }
  | { readonly kind: 'ping'; readonly nonce: number }
  | { readonly kind: 'pong'; readonly nonce: number }
  | { readonly kind: 'ack'; readonly media: number; readonly repair: number }
  | { readonly kind: 'announce'; readonly record: Uint8Array }

/**
 * Every kind, absent. Without it the generated code adds the missing ones to the object one by one, and an Ack, sent
 * up to hundreds of times a second, takes 20 µs instead of 0.6. The cast: protons' types know no present undefined.
 */
const NO_KIND = {
  hello: undefined,
  attach: undefined,
  accept: undefined,
  refuse: undefined,
  have: undefined,
  pull: undefined,
  path: undefined,
  stalled: undefined,
  feedback: undefined,
  handOver: undefined,
  leave: undefined,
  up: undefined,
  down: undefined,
  peerRecords: undefined,
  ping: undefined,
  pong: undefined,
  ack: undefined,
  announce: undefined,
} satisfies Record<keyof wire.PeerFrame, undefined> as unknown as wire.PeerFrame

/** Throws WireError('too-large') past PEER_MESSAGE_MAX_BYTES. Values must be in the ranges that decoding checks. */
export function encodePeerMessage(message: PeerMessage): Uint8Array {
  const bytes = wire.PeerFrame.encode({ ...NO_KIND, ...toWire(message) })
  if (bytes.length > PEER_MESSAGE_MAX_BYTES) {
    throw new WireError('too-large', `${message.kind} of ${bytes.length} bytes`)
  }
  return bytes
}

/** Throws only WireError. At most PEER_MESSAGE_MAX_BYTES are read. */
export function decodePeerMessage(bytes: Uint8Array): PeerMessage {
  return fromWire(decodeOneKind(wire.PeerFrame.codec(), bytes, PEER_MESSAGE_MAX_BYTES))
}

function toWire(message: PeerMessage): wire.PeerFrame {
  switch (message.kind) {
    case 'hello': {
      const { version, proof } = message
      const peer = publicKeyOfPeer(message.peer)
      return { hello: { version, peer, streamId: streamIdToBytes(message.streamId), proof } }
    }
    case 'attach':
      return {
        attach: {
          role: message.role === 'warm' ? wire.Attach.Role.WARM : wire.Attach.Role.CHILD,
          tracks: [...message.tracks],
          slots: message.slots,
          subtree: message.subtree,
          resume: [...message.resume],
          orphan: message.isOrphan,
          chain: message.chain === undefined ? new Uint8Array() : encodeChain(message.chain),
        },
      }
    case 'accept':
      return { accept: { edge: encodeEdge(message.edge), chain: encodeChain(message.chain) } }
    case 'refuse': {
      const alternatives = message.alternatives.map(alternativeToWire)
      return { refuse: { code: REFUSE_CODES.indexOf(message.code) + 1, alternatives } }
    }
    case 'have':
      return { have: { ranges: [...message.ranges] } }
    case 'pull': {
      const items = message.items.map(item => ({ ...item, parts: [...item.parts] }))
      return { pull: { items, deadlineMs: message.deadlineMs } }
    }
    case 'path':
      return { path: { edge: encodeEdge(message.edge), chain: encodeChain(message.chain) } }
    case 'stalled':
      return { stalled: { newest: [...message.newest] } }
    case 'feedback':
      return { feedback: message }
    case 'hand-over':
      return { handOver: { to: message.to.map(alternativeToWire), withinMs: message.withinMs } }
    case 'leave':
      return { leave: { code: LEAVE_CODES.indexOf(message.code) + 1 } }
    case 'up':
      return { up: message }
    case 'down':
      return { down: message }
    case 'peer-records':
      return { peerRecords: { records: [...message.records] } }
    case 'ping':
      return { ping: message }
    case 'pong':
      return { pong: message }
    case 'ack':
      return { ack: message }
    case 'announce':
      return { announce: message }
  }
}

function fromWire(frame: wire.PeerFrame): PeerMessage {
  if (frame.hello) return helloFromWire(frame.hello)
  if (frame.attach) return attachFromWire(frame.attach)
  if (frame.accept) return { kind: 'accept', ...provenEdge(frame.accept) }
  if (frame.refuse) {
    const code = codeAt('refuse code', REFUSE_CODES, frame.refuse.code)
    return { kind: 'refuse', code, alternatives: alternatives(frame.refuse.alternatives) }
  }
  if (frame.have) {
    return { kind: 'have', ranges: listUpTo('ranges', frame.have.ranges, HAVE_RANGES_MAX).map(range) }
  }
  if (frame.pull) return pullFromWire(frame.pull)
  if (frame.path) return { kind: 'path', ...provenEdge(frame.path) }
  if (frame.stalled) return { kind: 'stalled', newest: positions(frame.stalled.newest) }
  if (frame.feedback) {
    const { received, queueDelayMs, drops, slots, subtree } = frame.feedback
    integer('slots', slots, U16_MAX)
    return { kind: 'feedback', received, queueDelayMs, drops, slots, subtree }
  }
  if (frame.handOver) {
    const withinMs = integer('within', frame.handOver.withinMs, REQUESTED_DELAY_MAX_MS)
    return { kind: 'hand-over', to: alternatives(frame.handOver.to), withinMs }
  }
  if (frame.leave) return { kind: 'leave', code: codeAt('leave code', LEAVE_CODES, frame.leave.code) }
  if (frame.up) {
    return {
      kind: 'up',
      origin: bytesOf('origin', frame.up.origin, KEY_BYTES),
      counter: frame.up.counter,
      body: bytesUpTo('body', frame.up.body, UP_BODY_MAX_BYTES),
      signature: bytesOf('signature', frame.up.signature, SIGNATURE_BYTES),
    }
  }
  if (frame.down) {
    const target = bytesOf('target', frame.down.target, KEY_BYTES)
    const body = bytesUpTo('body', frame.down.body, UP_BODY_MAX_BYTES)
    return { kind: 'down', target, counter: frame.down.counter, body }
  }
  if (frame.peerRecords) return peerRecordsFromWire(frame.peerRecords)
  if (frame.ping) return { kind: 'ping', nonce: frame.ping.nonce }
  if (frame.pong) return { kind: 'pong', nonce: frame.pong.nonce }
  if (frame.ack) return { kind: 'ack', media: frame.ack.media, repair: frame.ack.repair }
  if (frame.announce) {
    const record = bytesUpTo('announcement', frame.announce.record, ANNOUNCEMENT_MAX_BYTES, 1)
    return { kind: 'announce', record }
  }
  throw new WireError('unknown-kind', 'peer message')
}

/** Of any version: the handshake tells the user which one the other side speaks. */
function helloFromWire({ version, peer, streamId, proof }: wire.Hello): PeerMessage {
  return {
    kind: 'hello',
    version,
    peer: peerIdFromPublicKey(peer),
    streamId: streamIdFromBytes(streamId),
    proof: bytesOf('proof', proof, SIGNATURE_BYTES),
  }
}

function attachFromWire(attach: wire.Attach): PeerMessage {
  return {
    kind: 'attach',
    role: attach.role === wire.Attach.Role.WARM ? 'warm' : 'child',
    tracks: trackIds(attach.tracks),
    slots: integer('slots', attach.slots, U16_MAX),
    subtree: integer('subtree', attach.subtree, U32_MAX),
    resume: positions(attach.resume),
    isOrphan: attach.orphan,
    ...(attach.chain.length > 0 && { chain: decodeChain(attach.chain) }),
  }
}

/** The edge must hang below the chain's tip without closing a loop. */
function provenEdge(record: { edge: Uint8Array; chain: Uint8Array }): { edge: Edge; chain: EdgeChain } {
  const edge = decodeEdge(record.edge)
  const chain = decodeChain(record.chain)
  if (chain.creator === edge.child || chain.edges.some(({ child }) => child === edge.child)) {
    throw new WireError('bad-field', 'the edge leads back into its own chain')
  }
  return { edge, chain }
}

function pullFromWire(pull: wire.Pull): PeerMessage {
  const items = listUpTo('items', pull.items, PULL_ITEMS_MAX).map(item => ({
    track: track(item.track),
    seq: seq(item.seq),
    parts: unique('parts', listUpTo('parts', item.parts, FRAME_MAX_PARTS), part => part).map(part =>
      integer('part', part, FRAME_MAX_PARTS - 1),
    ),
  }))
  unique('items', items, item => `${item.track}/${item.seq}`)
  return { kind: 'pull', items, deadlineMs: integer('deadline', pull.deadlineMs, REQUESTED_DELAY_MAX_MS) }
}

function peerRecordsFromWire(message: wire.PeerRecords): PeerMessage {
  const records = listUpTo('records', message.records, PEER_RECORDS_MAX).map(record => ({
    payload: bytesUpTo('peer record', record.payload, PEER_RECORD_MAX_BYTES, 1),
    signature: bytesOf('signature', record.signature, SIGNATURE_BYTES),
  }))
  return { kind: 'peer-records', records }
}

function trackIds(values: readonly number[]): readonly number[] {
  return unique('tracks', listUpTo('tracks', values, TRACKS_MAX), id => id).map(track)
}

function positions(values: readonly wire.TrackPosition[]): TrackPosition[] {
  return unique('tracks', listUpTo('tracks', values, TRACKS_MAX), position => position.track).map(
    position => ({ track: track(position.track), seq: seq(position.seq) }),
  )
}

function range(value: wire.SeqRange): SeqRange {
  const from = seq(value.from)
  const to = seq(value.to)
  if (to < from || to - from >= HAVE_RANGE_MAX_FRAMES) {
    throw new WireError('bad-field', `a range from ${from} to ${to}`)
  }
  return { track: track(value.track), from, to }
}

function alternativeToWire({ peer, depth }: Alternative): wire.Alternative {
  return { peer: publicKeyOfPeer(peer), depth }
}

function alternatives(values: readonly wire.Alternative[]): Alternative[] {
  const decoded = listUpTo('alternatives', values, ALTERNATIVES_MAX).map(({ peer, depth }) => ({
    peer: peerIdFromPublicKey(peer),
    depth: integer('depth', depth, CHAIN_MAX_EDGES),
  }))
  unique('alternatives', decoded, alternative => alternative.peer)
  return decoded
}
