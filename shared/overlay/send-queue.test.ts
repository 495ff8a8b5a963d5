import fc from 'fast-check'
import { expect, test } from 'vitest'
import { QUEUE_DEADLINE_MS, type QueuedFrame, SendQueue, WINDOW_MIN_BYTES } from './send-queue.ts'

function message(seq: number, size: number, over: Partial<QueuedFrame> = {}) {
  return {
    frame: { track: 0, seq, isKey: false, temporalLayer: 0, ...over },
    bytes: new Uint8Array(size).fill(seq % 251),
  }
}

function drain(queue: SendQueue, nowMs: number): number[] {
  const sizes: number[] = []
  for (let bytes = queue.take(nowMs); bytes !== undefined; bytes = queue.take(nowMs)) sizes.push(bytes.length)
  return sizes
}

test('O-QUEUE-1 no more than the window is unacknowledged, and an acknowledgement opens it again', () => {
  const queue = new SendQueue()
  queue.setRtt(0)
  for (let seq = 0; seq < 40; seq++) queue.enqueue(message(seq, 10_000), 0)
  const window = queue.windowBytes(0)
  const sent = drain(queue, 0).length
  expect(queue.unackedBytes).toBeLessThanOrEqual(window)
  expect(sent).toBe(Math.floor(window / 10_000))
  queue.acknowledge(sent * 10_000, 50)
  expect(drain(queue, 50).length).toBeGreaterThan(0)
})

test('O-QUEUE-2 a child that acknowledges more than it was sent gains nothing', () => {
  const queue = new SendQueue()
  queue.enqueue(message(0, 1_000), 0)
  drain(queue, 0)
  queue.acknowledge(Number.MAX_SAFE_INTEGER, 10)
  expect(queue.unackedBytes).toBe(0)
})

test('O-QUEUE-3 past the deadline a delta goes, and what leans on it, up to the next key frame, which stays', () => {
  const queue = new SendQueue()
  const filler = message(0, 4_000_000, { isKey: true })
  queue.enqueue(filler, 0)
  drain(queue, 0)
  queue.enqueue(message(1, 100), 0)
  queue.enqueue(message(2, 100), 0)
  queue.enqueue(message(3, 300, { isKey: true }), 100)
  queue.enqueue(message(4, 400), 200)
  queue.shed(QUEUE_DEADLINE_MS + 1)
  expect(queue.droppedFrames).toBe(2)
  queue.acknowledge(4_000_000, 260)
  expect(drain(queue, 260)).toEqual([300, 400])
})

test('O-QUEUE-4 a late delta that comes in after its reference was dropped is not queued', () => {
  const queue = new SendQueue()
  queue.enqueue(message(0, 4_000_000, { isKey: true }), 0)
  drain(queue, 0)
  queue.enqueue(message(1, 100), 0)
  queue.shed(QUEUE_DEADLINE_MS + 1)
  queue.enqueue(message(2, 100), QUEUE_DEADLINE_MS + 2)
  expect(queue.queuedBytes).toBe(0)
  queue.enqueue(message(3, 100, { isKey: true }), QUEUE_DEADLINE_MS + 3)
  expect(queue.queuedBytes).toBe(100)
})

test('O-QUEUE-5 the newest key frame is never dropped, however late', () => {
  const queue = new SendQueue()
  queue.enqueue(message(0, 4_000_000, { isKey: true }), 0)
  drain(queue, 0)
  queue.enqueue(message(1, 500, { isKey: true }), 0)
  queue.shed(10_000)
  expect(queue.queuedBytes).toBe(500)
})

test('O-QUEUE-6 before anything is late the highest temporal layer goes', () => {
  const queue = new SendQueue()
  queue.enqueue(message(0, 4_000_000, { isKey: true }), 0)
  drain(queue, 0)
  queue.enqueue(message(1, 100, { temporalLayer: 1 }), 0)
  queue.enqueue(message(2, 200), 10)
  queue.enqueue(message(3, 100, { temporalLayer: 1 }), 20)
  queue.shed(150)
  queue.acknowledge(4_000_000, 160)
  expect(drain(queue, 160)).toEqual([200])
})

test('O-QUEUE-7 a slow link is found out: the window follows what is acknowledged', () => {
  const queue = new SendQueue()
  queue.setRtt(20)
  const before = queue.windowBytes(0)
  let now = 0
  let acked = 0
  // 100 kB/s of real capacity under 400 kB/s of media, acknowledged every 50 ms.
  for (let seq = 0; now < 4_000; seq++, now += 25) {
    queue.enqueue(message(seq, 10_000, { isKey: seq % 40 === 0 }), now)
    queue.shed(now)
    drain(queue, now)
    if (seq % 2 === 0) continue
    acked += Math.min(5_000, queue.unackedBytes)
    queue.acknowledge(acked, now)
  }
  expect(queue.windowBytes(now)).toBeLessThan(before / 3)
  expect(queue.windowBytes(now)).toBeGreaterThanOrEqual(WINDOW_MIN_BYTES)
  expect(queue.droppedFrames).toBeGreaterThan(0)
})

test('O-QUEUE-8 whatever comes, bytes in = bytes out + bytes waiting + bytes dropped, and a sent delta never leans on a dropped one', () => {
  const steps = fc.array(
    fc.record({
      layer: fc.integer({ min: 0, max: 2 }),
      isKey: fc.boolean(),
      size: fc.integer({ min: 1, max: 40_000 }),
      wait: fc.integer({ min: 0, max: 120 }),
      ack: fc.integer({ min: 0, max: 60_000 }),
    }),
    { maxLength: 120 },
  )
  fc.assert(
    fc.property(steps, events => {
      const queue = new SendQueue()
      const sent: number[] = []
      let now = 0
      let acked = 0
      events.forEach(({ layer, isKey, size, wait, ack }, seq) => {
        now += wait
        const frame = { track: 0, seq, isKey, temporalLayer: isKey ? 0 : layer }
        const bytes = new Uint8Array(size + 4)
        new DataView(bytes.buffer).setUint32(0, seq)
        queue.enqueue({ frame, bytes }, now)
        queue.shed(now)
        for (let out = queue.take(now); out !== undefined; out = queue.take(now))
          sent.push(new DataView(out.buffer).getUint32(0))
        acked += Math.min(ack, queue.unackedBytes)
        queue.acknowledge(acked, now)
      })
      const wasSent = new Set(sent)
      // Base-layer deltas lean on every base-layer frame since the last key frame.
      let isBroken = false
      events.forEach(({ isKey, layer }, seq) => {
        const isWaiting = !wasSent.has(seq) && seq > Math.max(-1, ...sent)
        if (isWaiting) return
        if (isKey) isBroken = !wasSent.has(seq)
        else if (wasSent.has(seq)) expect(isBroken).toBe(false)
        else if (layer === 0) isBroken = true
      })
      expect([...sent].sort((a, b) => a - b)).toEqual(sent)
    }),
    { numRuns: 300 },
  )
})
