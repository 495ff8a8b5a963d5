import type { PeerId } from '../../../shared/protocol/ids.ts'
import type { PeerConnection } from '../ports.ts'
import { TypedEmitter } from '../typed-emitter.ts'

export type LinkEvents = {
  /** What simple-peer wants carried to the other side. */
  signal: LinkSignal
  open: undefined
  control: Uint8Array
  media: Uint8Array
  repair: Uint8Array
  close: { readonly reason: string }
}

export type LinkSignal =
  | { readonly kind: 'offer' | 'answer'; readonly sdp: string }
  | {
      readonly kind: 'candidate'
      readonly candidate: string
      readonly sdpMid: string
      readonly sdpMLineIndex: number
    }

/** Channel ids are agreed beforehand, so no side can open a channel of its own kind. `control` is simple-peer's. */
export const CONTROL_CHANNEL_ID = 0
const MEDIA_CHANNEL_ID = 1
const REPAIR_CHANNEL_ID = 2
/** A second guard only (DESIGN §5): the acknowledged window keeps the channel far below this. Chrome throws at 16 MiB. */
const BUFFERED_AMOUNT_MAX_BYTES = 4 * 1024 * 1024
/**
 * A link that is left stays connected for so long, deaf and dumb, while the last word goes out and the other side,
 * reading Leave in it, falls silent too. @roamhq/wrtc 0.10 ends the process when a channel closes from afar during a
 * send (its network thread takes the channel away between the check and the use): about 1 in 50 closes without this.
 */
const LINGER_MS = 250
/** Asked only after this much: in Node each look at a channel's properties waits for WebRTC's own thread (60 µs). */
const BUFFERED_AMOUNT_CHECK_BYTES = 256 * 1024

/** Hello and a little more: what a peer sends that was open a moment earlier. */
const EARLY_MESSAGES_MAX = 8

/**
 * One WebRTC connection to one peer: `control` (reliable, ordered), `media` and `repair` (reliable, unordered).
 * It moves bytes and signals and knows nothing of what they mean. The only file that looks inside simple-peer.
 */
export class Link extends TypedEmitter<LinkEvents> {
  readonly remote: PeerId
  readonly isInitiator: boolean
  readonly #peer: PeerConnection
  readonly #media: RTCDataChannel
  readonly #repair: RTCDataChannel
  #state: 'connecting' | 'open' | 'closed' = 'connecting'
  #pendingChannels = 3
  #uncheckedBytes = 0
  /** The other side may be open, and say Hello, before simple-peer here has done asking for its candidate pair. */
  #early: Uint8Array[] = []
  bytesSent = 0
  /** On `media` and `repair` together: what the other side's acknowledgements count. */
  mediaBytesSent = 0
  bytesReceived = 0

  /** `peer` was made with `initiator`, trickle, and a negotiated control channel; nothing has been awaited since. */
  constructor(peer: PeerConnection, remote: PeerId, isInitiator: boolean) {
    super()
    this.#peer = peer
    this.remote = remote
    this.isInitiator = isInitiator
    const connection = peer._pc
    connection.ondatachannel = event => event.channel.close()
    this.#media = this.#openChannel('media', MEDIA_CHANNEL_ID)
    this.#repair = this.#openChannel('repair', REPAIR_CHANNEL_ID)
    peer.on('connect', () => this.#channelOpened())
    peer.on('data', (data: Uint8Array) => {
      this.bytesReceived += data.length
      // simple-peer hands out its Buffer polyfill; nobody above should meet one.
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length)
      if (this.#state === 'open') this.emit('control', bytes)
      else if (this.#early.length < EARLY_MESSAGES_MAX) this.#early.push(bytes)
      else this.#closed('too much before the link was open')
    })
    peer.on('signal', (data: unknown) => this.#localSignal(data))
    peer.on('error', (error: Error) => this.#closed(error.message))
    peer.on('close', () => this.#closed('closed by the other side'))
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** `algorithm fingerprint` of each side's DTLS certificate, once both descriptions are set. */
  fingerprints(): { readonly local: string; readonly remote: string } | undefined {
    const local = fingerprintOf(this.#peer._pc.localDescription?.sdp)
    const remote = fingerprintOf(this.#peer._pc.remoteDescription?.sdp)
    return local === undefined || remote === undefined ? undefined : { local, remote }
  }

  /** A verified signal from the other side. */
  receiveSignal(signal: LinkSignal): void {
    if (this.#state === 'closed' || this.#peer.destroyed) return
    if (signal.kind === 'candidate') {
      const { candidate, sdpMid, sdpMLineIndex } = signal
      this.#peer.signal({ type: 'candidate', candidate: { candidate, sdpMid, sdpMLineIndex } })
      return
    }
    // A second description would renegotiate a running connection: only the first counts.
    if (this.#peer._pc.remoteDescription !== null) return
    this.#peer.signal({ type: signal.kind, sdp: signal.sdp })
  }

  /** False when the link cannot take it; the caller's queue keeps or drops it. */
  sendControl(bytes: Uint8Array): boolean {
    if (this.#state !== 'open' || this.#peer.destroyed) return false
    try {
      this.#peer.send(bytes)
      this.bytesSent += bytes.length
      return true
    } catch {
      return false
    }
  }

  sendMedia(bytes: Uint8Array): boolean {
    return this.#send(this.#media, bytes)
  }

  sendRepair(bytes: Uint8Array): boolean {
    return this.#send(this.#repair, bytes)
  }

  close(reason: string): void {
    this.#closed(reason)
  }

  #send(channel: RTCDataChannel, bytes: Uint8Array): boolean {
    if (this.#state !== 'open') return false
    if (this.#uncheckedBytes >= BUFFERED_AMOUNT_CHECK_BYTES) {
      if (channel.bufferedAmount > BUFFERED_AMOUNT_MAX_BYTES) return false
      this.#uncheckedBytes = 0
    }
    try {
      channel.send(bytes as Uint8Array<ArrayBuffer>)
      this.bytesSent += bytes.length
      this.mediaBytesSent += bytes.length
      this.#uncheckedBytes += bytes.length
      return true
    } catch {
      return false
    }
  }

  #openChannel(name: 'media' | 'repair', id: number): RTCDataChannel {
    const channel = this.#peer._pc.createDataChannel(name, { negotiated: true, id, ordered: false })
    channel.binaryType = 'arraybuffer'
    channel.onopen = () => this.#channelOpened()
    channel.onmessage = event => {
      if (!(event.data instanceof ArrayBuffer)) return this.#closed(`text on the ${name} channel`)
      this.bytesReceived += event.data.byteLength
      this.emit(name, new Uint8Array(event.data))
    }
    channel.onclose = () => this.#closed(`the ${name} channel closed`)
    return channel
  }

  #channelOpened(): void {
    this.#pendingChannels -= 1
    if (this.#pendingChannels > 0 || this.#state !== 'connecting') return
    this.#state = 'open'
    this.emit('open', undefined)
    for (const bytes of this.#early.splice(0)) this.emit('control', bytes)
  }

  #localSignal(data: unknown): void {
    const signal = data as { type?: string; sdp?: string; candidate?: RTCIceCandidateInit }
    if ((signal.type === 'offer' || signal.type === 'answer') && signal.sdp !== undefined) {
      this.emit('signal', { kind: signal.type, sdp: signal.sdp })
    } else if (signal.candidate !== undefined) {
      const { candidate, sdpMid, sdpMLineIndex } = signal.candidate
      this.emit('signal', {
        kind: 'candidate',
        candidate: candidate ?? '',
        sdpMid: sdpMid ?? '0',
        sdpMLineIndex: sdpMLineIndex ?? 0,
      })
    }
  }

  #closed(reason: string): void {
    if (this.#state === 'closed') return
    const mayLinger = this.#state === 'open' && !this.#peer.destroyed
    this.#state = 'closed'
    for (const channel of [this.#media, this.#repair]) {
      channel.onmessage = null
      channel.onopen = null
      channel.onclose = null
    }
    if (mayLinger) setTimeout(() => this.#peer.destroy(), LINGER_MS)
    else this.#peer.destroy()
    this.emit('close', { reason })
    this.removeAllListeners()
  }
}

function fingerprintOf(sdp: string | undefined): string | undefined {
  const match = sdp === undefined ? null : /^a=fingerprint:(\S+) (\S+)\r?$/m.exec(sdp)
  return match?.[1] === undefined || match[2] === undefined
    ? undefined
    : `${match[1].toLowerCase()} ${match[2]}`
}
