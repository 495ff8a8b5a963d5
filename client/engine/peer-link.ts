import type { ViolationReason } from '../../shared/overlay/peer-core.ts'
import type { CryptoPort, Signer } from '../../shared/protocol/crypto-port.ts'
import { signHello, verifyHello } from '../../shared/protocol/hello.ts'
import type { PeerId, StreamId } from '../../shared/protocol/ids.ts'
import {
  decodePeerMessage,
  encodePeerMessage,
  type PeerMessage,
  PROTOCOL_VERSION,
} from '../../shared/protocol/peer-message.ts'
import { Inbox, type InboxHandlers, type StreamIntake } from './inbox.ts'
import type { Link } from './net/link.ts'
import type { Clock } from './ports.ts'

export type PeerLinkDeps = {
  readonly link: Link
  readonly self: PeerId
  readonly signer: Signer
  readonly crypto: CryptoPort
  readonly streamId: StreamId
  readonly clock: Clock
}

export type PeerLinkHandlers = {
  /** The other side proved who it is. Nothing else is handed on before. */
  onProven(rttMs: number): void
  onMessage(message: PeerMessage): void
  onMedia(bytes: Uint8Array): void
  onRtt(rttMs: number): void
  onViolation(reason: ViolationReason, detail: string): void
  onClose(reason: string, isProven: boolean): void
}

/**
 * An acknowledgement goes out after this much, so that a key frame is not held up; every 50 ms when three quarters of
 * the least window (send-queue.ts) came meanwhile; and after 200 ms. Any message costs as much as a frame of a
 * 500 kbit/s stream does, so the control channel of a link that streams says no more than it must.
 */
const ACK_EVERY_BYTES = 32 * 1024
const ACK_EVERY_MS = 50
const ACK_EVERY_MS_BYTES = 12 * 1024
const ACK_AT_LATEST_MS = 200
/** What a child has to offer is said when it changes, and from time to time anyway. */
const FEEDBACK_EVERY_MS = 1_000
/** While media or its acknowledgements came within this time, the other side is known to live … */
const FLOWING_MS = ACK_AT_LATEST_MS + 50
/** … and a ping for the round trip is sent only after so many that were spared. */
const PINGS_SPARED_MAX = 4
/** An open link that does not prove itself in this time is closed. */
const HELLO_TIMEOUT_MS = 2_000
/** Control messages a second, by token bucket: acknowledgements are the bulk of an honest peer's. */
const MESSAGES_PER_SECOND = 400
const MESSAGES_BURST = 800

/** Five pings unanswered: a tab that was killed never closes its channels, and ICE takes half a minute to say so. */
const SILENT_MAX_MS = 5_000
/** Between two looks 50 ms should pass: after such a gap it was this side that slept. */
const SLEPT_MS = 1_500

/** A link whose far end is known: Hello, acknowledgements, round-trip time and message limits. */
export class PeerLink {
  readonly link: Link
  readonly peer: PeerId
  readonly #deps: PeerLinkDeps
  readonly #handlers: PeerLinkHandlers
  #isProven = false
  #isHelloSeen = false
  #inbox: Inbox | undefined
  #mediaBytes = 0
  #repairBytes = 0
  #ackedBytes = 0
  #ackedAtMs = 0
  #flowedAtMs = Number.NEGATIVE_INFINITY
  #pingsSpared = 0
  #feedback = { slots: 0, subtree: 0, atMs: Number.NEGATIVE_INFINITY }
  #rttMs = 0
  #pings = new Map<number, number>()
  #nextPing = 1
  #tokens = MESSAGES_BURST
  #tokensAtMs: number
  #heardAtMs: number
  #lookedAtMs: number
  readonly #openedAtMs: number
  readonly #helloTimer: ReturnType<typeof setTimeout>

  constructor(deps: PeerLinkDeps, handlers: PeerLinkHandlers) {
    this.#deps = deps
    this.#handlers = handlers
    this.link = deps.link
    this.peer = deps.link.remote
    this.#openedAtMs = deps.clock.nowMs()
    this.#tokensAtMs = this.#openedAtMs
    this.#heardAtMs = this.#openedAtMs
    this.#lookedAtMs = this.#openedAtMs
    this.link.on('control', bytes => this.#receiveControl(bytes))
    this.link.on('media', bytes => {
      this.#mediaBytes += bytes.length
      this.#receiveMedia(bytes)
    })
    this.link.on('repair', bytes => {
      this.#repairBytes += bytes.length
      this.#receiveMedia(bytes)
    })
    this.link.on('close', ({ reason }) => {
      clearTimeout(this.#helloTimer)
      handlers.onClose(reason, this.#isProven)
    })
    this.#helloTimer = setTimeout(() => this.close('no proof of identity came'), HELLO_TIMEOUT_MS)
    void this.#sendHello()
  }

  get rttMs(): number {
    return this.#rttMs
  }

  send(message: PeerMessage): boolean {
    return this.link.sendControl(encodePeerMessage(message))
  }

  close(reason: string): void {
    this.link.close(reason)
  }

  /** This link's own inbox, made when media is first expected on it. */
  inbox(intake: StreamIntake, handlers: InboxHandlers): Inbox {
    this.#inbox ??= new Inbox(intake, handlers)
    return this.#inbox
  }

  /** Sends an Ack when one is due. */
  acknowledge(nowMs: number): void {
    const received = this.#mediaBytes + this.#repairBytes
    const unacked = received - this.#ackedBytes
    const sinceMs = nowMs - this.#ackedAtMs
    const isDue =
      unacked >= ACK_EVERY_BYTES ||
      (unacked >= ACK_EVERY_MS_BYTES && sinceMs >= ACK_EVERY_MS) ||
      (unacked > 0 && sinceMs >= ACK_AT_LATEST_MS)
    if (!isDue) return
    this.#ackedBytes = received
    this.#ackedAtMs = nowMs
    this.send({ kind: 'ack', media: this.#mediaBytes, repair: this.#repairBytes })
  }

  /** Closes a link on which nothing at all was heard for 5 s of this side being awake. Call every tick. */
  checkAlive(nowMs: number): void {
    if (nowMs - this.#lookedAtMs > SLEPT_MS) this.#heardAtMs = nowMs
    this.#lookedAtMs = nowMs
    if (nowMs - this.#heardAtMs > SILENT_MAX_MS) this.close(`nothing was heard for ${SILENT_MAX_MS} ms`)
  }

  /** Call each second. */
  ping(nowMs: number): void {
    if (nowMs - this.#flowedAtMs < FLOWING_MS && this.#pingsSpared < PINGS_SPARED_MAX) {
      this.#pingsSpared += 1
      return
    }
    this.#pingsSpared = 0
    const nonce = this.#nextPing++
    this.#pings.set(nonce, nowMs)
    const oldest = this.#pings.size > 4 ? this.#pings.keys().next().value : undefined
    if (oldest !== undefined) this.#pings.delete(oldest)
    this.send({ kind: 'ping', nonce })
  }

  /** Sends a Feedback when one is due; it acknowledges, too. */
  giveFeedback(slots: number, subtree: number, nowMs: number): void {
    const last = this.#feedback
    if (slots === last.slots && subtree === last.subtree && nowMs - last.atMs < FEEDBACK_EVERY_MS) return
    this.#feedback = { slots, subtree, atMs: nowMs }
    const received = this.#mediaBytes + this.#repairBytes
    this.#ackedBytes = received
    this.#ackedAtMs = nowMs
    this.send({ kind: 'feedback', received, queueDelayMs: 0, drops: 0, slots, subtree })
  }

  #receiveMedia(bytes: Uint8Array): void {
    if (!this.#isProven) return this.#violate('forged-hello', 'media before Hello')
    const now = this.#deps.clock.nowMs()
    this.#heardAtMs = now
    this.#flowedAtMs = now
    this.#handlers.onMedia(bytes)
    this.acknowledge(now)
  }

  #receiveControl(bytes: Uint8Array): void {
    const now = this.#deps.clock.nowMs()
    this.#heardAtMs = now
    this.#tokens = Math.min(
      MESSAGES_BURST,
      this.#tokens + ((now - this.#tokensAtMs) * MESSAGES_PER_SECOND) / 1000,
    )
    this.#tokensAtMs = now
    if (this.#tokens < 1) return this.#violate('rate', `more than ${MESSAGES_PER_SECOND} messages a second`)
    this.#tokens -= 1
    let message: PeerMessage
    try {
      message = decodePeerMessage(bytes)
    } catch (error) {
      return this.#violate('bad-message', String(error))
    }
    if (message.kind === 'hello') {
      void this.#receiveHello(message)
      return
    }
    if (!this.#isProven) {
      // The proof may still be with the verifier while what follows it arrives: it waits for it.
      if (this.#early === undefined || this.#early.length >= 16)
        return this.#violate('forged-hello', 'messages before Hello')
      this.#early.push(message)
      return
    }
    this.#handle(message, now)
  }

  #early: PeerMessage[] | undefined = []

  #handle(message: PeerMessage, now: number): void {
    if (message.kind === 'ping') {
      this.send({ kind: 'pong', nonce: message.nonce })
      return
    }
    if (message.kind === 'pong') {
      const sentAt = this.#pings.get(message.nonce)
      this.#pings.delete(message.nonce)
      if (sentAt === undefined) return
      this.#rttMs = now - sentAt
      this.#handlers.onRtt(this.#rttMs)
      return
    }
    if (message.kind === 'ack') this.#flowedAtMs = now
    this.#handlers.onMessage(message)
  }

  async #sendHello(): Promise<void> {
    const { self, signer, streamId } = this.#deps
    const fingerprints = this.link.fingerprints()
    if (fingerprints === undefined) return this.close('no DTLS fingerprints')
    const proof = await signHello(
      {
        streamId,
        from: self,
        to: this.peer,
        fromFingerprint: fingerprints.local,
        toFingerprint: fingerprints.remote,
      },
      signer,
    )
    this.send({ kind: 'hello', version: PROTOCOL_VERSION, peer: self, streamId, proof })
  }

  async #receiveHello(hello: Extract<PeerMessage, { kind: 'hello' }>): Promise<void> {
    if (this.#isHelloSeen) return this.#violate('bad-message', 'a second Hello')
    this.#isHelloSeen = true
    const { self, crypto, streamId, clock } = this.#deps
    if (hello.version !== PROTOCOL_VERSION)
      return this.close(`the other side speaks version ${hello.version}`)
    const fingerprints = this.link.fingerprints()
    const isMeant = hello.peer === this.peer && hello.streamId === streamId && fingerprints !== undefined
    const isProven =
      isMeant &&
      (await verifyHello(
        {
          streamId,
          from: this.peer,
          to: self,
          fromFingerprint: fingerprints.remote,
          toFingerprint: fingerprints.local,
        },
        hello.proof,
        crypto,
      ))
    if (!isProven) return this.#violate('forged-hello', 'Hello does not prove the peer that was dialled')
    clearTimeout(this.#helloTimer)
    this.#isProven = true
    const now = clock.nowMs()
    this.#rttMs = now - this.#openedAtMs
    this.#handlers.onProven(this.#rttMs)
    this.ping(now)
    const early = this.#early ?? []
    this.#early = undefined
    for (const message of early) this.#handle(message, now)
  }

  #violate(reason: ViolationReason, detail: string): void {
    this.#handlers.onViolation(reason, detail)
    this.close(detail)
  }
}
