import { expect, test } from 'vitest'
import { FrameRing, type StoredFrame } from '../../shared/media/frame-ring.ts'
import { streamIdFromBytes } from '../../shared/protocol/ids.ts'
import { RING_MAX_BYTES } from '../../shared/protocol/limits.ts'
import { WebContentCipher } from './access/content-cipher.ts'
import { WebContentOpener } from './access/content-opener.ts'
import type { ReceivedFrame } from './events.ts'
import { FrameGate } from './frame-gate.ts'
import { until } from './testing/node-mesh.ts'

const STREAM = streamIdFromBytes(new Uint8Array(32).fill(4))
const FRAME_US = 33_333

function setup() {
  const cipher = new WebContentCipher(STREAM)
  const clock = { nowMs: 0 }
  const shown: ReceivedFrame[] = []
  const unreadable: ReceivedFrame[] = []
  const gate = new FrameGate(new WebContentOpener(STREAM), () => clock.nowMs, {
    onFrame: frame => void shown.push(frame),
    onUnreadable: frame => void unreadable.push(frame),
  })
  /** 30 frames an epoch, a key frame each 10. */
  const frame = async (seq: number, bytes = 100): Promise<StoredFrame> => {
    const fields = {
      track: 0,
      seq,
      epoch: Math.floor(seq / 30),
      timestampUs: seq * FRAME_US,
      durationUs: FRAME_US,
      isKey: seq % 10 === 0,
      temporalLayer: 0,
    }
    const payload = await cipher.encrypt(fields, new Uint8Array(bytes).fill(seq))
    const header = {
      ...fields,
      tag: new Uint8Array(8),
      isEncrypted: true,
      length: payload.length,
      partHashes: new Uint8Array(16),
      signature: new Uint8Array(64),
    }
    return new FrameRing({ maxAgeUs: 1, maxBytes: 1 }).insert(header, payload, payload)
  }
  return { cipher, clock, gate, frame, shown, unreadable }
}

const seqs = (frames: readonly ReceivedFrame[]) => frames.map(({ seq }) => seq)
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

test('E-PAID-2 ten epoch changes cost no frame, though each key comes in the middle of its epoch', async () => {
  const { cipher, clock, gate, frame, shown, unreadable } = setup()
  for (let seq = 0; seq < 330; seq++) {
    clock.nowMs += 33
    gate.push(await frame(seq))
    if (seq % 30 === 15) gate.addKey(Math.floor(seq / 30), cipher.keyOf(Math.floor(seq / 30)))
  }
  await until(() => shown.length === 330)
  expect(seqs(shown)).toEqual(range(0, 330))
  expect(unreadable).toEqual([])
  expect(gate.waitingBytes).toBe(0)
  for (const { seq, payload, isEncrypted } of shown) {
    expect(payload).toEqual(new Uint8Array(100).fill(seq))
    expect(isEncrypted).toBe(false)
  }
})

test('E-PAID-2 a key that comes late lets out the newest group alone, and not what the player has passed', async () => {
  const { cipher, clock, gate, frame, shown } = setup()
  for (let seq = 0; seq < 28; seq++) gate.push(await frame(seq))
  clock.nowMs = 3_000
  gate.addKey(0, cipher.keyOf(0))
  await until(() => shown.length === 8)
  expect(seqs(shown)).toEqual(range(20, 28))
})

test('E-PAID-2 without a key no more than the ring’s bounds is kept', async () => {
  const { gate, frame } = setup()
  const stored = await frame(0, 4_000_000)
  for (let count = 0; count < 20; count++) gate.push(stored)
  expect(gate.waitingBytes).toBeLessThanOrEqual(RING_MAX_BYTES)
  const aged = setup()
  for (const seq of [0, 900, 1_800, 2_700]) aged.gate.push(await aged.frame(seq))
  // 30 s is 900 frames.
  expect(aged.gate.waitingBytes).toBe(2 * 116)
})

test('E-PAID-2 frames in clear pass, and one that another key encrypted stops nobody', async () => {
  const { cipher, gate, frame, shown, unreadable } = setup()
  gate.addKey(0, cipher.keyOf(0))
  const other = setup()
  gate.push(await frame(0))
  gate.push(await other.frame(1))
  gate.push(await frame(2))
  await until(() => shown.length === 2)
  expect(seqs(shown)).toEqual([0, 2])
  expect(seqs(unreadable)).toEqual([1])
})
