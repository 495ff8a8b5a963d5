import { U16_MAX } from './big-endian.ts'
import { decodeChain, type EdgeChain, encodeChain } from './edge-chain.ts'
import {
  bytesOf,
  bytesUpTo,
  codeAt,
  integer,
  listUpTo,
  SIGNATURE_BYTES,
  text,
  track,
  unique,
} from './field-checks.ts'
import * as wire from './generated/room.ts'
import {
  type PeerId,
  peerIdFromPublicKey,
  publicKeyOfPeer,
  type StreamId,
  streamIdFromBytes,
  streamIdToBytes,
} from './ids.ts'
import {
  ANNOUNCEMENT_MAX_BYTES,
  CANDIDATES_MAX,
  CHAIN_MAX_EDGES,
  EXCLUDE_MAX,
  ICE_SERVERS_MAX,
  ICE_TEXT_MAX_CHARS,
  ICE_URLS_MAX,
  PICTURE_MAX_BYTES,
  REFUSED_DETAIL_MAX_CHARS,
  ROOM_MESSAGE_MAX_BYTES,
  SIGNAL_PAYLOAD_MAX_BYTES,
  TRACKS_MAX,
} from './limits.ts'
import type { SignedSignal } from './signal.ts'
import { decodeOneKind } from './strict-reader.ts'
import { WireError } from './wire-error.ts'

const ICE_URL = /^(stuns?|turns?):[\x21-\x7e]+$/
const PERMILLE_MAX = 1_000
const { Role: WireRole, NatClass: WireNat } = wire.Join

export const ROOM_PROTOCOL = '/vilokanam/room/1.0.0'
export const DIRECTORY_TOPIC = '/vilokanam/streams/1'

export type Role = 'viewer' | 'relay' | 'creator'
export type NatClass = 'unknown' | 'open' | 'cone' | 'symmetric'
/** Places are wire codes, from 1: new ones are added at the end. */
export const ROOM_REFUSE_CODES = [
  'no-such-stream',
  'not-creator',
  'bad-announcement',
  'stale-announcement',
  'rate-limited',
  'too-many-connections',
  'too-many-rooms',
  'too-large',
  'bad-message',
  'not-joined',
  'shutting-down',
  'bad-chain',
] as const
export type RoomRefuseCode = (typeof ROOM_REFUSE_CODES)[number]
export type Candidate = {
  readonly peer: PeerId
  readonly depth: number
  readonly freeSlots: number
  readonly rttMs: number
  readonly ageS: number
  readonly lagMs: number
  /** Its children that cannot forward: a joiner that can may displace one. */
  readonly leaves: number
}
export type IceServer = {
  readonly urls: readonly string[]
  readonly username?: string
  readonly credential?: string
}

export type ToTracker =
  | {
      readonly kind: 'join'
      readonly streamId: StreamId
      readonly role: Role
      readonly tracks: readonly number[]
      readonly natClass: NatClass
      readonly rttMs: number
      /** Children this peer can serve; 0 cannot forward. */
      readonly slots: number
      /** The creator's root chain, or the chain of a peer that re-joins. */
      readonly chain?: EdgeChain
      /** AnnouncementRecord with manifest: required of a creator. */
      readonly announcement?: Uint8Array
    }
  | {
      readonly kind: 'update'
      readonly chain: EdgeChain
      readonly freeSlots: number
      readonly slots: number
      readonly lossPermille: number
      readonly subtree: number
      readonly lagMs: number
    }
  | { readonly kind: 'find-parents'; readonly exclude: readonly PeerId[]; readonly isOrphan: boolean }
  | { readonly kind: 'signal'; readonly to: PeerId; readonly signal: SignedSignal }
  | { readonly kind: 'leave' }
  | { readonly kind: 'announce'; readonly record: Uint8Array }
  | { readonly kind: 'put-picture'; readonly picture: Uint8Array }
  | { readonly kind: 'get-picture'; readonly streamId: StreamId }

export type FromTracker =
  | {
      readonly kind: 'joined'
      /** ms since the epoch */
      readonly trackerTime: number
      readonly depthCap: number
      readonly peers: number
      readonly iceServers: readonly IceServer[]
      readonly announcement: Uint8Array
    }
  | { readonly kind: 'candidates'; readonly candidates: readonly Candidate[] }
  | { readonly kind: 'signal'; readonly to: PeerId; readonly signal: SignedSignal }
  | {
      readonly kind: 'stats'
      readonly peers: number
      readonly depthCap: number
      readonly slots: number
      readonly maxDepth: number
    }
  | { readonly kind: 'refused'; readonly code: RoomRefuseCode; readonly detail: string }
  | { readonly kind: 'announce'; readonly record: Uint8Array }
  | { readonly kind: 'picture'; readonly streamId: StreamId; readonly picture: Uint8Array }

const ROLE_TO_WIRE: Readonly<Record<Role, wire.Join.Role>> = {
  viewer: WireRole.VIEWER,
  relay: WireRole.RELAY,
  creator: WireRole.CREATOR,
}
const ROLE_FROM_WIRE: Readonly<Record<wire.Join.Role, Role>> = {
  [WireRole.VIEWER]: 'viewer',
  [WireRole.RELAY]: 'relay',
  [WireRole.CREATOR]: 'creator',
}
const NAT_TO_WIRE: Readonly<Record<NatClass, wire.Join.NatClass>> = {
  unknown: WireNat.UNKNOWN,
  open: WireNat.OPEN,
  cone: WireNat.CONE,
  symmetric: WireNat.SYMMETRIC,
}
const NAT_FROM_WIRE: Readonly<Record<wire.Join.NatClass, NatClass>> = {
  [WireNat.UNKNOWN]: 'unknown',
  [WireNat.OPEN]: 'open',
  [WireNat.CONE]: 'cone',
  [WireNat.SYMMETRIC]: 'symmetric',
}

/** Throws WireError('too-large') past ROOM_MESSAGE_MAX_BYTES. Values must be in the ranges that decoding checks. */
export function encodeToTracker(message: ToTracker): Uint8Array {
  return bounded(message.kind, wire.ToTracker.encode(toTrackerToWire(message)))
}

/** Throws only WireError. */
export function decodeToTracker(bytes: Uint8Array): ToTracker {
  return toTrackerFromWire(decodeOneKind(wire.ToTracker.codec(), bytes, ROOM_MESSAGE_MAX_BYTES))
}

/** Throws WireError('too-large') past ROOM_MESSAGE_MAX_BYTES. Values must be in the ranges that decoding checks. */
export function encodeFromTracker(message: FromTracker): Uint8Array {
  return bounded(message.kind, wire.FromTracker.encode(fromTrackerToWire(message)))
}

/** Throws only WireError. */
export function decodeFromTracker(bytes: Uint8Array): FromTracker {
  return fromTrackerFromWire(decodeOneKind(wire.FromTracker.codec(), bytes, ROOM_MESSAGE_MAX_BYTES))
}

function bounded(kind: string, bytes: Uint8Array): Uint8Array {
  if (bytes.length > ROOM_MESSAGE_MAX_BYTES)
    throw new WireError('too-large', `${kind} of ${bytes.length} bytes`)
  return bytes
}

function toTrackerToWire(message: ToTracker): wire.ToTracker {
  switch (message.kind) {
    case 'join':
      return {
        join: {
          streamId: streamIdToBytes(message.streamId),
          role: ROLE_TO_WIRE[message.role],
          tracks: [...message.tracks],
          natClass: NAT_TO_WIRE[message.natClass],
          rttMs: message.rttMs,
          slots: message.slots,
          chain: message.chain === undefined ? new Uint8Array() : encodeChain(message.chain),
          announcement: message.announcement ?? new Uint8Array(),
        },
      }
    case 'update':
      return { update: { ...message, chain: encodeChain(message.chain) } }
    case 'find-parents':
      return { findParents: { exclude: message.exclude.map(publicKeyOfPeer), orphan: message.isOrphan } }
    case 'signal':
      return { signal: signalToWire(message) }
    case 'leave':
      return { leave: {} }
    case 'announce':
      return { announce: message }
    case 'put-picture':
      return { putPicture: message }
    case 'get-picture':
      return { getPicture: { streamId: streamIdToBytes(message.streamId) } }
  }
}

function toTrackerFromWire(frame: wire.ToTracker): ToTracker {
  if (frame.join) return joinFromWire(frame.join)
  if (frame.update) {
    const { freeSlots, slots, lossPermille, subtree, lagMs } = frame.update
    integer('free slots', freeSlots, U16_MAX)
    integer('slots', slots, U16_MAX)
    integer('loss', lossPermille, PERMILLE_MAX)
    const chain = decodeChain(frame.update.chain)
    return { kind: 'update', chain, freeSlots, slots, lossPermille, subtree, lagMs }
  }
  if (frame.findParents) {
    const exclude = listUpTo('exclude', frame.findParents.exclude, EXCLUDE_MAX).map(peerIdFromPublicKey)
    unique('exclude', exclude, peer => peer)
    return { kind: 'find-parents', exclude, isOrphan: frame.findParents.orphan }
  }
  if (frame.signal) return signalFromWire(frame.signal)
  if (frame.leave) return { kind: 'leave' }
  if (frame.announce) return { kind: 'announce', record: announcement(frame.announce.record) }
  if (frame.putPicture) {
    return {
      kind: 'put-picture',
      picture: bytesUpTo('picture', frame.putPicture.picture, PICTURE_MAX_BYTES, 1),
    }
  }
  if (frame.getPicture) return { kind: 'get-picture', streamId: streamIdFromBytes(frame.getPicture.streamId) }
  throw new WireError('unknown-kind', 'message to a tracker')
}

function joinFromWire(join: wire.Join): ToTracker {
  return {
    kind: 'join',
    streamId: streamIdFromBytes(join.streamId),
    role: ROLE_FROM_WIRE[join.role],
    tracks: unique('tracks', listUpTo('tracks', join.tracks, TRACKS_MAX), id => id).map(track),
    natClass: NAT_FROM_WIRE[join.natClass],
    rttMs: join.rttMs,
    slots: integer('slots', join.slots, U16_MAX),
    ...(join.chain.length > 0 && { chain: decodeChain(join.chain) }),
    ...(join.announcement.length > 0 && { announcement: announcement(join.announcement) }),
  }
}

function fromTrackerToWire(message: FromTracker): wire.FromTracker {
  switch (message.kind) {
    case 'joined':
      return { joined: { ...message, iceServers: message.iceServers.map(iceServerToWire) } }
    case 'candidates': {
      const candidates = message.candidates.map(candidate => ({
        ...candidate,
        peer: publicKeyOfPeer(candidate.peer),
      }))
      return { candidates: { candidates } }
    }
    case 'signal':
      return { signal: signalToWire(message) }
    case 'stats':
      return { stats: message }
    case 'refused':
      return { refused: { code: ROOM_REFUSE_CODES.indexOf(message.code) + 1, detail: message.detail } }
    case 'announce':
      return { announce: message }
    case 'picture':
      return { picture: { streamId: streamIdToBytes(message.streamId), picture: message.picture } }
  }
}

function fromTrackerFromWire(frame: wire.FromTracker): FromTracker {
  if (frame.joined) {
    const { trackerTime, peers } = frame.joined
    return {
      kind: 'joined',
      trackerTime,
      depthCap: integer('depth cap', frame.joined.depthCap, CHAIN_MAX_EDGES),
      peers,
      iceServers: listUpTo('ICE servers', frame.joined.iceServers, ICE_SERVERS_MAX).map(iceServerFromWire),
      announcement: announcement(frame.joined.announcement),
    }
  }
  if (frame.candidates) {
    const candidates = listUpTo('candidates', frame.candidates.candidates, CANDIDATES_MAX).map(
      candidateFromWire,
    )
    unique('candidates', candidates, candidate => candidate.peer)
    return { kind: 'candidates', candidates }
  }
  if (frame.signal) return signalFromWire(frame.signal)
  if (frame.stats) {
    const { peers, slots } = frame.stats
    const depthCap = integer('depth cap', frame.stats.depthCap, CHAIN_MAX_EDGES)
    return {
      kind: 'stats',
      peers,
      depthCap,
      slots,
      maxDepth: integer('depth', frame.stats.maxDepth, CHAIN_MAX_EDGES),
    }
  }
  if (frame.refused) {
    const code = codeAt('refused code', ROOM_REFUSE_CODES, frame.refused.code)
    return { kind: 'refused', code, detail: text('detail', frame.refused.detail, REFUSED_DETAIL_MAX_CHARS) }
  }
  if (frame.announce) return { kind: 'announce', record: announcement(frame.announce.record) }
  if (frame.picture) {
    const picture = bytesUpTo('picture', frame.picture.picture, PICTURE_MAX_BYTES)
    return { kind: 'picture', streamId: streamIdFromBytes(frame.picture.streamId), picture }
  }
  throw new WireError('unknown-kind', 'message from a tracker')
}

function candidateFromWire(candidate: wire.Candidate): Candidate {
  const { rttMs, ageS, lagMs } = candidate
  return {
    peer: peerIdFromPublicKey(candidate.peer),
    depth: integer('depth', candidate.depth, CHAIN_MAX_EDGES),
    freeSlots: integer('free slots', candidate.freeSlots, U16_MAX),
    rttMs,
    ageS,
    lagMs,
    leaves: integer('leaves', candidate.leaves, U16_MAX),
  }
}

function iceServerToWire({ urls, username, credential }: IceServer): wire.IceServer {
  return { urls: [...urls], username: username ?? '', credential: credential ?? '' }
}

/** A browser throws on an ICE server that it cannot read, so nothing else gets that far. */
function iceServerFromWire({ urls, username, credential }: wire.IceServer): IceServer {
  if (urls.length === 0) throw new WireError('bad-field', 'ICE server without address')
  for (const url of listUpTo('ICE addresses', urls, ICE_URLS_MAX)) {
    if (!ICE_URL.test(text('ICE address', url, ICE_TEXT_MAX_CHARS))) {
      throw new WireError('bad-field', 'ICE address')
    }
  }
  return {
    urls,
    ...(username !== '' && { username: text('ICE user name', username, ICE_TEXT_MAX_CHARS) }),
    ...(credential !== '' && { credential: text('ICE credential', credential, ICE_TEXT_MAX_CHARS) }),
  }
}

function signalToWire({ to, signal }: { to: PeerId; signal: SignedSignal }): wire.RelaySignal {
  return { to: publicKeyOfPeer(to), payload: signal.payload, signature: signal.signature }
}

function signalFromWire({ to, payload, signature }: wire.RelaySignal) {
  const signal: SignedSignal = {
    payload: bytesUpTo('signal', payload, SIGNAL_PAYLOAD_MAX_BYTES, 1),
    signature: bytesOf('signature', signature, SIGNATURE_BYTES),
  }
  return { kind: 'signal' as const, to: peerIdFromPublicKey(to), signal }
}

function announcement(record: Uint8Array): Uint8Array {
  return bytesUpTo('announcement', record, ANNOUNCEMENT_MAX_BYTES, 1)
}
