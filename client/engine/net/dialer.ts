import type { CryptoPort, Signer } from '../../../shared/protocol/crypto-port.ts'
import type { PeerId, StreamId } from '../../../shared/protocol/ids.ts'
import { CANDIDATES_PER_CONNECTION_MAX, SIGNAL_VALID_MS } from '../../../shared/protocol/limits.ts'
import {
  type Signal,
  type SignalBody,
  type SignedSignal,
  signSignal,
  verifySignal,
} from '../../../shared/protocol/signal.ts'
import type { Clock, Logger, PeerConnectionFactory } from '../ports.ts'
import { TypedEmitter } from '../typed-emitter.ts'
import { Link, type LinkSignal } from './link.ts'

export type DialerDeps = {
  readonly self: PeerId
  readonly signer: Signer
  readonly crypto: CryptoPort
  readonly createPeer: PeerConnectionFactory
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly iceServers: () => readonly RTCIceServer[]
  /** ms since the epoch by the tracker's clock: two peers with wrong clocks still agree on a signal's age. */
  readonly trackerTimeMs: () => number
  readonly sendSignal: (to: PeerId, signal: SignedSignal) => boolean
}

export type DialerEvents = {
  /** A verified offer waits for answer() or ignore(). */
  offered: { readonly peer: PeerId }
  /** All channels are open; who is on the other side is not proven yet (Hello does that). */
  open: { readonly peer: PeerId; readonly link: Link }
  failed: { readonly peer: PeerId; readonly reason: string }
}

type Attempt = {
  readonly peer: PeerId
  readonly nonce: Uint8Array
  readonly isInitiator: boolean
  readonly link: Link
  offerHash: Uint8Array | undefined
  candidatesReceived: number
  readonly timer: ReturnType<typeof setTimeout>
}

type Offer = {
  readonly nonce: Uint8Array
  readonly sdp: string
  readonly candidates: LinkSignal[]
  readonly arrivedAtMs: number
}

/** Offers that may wait for an answer, and nonces remembered against replay: a crowd of joiners fits, a flood does not. */
const PENDING_OFFERS_MAX = 16
const NONCES_REMEMBERED = 1_024
const ANSWER_TIMEOUT_MS = 5_000

/** Turns signed signals into open links: glare, replay, expiry and candidate limits end here. */
export class Dialer extends TypedEmitter<DialerEvents> {
  readonly #deps: DialerDeps
  readonly #streamId: StreamId
  /** One attempt per peer at a time. */
  readonly #attempts = new Map<PeerId, Attempt>()
  readonly #offers = new Map<PeerId, Offer>()
  readonly #seenNonces = new Set<string>()
  /** Outgoing signals in the order simple-peer made them: signing is asynchronous. */
  #outgoing: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(deps: DialerDeps, streamId: StreamId) {
    super()
    this.#deps = deps
    this.#streamId = streamId
  }

  /** Emits `open` or `failed` within `timeoutMs`. */
  dial(peer: PeerId, timeoutMs: number): void {
    if (this.#isClosed || this.#attempts.has(peer)) return
    const nonce = new Uint8Array(16).map(() => Math.floor(this.#deps.random() * 256))
    this.#start(peer, nonce, true, timeoutMs)
  }

  answer(peer: PeerId): void {
    const offer = this.#offers.get(peer)
    this.#offers.delete(peer)
    if (offer === undefined || this.#isClosed) return
    this.#abandon(peer)
    const attempt = this.#start(peer, offer.nonce, false, ANSWER_TIMEOUT_MS)
    if (attempt === undefined) return
    void Promise.resolve(this.#deps.crypto.sha256(asciiBytes(offer.sdp))).then(hash => {
      attempt.offerHash = hash
      attempt.link.receiveSignal({ kind: 'offer', sdp: offer.sdp })
      for (const candidate of offer.candidates) attempt.link.receiveSignal(candidate)
    })
  }

  ignore(peer: PeerId): void {
    this.#offers.delete(peer)
  }

  /** Gives up an attempt without an event. */
  cancel(peer: PeerId): void {
    this.#offers.delete(peer)
    this.#abandon(peer)
  }

  /** A signal from the tracker: anything but a verified one for this peer and stream is dropped. */
  async receive(signed: SignedSignal): Promise<void> {
    let signal: Signal
    try {
      const { self, crypto, trackerTimeMs } = this.#deps
      signal = await verifySignal(signed, self, this.#streamId, trackerTimeMs(), crypto)
    } catch (error) {
      this.#deps.logger.debug('signal dropped', { why: String(error) })
      return
    }
    if (this.#isClosed) return
    if (signal.body.kind === 'offer') this.#receiveOffer(signal, signal.body.sdp)
    else if (signal.body.kind === 'answer') await this.#receiveAnswer(signal, signal.body)
    else this.#receiveCandidate(signal, signal.body)
  }

  close(): void {
    this.#isClosed = true
    for (const peer of [...this.#attempts.keys()]) this.#abandon(peer)
    this.#offers.clear()
    this.removeAllListeners()
  }

  #receiveOffer({ from, nonce }: Signal, sdp: string): void {
    const key = hex(nonce)
    if (this.#seenNonces.has(key)) return
    this.#seenNonces.add(key)
    const oldest =
      this.#seenNonces.size > NONCES_REMEMBERED ? this.#seenNonces.values().next().value : undefined
    if (oldest !== undefined) this.#seenNonces.delete(oldest)
    const own = this.#attempts.get(from)
    // Both dialled at once: the lower peer id's offer stands, on both sides.
    if (own?.isInitiator === true && this.#deps.self < from) return
    const now = this.#deps.clock.nowMs()
    for (const [peer, offer] of this.#offers)
      if (now - offer.arrivedAtMs > SIGNAL_VALID_MS) this.#offers.delete(peer)
    if (this.#offers.size >= PENDING_OFFERS_MAX) return
    this.#offers.set(from, { nonce, sdp, candidates: [], arrivedAtMs: now })
    this.emit('offered', { peer: from })
  }

  async #receiveAnswer(
    { from, nonce }: Signal,
    body: Extract<SignalBody, { kind: 'answer' }>,
  ): Promise<void> {
    const attempt = this.#attempts.get(from)
    if (attempt === undefined || !attempt.isInitiator || hex(attempt.nonce) !== hex(nonce)) return
    // An answer to another offer cannot be passed off as one to this.
    if (attempt.offerHash === undefined || hex(attempt.offerHash) !== hex(body.offerHash)) return
    attempt.link.receiveSignal({ kind: 'answer', sdp: body.sdp })
  }

  #receiveCandidate({ from, nonce }: Signal, body: Extract<SignalBody, { kind: 'candidate' }>): void {
    const attempt = this.#attempts.get(from)
    if (attempt !== undefined && hex(attempt.nonce) === hex(nonce)) {
      attempt.candidatesReceived += 1
      if (attempt.candidatesReceived <= CANDIDATES_PER_CONNECTION_MAX) attempt.link.receiveSignal(body)
      return
    }
    const offer = this.#offers.get(from)
    if (offer === undefined || hex(offer.nonce) !== hex(nonce)) return
    if (offer.candidates.length < CANDIDATES_PER_CONNECTION_MAX) offer.candidates.push(body)
  }

  #start(peer: PeerId, nonce: Uint8Array, isInitiator: boolean, timeoutMs: number): Attempt | undefined {
    let link: Link
    try {
      link = new Link(
        this.#deps.createPeer({ initiator: isInitiator, iceServers: this.#deps.iceServers() }),
        peer,
        isInitiator,
      )
    } catch (error) {
      this.emit('failed', { peer, reason: error instanceof Error ? error.message : 'WebRTC refused' })
      return undefined
    }
    const timer = setTimeout(() => this.#fail(attempt, `no connection within ${timeoutMs} ms`), timeoutMs)
    const attempt: Attempt = {
      peer,
      nonce,
      isInitiator,
      link,
      offerHash: undefined,
      candidatesReceived: 0,
      timer,
    }
    this.#attempts.set(peer, attempt)
    let candidatesSent = 0
    link.on('signal', signal => {
      if (signal.kind === 'candidate' && ++candidatesSent > CANDIDATES_PER_CONNECTION_MAX) return
      this.#outgoing = this.#outgoing.then(() => this.#sendSignal(attempt, signal))
    })
    link.on('open', () => {
      clearTimeout(timer)
      this.#attempts.delete(peer)
      this.emit('open', { peer, link })
    })
    link.on('close', ({ reason }) => this.#fail(attempt, reason))
    return attempt
  }

  async #sendSignal(attempt: Attempt, signal: LinkSignal): Promise<void> {
    const { self, signer, crypto, trackerTimeMs, sendSignal, logger } = this.#deps
    let body: SignalBody
    if (signal.kind === 'candidate') body = signal
    else if (signal.kind === 'offer') {
      attempt.offerHash = await crypto.sha256(asciiBytes(signal.sdp))
      body = { kind: 'offer', sdp: signal.sdp }
    } else {
      if (attempt.offerHash === undefined) return
      body = { kind: 'answer', sdp: signal.sdp, offerHash: attempt.offerHash }
    }
    const { peer: to, nonce } = attempt
    try {
      const signed = await signSignal(
        { from: self, to, streamId: this.#streamId, nonce, at: trackerTimeMs(), body },
        signer,
      )
      sendSignal(to, signed)
    } catch (error) {
      logger.warn('signal not sent', { why: String(error) })
    }
  }

  #fail(attempt: Attempt, reason: string): void {
    if (this.#attempts.get(attempt.peer) !== attempt) return
    this.#abandon(attempt.peer)
    this.emit('failed', { peer: attempt.peer, reason })
  }

  #abandon(peer: PeerId): void {
    const attempt = this.#attempts.get(peer)
    if (attempt === undefined) return
    this.#attempts.delete(peer)
    clearTimeout(attempt.timer)
    attempt.link.close('given up')
  }
}

/** SDP is ASCII by its grammar (RFC 8866); verifySignal refuses anything else. */
function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, char => char.charCodeAt(0))
}

function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}
