import type { Stream, StreamMuxer, StreamMuxerFactory, StreamMuxerInit } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import { fixYamuxChatter } from './fix-yamux-chatter.ts'

/** Gives out what was pushed, like yamux's own source, and says how much waits. */
function pushSource() {
  const waiting: Uint8Array[] = []
  let wake: () => void = () => {}
  let isEnded = false
  const source = {
    get readableLength(): number {
      return waiting.reduce((sum, chunk) => sum + chunk.length, 0)
    },
    async next() {
      while (waiting.length === 0 && !isEnded) {
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
      const value = waiting.shift()
      return value === undefined ? { done: true, value: undefined } : { done: false, value }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
  return {
    source,
    push(...bytes: number[]) {
      waiting.push(Uint8Array.from(bytes))
      wake()
    },
    end() {
      isEnded = true
      wake()
    },
  }
}

describe('yamux, less talkative', () => {
  it('T-COST-1 sends together what is said in one turn, in order, and nothing twice', async () => {
    const pushed = pushSource()
    const factory = {
      protocol: '/yamux/1.0.0',
      createStreamMuxer: () =>
        ({ protocol: '/yamux/1.0.0', source: pushed.source }) as unknown as StreamMuxer,
    } as StreamMuxerFactory
    const { source } = fixYamuxChatter(factory).createStreamMuxer()
    const chunks: number[][] = []
    const reading = (async () => {
      for await (const chunk of source) chunks.push([...chunk.subarray()])
    })()
    pushed.push(1)
    pushed.push(2, 3)
    await new Promise(resolve => setImmediate(resolve))
    pushed.push(4)
    await new Promise(resolve => setImmediate(resolve))
    pushed.push(5)
    pushed.end()
    await reading
    expect(chunks).toEqual([[1, 2, 3], [4], [5]])
  })

  it('T-COST-2 opens a window again when half of it is used, not after each message', () => {
    let incoming: (stream: Stream) => void = () => {}
    const factory = {
      protocol: '/yamux/1.0.0',
      createStreamMuxer: (init?: StreamMuxerInit) => {
        incoming = stream => init?.onIncomingStream?.(stream)
        return { protocol: '/yamux/1.0.0', source: pushSource().source } as unknown as StreamMuxer
      },
    } as StreamMuxerFactory
    let updates = 0
    let passedOn = 0
    const stream = {
      recvWindow: 100,
      recvWindowCapacity: 100,
      sendWindowUpdate() {
        updates++
        this.recvWindowCapacity = this.recvWindow
      },
    }
    fixYamuxChatter(factory).createStreamMuxer({
      onIncomingStream: () => {
        passedOn++
      },
    })
    incoming(stream as unknown as Stream)
    expect(passedOn).toBe(1)
    for (let message = 0; message < 10; message++) {
      stream.recvWindowCapacity -= 10
      stream.sendWindowUpdate()
    }
    expect(updates).toBe(2)
  })
})
