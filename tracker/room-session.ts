import { fullBucket, type TokenRule, takeToken } from '../shared/overlay/room-token-bucket.ts'
import type { EdgeChain } from '../shared/protocol/edge-chain.ts'
import { SignalPayload } from '../shared/protocol/generated/records.ts'
import { type PeerId, publicKeyOfPeer, type StreamId, streamIdToBytes } from '../shared/protocol/ids.ts'
import { SIGNAL_PAYLOAD_MAX_BYTES } from '../shared/protocol/limits.ts'
import {
  decodeToTracker,
  type FromTracker,
  type RoomRefuseCode,
  type ToTracker,
} from '../shared/protocol/room-message.ts'
import { sameBytes } from '../shared/protocol/same-bytes.ts'
import { decodeStrictly } from '../shared/protocol/strict-reader.ts'
import { WireError } from '../shared/protocol/wire-error.ts'
import type { AnnouncedStreams } from './announced-streams.ts'
import type { Clock } from './clock.ts'
import {
  ANNOUNCEMENTS_PER_CREATOR,
  CLOCK_OFF_MAX_MS,
  MESSAGES_PER_STREAM,
  PICTURES_PUT,
  ROOMS_PER_PEER_MAX,
  UPDATES_PER_MEMBER,
} from './limits.ts'
import type { TrackerMetrics } from './metrics.ts'
import type { NetworkAddress } from './network-address.ts'
import type { PeerLimits } from './peer-limits.ts'
import type { Pictures } from './pictures.ts'
import type { MemberSession, RoomHub } from './room-hub.ts'
import { type RoomFrame, type RoomStream, roomFrame } from './room-stream.ts'

export type RoomSessionDeps = {
  readonly hub: RoomHub
  readonly streams: AnnouncedStreams
  readonly pictures: Pictures
  readonly limits: PeerLimits
  readonly metrics: TrackerMetrics
  readonly clock: Clock
}

/** Who is at the other end of a room stream. The peer id is the one that the noise handshake proved. */
export type RoomPeer = {
  readonly peer: PeerId
  readonly address: NetworkAddress
  readonly hostname: string
}

type Message<Kind extends ToTracker['kind']> = Extract<ToTracker, { kind: Kind }>
type State =
  | { readonly kind: 'new' }
  | { readonly kind: 'joined'; readonly streamId: StreamId }
  | { readonly kind: 'closed' }

/** Codes after which there is nothing more to say to this peer on any of its streams. */
const CLOSING_CODES: readonly RoomRefuseCode[] = [
  'rate-limited',
  'too-many-connections',
  'too-large',
  'bad-message',
  'shutting-down',
]

/** One room stream of one peer: reads its messages, holds it to its limits, and speaks for it to the hub. */
export class RoomSession implements MemberSession {
  readonly peer: PeerId
  readonly address: NetworkAddress
  readonly hostname: string
  provenChain: EdgeChain | undefined
  readonly #stream: RoomStream
  readonly #closeConnection: () => void
  readonly #deps: RoomSessionDeps
  readonly #take: (rule: TokenRule) => boolean
  #state: State = { kind: 'new' }
  /** Came sooner than the limit allows; the newest only. */
  #pendingUpdate: Message<'update'> | undefined

  constructor(who: RoomPeer, stream: RoomStream, closeConnection: () => void, deps: RoomSessionDeps) {
    this.peer = who.peer
    this.address = who.address
    this.hostname = who.hostname
    this.#stream = stream
    this.#closeConnection = closeConnection
    this.#deps = deps
    this.#take = ownBuckets(deps.clock)
  }

  get isOpen(): boolean {
    return this.#state.kind !== 'closed' && this.#stream.isOpen
  }

  /** Until the peer leaves, its stream ends, or it is refused. Never rejects because of what the peer sent. */
  async run(): Promise<void> {
    try {
      for await (const bytes of this.#stream.messages(() => this.#tooLong())) {
        if (!this.#take(MESSAGES_PER_STREAM)) {
          this.refuse('rate-limited', 'Too many messages.')
          return
        }
        await this.#read(bytes)
      }
    } finally {
      this.#leave()
      void this.#stream.end()
    }
  }

  send(message: FromTracker): void {
    if (this.isOpen) this.#stream.send(roomFrame(message))
  }

  sendFrame(frame: RoomFrame): void {
    if (this.isOpen) this.#stream.send(frame)
  }

  /** Says why, and closes. */
  refuse(code: RoomRefuseCode, detail: string): void {
    if (!this.isOpen) return
    this.#say(code, detail)
    this.#leave()
    const ended = this.#stream.end()
    if (CLOSING_CODES.includes(code)) void ended.then(this.#closeConnection)
  }

  /** The same peer has joined the same room anew. */
  replace(): void {
    this.#leave()
    void this.#stream.end()
  }

  /** For a stream that nobody has announced here yet. */
  mayOpenStream(): boolean {
    return this.#deps.limits.mayOpenStream(this.peer, this.address)
  }

  /** Takes the update that waited, when its time has come. */
  flushUpdate(): void {
    const update = this.#pendingUpdate
    if (update === undefined || this.#state.kind !== 'joined' || !this.#take(UPDATES_PER_MEMBER)) return
    this.#pendingUpdate = undefined
    this.#deps.hub.update(this, this.#state.streamId, update).catch(() => {})
  }

  async #read(bytes: Uint8Array): Promise<void> {
    try {
      await this.#handle(decodeToTracker(bytes))
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.refuse('bad-message', error.message)
    }
  }

  async #handle(message: ToTracker): Promise<void> {
    if (message.kind === 'get-picture') {
      this.#givePicture(message.streamId)
      return
    }
    const state = this.#state
    if (message.kind === 'join') {
      if (state.kind === 'new') await this.#join(message)
      else this.refuse('bad-message', 'This stream has joined a room already.')
      return
    }
    if (state.kind !== 'joined') {
      this.refuse('not-joined', 'Join a room first.')
      return
    }
    await this.#handleJoined(message, state.streamId)
  }

  async #handleJoined(
    message: Exclude<ToTracker, Message<'join'> | Message<'get-picture'>>,
    streamId: StreamId,
  ): Promise<void> {
    const { hub } = this.#deps
    switch (message.kind) {
      case 'update':
        this.#pendingUpdate = message
        this.flushUpdate()
        break
      case 'find-parents': {
        const end = this.#deps.metrics.candidateSeconds.startTimer()
        const { exclude, isOrphan } = message
        hub.step(this, streamId, { kind: 'find-parents', peer: this.peer, exclude, isOrphan })
        end()
        break
      }
      case 'signal':
        this.#forward(message, streamId)
        break
      case 'leave':
        this.#leave()
        void this.#stream.end()
        break
      case 'announce':
        await this.#announce(message.record, streamId)
        break
      case 'put-picture':
        this.#putPicture(message.picture, streamId)
    }
  }

  async #join(join: Message<'join'>): Promise<void> {
    const { hub, limits } = this.#deps
    if (!limits.mayJoin(this.address)) {
      this.refuse('rate-limited', 'Too many joins from this address. Try again in a few seconds.')
      return
    }
    if (limits.isOverConnections(this.address)) {
      this.refuse('too-many-connections', 'Too many connections from this address.')
      return
    }
    if (limits.rooms.of(this.peer) >= ROOMS_PER_PEER_MAX) {
      this.refuse('too-many-rooms', `One peer joins at most ${ROOMS_PER_PEER_MAX} rooms.`)
      return
    }
    limits.rooms.add(this.peer)
    this.#state = { kind: 'joined', streamId: join.streamId }
    const refusal = await hub.join(this, join)
    if (refusal !== undefined) this.refuse(refusal.code, refusal.detail)
    else if (join.role === 'creator') this.#checkClock(join.streamId)
  }

  async #announce(record: Uint8Array, streamId: StreamId): Promise<void> {
    const { hub } = this.#deps
    const creator = hub.creatorOf(streamId)
    // While the creator cannot reach us, whoever heard it through the tree may bring its word.
    if (creator !== undefined && creator !== this.peer) {
      this.#say('not-creator', 'Only the creator announces.')
      return
    }
    if (!this.#take(ANNOUNCEMENTS_PER_CREATOR)) {
      this.#say('rate-limited', 'Announcements come every 10 s.')
      return
    }
    const offer = await hub.announce('room', record, streamId)
    if (offer.kind === 'stale') this.#say('stale-announcement', 'A newer announcement is known.')
    if (offer.kind === 'bad') this.#say('bad-announcement', offer.detail)
  }

  #checkClock(streamId: StreamId): void {
    const at = this.#deps.streams.get(streamId)?.verified.announcement.at
    if (at === undefined) return
    const offMs = at - this.#deps.clock.wallMs()
    if (Math.abs(offMs) <= CLOCK_OFF_MAX_MS) return
    const minutes = Math.round(Math.abs(offMs) / 60_000)
    const detail = `Your clock is wrong by ${minutes} min: it is ${offMs > 0 ? 'ahead' : 'behind'}.`
    this.#say('bad-announcement', detail)
  }

  #forward({ to, signal }: Message<'signal'>, streamId: StreamId): void {
    const isHonest = this.#isOwnSignal(signal.payload, to, streamId)
    this.#deps.metrics.signals.inc({ outcome: isHonest ? 'forwarded' : 'dropped' })
    if (isHonest) this.#deps.hub.step(this, streamId, { kind: 'signal', peer: this.peer, to, signal })
  }

  /** The signature is the addressee's to check; but nobody fills its inbox in another's name. */
  #isOwnSignal(payload: Uint8Array, to: PeerId, streamId: StreamId): boolean {
    try {
      const said = decodeStrictly(SignalPayload.codec(), payload, SIGNAL_PAYLOAD_MAX_BYTES)
      return (
        sameBytes(said.from, publicKeyOfPeer(this.peer)) &&
        sameBytes(said.to, publicKeyOfPeer(to)) &&
        sameBytes(said.streamId, streamIdToBytes(streamId))
      )
    } catch {
      return false
    }
  }

  #putPicture(picture: Uint8Array, streamId: StreamId): void {
    if (this.#deps.hub.creatorOf(streamId) !== this.peer) {
      this.#say('not-creator', 'Only the creator has a picture to give.')
      return
    }
    const announced = this.#deps.streams.get(streamId)?.verified.announcement.pictureHash
    if (!this.#take(PICTURES_PUT)) {
      this.#say('rate-limited', 'A picture every few seconds is enough.')
    } else if (!this.#deps.pictures.put(streamId, picture, announced)) {
      this.#say('bad-announcement', 'The picture is not the announced one.')
    }
  }

  #givePicture(streamId: StreamId): void {
    if (!this.#deps.limits.mayGetPicture(this.address)) {
      this.refuse('rate-limited', 'Too many pictures.')
      return
    }
    const announced = this.#deps.streams.get(streamId)?.verified.announcement.pictureHash
    const picture = this.#deps.pictures.get(streamId, announced) ?? new Uint8Array(0)
    this.#deps.metrics.pictures.inc({ outcome: picture.length > 0 ? 'given' : 'none' })
    this.send({ kind: 'picture', streamId, picture })
  }

  /** No, and go on. */
  #say(code: RoomRefuseCode, detail: string): void {
    this.#deps.metrics.refused.inc({ code })
    this.send({ kind: 'refused', code, detail })
  }

  #tooLong(): void {
    this.refuse('too-large', 'A message is longer than any may be.')
  }

  #leave(): void {
    const state = this.#state
    this.#state = { kind: 'closed' }
    if (state.kind !== 'joined') return
    this.#deps.limits.rooms.remove(this.peer)
    this.#deps.hub.leave(this, state.streamId)
  }
}

/** A bucket per rule, made when it is first drawn from. */
function ownBuckets(clock: Clock): (rule: TokenRule) => boolean {
  const buckets = new Map<TokenRule, ReturnType<typeof fullBucket>>()
  return rule => {
    const nowMs = clock.nowMs()
    const bucket = buckets.get(rule) ?? fullBucket(rule, nowMs)
    buckets.set(rule, bucket)
    return takeToken(bucket, rule, nowMs)
  }
}
