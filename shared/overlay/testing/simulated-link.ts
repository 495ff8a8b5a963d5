import type { PeerId } from '../../protocol/ids.ts'
import type { PeerMessage } from '../../protocol/peer-message.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What a link needs to know of the peers at its ends. */
export interface LinkEnd {
  readonly id: PeerId
  readonly isAlive: boolean
  /** From its router to the middle of the network, ms one way. */
  readonly delayMs: number
  /** Its open links: one that is not in here is closed on this side. */
  readonly links: ReadonlyMap<PeerId, SimulatedLink>
  receive(from: PeerId, message: PeerMessage): void
  receiveFrame(from: PeerId, frame: Frame): void
  dropLink(peer: PeerId, link: SimulatedLink, reason: string): void
}

/** As much of a frame as the overlay notices. */
export type Frame = { readonly atMs: number }

/** An open connection: a fixed delay, in order, nothing lost. A peer that dies says nothing on it. */
export class SimulatedLink {
  readonly #time: VirtualTime
  readonly #a: LinkEnd
  readonly #b: LinkEnd
  readonly #delayMs: number

  constructor(time: VirtualTime, a: LinkEnd, b: LinkEnd) {
    this.#time = time
    this.#a = a
    this.#b = b
    this.#delayMs = a.delayMs + b.delayMs
  }

  get rttMs(): number {
    return 2 * this.#delayMs
  }

  send(from: LinkEnd, message: PeerMessage): void {
    const to = this.#other(from)
    this.#time.after(this.#delayMs, () => {
      if (to.links.get(from.id) === this) to.receive(from.id, message)
    })
  }

  sendFrame(from: LinkEnd, frame: Frame): void {
    const to = this.#other(from)
    this.#time.after(this.#delayMs, () => {
      if (to.links.get(from.id) === this) to.receiveFrame(from.id, frame)
    })
  }

  ping(from: LinkEnd, onPong: (rttMs: number) => void): void {
    const to = this.#other(from)
    this.#time.after(this.rttMs, () => {
      if (to.isAlive && from.links.get(to.id) === this && to.links.get(from.id) === this) onPong(this.rttMs)
    })
  }

  close(from: LinkEnd, reason: string): void {
    const to = this.#other(from)
    from.dropLink(to.id, this, reason)
    this.#time.after(this.#delayMs, () => to.dropLink(from.id, this, 'closed by the other side'))
  }

  /** The other side of a peer that died without a word hears it from ICE, 7.7 s later (DESIGN §5). */
  die(dead: LinkEnd, iceMs: number): void {
    const to = this.#other(dead)
    this.#time.after(iceMs, () => to.dropLink(dead.id, this, 'ICE disconnected'))
  }

  #other(side: LinkEnd): LinkEnd {
    return side === this.#a ? this.#b : this.#a
  }
}
