import { decode } from 'it-length-prefixed'
import { describe, expect, it } from 'vitest'
import { lengthPrefixed, Outbox } from './room-outbox.ts'

describe('room stream framing', () => {
  it('T-FRAME-1 prefixes the length as it-length-prefixed reads it', () => {
    for (const length of [0, 1, 127, 128, 16_383, 16_384, 40_960]) {
      const body = new Uint8Array(length).fill(7)
      const [read] = [...decode([lengthPrefixed(body)])]
      expect(read?.subarray()).toEqual(body)
    }
  })

  it('T-FRAME-2 keeps no more than its bound, and gives out what waits before it ends', async () => {
    const outbox = new Outbox(10)
    expect(outbox.push(new Uint8Array(6))).toBe(true)
    expect(outbox.push(new Uint8Array(5))).toBe(false)
    expect(outbox.push(new Uint8Array(4))).toBe(true)
    outbox.end()
    expect(outbox.push(new Uint8Array(1))).toBe(false)
    const lengths: number[] = []
    for await (const chunk of outbox.drain()) lengths.push(chunk.length)
    expect(lengths).toEqual([6, 4])
  })

  it('T-FRAME-2 wakes a reader that waits', async () => {
    const outbox = new Outbox(10)
    const reader = outbox.drain()
    const next = reader.next()
    outbox.push(Uint8Array.of(1))
    expect(await next).toEqual({ done: false, value: Uint8Array.of(1) })
    const last = reader.next()
    outbox.end()
    expect((await last).done).toBe(true)
  })
})
