import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StreamId } from '../../shared/protocol/ids.ts'
import {
  type CreatorStreamState,
  CreatorStreamWriter,
  epochAt,
  resumedEpochBase,
  resumedStreamUs,
} from './creator-stream.ts'

const fresh: CreatorStreamState = {
  version: 1,
  streamId: 'stream' as StreamId,
  keyReference: 'key',
  manifest: new Uint8Array(1),
  seqCeilings: [],
  announcementCeiling: 0,
  epochBase: 0,
  epochCeiling: 0,
  streamUs: 0,
  aliveAtMs: 1_000_000,
}

/** A disk whose writes the test lets through one at a time. */
function slowDisk() {
  const queue: { state: CreatorStreamState; done: () => void; fail: (error: Error) => void }[] = []
  let onDisk: CreatorStreamState | undefined
  return {
    save: (state: CreatorStreamState) =>
      new Promise<void>((resolve, reject) => {
        const done = () => {
          onDisk = state
          resolve()
        }
        queue.push({ state, done, fail: reject })
      }),
    async flush() {
      for (let turn = 0; turn < 20; turn++) {
        queue.shift()?.done()
        await Promise.resolve()
      }
    },
    fail: () => queue.shift()?.fail(new Error('disk full')),
    get onDisk() {
      return onDisk
    },
  }
}

function writerOn(disk: ReturnType<typeof slowDisk>, state = fresh) {
  const failures: unknown[] = []
  const writer = new CreatorStreamWriter(
    { save: disk.save, wallMs: () => 1_000_000, onFailed: error => failures.push(error) },
    state,
  )
  return { writer, failures }
}

test('E-RESUME-4 a frame waits until its number is reserved on disk, and the next thousand do not', async () => {
  const disk = slowDisk()
  const { writer } = writerOn(disk)
  let isOut = false
  const first = writer.frame(0, 0, 0, 0)
  expect(first).toBeInstanceOf(Promise)
  void (first as Promise<void>).then(() => {
    isOut = true
  })
  await Promise.resolve()
  expect(isOut).toBe(false)
  await disk.flush()
  expect(isOut).toBe(true)
  let waits = 0
  for (let seq = 1; seq < 5_000; seq++) {
    if (writer.frame(0, seq, 0, seq * 33_333) !== undefined) waits += 1
    await disk.flush()
    expect(disk.onDisk?.seqCeilings[0]?.seq).toBeGreaterThan(seq)
  }
  expect(waits).toBe(0)
})

test('E-RESUME-4 without a disk the stream goes on; only its reload is lost', async () => {
  const disk = slowDisk()
  const { writer, failures } = writerOn(disk)
  const first = writer.frame(0, 0, 0, 0)
  await Promise.resolve()
  disk.fail()
  await first
  expect(failures).toHaveLength(1)
  expect(writer.frame(0, 1, 0, 0)).toBeUndefined()
  expect(writer.frame(0, 5_000, 999, 0)).toBeUndefined()
})

test('E-RESUME-5 wherever a crash falls, later pages use no seq, epoch or announcement of an earlier one, and time goes on', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          frames: fc.integer({ min: 0, max: 2_500 }),
          announcements: fc.integer({ min: 0, max: 50 }),
          // The wall clock may jump backwards between two pages.
          passedMs: fc.integer({ min: -5_000, max: 60_000 }),
        }),
        { minLength: 2, maxLength: 4 },
      ),
      async pages => {
        let state = fresh
        let wallMs = 1_000_000
        let newestUs = -1
        const used = { seqs: new Set<number>(), announcements: new Set<number>() }
        let topEpoch = -1
        for (const { frames, announcements, passedMs } of pages) {
          wallMs += passedMs
          const isFirst = state === fresh
          const fromUs = isFirst ? 0 : resumedStreamUs(state, wallMs)
          const epochBase = isFirst ? 0 : resumedEpochBase(state, state.streamUs, 4_000)
          const seqFrom = state.seqCeilings[0]?.seq ?? 0
          const announceFrom = isFirst ? 0 : state.announcementCeiling + 1
          let onDisk = state
          const now = wallMs
          const writer = new CreatorStreamWriter(
            {
              save: async row => {
                onDisk = row
              },
              wallMs: () => now,
              onFailed: error => expect(error).toBeUndefined(),
            },
            { ...state, epochBase },
          )
          for (let count = 0; count < announcements; count++) {
            await writer.announcement(announceFrom + count)
            expect(used.announcements.has(announceFrom + count)).toBe(false)
            used.announcements.add(announceFrom + count)
          }
          const startEpoch = epochAt(fromUs, 4_000, epochBase)
          if (frames > 0) expect(startEpoch).toBeGreaterThan(topEpoch)
          if (passedMs > 0 && frames > 0 && !isFirst) expect(fromUs).toBeGreaterThanOrEqual(state.streamUs)
          for (let count = 0; count < frames; count++) {
            const atUs = fromUs + count * 33_333
            const epoch = epochAt(atUs, 4_000, epochBase)
            await writer.frame(0, seqFrom + count, epoch, atUs)
            expect(used.seqs.has(seqFrom + count)).toBe(false)
            used.seqs.add(seqFrom + count)
            topEpoch = Math.max(topEpoch, epoch)
            newestUs = Math.max(newestUs, atUs)
          }
          // The page dies: what is on disk by now is all that is left.
          if (frames + announcements > 0) state = onDisk
        }
        expect(newestUs).toBeGreaterThanOrEqual(-1)
      },
    ),
    { numRuns: 60 },
  )
})
