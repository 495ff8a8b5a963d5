import type { RoomEvents, TrackerPort, TrackerRoom } from '../../client/engine/ports.ts'
import type { Candidate } from '../../shared/protocol/room-message.ts'
import type { SignedSignal } from '../../shared/protocol/signal.ts'

/** Gets each signal that the tracker would hand to the peer; what it returns is handed over instead. */
export type Meddle = (signal: SignedSignal) => readonly SignedSignal[]

type ToTracker = Parameters<TrackerRoom['send']>[0]

/**
 * Between one peer and a real tracker. To the peer it is a hostile tracker: signals come altered, again, or made up.
 * To the tracker it is a lying peer.
 */
export class MeddlingTracker {
  /** None: signals pass. */
  meddle: Meddle | undefined
  /** As they came, before anything was done to them. */
  readonly carried: SignedSignal[] = []
  /** None: the peer is honest. What it returns is told to the tracker. */
  lie: ((message: ToTracker) => ToTracker) | undefined
  /** Everybody that the tracker has named to this peer. */
  readonly named: Candidate[] = []
  /** What the tracker has said no with. */
  readonly refusals: string[] = []
  #deliver: ((signal: SignedSignal) => void) | undefined

  wrap(port: TrackerPort): TrackerPort {
    return {
      self: port.self,
      signer: port.signer,
      openRoom: membership => this.#wrapRoom(port.openRoom(membership)),
      getPicture: (streamId, options) => port.getPicture(streamId, options),
      close: () => port.close(),
    }
  }

  /** Hands a signal to the peer, as if somebody had sent it. */
  deliver(signal: SignedSignal): void {
    this.#deliver?.(signal)
  }

  #wrapRoom(room: TrackerRoom): TrackerRoom {
    room.on('candidates', candidates => this.named.push(...candidates))
    room.on('refused', ({ code }) => this.refusals.push(code))
    const on = <Name extends keyof RoomEvents>(
      name: Name,
      listener: (payload: RoomEvents[Name]) => void,
    ): (() => void) => {
      if (name !== 'signal') return room.on(name, listener)
      this.#deliver = listener as (signal: SignedSignal) => void
      return room.on('signal', signal => {
        this.carried.push(signal)
        for (const handed of this.meddle?.(signal) ?? [signal]) this.deliver(handed)
      })
    }
    return {
      on,
      get isConnected() {
        return room.isConnected
      },
      setMembership: patch => room.setMembership(patch),
      send: message => room.send(this.lie?.(message) ?? message),
      close: () => room.close(),
    }
  }
}
