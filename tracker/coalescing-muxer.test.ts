import type { StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import { coalescing } from './coalescing-muxer.ts'

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

describe('coalescing muxer', () => {
  it('T-COST-1 sends together what is said in one turn, in order, and nothing twice', async () => {
    const pushed = pushSource()
    const factory = {
      protocol: '/yamux/1.0.0',
      createStreamMuxer: () =>
        ({ protocol: '/yamux/1.0.0', source: pushed.source }) as unknown as StreamMuxer,
    } as StreamMuxerFactory
    const { source } = coalescing(factory).createStreamMuxer()
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
})
