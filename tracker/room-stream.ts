import type { Stream } from '@libp2p/interface'
import { decode } from 'it-length-prefixed'
import { lengthPrefixed, Outbox } from '../shared/overlay/room-outbox.ts'
import { ROOM_MESSAGE_MAX_BYTES } from '../shared/protocol/limits.ts'
import { encodeFromTracker, type FromTracker } from '../shared/protocol/room-message.ts'
import { UNSENT_MAX_BYTES } from './limits.ts'

/** A length up to 40 KiB takes three bytes. */
const LENGTH_MAX_BYTES = 3
/** For the last message to reach a peer that reads. */
const FLUSH_MS = 500
const TOO_LONG = ['InvalidDataLengthError', 'InvalidDataLengthLengthError', 'InvalidMessageLengthError']

/** A message as it travels: made once, however many get it. */
export type RoomFrame = { readonly bytes: Uint8Array }

export function roomFrame(message: FromTracker): RoomFrame {
  return { bytes: lengthPrefixed(encodeFromTracker(message)) }
}

/** The tracker's end of a room stream: whole messages in, a bounded queue out. */
export class RoomStream {
  readonly #stream: Stream
  readonly #outbox = new Outbox(UNSENT_MAX_BYTES)
  readonly #sent: Promise<void>
  #state: 'open' | 'ending' | 'closed' = 'open'

  constructor(stream: Stream) {
    this.#stream = stream
    this.#sent = stream.sink(this.#outbox.drain()).catch(() => this.abort())
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** Until the peer or we close. Whatever the peer sends, this ends and does not throw. */
  async *messages(onTooLong: () => void): AsyncGenerator<Uint8Array> {
    try {
      const limits = { maxDataLength: ROOM_MESSAGE_MAX_BYTES, maxLengthLength: LENGTH_MAX_BYTES }
      for await (const message of decode(this.#stream.source, limits)) {
        if (!this.isOpen) return
        yield message.subarray()
      }
    } catch (error) {
      if (error instanceof Error && TOO_LONG.includes(error.name)) onTooLong()
    }
  }

  /** A peer that does not read what it is sent is cut off. */
  send(frame: RoomFrame): void {
    if (this.#state === 'open' && !this.#outbox.push(frame.bytes)) this.abort()
  }

  /** Sends what is queued, then closes. Resolves when it is out, or when the peer did not take it in time. */
  async end(): Promise<void> {
    if (this.#state !== 'open') return
    this.#state = 'ending'
    this.#outbox.end()
    const cutOff = setTimeout(() => this.abort(), FLUSH_MS)
    await this.#sent
    clearTimeout(cutOff)
    this.#state = 'closed'
    this.#stream.close().catch(() => {})
  }

  abort(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#outbox.end()
    this.#stream.abort(new Error('closed by the tracker'))
  }
}
