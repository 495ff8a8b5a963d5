import type { Logger, MultiaddrConnection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Uint8ArrayList } from 'uint8arraylist'
import { WebSocket } from 'ws'
import { Outbox } from '../shared/overlay/room-outbox.ts'

/** Noise messages end at 64 KiB; a few may share a frame. */
export const FRAME_MAX_BYTES = 256 * 1024
/** Unread input of one socket at which it is paused, so that a sender fills its own buffers and not ours. */
const UNREAD_MAX_BYTES = 128 * 1024
/** Output a slow reader has not taken at which we wait for it. */
const UNSENT_MAX_BYTES = 256 * 1024
/** What is on its way through yamux and noise when a connection is closed gets this long to leave. */
const FLUSH_MS = 300
const NORMAL_CLOSURE = 1000

/**
 * A WebSocket as libp2p's upgrader takes it. With backpressure both ways and a close that lets out what was said
 * before it, neither of which libp2p's own listener has.
 */
export function socketConnection(socket: WebSocket, remoteAddr: Multiaddr, log: Logger): MultiaddrConnection {
  let written: Promise<void> = Promise.resolve()
  const connection: MultiaddrConnection = {
    log,
    remoteAddr,
    timeline: { open: Date.now() },
    source: read(socket),
    sink: source => {
      written = write(socket, source)
      return written
    },
    close: async () => {
      await Promise.race([written.catch(() => {}), new Promise(resolve => setTimeout(resolve, FLUSH_MS))])
      if (socket.readyState !== WebSocket.CLOSED) socket.close(NORMAL_CLOSURE)
      connection.timeline.close ??= Date.now()
    },
    abort: () => {
      socket.terminate()
      connection.timeline.close ??= Date.now()
    },
  }
  socket.once('close', () => {
    connection.timeline.close ??= Date.now()
  })
  return connection
}

function read(socket: WebSocket): AsyncGenerator<Uint8Array> {
  const unread = new Outbox(UNREAD_MAX_BYTES + FRAME_MAX_BYTES)
  socket.on('message', (data, isBinary) => {
    if (!isBinary || !Buffer.isBuffer(data) || !unread.push(data)) socket.terminate()
    else if (unread.bytes > UNREAD_MAX_BYTES) socket.pause()
  })
  socket.once('close', () => unread.end())
  // Each error is followed by 'close'; without a listener it would end the process.
  socket.on('error', () => unread.end())
  return unread.drain(() => {
    if (socket.isPaused && unread.bytes <= UNREAD_MAX_BYTES) socket.resume()
  })
}

async function write(
  socket: WebSocket,
  source: AsyncIterable<Uint8Array | Uint8ArrayList> | Iterable<Uint8Array | Uint8ArrayList>,
): Promise<void> {
  for await (const chunk of source) {
    if (socket.readyState !== WebSocket.OPEN) return
    const bytes = chunk.subarray()
    if (socket.bufferedAmount > UNSENT_MAX_BYTES) {
      await new Promise<void>(resolve => socket.send(bytes, () => resolve()))
    } else {
      socket.send(bytes)
    }
  }
  if (socket.readyState === WebSocket.OPEN) socket.close(NORMAL_CLOSURE)
}
