/** What the queue must know of a frame to choose which to drop; one object per frame, shared by all children. */
export type QueuedFrame = {
  readonly track: number
  readonly seq: number
  readonly isKey: boolean
  readonly temporalLayer: number
}

/** One message of a frame; made once and queued by reference for every child. */
export type QueuedMessage = { readonly frame: QueuedFrame; readonly bytes: Uint8Array }

/** A send that was not acknowledged yet: what it tells of the link once it is. */
type Flight = {
  /** `sentBytes` after it. */
  readonly upTo: number
  readonly sentAtMs: number
  readonly ackedThen: number
  readonly ackedAtMs: number
  /** More was waiting: the link, not the creator, set the rate. */
  readonly isLimited: boolean
}

/** Frames of a track that cannot be decoded any more since one they lean on was dropped. */
type Skip = { readonly kind: 'until-key' } | { readonly kind: 'above-layer'; readonly layer: number }

/** A frame that has waited this long in our queue is not worth its bytes any more (DESIGN §5). */
export const QUEUE_DEADLINE_MS = 250
/** From this wait on the highest temporal layers go first, before anything is late. */
export const QUEUE_SHED_LAYERS_MS = 120
/** At most this much media time of the measured goodput is unacknowledged in the channel. */
export const WINDOW_MS = 80
export const WINDOW_MIN_BYTES = 16 * 1024
/**
 * Before anything was measured: 10 Mbit/s, so that the first key frame (80 kB at 2.5 Mbit/s) goes out in one window.
 * A slower link is found out within one round of acknowledgements.
 */
export const GOODPUT_START_BYTES_PER_S = 1_250_000
/** Delivery-rate samples older than this no longer count (a maximum filter, as in BBR: Cardwell et al., 2016). */
const GOODPUT_FILTER_MS = 2_000

/**
 * The send queue to one child (DESIGN §5): deadlines live here, since the channel below is reliable. Bytes in the
 * channel are bounded by what the child has acknowledged, not by `bufferedAmount`, which says nothing of the network.
 */
export class SendQueue {
  #messages: QueuedMessage[] = []
  /** When each of `#messages` came. */
  #times: number[] = []
  #head = 0
  #queuedBytes = 0
  #sentBytes = 0
  #ackedBytes = 0
  readonly #skips = new Map<number, Skip>()
  readonly #dropped = new Set<string>()
  #droppedFrames = 0
  /** Delivery-rate samples, bytes/s, in time order. */
  #samples: { readonly atMs: number; readonly rate: number }[] = []
  #inFlight: Flight[] = []
  #fallbackGoodput = GOODPUT_START_BYTES_PER_S
  #lastAckAtMs = 0
  #rttMs = 50

  get droppedFrames(): number {
    return this.#droppedFrames
  }

  get unackedBytes(): number {
    return this.#sentBytes - this.#ackedBytes
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** How long the oldest queued message has waited, ms. */
  queueDelayMs(nowMs: number): number {
    const oldest = this.#times[this.#head]
    return oldest === undefined ? 0 : nowMs - oldest
  }

  goodput(nowMs: number): number {
    let best = 0
    for (const sample of this.#samples) {
      if (nowMs - sample.atMs <= GOODPUT_FILTER_MS && sample.rate > best) best = sample.rate
    }
    return best === 0 ? this.#fallbackGoodput : best
  }

  windowBytes(nowMs: number): number {
    return Math.max(WINDOW_MIN_BYTES, (this.goodput(nowMs) * (WINDOW_MS + this.#rttMs)) / 1000)
  }

  /** Round trip of the link as measured elsewhere, ms: it is added to the window, so that a long path is not starved. */
  setRtt(rttMs: number): void {
    this.#rttMs = rttMs
  }

  enqueue(message: QueuedMessage, nowMs: number): void {
    if (!this.#admits(message.frame)) return
    this.#messages.push(message)
    this.#times.push(nowMs)
    this.#queuedBytes += message.bytes.length
  }

  /** The next message to put on the channel, or undefined while the window is full or nothing waits. */
  take(nowMs: number): Uint8Array | undefined {
    const message = this.#messages[this.#head]
    if (message === undefined) return undefined
    const { bytes } = message
    // One message always fits, else one larger than the window would wait for ever.
    if (this.unackedBytes > 0 && this.unackedBytes + bytes.length > this.windowBytes(nowMs)) return undefined
    this.#head += 1
    this.#queuedBytes -= bytes.length
    this.noteSent(bytes.length, nowMs)
    if (this.#head === this.#messages.length || this.#head >= 64) {
      this.#messages.splice(0, this.#head)
      this.#times.splice(0, this.#head)
      this.#head = 0
    }
    return bytes
  }

  /** Also for bytes sent past the queue on the same link (the join backlog): they fill the same window. */
  noteSent(bytes: number, nowMs: number): void {
    this.#sentBytes += bytes
    this.#inFlight.push({
      upTo: this.#sentBytes,
      sentAtMs: nowMs,
      ackedThen: this.#ackedBytes,
      ackedAtMs: this.#lastAckAtMs,
      isLimited: this.#head < this.#messages.length,
    })
  }

  /** `received`: bytes in total that the child says it got on this link; a liar's surplus is ignored. */
  acknowledge(received: number, nowMs: number): void {
    const acked = Math.min(received, this.#sentBytes)
    if (acked <= this.#ackedBytes) return
    this.#ackedBytes = acked
    this.#lastAckAtMs = nowMs
    let covered = 0
    while (covered < this.#inFlight.length && (this.#inFlight[covered]?.upTo ?? 0) <= acked) covered += 1
    const newest = this.#inFlight[covered - 1]
    this.#inFlight.splice(0, covered)
    if (newest === undefined) return
    // From the acknowledgement before it was sent (BBR's delivery-rate sample), so that a burst is not overrated.
    const sinceMs = Math.max(1, nowMs - (newest.ackedAtMs === 0 ? newest.sentAtMs : newest.ackedAtMs))
    const rate = ((acked - newest.ackedThen) * 1000) / sinceMs
    // Without a backlog the rate only says what the creator produced: it may raise the estimate, never lower it.
    if (newest.isLimited || rate > this.goodput(nowMs)) {
      this.#samples.push({ atMs: nowMs, rate })
      this.#fallbackGoodput = Math.max(rate, WINDOW_MIN_BYTES)
    }
    while (this.#samples[0] !== undefined && nowMs - this.#samples[0].atMs > GOODPUT_FILTER_MS)
      this.#samples.shift()
  }

  /** Sheds what is too late, then the top temporal layer. Call before `take`; cheap while nothing waits long. */
  shed(nowMs: number): void {
    if (this.queueDelayMs(nowMs) <= QUEUE_SHED_LAYERS_MS) return
    let topLayer = 0
    const newestKeys = new Map<number, number>()
    for (const { frame } of this.#messages.slice(this.#head)) {
      if (frame.temporalLayer > topLayer) topLayer = frame.temporalLayer
      if (frame.isKey) newestKeys.set(frame.track, Math.max(frame.seq, newestKeys.get(frame.track) ?? 0))
    }
    // What waits was admitted under earlier states; the present one belongs to the tail.
    const tailSkips = new Map(this.#skips)
    this.#skips.clear()
    const messages: QueuedMessage[] = []
    const times: number[] = []
    for (let index = this.#head; index < this.#messages.length; index++) {
      const message = this.#messages[index]
      const time = this.#times[index]
      if (message === undefined || time === undefined) break
      const { frame } = message
      const isLate = nowMs - time > QUEUE_DEADLINE_MS && newestKeys.get(frame.track) !== frame.seq
      const isTopLayer = topLayer > 0 && frame.temporalLayer === topLayer
      let isKept = this.#admits(frame)
      if (isKept && (isLate || isTopLayer)) {
        isKept = false
        this.#drop(frame)
        const layer = frame.temporalLayer
        this.#skips.set(
          frame.track,
          layer === 0 ? { kind: 'until-key' } : { kind: 'above-layer', layer: layer - 1 },
        )
      }
      if (isKept) {
        messages.push(message)
        times.push(time)
      } else this.#queuedBytes -= message.bytes.length
    }
    this.#messages = messages
    this.#times = times
    this.#head = 0
    for (const [track, skip] of tailSkips) if (!this.#skips.has(track)) this.#skips.set(track, skip)
  }

  /** False for what is left of a dropped frame, and for frames that lean on one. */
  #admits(frame: QueuedFrame): boolean {
    if (this.#dropped.size > 0 && this.#dropped.has(frameKey(frame))) return false
    const skip = this.#skips.get(frame.track)
    if (skip === undefined) return true
    if (frame.isKey || (skip.kind === 'above-layer' && frame.temporalLayer <= skip.layer)) {
      this.#skips.delete(frame.track)
      return true
    }
    this.#drop(frame)
    return false
  }

  #drop(frame: QueuedFrame): void {
    this.#dropped.add(frameKey(frame))
    this.#droppedFrames += 1
    // Only frames whose parts may still come matter; the rest is old.
    const oldest = this.#dropped.size > 256 ? this.#dropped.values().next().value : undefined
    if (oldest !== undefined) this.#dropped.delete(oldest)
  }
}

function frameKey(frame: QueuedFrame): string {
  return `${frame.track}:${frame.seq}`
}
