import type { MaybePromise, Signer } from '../../shared/protocol/crypto-port.ts'
import {
  encodeFrame,
  type FrameHeader,
  frameSigningInput,
  PART_HASH_BYTES,
} from '../../shared/protocol/frame.ts'
import { PART_PAYLOAD_MAX_BYTES } from '../../shared/protocol/limits.ts'
import type { ContentCipher } from './access/access-contract.ts'
import { epochAt } from './creator-stream.ts'
import type { EncodedFrame, ReceivedFrame } from './events.ts'
import type { MeshPeer } from './mesh-peer.ts'
import type { EngineDeps } from './ports.ts'

export type FrameWriterOptions = {
  readonly mesh: MeshPeer
  readonly streamSigner: Signer
  /** 32 bytes. */
  readonly idBytes: Uint8Array
  readonly epochMs: number
  /** Epoch of stream time 0. */
  readonly epochBase: number
  /** Of a paid stream; without one frames go out in clear. */
  readonly cipher?: ContentCipher
  /** First `seq` of each track; 0 where it says nothing. */
  readonly seqFrom: (track: number) => number
  /** Asked before a frame goes out; what it promises is waited for. */
  readonly reserve: (track: number, seq: number, epoch: number, timestampUs: number) => MaybePromise<void>
  /** As it went out, but in clear: for recorders and tests. */
  readonly onSent: (frame: ReceivedFrame) => void
  /** One frame could not be encrypted, signed or encoded, and is missing. */
  readonly onLost: (error: unknown) => void
}

/** Encrypts (where paid), hashes, signs and sends frames, in the order they were pushed. */
export class FrameWriter {
  readonly #deps: Pick<EngineDeps, 'crypto' | 'clock'>
  readonly #options: FrameWriterOptions
  readonly #nextSeq = new Map<number, number>()
  /** Frames leave in the order they were pushed, whatever encrypting, hashing and signing take. */
  #tail: Promise<void> = Promise.resolve()
  #isClosed = false
  #newestUs = 0
  framesSent = 0

  constructor(deps: Pick<EngineDeps, 'crypto' | 'clock'>, options: FrameWriterOptions) {
    this.#deps = deps
    this.#options = options
  }

  /** Highest timestamp pushed, µs. */
  get newestUs(): number {
    return this.#newestUs
  }

  epochOf(timestampUs: number): number {
    const { epochBase, epochMs } = this.#options
    return epochAt(timestampUs, epochMs, epochBase)
  }

  push(frame: EncodedFrame): void {
    const { track, timestampUs } = frame
    const seq = this.#nextSeq.get(track) ?? this.#options.seqFrom(track)
    this.#nextSeq.set(track, seq + 1)
    this.#newestUs = Math.max(this.#newestUs, timestampUs)
    const epoch = this.epochOf(timestampUs)
    const isReserved = this.#options.reserve(track, seq, epoch, timestampUs)
    // Hashing and encrypting of several frames overlap; only sending is in turn.
    const payload = this.#encrypt(frame, seq, epoch)
    const hashes = payload instanceof Promise ? payload.then(bytes => this.#hash(bytes)) : this.#hash(payload)
    // Seen to below, in its turn: until then a failure is nobody's.
    if (hashes instanceof Promise) hashes.catch(() => undefined)
    this.#tail = this.#tail
      .then(async () => {
        await isReserved
        await this.#send(frame, seq, epoch, await payload, await hashes)
      })
      .catch(this.#options.onLost)
  }

  /** Resolves when everything pushed so far has gone out. */
  settled(): Promise<void> {
    return this.#tail
  }

  close(): void {
    this.#isClosed = true
  }

  #encrypt(frame: EncodedFrame, seq: number, epoch: number): MaybePromise<Uint8Array> {
    const { cipher } = this.#options
    return cipher === undefined ? frame.payload : cipher.encrypt({ ...frame, seq, epoch }, frame.payload)
  }

  async #hash(payload: Uint8Array): Promise<Uint8Array> {
    const { crypto } = this.#deps
    const hashes: MaybePromise<Uint8Array>[] = []
    for (let offset = 0; offset === 0 || offset < payload.length; offset += PART_PAYLOAD_MAX_BYTES) {
      hashes.push(crypto.sha256(payload.subarray(offset, offset + PART_PAYLOAD_MAX_BYTES)))
    }
    const joined = new Uint8Array(hashes.length * PART_HASH_BYTES)
    for (const [index, hash] of hashes.entries()) {
      joined.set((await hash).subarray(0, PART_HASH_BYTES), index * PART_HASH_BYTES)
    }
    return joined
  }

  async #send(
    frame: EncodedFrame,
    seq: number,
    epoch: number,
    payload: Uint8Array,
    partHashes: Uint8Array,
  ): Promise<void> {
    const { mesh, streamSigner, idBytes, cipher, onSent } = this.#options
    const isEncrypted = cipher !== undefined
    const unsigned: Omit<FrameHeader, 'signature'> = {
      tag: idBytes.subarray(0, 8),
      track: frame.track,
      seq,
      epoch,
      timestampUs: frame.timestampUs,
      durationUs: frame.durationUs,
      isKey: frame.isKey,
      isEncrypted,
      temporalLayer: frame.temporalLayer,
      length: payload.length,
      partHashes,
    }
    const header: FrameHeader = {
      ...unsigned,
      signature: await streamSigner.sign(frameSigningInput(idBytes, unsigned)),
    }
    if (this.#isClosed) return
    const now = this.#deps.clock.nowMs()
    mesh.anchor.witness(frame.timestampUs, now)
    const [first, ...parts] = encodeFrame(header, payload)
    if (first === undefined) return
    const stored = mesh.ring.insert(header, first, parts.length === 0 ? payload : undefined)
    mesh.publish({ frame: header, bytes: first }, stored)
    for (const [index, bytes] of parts.entries()) {
      const start = index * PART_PAYLOAD_MAX_BYTES
      mesh.ring.addPart(stored, index, bytes, payload.subarray(start, start + PART_PAYLOAD_MAX_BYTES))
      mesh.publish({ frame: header, bytes }, stored)
    }
    this.framesSent += 1
    onSent({ ...frame, seq, epoch, isEncrypted, receivedAtMs: now })
  }
}
