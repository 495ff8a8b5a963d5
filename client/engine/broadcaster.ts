import type { FrameRing } from '../../shared/media/frame-ring.ts'
import type { Head, StreamStatus } from '../../shared/protocol/announcement.ts'
import type { ChainPlace } from '../../shared/protocol/chain-place.ts'
import type { Signer } from '../../shared/protocol/crypto-port.ts'
import { signRoot } from '../../shared/protocol/edge-chain.ts'
import { type StreamId, streamIdToBytes } from '../../shared/protocol/ids.ts'
import { ANNOUNCEMENT_INTERVAL_MS, PICTURE_MAX_BYTES } from '../../shared/protocol/limits.ts'
import { reviseManifest, type VerifiedManifest } from '../../shared/protocol/manifest.ts'
import type { AccessGiver } from './access/access-contract.ts'
import { Announcer } from './announcer.ts'
import { CreatorAccessLine } from './creator-access.ts'
import { type CreatorStreamKeeper, resumedStreamUs, type StoredCreatorStream } from './creator-stream.ts'
import { EngineError } from './engine-error.ts'
import type { BroadcasterEvents, BroadcasterState, EncodedFrame, StreamInfo } from './events.ts'
import { FrameWriter } from './frame-writer.ts'
import { MeshPeer } from './mesh-peer.ts'
import type { EngineDeps } from './ports.ts'
import { repricedManifest } from './stream-manifest.ts'
import {
  type Opening,
  openAgain,
  openNew,
  type ResumeStreamOptions,
  type StartStreamOptions,
} from './stream-opening.ts'
import { TypedEmitter } from './typed-emitter.ts'

export type BroadcasterOptions = {
  /** Children served directly; 6 by default (DESIGN §7). */
  readonly slots?: number
}

const STATS_EVERY_MS = 1_000
const TRACKER_PATIENCE_MS = 10_000

type Live = {
  readonly mesh: MeshPeer
  readonly streamSigner: Signer
  readonly streamId: StreamId
  manifest: VerifiedManifest
  readonly announcer: Announcer
  readonly frames: FrameWriter
  readonly access: CreatorAccessLine | undefined
  readonly opening: Opening
  readonly keeper: CreatorStreamKeeper | undefined
  readonly timers: ReturnType<typeof setInterval>[]
}

/**
 * The root of the tree: encrypts (where paid) and signs encoded frames, and hands them to its children.
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
  #picture: Uint8Array | undefined
  /** From a source's timestamps to stream time: a source starts at 0 again after a reload. */
  #offsetUs: number | undefined
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

  /** Who decides on keys; undefined before the stream is open, and of a free one. */
  get access(): AccessGiver | undefined {
    return this.#live?.access?.giver
  }

  get streamInfo(): StreamInfo | undefined {
    return this.#live === undefined ? undefined : infoOf(this.#live.manifest)
  }

  /**
   * Makes the stream key, certificate and manifest, and opens the room. Resolves when a tracker has it: frames may
   * be pushed, and viewers find them. A tracker that goes away later is joined again by itself.
   *
   * @throws EngineError `already-started`, `tracker-unreachable`, `bad-price`; whatever `signal` is aborted with.
   */
  startStream(options: StartStreamOptions): Promise<StreamInfo> {
    return this.#begin(options.keeper, options.signal, () => openNew(this.#deps, options))
  }

  /**
   * Goes on with a stream that this machine broadcast until a moment ago (at most 60 s): same address, certificate and
   * stream key; a new key for access, later epochs, higher numbers. Viewers go on by themselves.
   *
   * @throws EngineError `already-started`, `too-late-to-resume`, `live-elsewhere`, `tracker-unreachable`.
   */
  resumeStream(stored: StoredCreatorStream, options: ResumeStreamOptions): Promise<StreamInfo> {
    return this.#begin(options.keeper, options.signal, () => openAgain(this.#deps, stored, options))
  }

  /**
   * From an epoch at least 30 s ahead, which it answers; at most the certified highest price.
   *
   * @throws EngineError `bad-price`, `closed`.
   */
  async changePrice(pricePerSecond: bigint): Promise<number> {
    const live = this.#live
    if (live === undefined || this.#state.kind !== 'live')
      throw new EngineError('closed', 'The stream is not live, so its price cannot change.')
    const epoch = live.frames.epochOf(live.frames.newestUs)
    const next = repricedManifest(live.manifest.manifest, pricePerSecond, epoch)
    const { crypto } = this.#deps
    const revised = await reviseManifest(live.manifest, next, live.streamSigner, crypto)
    await live.opening.writer?.manifest(revised.bytes)
    live.manifest = revised
    live.access?.giver.setPrice(pricePerSecond, next.priceFromEpoch)
    await this.#announce('live')
    return next.priceFromEpoch
  }

  /** Signs one frame and sends it down the tree. Frames pushed before or after the stream are dropped. */
  push(frame: EncodedFrame): void {
    const live = this.#live
    if (live === undefined || this.#state.kind !== 'live') return
    const { resume } = live.opening
    if (this.#offsetUs === undefined) {
      const firstUs =
        resume === undefined ? frame.timestampUs : resumedStreamUs(resume, this.#deps.clock.wallMs())
      this.#offsetUs = firstUs - frame.timestampUs
    }
    this.#bytesSince += frame.payload.length
    const timestampUs = Math.max(0, frame.timestampUs + this.#offsetUs)
    live.frames.push(this.#offsetUs === 0 ? frame : { ...frame, timestampUs })
  }

  /** WebP or JPEG, at most 24 KiB: shown on Home. */
  async setPicture(picture: Uint8Array): Promise<void> {
    if (picture.length > PICTURE_MAX_BYTES)
      throw new RangeError(`a picture has at most ${PICTURE_MAX_BYTES} bytes`)
    this.#picture = picture
    this.#live?.announcer.setPicture(await this.#deps.crypto.sha256(picture))
    await this.#announce('live')
    this.#live?.mesh.room.send({ kind: 'put-picture', picture })
  }

  /** Where the start stands on chain: said with each announcement from now on, also after a reload. */
  async setRecord(place: ChainPlace): Promise<void> {
    const live = this.#live
    if (live === undefined || this.#state.kind !== 'live') return
    live.announcer.setRecord(place)
    live.opening.writer?.record(place)
    await this.#announce('live')
  }

  /** Answers message `counter` of that origin, with up to 1 KiB. False when the way back is not known any more. */
  sendDown(target: Uint8Array, counter: number, body: Uint8Array): boolean {
    return this.#live?.mesh.sendDown(target, counter, body) ?? false
  }

  /** Viewers are told that the stream has ended. Idempotent. */
  async stopStream(): Promise<void> {
    const live = this.#live
    if (live === undefined || this.#state.kind !== 'live') return this.close()
    this.#setState({ kind: 'stopping' })
    await live.frames.settled()
    await live.access?.giver.idle()
    await this.#announce('ended')
    const { writer } = live.opening
    await writer?.settled()
    if (writer !== undefined) await live.keeper?.forget(writer.state).catch(() => undefined)
    // What was handed to the channels still has to leave: an acknowledgement round and a bit.
    await new Promise(resolve => setTimeout(resolve, 150))
    this.close()
  }

  /** Stops at once, without a word to the viewers but Leave; a kept stream may be resumed. Idempotent. */
  close(): void {
    const live = this.#live
    this.#live = undefined
    if (live !== undefined) {
      for (const timer of live.timers) clearInterval(timer)
      live.frames.close()
      live.access?.close()
      live.mesh.close()
      live.opening.unlock()
    }
    if (this.#state.kind !== 'stopped' && this.#state.kind !== 'failed') this.#setState({ kind: 'stopped' })
  }

  async #begin(
    keeper: CreatorStreamKeeper | undefined,
    signal: AbortSignal | undefined,
    open: () => Promise<Opening>,
  ): Promise<StreamInfo> {
    signal?.throwIfAborted()
    if (this.#state.kind !== 'idle') {
      throw new EngineError(
        'already-started',
        'This broadcaster was started before: make a new one for a new stream.',
      )
    }
    this.#setState({ kind: 'starting' })
    try {
      const opening = await open()
      const live = await this.#goOnAir(opening, keeper).catch((error: unknown) => {
        opening.unlock()
        throw error
      })
      await this.#reachTracker(live.mesh, signal)
      this.#setState({ kind: 'live', streamId: live.streamId })
      return infoOf(live.manifest)
    } catch (error) {
      this.close()
      throw error
    }
  }

  async #goOnAir(opening: Opening, keeper: CreatorStreamKeeper | undefined): Promise<Live> {
    const { manifest: verified, streamSigner, resume, writer, epochBase } = opening
    const { streamId, manifest } = verified
    const { tracker, clock, logger } = this.#deps
    const announcer = new Announcer(
      { streamSigner, wallMs: clock.wallMs, reserve: seq => writer?.announcement(seq) },
      resume === undefined ? 0 : resume.announcementCeiling + 1,
      resume?.record,
    )
    const heads = headsOf(opening, verified, undefined, clock.wallMs())
    const mesh = new MeshPeer(this.#deps, {
      streamId,
      role: 'creator',
      slots: this.#slots,
      rootChain: await signRoot(streamId, tracker.self, streamSigner),
      announcement: await announcer.sign(verified, 'live', heads, 0),
    })
    const access =
      opening.access &&
      new CreatorAccessLine(
        opening.access,
        { streamId, manifest },
        {
          clock,
          epochMs: manifest.epochMs,
          answer: (target, counter, body) => void mesh.sendDown(target, counter, body),
        },
      )
    mesh.on('violation', violation => this.emit('violation', violation))
    mesh.on('up', message => {
      if (access === undefined || !access.receive(message)) this.emit('up', message)
    })
    mesh.on('tracker', ({ isConnected }) => {
      if (isConnected && this.#picture !== undefined)
        mesh.room.send({ kind: 'put-picture', picture: this.#picture })
    })
    const frames = new FrameWriter(this.#deps, {
      mesh,
      streamSigner,
      idBytes: streamIdToBytes(streamId),
      epochMs: manifest.epochMs,
      epochBase,
      ...(access && { cipher: access.cipher }),
      seqFrom: track => resume?.seqCeilings.find(one => one.track === track)?.seq ?? 0,
      reserve: (track, seq, epoch, timestampUs) => writer?.frame(track, seq, epoch, timestampUs),
      onSent: frame => {
        access?.follow(frame.epoch, frame.timestampUs)
        this.emit('frame', frame)
      },
      onLost: error => logger.error('a frame was lost', { why: String(error) }),
    })
    const live: Live = {
      mesh,
      streamSigner,
      streamId,
      manifest: verified,
      announcer,
      frames,
      access,
      opening,
      keeper,
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

  async #announce(status: StreamStatus): Promise<void> {
    const live = this.#live
    if (live === undefined) return
    const { mesh, manifest, frames } = live
    if (frames.newestUs > 0) live.opening.writer?.alive(frames.newestUs)
    const heads = headsOf(live.opening, manifest, mesh.ring, this.#deps.clock.wallMs())
    const viewers = Math.max(0, mesh.stats().peers - 1)
    const signed = await live.announcer.sign(manifest, status, heads, viewers)
    if (this.#live === live) mesh.announce(signed)
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
      framesSent: live.frames.framesSent,
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

function infoOf(verified: VerifiedManifest): StreamInfo {
  return { streamId: verified.streamId, manifest: verified.manifest, verified }
}

/**
 * Where each track is. Before the first frame after a reload that is known too, and must be said: edges are dated in
 * stream time, and by a creator that seems to be at its beginning every peer below would be a liar.
 */
function headsOf(
  { resume }: Opening,
  { manifest }: VerifiedManifest,
  ring: FrameRing | undefined,
  wallMs: number,
): Head[] {
  return manifest.tracks.flatMap(({ id }) => {
    const newest = ring?.newest(id)?.header
    if (newest !== undefined) return [{ track: id, seq: newest.seq, timestampUs: newest.timestampUs }]
    const ceiling = resume?.seqCeilings.find(({ track }) => track === id)?.seq
    if (resume === undefined || ceiling === undefined) return []
    return [{ track: id, seq: Math.max(0, ceiling - 1), timestampUs: resumedStreamUs(resume, wallMs) }]
  })
}
