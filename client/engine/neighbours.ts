import type { ViolationReason } from '../../shared/overlay/peer-core.ts'
import type { PeerId, StreamId } from '../../shared/protocol/ids.ts'
import type { PeerMessage } from '../../shared/protocol/peer-message.ts'
import type { Link } from './net/link.ts'
import { PeerLink } from './peer-link.ts'
import type { EngineDeps } from './ports.ts'

export type NeighbourHandlers = {
  onProven(peer: PeerId, rttMs: number): void
  onMessage(peer: PeerId, message: PeerMessage): void
  onMedia(link: PeerLink, bytes: Uint8Array): void
  onRtt(peer: PeerId, rttMs: number): void
  onViolation(peer: PeerId, reason: ViolationReason, detail: string): void
  /** Not `isProven`: it never came to be a neighbour. */
  onClose(peer: PeerId, reason: string, isProven: boolean): void
}

/** The open links of one peer, one to each other peer. */
export class Neighbours {
  readonly #deps: EngineDeps
  readonly #streamId: StreamId
  readonly #handlers: NeighbourHandlers
  readonly #links = new Map<PeerId, PeerLink>()
  #goneReceived = 0
  #goneSent = 0

  constructor(deps: EngineDeps, streamId: StreamId, handlers: NeighbourHandlers) {
    this.#deps = deps
    this.#streamId = streamId
    this.#handlers = handlers
  }

  /** Of all links, those that are gone included. */
  get bytesReceived(): number {
    return this.all().reduce((total, { link }) => total + link.bytesReceived, this.#goneReceived)
  }

  get bytesSent(): number {
    return this.all().reduce((total, { link }) => total + link.bytesSent, this.#goneSent)
  }

  all(): PeerLink[] {
    return [...this.#links.values()]
  }

  linkTo(peer: PeerId): PeerLink | undefined {
    return this.#links.get(peer)
  }

  /** Nothing happens when there is no link to that peer (any more). */
  send(peer: PeerId, message: PeerMessage): void {
    this.#links.get(peer)?.send(message)
  }

  close(peer: PeerId, reason: string): void {
    this.#links.get(peer)?.close(reason)
  }

  closeAll(reason: string): void {
    for (const link of this.all()) link.close(reason)
    this.#links.clear()
  }

  add(link: Link): void {
    const peer = link.remote
    // The old link of a peer that came back is dead, or it would not have dialled.
    this.close(peer, 'replaced by a new connection')
    const { crypto, clock, tracker } = this.#deps
    const handlers = this.#handlers
    const neighbour: PeerLink = new PeerLink(
      { link, self: tracker.self, signer: tracker.signer, crypto, streamId: this.#streamId, clock },
      {
        onProven: rttMs => handlers.onProven(peer, rttMs),
        onMessage: message => handlers.onMessage(peer, message),
        onMedia: bytes => handlers.onMedia(neighbour, bytes),
        onRtt: rttMs => handlers.onRtt(peer, rttMs),
        onViolation: (reason, detail) => handlers.onViolation(peer, reason, detail),
        onClose: (reason, isProven) => {
          if (this.#links.get(peer) !== neighbour) return
          this.#links.delete(peer)
          this.#goneReceived += link.bytesReceived
          this.#goneSent += link.bytesSent
          handlers.onClose(peer, reason, isProven)
        },
      },
    )
    this.#links.set(peer, neighbour)
  }
}
