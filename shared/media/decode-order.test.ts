import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DECODE_QUEUE_MAX, DecodeOrder } from './decode-order.ts'
import type { PlayoutFrame } from './playout-frame.ts'

const FRAME_US = 33_333
const NEVER = Number.NEGATIVE_INFINITY
const ALWAYS = Number.POSITIVE_INFINITY

/** A second of pictures: a key frame, then the layers in turn. */
function picture(seq: number, layers: readonly number[] = [0], group = 30): PlayoutFrame {
  const temporalLayer = layers[(seq % group) % layers.length] ?? 0
  return { seq, timestampUs: seq * FRAME_US, durationUs: FRAME_US, isKey: seq % group === 0, temporalLayer }
}

function takeAll(order: DecodeOrder<PlayoutFrame>, dueUs: number): number[] {
  const seqs: number[] = []
  for (let frame = order.take(dueUs); frame !== undefined; frame = order.take(dueUs)) seqs.push(frame.seq)
  return seqs
}

/** What is decoded of a stream that loses `lost`, from its second key frame on, which is number 0: by then the distance of key frames is known. */
function orderOf(layers: readonly number[], lost: readonly number[], count: number): number[] {
  const order = new DecodeOrder<PlayoutFrame>({ dependency: 'group', temporalLayers: new Set(layers).size })
  const taken: number[] = []
  for (let seq = 0; seq < count + 30; seq++) {
    if (!lost.includes(seq - 30)) order.push(picture(seq, layers))
    taken.push(...takeAll(order, seq * FRAME_US))
  }
  return taken.filter(seq => seq >= 30).map(seq => seq - 30)
}

describe('order of decoding', () => {
  test('P-ORDER-1 any order of arrival gives the order of seq, each once, from a key frame on', () => {
    const seqs = Array.from({ length: 60 }, (_, index) => index + 7)
    fc.assert(
      fc.property(fc.shuffledSubarray(seqs, { minLength: 60 }), shuffled => {
        const order = new DecodeOrder<PlayoutFrame>({ dependency: 'group', temporalLayers: 1 })
        const taken: number[] = []
        for (const seq of shuffled) {
          order.push(picture(seq))
          order.push(picture(seq))
          taken.push(...takeAll(order, NEVER))
        }
        expect(taken).toEqual(taken.toSorted((one, other) => one - other))
        expect(new Set(taken).size).toBe(taken.length)
        expect([30, 60]).toContain(taken[0])
        expect(taken.at(-1)).toBe(66)
      }),
      { seed: 3 },
    )
  })

  test('P-ORDER-2 a missing frame is waited for until it is due, and not taken when it comes after', () => {
    const order = new DecodeOrder<PlayoutFrame>({ dependency: 'each', temporalLayers: 1 })
    for (const seq of [0, 1, 3]) order.push(picture(seq))
    expect(takeAll(order, NEVER)).toEqual([0, 1])
    expect(takeAll(order, 2 * FRAME_US - 2)).toEqual([])
    expect(takeAll(order, 2 * FRAME_US)).toEqual([3])
    expect(order.push(picture(2))).toBe(false)
    expect(takeAll(order, ALWAYS)).toEqual([])
    expect(order).toMatchObject({ missed: 1, dropped: 1 })
  })

  test('P-ORDER-2 a missing frame that comes in time costs nothing', () => {
    const order = new DecodeOrder<PlayoutFrame>({ dependency: 'group', temporalLayers: 1 })
    for (const seq of [0, 1, 3, 4]) order.push(picture(seq))
    expect(takeAll(order, FRAME_US)).toEqual([0, 1])
    order.push(picture(2))
    expect(takeAll(order, FRAME_US)).toEqual([2, 3, 4])
    expect(order).toMatchObject({ missed: 0, dropped: 0 })
  })

  test('P-ORDER-3 a missing frame that all need is taken even when it is late, until a key frame is at hand', () => {
    const order = new DecodeOrder<PlayoutFrame>({ dependency: 'group', temporalLayers: 1 })
    for (const seq of [0, 1, 3, 4]) order.push(picture(seq))
    expect(takeAll(order, ALWAYS)).toEqual([0, 1])
    order.push(picture(2))
    expect(takeAll(order, ALWAYS)).toEqual([2, 3, 4])
    for (const seq of [6, 7, 30, 31]) order.push(picture(seq))
    expect(takeAll(order, 4 * FRAME_US)).toEqual([])
    expect(takeAll(order, 5 * FRAME_US)).toEqual([30, 31])
    expect(order).toMatchObject({ missed: 23, dropped: 2 })
  })

  test('P-ORDER-3 so is a late base frame among layers', () => {
    const order = new DecodeOrder<PlayoutFrame>({ dependency: 'group', temporalLayers: 2 })
    const layers = [0, 1]
    for (let seq = 0; seq <= 31; seq++) order.push(picture(seq, layers))
    for (const seq of [33, 34, 35]) order.push(picture(seq, layers))
    expect(takeAll(order, ALWAYS).at(-1)).toBe(31)
    order.push(picture(32, layers))
    expect(takeAll(order, ALWAYS)).toEqual([32, 33, 34, 35])
  })

  test('P-ORDER-3 without layers, a lost frame costs the rest of its group', () => {
    expect(orderOf([0], [10], 35)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 30, 31, 32, 33, 34])
  })

  test('P-ORDER-3 of two layers, a lost upper frame costs itself; a lost base frame the rest of its group', () => {
    expect(orderOf([0, 1], [3], 8)).toEqual([0, 1, 2, 4, 5, 6, 7])
    expect(orderOf([0, 1], [4], 32)).toEqual([0, 1, 2, 3, 30, 31])
  })

  test('P-ORDER-3 of three layers, each loss costs what needs it', () => {
    const layers = [0, 2, 1, 2]
    expect(orderOf(layers, [5], 9)).toEqual([0, 1, 2, 3, 4, 6, 7, 8])
    // Layer 1 is lost: the frame of layer 2 after it needs it, those after the next base frame do not.
    expect(orderOf(layers, [6], 12)).toEqual([0, 1, 2, 3, 4, 5, 8, 9, 10, 11])
    expect(orderOf(layers, [5, 6, 7], 12)).toEqual([0, 1, 2, 3, 4, 8, 9, 10, 11])
    expect(orderOf(layers, [7, 8], 32)).toEqual([0, 1, 2, 3, 4, 5, 6, 30, 31])
  })

  test('P-ORDER-3 a lost key frame is not taken for a frame of an upper layer', () => {
    const taken = orderOf([0, 2, 1, 2], [30], 62)
    expect(taken.filter(seq => seq > 30)).toEqual([60, 61])
  })

  test('P-ORDER-3 before the distance of key frames is known, a loss costs the rest of the group', () => {
    const order = new DecodeOrder<PlayoutFrame>({ dependency: 'group', temporalLayers: 2 })
    for (const seq of [0, 1, 2, 4, 5, 30]) order.push(picture(seq, [0, 1]))
    expect(takeAll(order, ALWAYS)).toEqual([0, 1, 2, 30])
  })

  test('P-ORDER-3 a relay that sheds the upper layer all along costs only that layer', () => {
    const upper = Array.from({ length: 60 }, (_, seq) => seq).filter(seq => (seq % 30) % 2 === 1)
    const base = Array.from({ length: 60 }, (_, seq) => seq).filter(seq => (seq % 30) % 2 === 0)
    expect(orderOf([0, 1], upper, 60)).toEqual(base)
  })

  test('P-ORDER-3 whatever is lost, nothing is decoded without what it needs', () => {
    const layers = [0, 2, 1, 2]
    const losses = fc.uniqueArray(fc.integer({ min: 1, max: 89 }), { maxLength: 30 })
    fc.assert(
      fc.property(losses, lost => {
        const decoded = new Set<number>()
        for (const seq of orderOf(layers, lost, 90)) {
          const { isKey, temporalLayer } = picture(seq, layers)
          // In the dyadic pattern a frame needs the nearest one before it of a lower layer, a base frame the last base.
          let needed = seq - 1
          const isLower = (at: number) => {
            const layer = picture(at, layers).temporalLayer
            return temporalLayer === 0 ? layer === 0 : layer < temporalLayer
          }
          while (!isKey && !isLower(needed)) needed--
          if (!isKey) expect(decoded.has(needed), `${seq} needs ${needed}, lost ${lost}`).toBe(true)
          decoded.add(seq)
        }
      }),
      { seed: 11, numRuns: 500 },
    )
  })

  test('P-ORDER-4 a newcomer takes the key frame, and nothing before it stands in its way', () => {
    const order = new DecodeOrder<PlayoutFrame>({ dependency: 'group', temporalLayers: 1 })
    for (const seq of [27, 28, 31, 30]) order.push(picture(seq))
    expect(takeAll(order, NEVER)).toEqual([30, 31])
    expect(order.length).toBe(0)
  })

  test('P-ORDER-5 a lost packet costs itself', () => {
    const order = new DecodeOrder<PlayoutFrame>({ dependency: 'each', temporalLayers: 1 })
    for (const seq of [5, 6, 8, 9]) order.push({ ...picture(seq), isKey: true })
    expect(takeAll(order, ALWAYS)).toEqual([5, 6, 8, 9])
  })

  test('P-ORDER-6 what nobody takes is bounded, and goes on at the newest key frame', () => {
    const order = new DecodeOrder<PlayoutFrame>({ dependency: 'group', temporalLayers: 1 })
    for (let seq = 0; seq < 5 * DECODE_QUEUE_MAX; seq++) {
      order.push(picture(seq))
      expect(order.length).toBeLessThanOrEqual(DECODE_QUEUE_MAX)
    }
    expect((takeAll(order, NEVER)[0] ?? 1) % 30).toBe(0)
    for (let seq = 1; seq < 5 * DECODE_QUEUE_MAX; seq++) order.push({ ...picture(1e6 + seq), isKey: false })
    expect(order.length).toBeLessThanOrEqual(DECODE_QUEUE_MAX)
  })
})
