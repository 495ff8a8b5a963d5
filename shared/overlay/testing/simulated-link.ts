import type { PeerMessage } from '../../protocol/peer-message.ts'
import type { SimulatedPeer } from './simulated-peer.ts'
import type { VirtualTime } from './virtual-time.ts'

/** One side's attempt to reach the other. `isOver` once it was answered, given up, or ran out of time. */
export type Dial = { readonly from: SimulatedPeer; readonly to: SimulatedPeer; isOver: boolean }

/** An open connection: a fixed delay, in order, nothing lost. A peer that dies says nothing on it. */
export class SimulatedLink {
  readonly #time: VirtualTime
  readonly #a: SimulatedPeer
  readonly #b: SimulatedPeer
  readonly #delayMs: number

  constructor(time: VirtualTime, a: SimulatedPeer, b: SimulatedPeer) {
    this.#time = time
    this.#a = a
    this.#b = b
    this.#delayMs = a.options.delayMs + b.options.delayMs
  }

  get rttMs(): number {
    return 2 * this.#delayMs
  }

  send(from: SimulatedPeer, message: PeerMessage): void {
    const to = this.#other(from)
    this.#time.after(this.#delayMs, () => {
      if (to.links.get(from.id) === this) to.receive(from.id, message)
    })
  }

  sendFrame(from: SimulatedPeer, frame: { readonly atMs: number }): void {
    const to = this.#other(from)
    this.#time.after(this.#delayMs, () => {
      if (to.links.get(from.id) === this) to.receiveFrame(from.id, frame)
    })
  }

  ping(from: SimulatedPeer, onPong: (rttMs: number) => void): void {
    const to = this.#other(from)
    this.#time.after(this.rttMs, () => {
      if (to.isAlive && from.links.get(to.id) === this && to.links.get(from.id) === this) onPong(this.rttMs)
    })
  }

  close(from: SimulatedPeer, reason: string): void {
    const to = this.#other(from)
    from.dropLink(to.id, this, reason)
    this.#time.after(this.#delayMs, () => to.dropLink(from.id, this, 'closed by the other side'))
  }

  /** The other side of a peer that died without a word hears it from ICE, 7.7 s later (DESIGN §5). */
  die(dead: SimulatedPeer, iceMs: number): void {
    const to = this.#other(dead)
    this.#time.after(iceMs, () => to.dropLink(dead.id, this, 'ICE disconnected'))
  }

  #other(side: SimulatedPeer): SimulatedPeer {
    return side === this.#a ? this.#b : this.#a
  }
}
