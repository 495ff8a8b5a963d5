import type { FrameHeader } from '../protocol/frame.ts'

/** A verified frame: its header message, and the part messages that have arrived and were checked. */
export type StoredFrame = {
  readonly header: FrameHeader
  /** As it travels: forwarded unchanged. Of a `whole` message it is header and payload in one. */
  readonly headerMessage: Uint8Array
  readonly isWhole: boolean
  /** Part messages by index, forwarded unchanged; empty for a whole frame. */
  readonly parts: (Uint8Array | undefined)[]
  /** Payload views by index. */
  readonly payloads: (Uint8Array | undefined)[]
  missing: number
  bytes: number
}

export type FrameRingOptions = {
  /** Media time kept, µs: never less than the last two groups of pictures. */
  readonly maxAgeUs: number
  readonly maxBytes: number
}

type TrackRing = {
  readonly frames: Map<number, StoredFrame>
  /** Seqs of key frames held, ascending. */
  keys: number[]
  newest: StoredFrame | undefined
  /** Lowest seq that may still be stored: below it lies what was evicted. */
  floor: number
}

/**
 * The last seconds of verified media, by track and seq: for newcomers, for repair, and to tell a duplicate from news.
 * Evicts whole groups of pictures from the old end, and keeps at least two groups of each track.
 */
export class FrameRing {
  readonly #tracks = new Map<number, TrackRing>()
  readonly #options: FrameRingOptions
  #bytes = 0

  constructor(options: FrameRingOptions) {
    this.#options = options
  }

  get bytes(): number {
    return this.#bytes
  }

  tracks(): number[] {
    return [...this.#tracks.keys()]
  }

  get(track: number, seq: number): StoredFrame | undefined {
    return this.#tracks.get(track)?.frames.get(seq)
  }

  newest(track: number): StoredFrame | undefined {
    return this.#tracks.get(track)?.newest
  }

  newestKey(track: number): StoredFrame | undefined {
    const ring = this.#tracks.get(track)
    const seq = ring?.keys.at(-1)
    return seq === undefined ? undefined : ring?.frames.get(seq)
  }

  /** The newest seq of which every part is there; undefined when the last second holds none. */
  newestCompleteSeq(track: number): number | undefined {
    const ring = this.#tracks.get(track)
    const newest = ring?.newest?.header.seq
    if (ring === undefined || newest === undefined) return undefined
    for (let seq = newest; seq >= 0 && seq > newest - 64; seq--)
      if (ring.frames.get(seq)?.missing === 0) return seq
    return undefined
  }

  /** True for a seq that was already let go: nobody honest sends it. */
  isOlderThanRing(track: number, seq: number): boolean {
    return seq < (this.#tracks.get(track)?.floor ?? 0)
  }

  /** Frames of a track with seq ≥ `fromSeq`, ascending. */
  since(track: number, fromSeq: number): StoredFrame[] {
    const ring = this.#tracks.get(track)
    if (ring === undefined) return []
    const found: StoredFrame[] = []
    for (const [seq, frame] of ring.frames) if (seq >= fromSeq) found.push(frame)
    return found.sort((a, b) => a.header.seq - b.header.seq)
  }

  /** Call once per verified header; `headerMessage` counts for a whole frame's payload too. */
  insert(header: FrameHeader, headerMessage: Uint8Array, wholePayload?: Uint8Array): StoredFrame {
    let ring = this.#tracks.get(header.track)
    if (ring === undefined) {
      ring = { frames: new Map(), keys: [], newest: undefined, floor: 0 }
      this.#tracks.set(header.track, ring)
    }
    const partCount = header.partHashes.length / 16
    const frame: StoredFrame = {
      header,
      headerMessage,
      isWhole: wholePayload !== undefined,
      parts: wholePayload === undefined ? new Array<Uint8Array | undefined>(partCount).fill(undefined) : [],
      payloads:
        wholePayload === undefined
          ? new Array<Uint8Array | undefined>(partCount).fill(undefined)
          : [wholePayload],
      missing: wholePayload === undefined ? partCount : 0,
      bytes: headerMessage.length,
    }
    ring.frames.set(header.seq, frame)
    this.#bytes += frame.bytes
    if (header.isKey) {
      let at = ring.keys.length
      while (at > 0 && (ring.keys[at - 1] ?? 0) > header.seq) at -= 1
      ring.keys.splice(at, 0, header.seq)
    }
    if (ring.newest === undefined || header.seq > ring.newest.header.seq) ring.newest = frame
    this.#evict(ring)
    return frame
  }

  /** False when the part is already there. */
  addPart(frame: StoredFrame, index: number, message: Uint8Array, payload: Uint8Array): boolean {
    if (frame.isWhole || index >= frame.parts.length || frame.parts[index] !== undefined) return false
    frame.parts[index] = message
    frame.payloads[index] = payload
    frame.missing -= 1
    frame.bytes += message.length
    this.#bytes += message.length
    return true
  }

  #evict(ring: TrackRing): void {
    const newestUs = ring.newest?.header.timestampUs ?? 0
    // With only two groups left nothing goes: newcomers start from them.
    while (ring.keys.length > 2) {
      const keepFrom = ring.keys[1] ?? 0
      const boundary = ring.frames.get(keepFrom)
      const isOld = boundary !== undefined && newestUs - boundary.header.timestampUs > this.#options.maxAgeUs
      if (!isOld && this.#bytes <= this.#options.maxBytes) break
      ring.keys.shift()
      this.#dropBelow(ring, keepFrom)
    }
    // A creator that sends no key frames, or groups of any length, is cut off all the same.
    while (this.#bytes > 2 * this.#options.maxBytes && ring.frames.size > 1) {
      const oldest = ring.frames.keys().next().value ?? 0
      ring.keys = ring.keys.filter(seq => seq > oldest)
      this.#dropBelow(ring, oldest + 1)
    }
  }

  #dropBelow(ring: TrackRing, floor: number): void {
    // Frames arrive nearly in order, so the old ones are in front; a straggler goes with the next group.
    for (const [seq, frame] of ring.frames) {
      if (seq >= floor) break
      ring.frames.delete(seq)
      this.#bytes -= frame.bytes
    }
    ring.floor = Math.max(ring.floor, floor)
  }
}

/** Joins the payload of a complete frame; a whole or one-part frame is a view, not a copy. */
export function framePayload(frame: StoredFrame): Uint8Array {
  const only = frame.payloads[0]
  if (frame.payloads.length === 1 && only !== undefined) return only
  const joined = new Uint8Array(frame.header.length)
  let offset = 0
  for (const payload of frame.payloads) {
    if (payload === undefined) throw new RangeError('framePayload of an incomplete frame')
    joined.set(payload, offset)
    offset += payload.length
  }
  return joined
}
