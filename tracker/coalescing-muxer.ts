import type { StreamMuxer, StreamMuxerFactory, StreamMuxerInit } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'

/** noise encrypts up to this much at a time. */
const BATCH_MAX_BYTES = 32 * 1024

/** What yamux has to say, with how many more chunks wait. */
type Chunks = AsyncGenerator<Uint8Array | Uint8ArrayList> & { readonly readableLength?: number }

/**
 * yamux gives each frame to noise by itself: a message in, its window update and the answer are three encryptions,
 * three WebSocket frames and three writes. Here whatever was said by the end of the turn goes together.
 */
export function coalescing(factory: StreamMuxerFactory): StreamMuxerFactory {
  return {
    protocol: factory.protocol,
    createStreamMuxer: (init?: StreamMuxerInit): StreamMuxer => {
      const muxer = factory.createStreamMuxer(init)
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
