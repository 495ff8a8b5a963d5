import type { Stream, StreamMuxer, StreamMuxerFactory, StreamMuxerInit } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'

/** noise encrypts up to this much at a time. */
const BATCH_MAX_BYTES = 32 * 1024

/** What yamux has to say, with how much more waits. */
type Chunks = AsyncGenerator<Uint8Array | Uint8ArrayList> & { readonly readableLength?: number }

/** What a yamux stream has beside what the interface names. */
type WindowedStream = Stream & {
  recvWindow: number
  recvWindowCapacity: number
  sendWindowUpdate(): void
}

/**
 * yamux answers each message it reads with a window update, and gives each frame to noise by itself: three
 * encryptions, three WebSocket frames and three writes for a question and its answer. Here windows are opened again
 * when half of one is used, as other implementations do, and whatever was said by the end of the turn goes together.
 */
export function fixYamuxChatter(factory: StreamMuxerFactory): StreamMuxerFactory {
  return {
    protocol: factory.protocol,
    createStreamMuxer: (init: StreamMuxerInit = {}): StreamMuxer => {
      const muxer = factory.createStreamMuxer({
        ...init,
        onIncomingStream: stream => {
          fixWindowUpdates(stream as WindowedStream)
          init.onIncomingStream?.(stream)
        },
      })
      return {
        protocol: muxer.protocol,
        get streams() {
          return muxer.streams
        },
        newStream: name => muxer.newStream(name),
        close: options => muxer.close(options),
        abort: error => muxer.abort(error),
        sink: source => muxer.sink(source),
        source: batches(muxer.source),
      }
    },
  }
}

function fixWindowUpdates(stream: WindowedStream): void {
  const update = stream.sendWindowUpdate.bind(stream)
  stream.sendWindowUpdate = () => {
    if (stream.recvWindowCapacity <= stream.recvWindow / 2) update()
  }
}

async function* batches(source: Chunks): AsyncGenerator<Uint8Array | Uint8ArrayList> {
  for await (const first of source) {
    await new Promise<void>(resolve => process.nextTick(resolve))
    if ((source.readableLength ?? 0) === 0) {
      yield first
      continue
    }
    const batch = new Uint8ArrayList(first)
    while ((source.readableLength ?? 0) > 0 && batch.byteLength < BATCH_MAX_BYTES) {
      const { done, value } = await source.next()
      if (done === true) break
      batch.append(value)
    }
    yield batch
  }
}
