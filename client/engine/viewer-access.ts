import type { StoredFrame } from '../../shared/media/frame-ring.ts'
import type { AccountHex } from '../../shared/pay/evidence.ts'
import type { PayTerms } from '../../shared/pay/payer-contract.ts'
import type { Signer } from '../../shared/protocol/crypto-port.ts'
import type { VerifiedManifest } from '../../shared/protocol/manifest.ts'
import type { AccessTaker, AccessTerms, ContentOpener, EpochPosition } from './access/access-contract.ts'
import type { AccessState, ReceivedFrame } from './events.ts'
import { FrameGate } from './frame-gate.ts'
import type { MeshPeer } from './mesh-peer.ts'
import type { Clock } from './ports.ts'
import { StreamTerms } from './stream-terms.ts'

/** Who pays for this viewing: a session that its wallet has funded for this stream. */
export type UnlockOptions = {
  readonly wallet: AccountHex
  /** Ed25519; its public key is the session account. */
  readonly session: Signer
  /** planck a second: above it no key is asked for. */
  readonly acceptedPrice: bigint
}

export type ViewerAccessParts = { readonly taker: AccessTaker; readonly opener: ContentOpener }

/** What it needs of its peer. */
export type AccessMesh = Pick<MeshPeer, 'on' | 'sendUp' | 'upOrigin' | 'leaveParent'>

export type ViewerAccessHandlers = {
  onFrame(frame: ReceivedFrame): void
  onState(state: AccessState): void
  onTerms(terms: PayTerms): void
  onCredit(terms: AccessTerms): void
  onGrant(grant: { readonly epoch: number; readonly isPreview: boolean }): void
}

const TICK_MS = 100
/** Seconds of these epochs make no tick; frames of older ones are not shown any more. */
const PREVIEWS_REMEMBERED = 64

/** A viewer's side of access to one stream: asks for keys while it watches, and opens what they open. */
export class ViewerAccess {
  readonly #clock: Clock
  readonly #mesh: AccessMesh
  readonly #taker: AccessTaker
  readonly #gate: FrameGate
  readonly #handlers: ViewerAccessHandlers
  readonly #terms = new StreamTerms()
  readonly #timer: ReturnType<typeof setInterval>
  readonly #previews = new Set<number>()
  readonly #unsubscribe: (() => void)[] = []
  #manifest: VerifiedManifest | undefined
  #session: { acceptedPrice: bigint } | undefined
  #state: AccessState = { kind: 'unknown' }
  #position: EpochPosition | undefined
  #newestUs = -1
  #isWatching = true
  #said = ''

  constructor(clock: Clock, mesh: AccessMesh, parts: ViewerAccessParts, handlers: ViewerAccessHandlers) {
    this.#clock = clock
    this.#mesh = mesh
    this.#taker = parts.taker
    this.#handlers = handlers
    this.#gate = new FrameGate(parts.opener, () => clock.nowMs(), {
      onFrame: frame => handlers.onFrame(frame),
      // Signed by the stream key, so nobody on the way is to blame; the picture lacks this frame.
      onUnreadable: () => {},
    })
    this.#listen()
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  get state(): AccessState {
    return this.#state
  }

  /** planck for a second of that epoch. */
  priceAt(epoch: number): bigint {
    return this.#terms.priceAt(epoch)
  }

  terms(): PayTerms | undefined {
    return this.#terms.at(this.#position?.epoch ?? 0)
  }

  isPreview(epoch: number): boolean {
    return this.#previews.has(epoch)
  }

  /** Each newer manifest. */
  setManifest(verified: VerifiedManifest): void {
    if (this.#manifest?.manifest.rev === verified.manifest.rev) return
    this.#manifest = verified
    const { pricePerSecond, creatorX25519 } = verified.manifest
    this.#terms.setManifest(verified.manifest)
    if (pricePerSecond === 0n) return this.#setState({ kind: 'free' })
    if (this.#session === undefined) this.#setState(LOCKED)
    else if (creatorX25519 !== undefined) void this.#taker.setCreatorKey(creatorX25519)
    this.#sayTerms()
  }

  frame(stored: StoredFrame): void {
    const { epoch, timestampUs } = stored.header
    const epochMs = this.#manifest?.manifest.epochMs
    if (timestampUs > this.#newestUs && epochMs !== undefined) {
      this.#newestUs = timestampUs
      const isNew = epoch !== this.#position?.epoch
      this.#position = { epoch, intoMs: (timestampUs / 1000) % epochMs }
      if (isNew) this.#sayTerms()
      this.#follow()
    }
    this.#gate.push(stored)
  }

  /** Asks for keys from now on; again, with another session, when the first has ended. */
  async unlock({ wallet, session, acceptedPrice }: UnlockOptions): Promise<void> {
    const verified = this.#manifest
    const creatorKey = verified?.manifest.creatorX25519
    if (verified === undefined || creatorKey === undefined) return
    this.#session = { acceptedPrice }
    this.#setState(ASKING)
    const { epochMs, creditSeconds } = verified.manifest
    await this.#taker.start({
      streamId: verified.streamId,
      creatorKey,
      origin: await this.#mesh.upOrigin(),
      wallet,
      session,
      epochMs,
      creditSeconds,
    })
    // The manifest may have changed meanwhile.
    const newest = this.#manifest?.manifest.creatorX25519
    if (newest !== undefined && newest !== creatorKey) await this.#taker.setCreatorKey(newest)
    this.#follow()
  }

  acceptPrice(pricePerSecond: bigint): void {
    if (this.#session === undefined) return
    this.#session.acceptedPrice = pricePerSecond
    this.#follow()
  }

  /** Who pauses does not ask, and does not owe. */
  setWatching(isWatching: boolean): void {
    this.#isWatching = isWatching
    this.#follow()
  }

  /** ms of media of granted epochs that could not be shown. */
  claimStalled(ms: number): void {
    if (ms > 0) this.#taker.claimStalled(ms)
  }

  /** `unplayedMs`: of granted media. */
  leave(unplayedMs: number): Promise<void> {
    return this.#session === undefined ? Promise.resolve() : this.#taker.leave(unplayedMs)
  }

  close(): void {
    clearInterval(this.#timer)
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe()
    this.#taker.close()
    this.#gate.close()
  }

  #listen(): void {
    const taker = this.#taker
    this.#unsubscribe.push(
      taker.on('up', ({ body, via }) => void this.#ask(body, via)),
      taker.on('key', ({ epoch, key, isPreview }) => this.#granted(epoch, key, isPreview)),
      taker.on('terms', terms => {
        this.#handlers.onCredit(terms)
        if (terms.isPrepay && terms.neededPlanck > 0n) this.#setState(prepayState(terms.neededPlanck))
      }),
      taker.on('refused', refused => this.#setState({ kind: 'refused', ...refused })),
      taker.on('missing', () => this.#mesh.leaveParent()),
      this.#mesh.on('down', ({ counter, body }) => taker.receiveDown({ counter, body })),
      this.#mesh.on('parent', peer => {
        if (peer !== undefined && this.#session !== undefined) taker.retry(this.#clock.nowMs())
      }),
    )
  }

  async #ask(body: Uint8Array, via: 'parent' | 'warm'): Promise<void> {
    const counter = await this.#mesh.sendUp(body, { via })
    // Without a second parent the first is asked again: better than nobody.
    if (counter === undefined && via === 'warm') await this.#mesh.sendUp(body, { via: 'parent' })
  }

  #granted(epoch: number, key: Uint8Array, isPreview: boolean): void {
    if (isPreview) this.#previews.add(epoch)
    const oldest =
      this.#previews.size > PREVIEWS_REMEMBERED ? this.#previews.values().next().value : undefined
    if (oldest !== undefined) this.#previews.delete(oldest)
    this.#gate.addKey(epoch, key)
    this.#handlers.onGrant({ epoch, isPreview })
    if (this.#state.kind !== 'price-raised') this.#setState({ kind: isPreview ? 'preview' : 'open', epoch })
  }

  #tick(): void {
    if (this.#session !== undefined) this.#taker.tick(this.#clock.nowMs())
  }

  /** Tells the taker where the media is, and whether the next key is wanted. */
  #follow(): void {
    const position = this.#position
    if (position === undefined || this.#session === undefined) return
    const { acceptedPrice } = this.#session
    const next = position.epoch + 1
    const price = this.priceAt(next)
    const isDear = price > acceptedPrice
    if (isDear && this.#state.kind !== 'price-raised') {
      const sentence =
        'The creator has raised the price above what you agreed to. The picture stops until you agree.'
      this.#setState({ kind: 'price-raised', price, fromEpoch: next, sentence })
    }
    if (!isDear && this.#state.kind === 'price-raised') this.#setState(ASKING)
    this.#taker.setPosition(position, this.#isWatching && !isDear, this.#clock.nowMs())
  }

  #sayTerms(): void {
    const terms = this.terms()
    if (terms === undefined) return
    const said = `${terms.price} ${terms.next?.price} ${terms.next?.fromEpoch} ${terms.creditSeconds}`
    if (said === this.#said) return
    this.#said = said
    this.#handlers.onTerms(terms)
  }

  #setState(state: AccessState): void {
    const before = this.#state
    this.#state = state
    const isSame = before.kind === state.kind && !SAID_AGAIN.has(state.kind)
    if (!isSame) this.#handlers.onState(state)
  }
}

/** What may have changed within these is news to the page. */
const SAID_AGAIN: ReadonlySet<AccessState['kind']> = new Set(['prepay', 'refused', 'price-raised'])

const LOCKED: AccessState = {
  kind: 'locked',
  sentence: 'This stream is paid by the second. Choose a budget to watch it.',
}

const ASKING: AccessState = {
  kind: 'asking',
  sentence: 'Asking the creator for the key of the picture.',
}

function prepayState(neededPlanck: bigint): AccessState {
  const sentence =
    'The creator gives no credit at present: the picture comes as soon as the next seconds are paid.'
  return { kind: 'prepay', neededPlanck, sentence }
}
