import {
  type Announcement,
  type StreamStatus,
  signAnnouncement,
  type VerifiedAnnouncement,
} from '../../shared/protocol/announcement.ts'
import type { Signer } from '../../shared/protocol/crypto-port.ts'
import { signRoot } from '../../shared/protocol/edge-chain.ts'
import {
  encodeFrame,
  type FrameHeader,
  frameSigningInput,
  PART_HASH_BYTES,
} from '../../shared/protocol/frame.ts'
import { type StreamId, streamIdToBytes } from '../../shared/protocol/ids.ts'
import {
  ANNOUNCEMENT_INTERVAL_MS,
  PART_PAYLOAD_MAX_BYTES,
  PICTURE_MAX_BYTES,
} from '../../shared/protocol/limits.ts'
import {
  type Manifest,
  signManifest,
  type Track,
  type VerifiedManifest,
} from '../../shared/protocol/manifest.ts'
import { EngineError } from './engine-error.ts'
import type {
  BroadcasterEvents,
  BroadcasterState,
  EncodedFrame,
  ReceivedFrame,
  StreamInfo,
} from './events.ts'
import { MeshPeer } from './mesh-peer.ts'
import type { EngineDeps } from './ports.ts'
import { TypedEmitter } from './typed-emitter.ts'

export type BroadcasterOptions = {
  /** Children served directly; 6 by default (DESIGN §7). */
  readonly slots?: number
}

export type StartStreamOptions = {
  readonly title: string
  readonly description?: string
  readonly category?: string
  readonly tracks: readonly Track[]
  /** The creator's account; without one a key is made for this broadcast alone. */
  readonly accountSigner?: Signer
  /** Multiaddrs that viewers may find the room at; shown in the manifest. */
  readonly trackers?: readonly string[]
  readonly signal?: AbortSignal
}

/** A certificate outlives the longest broadcast by this, ms; a stolen stream key dies with it. */
const CERTIFICATE_VALID_MS = 24 * 3_600_000
const EPOCH_MS = 4_000
const STATS_EVERY_MS = 1_000
const TRACKER_PATIENCE_MS = 10_000

type Live = {
  readonly mesh: MeshPeer
  readonly streamSigner: Signer
  readonly streamId: StreamId
  readonly idBytes: Uint8Array
  readonly manifest: VerifiedManifest
  readonly timers: ReturnType<typeof setInterval>[]
}

/**
 * The root of the tree: signs encoded frames and hands them to its children.
 *
 * ```ts
 * const broadcaster = new Broadcaster(deps)
 * const { streamId } = await broadcaster.startStream({ title: 'Hello', tracks: producer.tracks })
 * producer.start(frame => broadcaster.push(frame), () => broadcaster.stopStream())
 * ```
 */
export class Broadcaster extends TypedEmitter<BroadcasterEvents> {
  readonly #deps: EngineDeps
  readonly #slots: number
  #state: BroadcasterState = { kind: 'idle' }
  #live: Live | undefined
  readonly #nextSeq = new Map<number, number>()
  #announcementSeq = 0
  #pictureHash: Uint8Array | undefined
  #picture: Uint8Array | undefined
  /** Frames leave in the order they were pushed, whatever hashing and signing take. */
  #tail: Promise<void> = Promise.resolve()
  #framesSent = 0
  #bytesSince = 0
  #statsAtMs = 0
  #bitrate = 0

  constructor(deps: EngineDeps, options: BroadcasterOptions = {}) {
    super()
    this.#deps = deps
    this.#slots = options.slots ?? 6
  }

  get state(): BroadcasterState {
    return this.#state
  }

  /**
   * Makes the stream key, certificate and manifest, and opens the room. Resolves when a tracker has it: frames may
   * be pushed, and viewers find them. A tracker that goes away later is joined again by itself.
   *
   * @throws EngineError `already-started`, `tracker-unreachable`; whatever `signal` is aborted with.
   */
  async startStream(options: StartStreamOptions): Promise<StreamInfo> {
    options.signal?.throwIfAborted()
    if (this.#state.kind !== 'idle') {
      throw new EngineError(
        'already-started',
        'This broadcaster was started before: make a new one for a new stream.',
      )
    }
    this.#setState({ kind: 'starting' })
    try {
      const live = await this.#open(options)
      await this.#reachTracker(live.mesh, options.signal)
      this.#setState({ kind: 'live', streamId: live.streamId })
      return { streamId: live.streamId, manifest: live.manifest.manifest, verified: live.manifest }
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Signs one frame and sends it down the tree. Frames pushed before or after the stream are dropped. */
  push(frame: EncodedFrame): void {
    const live = this.#live
    if (live === undefined || this.#state.kind !== 'live') return
    const seq = this.#nextSeq.get(frame.track) ?? 0
    this.#nextSeq.set(frame.track, seq + 1)
    this.#bytesSince += frame.payload.length
    const { crypto } = this.#deps
    const { payload } = frame
    const hashes: (Uint8Array | Promise<Uint8Array>)[] = []
    for (let offset = 0; offset === 0 || offset < payload.length; offset += PART_PAYLOAD_MAX_BYTES) {
      hashes.push(crypto.sha256(payload.subarray(offset, offset + PART_PAYLOAD_MAX_BYTES)))
    }
    this.#tail = this.#tail.then(async () => {
      const partHashes = new Uint8Array(hashes.length * PART_HASH_BYTES)
      for (const [index, hash] of hashes.entries()) {
        partHashes.set((await hash).subarray(0, PART_HASH_BYTES), index * PART_HASH_BYTES)
      }
      await this.#send(live, frame, seq, partHashes)
    })
  }

  /** WebP or JPEG, at most 24 KiB: shown on Home. */
  async setPicture(picture: Uint8Array): Promise<void> {
    if (picture.length > PICTURE_MAX_BYTES)
      throw new RangeError(`a picture has at most ${PICTURE_MAX_BYTES} bytes`)
    this.#picture = picture
    this.#pictureHash = await this.#deps.crypto.sha256(picture)
    await this.#announce('live')
    this.#live?.mesh.room.send({ kind: 'put-picture', picture })
  }

  /** Answers message `counter` of that origin, with up to 1 KiB. False when the way back is not known any more. */
  sendDown(target: Uint8Array, counter: number, body: Uint8Array): boolean {
    return this.#live?.mesh.sendDown(target, counter, body) ?? false
  }

  /** Viewers are told that the stream has ended. Idempotent. */
  async stopStream(): Promise<void> {
    if (this.#live === undefined || this.#state.kind !== 'live') return this.close()
    this.#setState({ kind: 'stopping' })
    await this.#tail
    await this.#announce('ended')
    // What was handed to the channels still has to leave: an acknowledgement round and a bit.
    await new Promise(resolve => setTimeout(resolve, 150))
    this.close()
  }

  /** Stops at once, without a word to the viewers but Leave. Idempotent. */
  close(): void {
    const live = this.#live
    this.#live = undefined
    if (live !== undefined) {
      for (const timer of live.timers) clearInterval(timer)
      live.mesh.close()
    }
    if (this.#state.kind !== 'stopped' && this.#state.kind !== 'failed') this.#setState({ kind: 'stopped' })
  }

  async #open(options: StartStreamOptions): Promise<Live> {
    const { crypto, clock, generateSigner, tracker } = this.#deps
    const streamSigner = await generateSigner()
    const accountSigner = options.accountSigner ?? (await generateSigner())
    const manifest: Manifest = {
      certificate: {
        creator: { scheme: 'ed25519', publicKey: accountSigner.publicKey },
        streamKey: streamSigner.publicKey,
        asset: 'native',
        maxPrice: 0n,
        notAfter: clock.wallMs() + CERTIFICATE_VALID_MS,
      },
      title: options.title,
      description: options.description ?? '',
      category: options.category ?? '',
      tracks: options.tracks,
      pricePerSecond: 0n,
      priceFromEpoch: 0,
      previewSeconds: 0,
      creditSeconds: 0,
      epochMs: EPOCH_MS,
      trackers: options.trackers ?? [],
      rev: 0,
    }
    const verified = await signManifest(manifest, accountSigner, streamSigner, crypto)
    const rootChain = await signRoot(verified.streamId, tracker.self, streamSigner)
    const first = await this.#signAnnouncement(verified, streamSigner, 'live', [], 0)
    const mesh = new MeshPeer(this.#deps, {
      streamId: verified.streamId,
      role: 'creator',
      slots: this.#slots,
      rootChain,
      announcement: first,
    })
    mesh.on('violation', violation => this.emit('violation', violation))
    mesh.on('up', message => this.emit('up', message))
    mesh.on('tracker', ({ isConnected }) => {
      if (isConnected && this.#picture !== undefined)
        mesh.room.send({ kind: 'put-picture', picture: this.#picture })
    })
    const live: Live = {
      mesh,
      streamSigner,
      streamId: verified.streamId,
      idBytes: streamIdToBytes(verified.streamId),
      manifest: verified,
      timers: [
        setInterval(() => void this.#announce('live'), ANNOUNCEMENT_INTERVAL_MS),
        setInterval(() => this.#emitStats(), STATS_EVERY_MS),
      ],
    }
    this.#live = live
    this.#statsAtMs = clock.nowMs()
    return live
  }

  #reachTracker(mesh: MeshPeer, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(patience)
        signal?.removeEventListener('abort', onAbort)
        finish()
      }
      const onAbort = (): void => settle(() => reject(signal?.reason))
      const patience = setTimeout(() => {
        const sentence =
          'No tracker answers, so nobody could find the stream. Check the connection and try again.'
        settle(() => reject(new EngineError('tracker-unreachable', sentence)))
      }, TRACKER_PATIENCE_MS)
      signal?.addEventListener('abort', onAbort, { once: true })
      mesh.on('tracker', ({ isConnected }) => {
        if (isConnected) settle(resolve)
      })
      mesh.on('refused', ({ code, detail, isFinal }) => {
        if (!isFinal) return
        const error = new EngineError(
          'tracker-unreachable',
          `The tracker refused the stream (${code}): ${detail}`,
        )
        settle(() => reject(error))
        this.#fail(error)
      })
    })
  }

  async #send(live: Live, frame: EncodedFrame, seq: number, partHashes: Uint8Array): Promise<void> {
    const { mesh, streamSigner, idBytes } = live
    const unsigned: Omit<FrameHeader, 'signature'> = {
      tag: idBytes.subarray(0, 8),
      track: frame.track,
      seq,
      epoch: Math.floor(frame.timestampUs / (EPOCH_MS * 1000)),
      timestampUs: frame.timestampUs,
      durationUs: frame.durationUs,
      isKey: frame.isKey,
      isEncrypted: false,
      temporalLayer: frame.temporalLayer,
      length: frame.payload.length,
      partHashes,
    }
    const header: FrameHeader = {
      ...unsigned,
      signature: await streamSigner.sign(frameSigningInput(idBytes, unsigned)),
    }
    if (this.#live !== live) return
    const now = this.#deps.clock.nowMs()
    mesh.anchor.witness(frame.timestampUs, now)
    const [first, ...parts] = encodeFrame(header, frame.payload)
    if (first === undefined) return
    const stored = mesh.ring.insert(header, first, parts.length === 0 ? frame.payload : undefined)
    mesh.publish({ frame: header, bytes: first }, stored)
    for (const [index, bytes] of parts.entries()) {
      const start = index * PART_PAYLOAD_MAX_BYTES
      mesh.ring.addPart(stored, index, bytes, frame.payload.subarray(start, start + PART_PAYLOAD_MAX_BYTES))
      mesh.publish({ frame: header, bytes }, stored)
    }
    this.#framesSent += 1
    const sent: ReceivedFrame = { ...frame, seq, epoch: header.epoch, isEncrypted: false, receivedAtMs: now }
    this.emit('frame', sent)
  }

  async #announce(status: StreamStatus): Promise<void> {
    const live = this.#live
    if (live === undefined) return
    this.#announcementSeq += 1
    const { ring } = live.mesh
    const heads = live.manifest.manifest.tracks.flatMap(({ id }) => {
      const newest = ring.newest(id)?.header
      return newest === undefined ? [] : [{ track: id, seq: newest.seq, timestampUs: newest.timestampUs }]
    })
    const viewers = Math.max(0, live.mesh.stats().peers - 1)
    const seq = this.#announcementSeq
    const signed = await this.#signAnnouncement(live.manifest, live.streamSigner, status, heads, seq, viewers)
    if (this.#live === live) live.mesh.announce(signed)
  }

  #signAnnouncement(
    manifest: VerifiedManifest,
    streamSigner: Signer,
    status: StreamStatus,
    heads: Announcement['heads'],
    seq: number,
    viewers = 0,
  ): Promise<VerifiedAnnouncement> {
    const announcement: Announcement = {
      streamId: manifest.streamId,
      manifestHash: manifest.hash,
      seq,
      at: this.#deps.clock.wallMs(),
      status,
      viewers,
      heads,
      ...(this.#pictureHash === undefined ? {} : { pictureHash: this.#pictureHash }),
    }
    return signAnnouncement(announcement, manifest, streamSigner, false)
  }

  #emitStats(): void {
    const live = this.#live
    if (live === undefined) return
    const now = this.#deps.clock.nowMs()
    this.#bitrate = (this.#bytesSince * 8000) / Math.max(1, now - this.#statsAtMs)
    this.#bytesSince = 0
    this.#statsAtMs = now
    const stats = live.mesh.stats()
    this.emit('stats', {
      ...stats,
      viewers: Math.max(0, stats.peers - 1),
      framesSent: this.#framesSent,
      bitrate: this.#bitrate,
    })
  }

  #fail(error: EngineError): void {
    this.#setState({ kind: 'failed', error })
    this.close()
  }

  #setState(state: BroadcasterState): void {
    this.#state = state
    this.emit('state', state)
  }
}
