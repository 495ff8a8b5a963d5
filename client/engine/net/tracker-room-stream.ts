import type { Stream } from '@libp2p/interface'
import { decode } from 'it-length-prefixed'
import { lengthPrefixed, Outbox } from '../../../shared/overlay/room-outbox.ts'
import { ROOM_MESSAGE_MAX_BYTES } from '../../../shared/protocol/limits.ts'
import {
  decodeFromTracker,
  encodeToTracker,
  type FromTracker,
  type ToTracker,
} from '../../../shared/protocol/room-message.ts'

/** What may wait for a slow tracker before the stream counts as broken. */
const UNSENT_MAX_BYTES = 256 * 1024
const LENGTH_MAX_BYTES = 3

/** A peer's end of a room stream: typed messages both ways, sizes bounded. */
export interface RoomStream {
  /** False when the stream is gone or its queue is full. */
  send(message: ToTracker): boolean
  /** Ends when either side closes; throws WireError for a message that cannot be read. */
  messages(): AsyncGenerator<FromTracker>
  /** What is queued still goes out. Idempotent. */
  close(): void
}

export function openRoomStream(stream: Stream, signal: AbortSignal): RoomStream {
  const outbox = new Outbox(UNSENT_MAX_BYTES)
  const abort = (): void => stream.abort(new Error('left'))
  signal.addEventListener('abort', abort, { once: true })
  stream.sink(outbox.drain()).catch(abort)
  return {
    send: message => outbox.push(lengthPrefixed(encodeToTracker(message))),
    async *messages() {
      const limits = { maxDataLength: ROOM_MESSAGE_MAX_BYTES, maxLengthLength: LENGTH_MAX_BYTES }
      for await (const bytes of decode(stream.source, limits)) yield decodeFromTracker(bytes.subarray())
    },
    close: () => {
      outbox.end()
      signal.removeEventListener('abort', abort)
    },
  }
}
