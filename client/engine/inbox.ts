import type { FrameRing, StoredFrame } from '../../shared/media/frame-ring.ts'
import type { LiveAnchor } from '../../shared/media/live-anchor.ts'
import type { ViolationReason } from '../../shared/overlay/peer-core.ts'
import type { QueuedMessage } from '../../shared/overlay/send-queue.ts'
import type { CryptoPort, MaybePromise } from '../../shared/protocol/crypto-port.ts'
import {
  decodeMediaMessage,
  frameSigningInputOf,
  type MediaMessage,
  partMatches,
} from '../../shared/protocol/frame.ts'
import {
  ORPHAN_PARTS_MAX,
  ORPHAN_PARTS_MAX_AGE_MS,
  ORPHAN_PARTS_MAX_BYTES,
} from '../../shared/protocol/limits.ts'

type HeaderMessage = Extract<MediaMessage, { kind: 'header' | 'whole' }>
type PartMessage = Extract<MediaMessage, { kind: 'part' }>
type OrphanPart = { readonly message: PartMessage; readonly arrivedAtMs: number }

/** What every inbox of one stream shares. */
export type StreamIntake = {
  readonly crypto: CryptoPort
  readonly ring: FrameRing
  readonly anchor: LiveAnchor
  /** 32 bytes. */
  readonly streamId: Uint8Array
  /** Ed25519, 32 bytes. */
  readonly streamKey: Uint8Array
  /** Frames of other tracks are not kept; the manifest names them. */
  readonly hasTrack: (track: number) => boolean
}

export type InboxHandlers = {
  /** A message passed every check: forward it at once, unchanged. */
  onVerified(message: QueuedMessage, frame: StoredFrame): void
  /** All parts of a frame are there. */
  onComplete(frame: StoredFrame): void
  /** The sender is hostile or broken; nothing of this message was kept. Called at most once. */
  onViolation(reason: ViolationReason, detail: string): void
}

/**
 * Media as it comes from one link: each header's signature and each part's hash is checked before anything of it is
 * stored, forwarded or shown (docs/SPEC.md W-FRAME, O-MEDIA). One inbox a link, so that blame is never shared.
 */
export class Inbox {
  readonly #intake: StreamIntake
  readonly #handlers: InboxHandlers
  /** Headers whose signature is being checked, by track and seq. */
  readonly #checking = new Set<string>()
  #orphans: OrphanPart[] = []
  #orphanBytes = 0
  /** Arrival times of orphans that never saw their header: honest links lose few. */
  #expired: number[] = []
  #isHostile = false

  constructor(intake: StreamIntake, handlers: InboxHandlers) {
    this.#intake = intake
    this.#handlers = handlers
  }

  receive(bytes: Uint8Array, nowMs: number): void {
    if (this.#isHostile) return
    let message: MediaMessage
    try {
      message = decodeMediaMessage(bytes)
    } catch (error) {
      return this.#violate('bad-message', error instanceof Error ? error.message : 'undecodable')
    }
    const { ring, anchor, hasTrack, streamId } = this.#intake
    const head = message.kind === 'part' ? message : message.header
    for (let index = 0; index < 8; index++) {
      if (head.tag[index] !== streamId[index]) return this.#violate('wrong-stream', 'tag of another stream')
    }
    if (!hasTrack(head.track)) return
    if (ring.isOlderThanRing(head.track, head.seq)) {
      return this.#violate('too-old', `track ${head.track} seq ${head.seq} was evicted long ago`)
    }
    if (message.kind === 'part') return this.#receivePart(message, nowMs)
    if (!anchor.isLive(message.header.timestampUs, nowMs)) {
      const behind = Math.round(anchor.behindMs(message.header.timestampUs, nowMs))
      return this.#violate('not-live', `${behind} ms behind the live edge`)
    }
    this.#receiveHeader(message, nowMs)
  }

  #receiveHeader(message: HeaderMessage, nowMs: number): void {
    const { header } = message
    const known = this.#intake.ring.get(header.track, header.seq)
    if (known !== undefined && equalBytes(known.header.signature, header.signature)) {
      // A duplicate blames nobody; one that carries the payload may still complete the frame.
      if (message.kind === 'whole' && known.missing > 0)
        this.#checkPart(known, 0, message.payload, message.bytes)
      return
    }
    const key = `${header.track}:${header.seq}`
    if (this.#checking.has(key)) return
    this.#checking.add(key)
    const { crypto, streamKey, streamId } = this.#intake
    const input = frameSigningInputOf(streamId, message.bytes)
    whenDone(crypto.verify(streamKey, input, header.signature), isSigned => {
      this.#checking.delete(key)
      if (this.#isHostile) return
      if (!isSigned) return this.#violate('bad-signature', `track ${header.track} seq ${header.seq}`)
      if (message.kind === 'header') return this.#admit(message, nowMs)
      whenDone(crypto.sha256(message.payload), digest => {
        if (this.#isHostile) return
        if (!partMatches(header, 0, digest))
          return this.#violate('bad-hash', `track ${header.track} seq ${header.seq}`)
        this.#admit(message, nowMs)
      })
    })
  }

  #admit(message: HeaderMessage, nowMs: number): void {
    const { ring, anchor } = this.#intake
    const { header } = message
    // Known by now through another link, or (two signatures, both good) the creator sent two frames as one:
    // the first stays, and the relay is not to blame.
    if (ring.get(header.track, header.seq) !== undefined) return
    anchor.witness(header.timestampUs, nowMs)
    const frame = ring.insert(header, message.bytes, message.kind === 'whole' ? message.payload : undefined)
    this.#handlers.onVerified({ frame: header, bytes: message.bytes }, frame)
    if (frame.missing === 0) return this.#handlers.onComplete(frame)
    const waiting = this.#orphans.filter(
      ({ message: part }) => part.track === header.track && part.seq === header.seq,
    )
    if (waiting.length === 0) return
    this.#orphans = this.#orphans.filter(orphan => !waiting.includes(orphan))
    for (const { message: part } of waiting) {
      this.#orphanBytes -= part.bytes.length
      this.#checkPart(frame, part.index, part.payload, part.bytes)
    }
  }

  #receivePart(part: PartMessage, nowMs: number): void {
    const frame = this.#intake.ring.get(part.track, part.seq)
    if (frame !== undefined) return this.#checkPart(frame, part.index, part.payload, part.bytes)
    this.#expireOrphans(nowMs)
    this.#orphans.push({ message: part, arrivedAtMs: nowMs })
    this.#orphanBytes += part.bytes.length
    if (
      this.#orphans.length > ORPHAN_PARTS_MAX ||
      this.#orphanBytes > ORPHAN_PARTS_MAX_BYTES ||
      this.#expired.length > ORPHAN_PARTS_MAX
    ) {
      this.#violate('orphan-parts', `${this.#orphans.length + this.#expired.length} parts without a header`)
    }
  }

  #checkPart(frame: StoredFrame, index: number, payload: Uint8Array, bytes: Uint8Array): void {
    if (frame.isWhole || frame.missing === 0) return
    if (index >= frame.parts.length)
      return this.#violate('bad-message', `part ${index} of ${frame.parts.length}`)
    if (frame.parts[index] !== undefined) return
    whenDone(this.#intake.crypto.sha256(payload), digest => {
      if (this.#isHostile) return
      const { header } = frame
      if (!partMatches(header, index, digest)) {
        return this.#violate('bad-hash', `track ${header.track} seq ${header.seq} part ${index}`)
      }
      if (!this.#intake.ring.addPart(frame, index, bytes, payload)) return
      this.#handlers.onVerified({ frame: header, bytes }, frame)
      if (frame.missing === 0) this.#handlers.onComplete(frame)
    })
  }

  #expireOrphans(nowMs: number): void {
    while (this.#expired[0] !== undefined && nowMs - this.#expired[0] > 20 * ORPHAN_PARTS_MAX_AGE_MS)
      this.#expired.shift()
    for (;;) {
      const oldest = this.#orphans[0]
      if (oldest === undefined || nowMs - oldest.arrivedAtMs <= ORPHAN_PARTS_MAX_AGE_MS) return
      this.#orphans.shift()
      this.#orphanBytes -= oldest.message.bytes.length
      this.#expired.push(nowMs)
    }
  }

  #violate(reason: ViolationReason, detail: string): void {
    if (this.#isHostile) return
    this.#isHostile = true
    this.#orphans = []
    this.#handlers.onViolation(reason, detail)
  }
}

/** Runs on at once where the host's crypto is synchronous: no promise on the hot path in Node. */
function whenDone<T>(value: MaybePromise<T>, use: (value: T) => void): void {
  if (value instanceof Promise) void value.then(use)
  else use(value)
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}
