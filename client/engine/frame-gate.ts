import { framePayload, type StoredFrame } from '../../shared/media/frame-ring.ts'
import { RING_MAX_BYTES } from '../../shared/protocol/limits.ts'
import type { ContentOpener } from './access/access-contract.ts'
import type { ReceivedFrame } from './events.ts'

export type FrameGateHandlers = {
  /** In clear. Of one epoch in the order they came. */
  onFrame(frame: ReceivedFrame): void
  /** Its key is here and does not fit: the creator encrypted it otherwise. */
  onUnreadable(frame: ReceivedFrame): void
}

/** As the ring: what it has let go of would not be of use either. */
const WAIT_MAX_US = 30_000_000
/** A key that comes later than this finds the player elsewhere: it goes on at the newest key frame, like a newcomer. */
const LATE_MS = 2_000

/** Between the mesh and the player: opens encrypted frames, and lets those whose key has not come wait for it. */
export class FrameGate {
  readonly #opener: ContentOpener
  readonly #handlers: FrameGateHandlers
  readonly #nowMs: () => number
  /** In the order they came. */
  #waiting: ReceivedFrame[] = []
  #waitingBytes = 0
  /** Frames are opened side by side and handed on in turn. */
  #tail: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(opener: ContentOpener, nowMs: () => number, handlers: FrameGateHandlers) {
    this.#opener = opener
    this.#nowMs = nowMs
    this.#handlers = handlers
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  push(stored: StoredFrame): void {
    const frame = receivedFrame(stored, this.#nowMs())
    if (!frame.isEncrypted || this.#opener.hasKey(frame.epoch)) return this.#open(frame)
    this.#waiting.push(frame)
    this.#waitingBytes += frame.payload.length
    for (;;) {
      const oldest = this.#waiting[0]
      const isOld = oldest !== undefined && frame.timestampUs - oldest.timestampUs > WAIT_MAX_US
      if (oldest === undefined || (!isOld && this.#waitingBytes <= RING_MAX_BYTES)) return
      this.#waiting.shift()
      this.#waitingBytes -= oldest.payload.length
    }
  }

  addKey(epoch: number, key: Uint8Array): void {
    this.#opener.addKey(epoch, key)
    const released = this.#waiting.filter(frame => frame.epoch === epoch)
    if (released.length === 0) return
    this.#waiting = this.#waiting.filter(frame => frame.epoch !== epoch)
    this.#waitingBytes = this.#waiting.reduce((total, { payload }) => total + payload.length, 0)
    const sinceMs = this.#nowMs() - (released[0]?.receivedAtMs ?? 0)
    for (const frame of sinceMs > LATE_MS ? fromNewestKey(released) : released) this.#open(frame)
  }

  close(): void {
    this.#isClosed = true
    this.#waiting = []
    this.#waitingBytes = 0
    this.#opener.close()
  }

  #open(frame: ReceivedFrame): void {
    const opened = frame.isEncrypted ? this.#opener.open(frame) : Promise.resolve(frame.payload)
    this.#tail = this.#tail.then(async () => {
      const payload = await opened
      if (this.#isClosed) return
      if (payload === undefined) this.#handlers.onUnreadable(frame)
      else this.#handlers.onFrame({ ...frame, payload, isEncrypted: false })
    })
  }
}

/** Video from its newest key frame on, and the sound from there. */
function fromNewestKey(frames: readonly ReceivedFrame[]): readonly ReceivedFrame[] {
  // Of sound every frame is a key frame: only tracks that also have others are cut.
  const cut = new Set(frames.filter(({ isKey }) => !isKey).map(({ track }) => track))
  let fromUs = Number.NEGATIVE_INFINITY
  for (const { track, isKey, timestampUs } of frames)
    if (isKey && cut.has(track)) fromUs = Math.max(fromUs, timestampUs)
  return frames.filter(({ timestampUs }) => timestampUs >= fromUs)
}

/** What a verified frame is to the player. */
export function receivedFrame(stored: StoredFrame, receivedAtMs: number): ReceivedFrame {
  const { track, seq, epoch, timestampUs, durationUs, isKey, isEncrypted, temporalLayer } = stored.header
  return {
    track,
    seq,
    epoch,
    timestampUs,
    durationUs,
    isKey,
    isEncrypted,
    temporalLayer,
    payload: framePayload(stored),
    receivedAtMs,
  }
}
