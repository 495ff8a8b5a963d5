import type { PeerConnectionFactory } from '../../client/engine/ports.ts'
import { decodePeerMessage, encodePeerMessage, type PeerMessage } from '../../shared/protocol/peer-message.ts'

/** Gets each media message that an honest relay would send now; what it returns is sent instead. */
export type Attack = (message: Uint8Array) => readonly Uint8Array[]

/**
 * Gets between an honest relay and its data channels: its Hello, signatures and tracker messages stay valid, what it
 * forwards and says does not.
 */
export class HostileWire {
  /** None: the relay is honest. */
  attack: Attack | undefined
  /** Gets each control message that the relay would send now; what it returns is sent instead. */
  lie: ((message: PeerMessage) => PeerMessage) | undefined
  /** Media messages as they came from its own parent, in order. */
  readonly recorded: Uint8Array[] = []
  readonly #channels = new Set<RTCDataChannel>()

  /** The honest factory's connections, with this wire in their media channels. */
  wrap(createPeer: PeerConnectionFactory): PeerConnectionFactory {
    return options => {
      const peer = createPeer(options)
      const sendControl = peer.send.bind(peer)
      peer.send = bytes => {
        if (this.lie === undefined) sendControl(bytes)
        else sendControl(encodePeerMessage(this.lie(decodePeerMessage(bytes))))
      }
      const connection = peer._pc
      const createChannel = connection.createDataChannel.bind(connection)
      connection.createDataChannel = (label, init) => {
        const channel = createChannel(label, init)
        if (label === 'media' || label === 'repair') this.#tap(channel)
        return channel
      }
      return peer
    }
  }

  /** To everybody it is connected with, whoever they are to it. */
  sendToAll(message: Uint8Array): void {
    for (const channel of this.#channels) if (channel.readyState === 'open') channel.send(copyOf(message))
  }

  #tap(channel: RTCDataChannel): void {
    this.#channels.add(channel)
    channel.addEventListener('close', () => this.#channels.delete(channel))
    channel.addEventListener('message', ({ data }) => {
      if (data instanceof ArrayBuffer) this.recorded.push(new Uint8Array(data.slice(0)))
    })
    const send = channel.send.bind(channel)
    channel.send = (data: unknown) => {
      if (!(data instanceof Uint8Array)) throw new TypeError('media is bytes')
      for (const message of this.attack?.(data) ?? [data]) send(copyOf(message))
    }
  }
}

function copyOf(message: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(message)
}
