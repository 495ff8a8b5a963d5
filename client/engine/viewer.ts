import type { StoredFrame } from '../../shared/media/frame-ring.ts'
import type { PayTerms } from '../../shared/pay/payer-contract.ts'
import type { StreamId } from '../../shared/protocol/ids.ts'
import type { VerifiedManifest } from '../../shared/protocol/manifest.ts'
import { EngineError } from './engine-error.ts'
import type { AccessState } from './events.ts'
import { receivedFrame } from './frame-gate.ts'
import type { MeshPeer } from './mesh-peer.ts'
import type { EngineDeps } from './ports.ts'
import { StreamMember } from './stream-member.ts'
import { type UnlockOptions, ViewerAccess, type ViewerAccessParts } from './viewer-access.ts'

export type ViewerOptions = {
  /** Children this viewer serves while it watches; 4 by default, 0 only watches. */
  readonly slots?: number
  /** Asks for keys, and opens frames. Without it encrypted frames are forwarded and not shown. */
  readonly access?: (streamId: StreamId) => ViewerAccessParts
}

/**
 * Watches one stream, and forwards it. Verified frames come as `frame` events, those of a paid stream in clear and as
 * soon as their key is there; a Player (browser) decodes and shows them, and reports what was shown, which becomes
 * `tick` events.
 */
export class Viewer extends StreamMember {
  readonly #makeParts: ((streamId: StreamId) => ViewerAccessParts) | undefined
  #access: ViewerAccess | undefined
  #playedMs = 0
  #ticks = 0

  constructor(deps: EngineDeps, options: ViewerOptions = {}) {
    super(deps, 'viewer', options.slots ?? 4)
    this.#makeParts = options.access
  }

  /** May the picture be seen, and if not, why. */
  get access(): AccessState {
    return this.#access?.state ?? { kind: 'unknown' }
  }

  /** What a second costs now, and from which epoch something else; undefined before the manifest. */
  get terms(): PayTerms | undefined {
    return this.#access?.terms()
  }

  /** planck for a second of that epoch. */
  priceAt(epoch: number): bigint {
    return this.#access?.priceAt(epoch) ?? 0n
  }

  /** Seconds of these epochs are free. */
  isPreview(epoch: number): boolean {
    return this.#access?.isPreview(epoch) ?? false
  }

  /**
   * Asks the creator for keys from now on, in the name of a funded session. After `joinStream` resolved; again with
   * another session when the first has ended. What comes of it is told by `access` and `grant` events.
   *
   * @throws EngineError `closed` before there is a paid stream to unlock.
   */
  async unlock(options: UnlockOptions): Promise<void> {
    if (this.#access === undefined || this.access.kind === 'unknown' || this.access.kind === 'free')
      throw new EngineError('closed', 'There is no paid stream here to unlock. Join one first.')
    await this.#access.unlock(options)
  }

  /** The viewer agrees to pay up to this much a second, planck. */
  acceptPrice(pricePerSecond: bigint): void {
    this.#access?.acceptPrice(pricePerSecond)
  }

  /** While it is false no key is asked for, and nothing is owed. */
  setWatching(isWatching: boolean): void {
    this.#access?.setWatching(isWatching)
  }

  /** ms of media of granted epochs that could not be shown: told to the creator, who forgives some. */
  claimStalled(ms: number): void {
    this.#access?.claimStalled(ms)
  }

  /** Says that no more keys are wanted. `unplayedMs`: of granted media. Before `leave()`. */
  async leaveAccess(unplayedMs: number): Promise<void> {
    await this.#access?.leave(unplayedMs)
  }

  /** Media time that was shown just now, ms; every full second becomes a `tick`. */
  reportPlayed(ms: number): void {
    if (!(ms > 0)) return
    this.#playedMs += ms
    while (this.#playedMs >= 1_000) {
      this.#playedMs -= 1_000
      this.#ticks += 1
      this.emit('tick', { count: this.#ticks })
    }
  }

  protected override onMesh(mesh: MeshPeer): void {
    const parts = this.#makeParts?.(mesh.streamId)
    if (parts === undefined) return
    this.#access = new ViewerAccess(this.deps.clock, mesh, parts, {
      onFrame: frame => this.emit('frame', frame),
      onState: state => this.emit('access', state),
      onTerms: terms => this.emit('terms', terms),
      onCredit: credit => this.emit('credit', credit),
      onGrant: grant => this.emit('grant', grant),
    })
  }

  protected override onManifest(manifest: VerifiedManifest): void {
    this.#access?.setManifest(manifest)
  }

  protected override onFrame(frame: StoredFrame): void {
    if (this.#access !== undefined) this.#access.frame(frame)
    else this.emit('frame', receivedFrame(frame, this.deps.clock.nowMs()))
  }

  protected override onFinish(): void {
    this.#access?.close()
  }
}
