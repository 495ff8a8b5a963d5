import type { MediaPrice } from '../../../shared/pay/meter.ts'
import { hexText } from '../../../shared/protocol/hex.ts'
import { type StreamId, streamIdToBytes } from '../../../shared/protocol/ids.ts'
import type { Manifest } from '../../../shared/protocol/manifest.ts'
import type { ExtrinsicSigner } from '../chain/chain-port.ts'
import { EngineError } from '../engine-error.ts'
import type {
  FundPlan,
  FundRequest,
  PayFigures,
  PaySession,
  PaySessions,
} from '../pay/pay-session-contract.ts'
import { TypedEmitter } from '../typed-emitter.ts'
import type { Viewer } from '../viewer.ts'
import { GrantedMedia } from './granted-media.ts'
import type { PaidViewing, PaidViewingEvents, PaidViewingState } from './paid-viewing-contract.ts'
import { offerOf, type Step, sessionState } from './paid-viewing-state.ts'
import { StreamEpochs } from './stream-epochs.ts'
import type { UnplayedTails } from './unplayed-tails.ts'

export type ViewerPaymentDeps = {
  /** Made with `access` (ViewerOptions); joined and left by its owner. */
  readonly viewer: Viewer
  readonly streamId: StreamId
  /** Asked for when first needed: with it comes the chain. */
  readonly sessions: () => Promise<PaySessions>
  /** Absent: a page that closes owes the tail it was granted and did not show, as far as credit carries it. */
  readonly tails?: UnplayedTails
}

/** Ties a Viewer to a payment session: keys are asked for in its name, ticks are paid from it. */
export class ViewerPayment extends TypedEmitter<PaidViewingEvents> implements PaidViewing {
  readonly #deps: ViewerPaymentDeps
  readonly #epochs = new StreamEpochs()
  readonly #media = new GrantedMedia()
  readonly #unsubscribe: (() => void)[] = []
  #manifest: Manifest | undefined
  #session: PaySession | undefined
  #step: Step = { kind: 'none' }
  #isWatching = true
  #said = ''
  #newestUs = 0
  #isClosed = false

  constructor(deps: ViewerPaymentDeps) {
    super()
    this.#deps = deps
    // A page makes it once it knows that a stream is paid: the manifest has come by then.
    this.#manifest = deps.viewer.streamInfo?.manifest
    this.#listen(deps.viewer)
  }

  get state(): PaidViewingState {
    const { viewer } = this.#deps
    const manifest = this.#manifest
    if (manifest === undefined) return { kind: 'unknown' }
    if (manifest.pricePerSecond === 0n) return { kind: 'free' }
    if (this.#session !== undefined && this.#step.kind === 'none')
      return sessionState(this.#session.state, viewer.access)
    const offer = offerOf(manifest, viewer.terms)
    switch (this.#step.kind) {
      case 'none':
        return { kind: 'offer', offer }
      case 'resuming':
        return { kind: 'resuming', offer }
      default:
        return this.#step
    }
  }

  /** The session account, once there is one. */
  get sessionId(): string | undefined {
    return this.#session?.id
  }

  get figures(): PayFigures | undefined {
    return this.#session?.figures
  }

  /** For whoever joined before this was made: manifests come every ten seconds only. */
  meet(manifest: Manifest): void {
    this.#manifest ??= manifest
    this.#tell()
  }

  readonly priceOf = (positionUs: number): MediaPrice | undefined => {
    const { viewer } = this.#deps
    const epochMs = this.#manifest?.epochMs
    const epoch = epochMs === undefined ? undefined : this.#epochs.at(positionUs, epochMs)
    if (epoch === undefined || viewer.isPreview(epoch)) return undefined
    return { epoch, price: viewer.priceAt(epoch) }
  }

  async resume({ signal }: { readonly signal?: AbortSignal } = {}): Promise<boolean> {
    signal?.throwIfAborted()
    if (this.#session !== undefined || this.#step.kind === 'funding') return false
    this.#setStep({ kind: 'resuming' })
    try {
      const sessions = await this.#deps.sessions()
      const options = signal === undefined ? {} : { signal }
      const id = streamIdToBytes(this.#deps.streamId)
      const session = await sessions.resume(id, undefined, options)
      if (session === undefined) return false
      await this.#begin(session)
      return true
    } finally {
      this.#setStep({ kind: 'none' })
    }
  }

  async plan(
    wallet: ExtrinsicSigner,
    budget: bigint,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<FundPlan> {
    const sessions = await this.#deps.sessions()
    return sessions.plan(this.#request(wallet, budget), options)
  }

  async pay(
    wallet: ExtrinsicSigner,
    budget: bigint,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    signal?.throwIfAborted()
    if (
      this.#step.kind === 'funding' ||
      (this.#session !== undefined && this.#session.state.kind !== 'closed')
    )
      throw new EngineError('already-started', 'This stream is being paid already.')
    this.#forgetSession()
    this.#setStep({
      kind: 'funding',
      step: 'prompt',
      sentence: 'Waiting for your wallet: confirm the budget there.',
    })
    try {
      const sessions = await this.#deps.sessions()
      const session = await sessions.open(this.#request(wallet, budget), {
        ...(signal !== undefined && { signal }),
        onStep: step => this.#setStep({ kind: 'funding', step, sentence: FUNDING[step] }),
      })
      await this.#begin(session)
    } finally {
      this.#setStep({ kind: 'none' })
    }
  }

  async raiseBudget(more: bigint, wallet: ExtrinsicSigner): Promise<void> {
    await this.#session?.raiseBudget(more, wallet)
  }

  async acceptPrice(price: bigint): Promise<void> {
    this.#session?.acceptPrice(price)
    this.#deps.viewer.acceptPrice(price)
    this.#session?.goOn()
  }

  async takeOver(): Promise<void> {
    const session = this.#session
    if (session === undefined) return
    await session.takeOver()
    // The other tab's player took the place of this one's: introduce this one anew.
    await this.#unlock(session)
  }

  goOn(): void {
    this.#session?.goOn()
  }

  played(epoch: number, price: bigint): void {
    this.#media.played(epoch)
    if (price > 0n) this.#session?.tick(1, epoch, price)
  }

  setWatching(isWatching: boolean): void {
    this.#isWatching = isWatching
    this.#followSession()
  }

  async leave(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const session = this.#session
    this.#deps.viewer.setWatching(false)
    await this.#deps.viewer.leaveAccess(this.#media.unplayedMs)
    await session?.leave(options)
  }

  closeNow(): void {
    const session = this.#session
    session?.closeNow()
    // Sealing a Leave takes longer than the page has: the next session of this wallet says it.
    if (session !== undefined) this.#deps.tails?.note(session.payout, session.wallet, this.#media.unplayedMs)
    this.close()
  }

  close(): void {
    this.#isClosed = true
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe()
    this.removeAllListeners()
  }

  #listen(viewer: Viewer): void {
    this.#unsubscribe.push(
      viewer.on('manifest', ({ manifest }) => {
        this.#manifest = manifest
        this.#tell()
      }),
      viewer.on('terms', terms => this.#session?.terms(terms)),
      viewer.on('frame', ({ timestampUs, epoch }) => {
        const epochMs = this.#manifest?.epochMs
        if (epochMs === undefined) return
        this.#epochs.learn(timestampUs, epoch, epochMs)
        if (timestampUs > this.#newestUs) this.#newestUs = timestampUs
      }),
      viewer.on('grant', ({ epoch, isPreview }) => this.#granted(epoch, isPreview)),
      viewer.on('credit', ({ creditedPlanck, owedPlanck, creditSeconds, isPrepay }) => {
        const credit = isPrepay ? 0n : this.#price() * BigInt(Math.floor(creditSeconds))
        const epoch = Math.max(0, this.#media.newestEpoch)
        this.#session?.grant({ epoch, owed: owedPlanck, credited: creditedPlanck, credit })
      }),
      viewer.on('access', () => this.#tell()),
    )
  }

  #granted(epoch: number, isPreview: boolean): void {
    const manifest = this.#manifest
    if (manifest === undefined || isPreview) return
    const { epochMs } = manifest
    const running = this.#epochs.at(this.#newestUs, epochMs)
    // Owed from the moment of the grant, where the epoch was already on.
    const passedMs = running === epoch ? (this.#newestUs / 1000) % epochMs : 0
    this.#media.granted(epoch, epochMs - passedMs)
    const unplayedMs = running === undefined ? 0 : this.#media.settle(running)
    if (unplayedMs > 0) this.#deps.viewer.claimStalled(unplayedMs)
  }

  #price(): bigint {
    return this.#deps.viewer.terms?.price ?? 0n
  }

  async #begin(session: PaySession): Promise<void> {
    const { viewer } = this.#deps
    if (this.#isClosed) {
      // Its viewer went while the budget was on its way: nobody else would give it back.
      session.leave().catch(() => undefined)
      return
    }
    this.#session = session
    this.#unsubscribe.push(
      session.on('state', () => {
        this.#followSession()
        this.#tell()
      }),
      session.on('figures', figures => this.emit('figures', figures)),
    )
    const { terms } = viewer
    if (terms !== undefined) session.terms(terms)
    this.#followSession()
    await this.#unlock(session)
    const unplayedMs = this.#deps.tails?.take(session.payout, session.wallet) ?? 0
    if (unplayedMs > 0) viewer.claimStalled(unplayedMs)
    this.emit('figures', session.figures)
  }

  #unlock({ wallet, signer, acceptedPrice }: PaySession): Promise<void> {
    return this.#deps.viewer.unlock({ wallet, session: signer, acceptedPrice })
  }

  #forgetSession(): void {
    this.#session = undefined
  }

  #followSession(): void {
    this.#deps.viewer.setWatching(this.#isWatching && this.#session?.mayWatch !== false)
  }

  #request(wallet: ExtrinsicSigner, budget: bigint): FundRequest {
    const manifest = this.#manifest
    const { terms } = this.#deps.viewer
    const { payout, chain, creator } = manifest?.certificate ?? {}
    if (
      manifest === undefined ||
      terms === undefined ||
      payout === undefined ||
      chain === undefined ||
      creator === undefined
    )
      throw new EngineError('closed', 'The stream’s terms have not come yet. Try again in a moment.')
    return {
      streamId: streamIdToBytes(this.#deps.streamId),
      title: manifest.title,
      payout: hexText(payout),
      creator: hexText(creator.publicKey),
      genesis: hexText(chain),
      // The page says that one to come is asked for again.
      acceptedPrice: terms.price,
      budget,
      terms,
      wallet,
    }
  }

  #setStep(step: Step): void {
    if (this.#isClosed) return
    this.#step = step
    this.#tell()
  }

  #tell(): void {
    const state = this.state
    const said = JSON.stringify(state, (_key, value) => (typeof value === 'bigint' ? `${value}` : value))
    if (said === this.#said) return
    this.#said = said
    this.emit('state', state)
  }
}

const FUNDING = {
  prompt: 'Waiting for your wallet: confirm the budget there.',
  sent: 'Your budget is on its way into a block.',
  included: 'Your budget is in a block. Asking the creator for the key of the picture.',
} as const
