import type { StoredFrame } from '../../shared/media/frame-ring.ts'
import type { PeerRole } from '../../shared/overlay/peer-core.ts'
import type { StreamId } from '../../shared/protocol/ids.ts'
import { ANNOUNCEMENT_TTL_MS } from '../../shared/protocol/limits.ts'
import type { VerifiedManifest } from '../../shared/protocol/manifest.ts'
import { EngineError } from './engine-error.ts'
import type { MeshStats, StreamInfo, ViewerEvents, ViewerState } from './events.ts'
import { MeshPeer } from './mesh-peer.ts'
import type { EngineDeps } from './ports.ts'
import { TypedEmitter } from './typed-emitter.ts'
import type { UpVia } from './up-down.ts'

export type JoinOptions = { readonly signal?: AbortSignal }

const STATS_EVERY_MS = 1_000
/** Without a tracker's answer for this long the user is told; the attempts go on. */
const TRACKER_PATIENCE_MS = 10_000

/** What Viewer and Relay share: joining one stream, and saying in words how it goes. */
export abstract class StreamMember extends TypedEmitter<ViewerEvents> {
  readonly #deps: EngineDeps
  readonly #role: Exclude<PeerRole, 'creator'>
  #slots: number
  #mesh: MeshPeer | undefined
  #state: ViewerState = { kind: 'idle' }
  #timers: ReturnType<typeof setInterval>[] = []
  #hasJoined = false
  #announcedAtMs = Number.NEGATIVE_INFINITY

  protected constructor(deps: EngineDeps, role: Exclude<PeerRole, 'creator'>, slots: number) {
    super()
    this.#deps = deps
    this.#role = role
    this.#slots = slots
  }

  get state(): ViewerState {
    return this.#state
  }

  get stats(): MeshStats | undefined {
    return this.#mesh?.stats()
  }

  get streamInfo(): StreamInfo | undefined {
    const verified = this.#mesh?.manifest
    return verified === undefined
      ? undefined
      : { streamId: verified.streamId, manifest: verified.manifest, verified }
  }

  /**
   * Finds the stream's room and joins its tree. Resolves with the manifest as soon as a tracker has answered with
   * one that verifies; `state` events say how it goes on. An unreachable tracker is retried until `leave()` or abort.
   *
   * @throws EngineError `no-such-stream`, `stream-ended`, `tracker-unreachable`, `already-started`; the signal's reason.
   */
  async joinStream(streamId: StreamId, { signal }: JoinOptions = {}): Promise<StreamInfo> {
    signal?.throwIfAborted()
    if (this.#mesh !== undefined || this.#state.kind !== 'idle') {
      throw new EngineError('already-started', 'Already in a stream: leave it first, or make another.')
    }
    this.#setState({ kind: 'finding-tracker' })
    const mesh = new MeshPeer(this.#deps, { streamId, role: this.#role, slots: this.#slots })
    this.#mesh = mesh
    this.onMesh(mesh)
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.close()
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      const patience = setTimeout(() => {
        if (this.#state.kind !== 'finding-tracker') return
        const error = new EngineError(
          'tracker-unreachable',
          'No tracker answers. Check your connection; joining goes on by itself as soon as one does.',
        )
        this.#setState({ kind: 'failed', error })
        reject(error)
      }, TRACKER_PATIENCE_MS)
      mesh.on('announcement', verified => {
        clearTimeout(patience)
        this.#announcedAtMs = this.#deps.clock.nowMs()
        this.emit('announcement', verified)
        this.onManifest(verified.manifest)
        this.emit('manifest', verified.manifest)
        if (!this.#hasJoined) {
          this.#hasJoined = true
          if (this.#state.kind !== 'live') this.#setState({ kind: 'joining', attempt: 1 })
          const { manifest } = verified
          resolve({ streamId, manifest: manifest.manifest, verified: manifest })
        }
        if (verified.announcement.status === 'ended') this.#finish({ kind: 'ended' })
      })
      mesh.on('refused', ({ code, detail }) => {
        // After a restart the tracker knows the room again as soon as the creator is back: not a verdict by then.
        if (this.#hasJoined || code !== 'no-such-stream') return
        clearTimeout(patience)
        const error = new EngineError(
          'no-such-stream',
          `This stream is not live (${detail}). Check the address, or look on Home for what is live now.`,
        )
        this.#finish({ kind: 'failed', error })
        reject(error)
      })
      mesh.on('phase', () => this.#followPhase(mesh))
      mesh.on('frame', frame => this.onFrame(frame))
      mesh.on('down', message => this.emit('down', message))
      mesh.on('violation', ({ peer, reason }) => this.emit('violation', { peer, reason }))
      this.#timers.push(setInterval(() => this.emit('stats', mesh.stats()), STATS_EVERY_MS))
    })
  }

  /**
   * Sends up to 1 KiB to the creator, parent by parent. Resolves with the counter that answers (`down`) carry;
   * undefined when there is nobody to send it to.
   */
  sendUp(body: Uint8Array, options: { readonly via?: UpVia } = {}): Promise<number | undefined> {
    return this.#mesh?.sendUp(body, options) ?? Promise.resolve(undefined)
  }

  /** Upload slots: how many children this peer serves; 0 forwards to nobody. */
  setSlots(slots: number): void {
    this.#slots = slots
    this.#mesh?.setSlots(slots)
  }

  setHidden(isHidden: boolean): void {
    this.#mesh?.setHidden(isHidden)
  }

  /** Says Leave and closes every link; synchronous, so that it works in `pagehide`. */
  leave(): void {
    this.close()
  }

  /** Idempotent. */
  close(): void {
    this.#finish({ kind: 'closed' })
  }

  protected abstract onFrame(frame: StoredFrame): void

  /** Before anything is received. */
  protected onMesh(_mesh: MeshPeer): void {}

  /** With each announcement; often the same one. */
  protected onManifest(_manifest: VerifiedManifest): void {}

  /** Once, before the links close. */
  protected onFinish(): void {}

  protected get deps(): EngineDeps {
    return this.#deps
  }

  /** A creator that still announces is there: then nobody has room. */
  get #isAnnounced(): boolean {
    return this.#deps.clock.nowMs() - this.#announcedAtMs < ANNOUNCEMENT_TTL_MS
  }

  #followPhase(mesh: MeshPeer): void {
    const phase = mesh.phase
    switch (phase.kind) {
      case 'idle':
      case 'stopped':
        return
      case 'searching':
        return this.#setState({ kind: 'joining', attempt: phase.attempt })
      case 'waiting':
        return this.#setState({ kind: 'waiting', reason: this.#isAnnounced ? 'no-capacity' : 'creator-away' })
      case 'attached':
        return this.#setState({ kind: 'live' })
      case 'orphaned':
        return this.#setState({ kind: 'reconnecting', reason: phase.reason })
    }
  }

  #finish(state: ViewerState): void {
    if (this.#state.kind === 'closed' || this.#state.kind === 'ended') return
    for (const timer of this.#timers) clearInterval(timer)
    this.#timers = []
    this.onFinish()
    this.#mesh?.close()
    this.#setState(state)
  }

  #setState(state: ViewerState): void {
    this.#state = state
    this.emit('state', state)
  }
}
