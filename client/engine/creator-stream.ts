import type { ChainPlace } from '../../shared/protocol/chain-place.ts'
import type { MaybePromise, Signer } from '../../shared/protocol/crypto-port.ts'
import type { StreamId } from '../../shared/protocol/ids.ts'

/**
 * What the creator's next page must know to go on with the same stream: written ahead of use, so that whatever a crash
 * cuts off, no number is given twice (docs/spec/mesh.md E-RESUME).
 */
export type CreatorStreamState = {
  readonly version: 1
  readonly streamId: StreamId
  /** Names the stream key where keys are kept; the key itself is in no row. */
  readonly keyReference: string
  /** SignedRecord of the newest revision: certificate, its signature and `rev` with it. */
  readonly manifest: Uint8Array
  /** Frames of this track may have gone out with any `seq` below. */
  readonly seqCeilings: readonly { readonly track: number; readonly seq: number }[]
  /** No announcement had a higher `seq`. */
  readonly announcementCeiling: number
  readonly epochBase: number
  /** No frame had a higher epoch. */
  readonly epochCeiling: number
  /** Stream time that had been reached at `aliveAtMs` (wall clock), µs. */
  readonly streamUs: number
  readonly aliveAtMs: number
  /** Where the start stands on chain, once it does. */
  readonly record?: ChainPlace
}

/** A stream that this machine was broadcasting a moment ago, and the key to go on. */
export type StoredCreatorStream = { readonly state: CreatorStreamState; readonly signer: Signer }

/** Where a creator's streams outlive a page. Browser: store/creator-streams-idb.ts. */
export interface CreatorStreamKeeper {
  /** A new stream key whose private half stays there. */
  createKey(): Promise<{ readonly reference: string; readonly signer: Signer }>
  /** Resolves when it is on disk. Replaces the row of the same stream. */
  save(state: CreatorStreamState): Promise<void>
  /** Newest first. Rows without their key, or of another version, are left out. */
  list(): Promise<StoredCreatorStream[]>
  /** The stream has ended: row and key go. */
  forget(state: CreatorStreamState): Promise<void>
  /** Undefined when another page broadcasts this stream; else released by calling it. */
  lock(streamId: StreamId): Promise<(() => void) | undefined>
}

/** Later than that viewers have gone, and a stream that rises again is a new one. */
export const RESUME_WITHIN_MS = 60_000
/** Numbers reserved at a time: half a minute of video, 20 s of sound. */
const SEQ_BLOCK = 1_000
/** With so many left the next block is asked for, so that nobody waits for a disk. */
const SEQ_MARGIN = 300
const ANNOUNCEMENT_BLOCK = 20
const EPOCH_BLOCK = 8
/** The clock of a source and this one's are not the same. */
const RESUME_MARGIN_US = 200_000

export type CreatorStreamWriterDeps = {
  readonly save: (state: CreatorStreamState) => Promise<void>
  readonly wallMs: () => number
  /** Reload is no longer possible; the broadcast goes on. */
  readonly onFailed: (error: unknown) => void
}

/** Reserves numbers ahead of their use, a block at a time. */
export class CreatorStreamWriter {
  readonly #deps: CreatorStreamWriterDeps
  /** As it is on disk, or on its way there. */
  #wanted: CreatorStreamState
  #saved: CreatorStreamState | undefined
  #tail: Promise<void> = Promise.resolve()
  #hasFailed = false

  constructor(deps: CreatorStreamWriterDeps, state: CreatorStreamState) {
    this.#deps = deps
    this.#wanted = state
  }

  get state(): CreatorStreamState {
    return this.#wanted
  }

  /** When it resolves the frame may go out; undefined: now. */
  frame(track: number, seq: number, epoch: number, timestampUs: number): MaybePromise<void> {
    const wanted = this.#wanted
    const isSeqNear = seq + SEQ_MARGIN >= ceilingOf(wanted, track)
    const isEpochNear = epoch + 2 >= wanted.epochCeiling
    if (isSeqNear || isEpochNear) {
      const seqCeilings = wanted.seqCeilings.filter(one => one.track !== track)
      const ceiling = Math.max(ceilingOf(wanted, track), seq + SEQ_BLOCK)
      this.#write({
        ...wanted,
        seqCeilings: [...seqCeilings, { track, seq: ceiling }],
        epochCeiling: Math.max(wanted.epochCeiling, epoch + EPOCH_BLOCK),
        streamUs: Math.max(wanted.streamUs, timestampUs),
        aliveAtMs: this.#deps.wallMs(),
      })
    }
    const saved = this.#saved
    const isCovered = saved !== undefined && seq < ceilingOf(saved, track) && epoch <= saved.epochCeiling
    return isCovered || this.#hasFailed ? undefined : this.#tail
  }

  announcement(seq: number): MaybePromise<void> {
    const wanted = this.#wanted
    if (seq + 2 >= wanted.announcementCeiling)
      this.#write({ ...wanted, announcementCeiling: seq + ANNOUNCEMENT_BLOCK })
    const isCovered = this.#saved !== undefined && seq <= this.#saved.announcementCeiling
    return isCovered || this.#hasFailed ? undefined : this.#tail
  }

  /** Before a revision is shown to anybody. */
  manifest(bytes: Uint8Array): Promise<void> {
    this.#write({ ...this.#wanted, manifest: bytes })
    return this.#tail
  }

  record(place: ChainPlace): void {
    this.#write({ ...this.#wanted, record: place })
  }

  /** From time to time: how far the stream has come, so that a reload goes on from there. */
  alive(streamUs: number): void {
    const { wallMs } = this.#deps
    this.#write({
      ...this.#wanted,
      streamUs: Math.max(this.#wanted.streamUs, streamUs),
      aliveAtMs: wallMs(),
    })
  }

  settled(): Promise<void> {
    return this.#tail
  }

  #write(state: CreatorStreamState): void {
    this.#wanted = state
    if (this.#hasFailed) return
    this.#tail = this.#tail.then(async () => {
      if (this.#hasFailed) return
      try {
        await this.#deps.save(state)
        this.#saved = state
      } catch (error) {
        this.#hasFailed = true
        this.#deps.onFailed(error)
      }
    })
  }
}

function ceilingOf(state: CreatorStreamState, track: number): number {
  return state.seqCeilings.find(one => one.track === track)?.seq ?? 0
}

/** Stream time now, µs: what has passed since the last word of the page before has passed for the viewers too. */
export function resumedStreamUs(state: CreatorStreamState, wallMs: number): number {
  const passedMs = Math.min(RESUME_WITHIN_MS, Math.max(0, wallMs - state.aliveAtMs))
  return Math.round(state.streamUs + passedMs * 1000) + RESUME_MARGIN_US
}

export function epochAt(streamUs: number, epochMs: number, epochBase: number): number {
  return epochBase + Math.floor(streamUs / (epochMs * 1000))
}

/** Epochs that start at that stream time lie above every one that was used. */
export function resumedEpochBase(state: CreatorStreamState, streamUs: number, epochMs: number): number {
  return Math.max(state.epochBase + 1, state.epochCeiling + 1 - epochAt(streamUs, epochMs, 0))
}
