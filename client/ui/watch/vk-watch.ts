import { html, LitElement, nothing } from 'lit'
import type { MediaPrice } from '../../../shared/pay/meter.ts'
import { hexText } from '../../../shared/protocol/hex.ts'
import { parseStreamId, type StreamId } from '../../../shared/protocol/ids.ts'
import type { Manifest, VerifiedManifest } from '../../../shared/protocol/manifest.ts'
import type { EngineError } from '../../engine/engine-error.ts'
import type { MeshStats, ViewerState } from '../../engine/events.ts'
import { Player, type PlayerState } from '../../engine/media/player.ts'
import { Viewer } from '../../engine/viewer.ts'
import type { AppContext } from '../app-context.ts'
import type { Lacking } from '../capabilities.ts'
import { baseStyles, buttonStyles } from '../parts/base-styles.ts'
import { notice, noticeStyles } from '../parts/notice.ts'
import { sentenceOf } from '../parts/sentence-of.ts'
import type { VkPayPanel } from '../pay/vk-pay-panel.ts'
import { countText } from '../quantity.ts'
import { readSlots, withSlots } from '../route.ts'
import { overlayWords } from './overlay-words.ts'
import type { PaidWatch } from './paid-watch.ts'
import { viewerAccess } from './viewer-access-parts.ts'
import { viewerWords } from './viewer-words.ts'
import { definePlayer } from './vk-player.ts'
import { watchNumbers } from './watch-numbers.ts'
import { watchStyles } from './watch-styles.ts'

/** Before there is a viewer, or instead of one. */
type Stage =
  | { readonly kind: 'starting' }
  | { readonly kind: 'bad-id' }
  | { readonly kind: 'incapable'; readonly lacking: readonly Lacking[] }
  | { readonly kind: 'broken'; readonly error: unknown }
  | { readonly kind: 'watching' }

const STATS_EVERY_MS = 1_000
/** The Connection panel is for the curious: it comes after the picture, or after this without one. */
const PANEL_AFTER_MS = 3_000

/** One stream: joins, plays and forwards it for as long as the page is open. */
export class VkWatch extends LitElement {
  static override properties = { context: { attribute: false }, streamId: {} }

  declare context: AppContext
  /** From the address; checked here. */
  declare streamId: string
  viewer: Viewer | undefined
  player: Player | undefined
  /** Of a paid stream, once its chunk is loaded. */
  paid: PaidWatch | undefined

  static override styles = [baseStyles, buttonStyles, noticeStyles, watchStyles]

  #stage: Stage = { kind: 'starting' }
  #canvas: HTMLCanvasElement | undefined
  #viewerState: ViewerState = { kind: 'idle' }
  #playerState: PlayerState['kind'] = 'waiting'
  #playerError: EngineError | undefined
  #stats: MeshStats | undefined
  #manifest: Manifest | undefined
  #isMuted = false
  #payProblem: string | undefined
  #slots = readSlots(location)
  #running = new AbortController()

  override connectedCallback(): void {
    super.connectedCallback()
    window.addEventListener('pagehide', this.#pageHidden)
    window.addEventListener('pageshow', this.#pageShown)
    document.addEventListener('visibilitychange', this.#visibilityChanged)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    window.removeEventListener('pagehide', this.#pageHidden)
    window.removeEventListener('pageshow', this.#pageShown)
    document.removeEventListener('visibilitychange', this.#visibilityChanged)
    this.#stop()
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('streamId')) void this.#start()
  }

  async #start(): Promise<void> {
    this.#stop()
    const { signal } = this.#running
    this.#setStage({ kind: 'starting' })
    const streamId = readId(this.streamId)
    if (streamId === undefined) return this.#setStage({ kind: 'bad-id' })
    try {
      const { toWatch } = await this.context.capabilities()
      if (signal.aborted) return
      if (toWatch.length > 0) return this.#setStage({ kind: 'incapable', lacking: toWatch })
      const engine = await this.context.engine()
      if (signal.aborted) return
      const access = viewerAccess(engine)
      const viewer = new Viewer(engine, { access, ...(this.#slots !== undefined && { slots: this.#slots }) })
      this.#watch(viewer, streamId, signal)
    } catch (error) {
      if (!signal.aborted) this.#setStage({ kind: 'broken', error })
    }
  }

  #watch(viewer: Viewer, streamId: StreamId, signal: AbortSignal): void {
    const canvas = document.createElement('canvas')
    const player = new Player({ canvas, priceOf: position => this.#priceOf(position) })
    this.#canvas = canvas
    this.viewer = viewer
    this.player = player
    let manifestHash = ''
    let hasPrice = false
    viewer.on('state', state => {
      this.#viewerState = state
      this.requestUpdate()
    })
    viewer.on('stats', stats => {
      this.#stats = stats
    })
    viewer.on('manifest', verified => {
      const { manifest, hash } = verified
      // It comes with every announcement; only a new revision changes anything.
      if (manifestHash === hash.join()) return
      manifestHash = hash.join()
      this.#manifest = manifest
      document.title = `${titleOf(manifest)} · Vilokanam`
      player.setTracks(manifest.tracks)
      this.requestUpdate()
      if (manifest.pricePerSecond > 0n && !hasPrice) {
        hasPrice = true
        void this.#openPaid(viewer, verified, signal)
      }
    })
    viewer.on('frame', frame => player.push(frame))
    player.on('tick', ({ epoch, price }) => {
      viewer.reportPlayed(1_000)
      if (price > 0n) this.paid?.viewing.played(epoch, price)
    })
    player.on('state', state => {
      this.#playerState = state.kind
      if (state.kind === 'playing') loadConnectionPanel()
      this.#tellWatching()
      this.requestUpdate()
    })
    player.on('error', error => {
      // Others mend themselves at the next key frame.
      if (error.code !== 'unsupported-codec') return
      this.#playerError = error
      this.requestUpdate()
    })
    const timer = setInterval(() => this.requestUpdate(), STATS_EVERY_MS)
    const panelTimer = setTimeout(loadConnectionPanel, PANEL_AFTER_MS)
    signal.addEventListener('abort', () => {
      clearInterval(timer)
      clearTimeout(panelTimer)
    })
    this.#setStage({ kind: 'watching' })
    viewer.setHidden(document.hidden)
    // How it goes on, also after a failure that mends itself, is told by `state` events.
    viewer.joinStream(streamId, { signal }).catch(() => undefined)
  }

  /** A price alone is no tick: until the paid side is there, nothing of a paid stream counts. */
  #priceOf(positionUs: number): MediaPrice | undefined {
    if (this.paid !== undefined) return this.paid.viewing.priceOf(positionUs)
    return this.#manifest?.pricePerSecond === 0n ? { epoch: 0, price: 0n } : undefined
  }

  async #openPaid(
    viewer: Viewer,
    { streamId, manifest: { certificate } }: VerifiedManifest,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const [{ PaidWatch }, room] = await Promise.all([import('./paid-watch.ts'), this.context.payRoom()])
      if (signal.aborted) return
      const genesis = certificate.chain === undefined ? '' : hexText(certificate.chain)
      this.paid = PaidWatch.open(
        { room, viewer, streamId, genesis, onChange: () => this.requestUpdate() },
        { signal },
      )
      this.#tellWatching()
    } catch (error) {
      if (!signal.aborted) this.#payProblem = sentenceOf(error)
    }
    this.requestUpdate()
  }

  /** Who pauses, or neither sees nor hears, neither asks for keys nor owes. */
  #tellWatching(): void {
    const isAway = document.hidden && this.#isMuted
    this.paid?.viewing.setWatching(this.#playerState !== 'paused' && !isAway)
  }

  /** Leaves the stream; idempotent. */
  #stop(): void {
    this.paid?.leave()
    this.paid = undefined
    this.#payProblem = undefined
    this.#running.abort(new DOMException('The page moved on.', 'AbortError'))
    this.#running = new AbortController()
    this.viewer?.leave()
    void this.player?.close()
    this.viewer = undefined
    this.player = undefined
    this.#canvas = undefined
    this.#viewerState = { kind: 'idle' }
    this.#playerState = 'waiting'
    this.#playerError = undefined
    this.#stats = undefined
    this.#manifest = undefined
  }

  #setStage(stage: Stage): void {
    this.#stage = stage
    this.requestUpdate()
  }

  readonly #pageHidden = (): void => {
    // Money first: what is said to peers matters to nobody once the page is gone.
    this.paid?.closeNow()
    this.paid = undefined
    this.viewer?.leave()
  }

  readonly #visibilityChanged = (): void => {
    this.viewer?.setHidden(document.hidden)
    this.#tellWatching()
  }

  readonly #mutedChanged = (event: CustomEvent<boolean>): void => {
    this.#isMuted = event.detail
    this.#tellWatching()
  }

  readonly #pageShown = (event: PageTransitionEvent): void => {
    // Back from the browser's page cache, where leaving has already been said.
    if (event.persisted) void this.#start()
  }

  readonly #again = (): void => void this.#start()

  readonly #slotsChosen = (event: CustomEvent<number | null>): void => {
    this.#slots = event.detail ?? undefined
    // Kept in the address, so that a reload keeps it; the page does not change, so no route is taken.
    history.replaceState(null, '', withSlots(location.href, this.#slots))
    if (this.#slots === undefined) void this.#start()
    else this.viewer?.setSlots(this.#slots)
  }

  override render() {
    const stage = this.#stage
    const home = html`<a class="button" href="#/">See what is live</a>`
    switch (stage.kind) {
      case 'bad-id':
        return page(
          'No such address',
          ['This address names no stream. Check that the link was copied whole, or look at what is live.'],
          home,
        )
      case 'incapable':
        return page(
          'This browser cannot watch',
          stage.lacking.map(item => item.sentence),
        )
      case 'broken':
        return page('The page could not start', [sentenceOf(stage.error)], this.#tryAgain())
      case 'starting':
      case 'watching':
        break
      default:
        return stage satisfies never
    }
    const state = this.#viewerState
    if (state.kind === 'failed' && this.#manifest === undefined)
      return page(
        state.error.code === 'no-such-stream' ? 'Not live' : 'Cannot watch',
        [state.error.message],
        html`${this.#tryAgain()}${home}`,
      )
    return this.#renderWatching(state)
  }

  #renderWatching(state: ViewerState) {
    const title = titleOf(this.#manifest)
    const overlay = this.#overlay(state)
    const money = this.paid?.viewing.state
    const isLocked = money?.kind === 'offer' && this.#playerState === 'waiting' && state.kind !== 'ended'
    const words = viewerWords(state, this.#stats)
    const { player } = this
    return html`<div class="watching">
      <vk-player
        .canvas=${this.#canvas}
        .player=${player}
        .label=${`Live picture of ${title}`}
        .overlay=${overlay?.text ?? ''}
        .isBusy=${overlay?.isBusy ?? false}
        .isLocked=${isLocked}
        @muted-changed=${this.#mutedChanged}
        >${isLocked ? this.paid?.renderLocked(this.#chooseBudget) : nothing}</vk-player
      >
      ${this.#playerError === undefined ? nothing : notice('alarm', [this.#playerError.message])}
      <div class="head">
        <div class="about">
          <h1>${title}</h1>
          <p class="state ${words.tone}" role="status">${words.text}</p>
        </div>
        ${state.kind === 'ended' ? nothing : watchNumbers(this.#stats, player?.stats.bufferMs, this.#playerState === 'playing')}
      </div>
      ${this.#renderMoney()}
      ${state.kind === 'ended' ? html`<p><a class="button" href="#/">See what else is live</a></p>` : nothing}
      ${this.#renderDescription()}
      <vk-connection-panel
        .stats=${this.#stats}
        .playerStats=${player?.stats}
        .slots=${this.#slots}
        @slots-chosen=${this.#slotsChosen}
      ></vk-connection-panel>
    </div>`
  }

  /** A picture that still moves is covered by nothing; of a missing one the first reason to be mended is told. */
  #overlay(state: ViewerState) {
    const words = overlayWords(state, this.#playerState)
    if (words === undefined || this.paid === undefined) return words
    const isReached = state.kind === 'live' || state.kind === 'reconnecting'
    return (isReached ? this.paid.overlay : undefined) ?? words
  }

  #renderMoney() {
    const price = this.#manifest?.pricePerSecond ?? 0n
    if (price === 0n) return nothing
    if (this.#payProblem !== undefined)
      return notice(
        'alarm',
        [this.#payProblem],
        html`<a class="button" href="#/wallet">Wallet page</a>${this.#tryAgain()}`,
      )
    const { paid } = this
    if (paid === undefined)
      return html`<p class="muted" role="status">A paid stream. Loading what paying needs…</p>`
    return html`<vk-pay-panel
      .viewing=${paid.viewing}
      .chain=${paid.chain}
      .desk=${paid.desk}
      .price=${price}
      .problem=${paid.problem}
      .record=${paid.record}
      @again=${this.#again}
    ></vk-pay-panel>`
  }

  readonly #chooseBudget = (): void => this.renderRoot.querySelector<VkPayPanel>('vk-pay-panel')?.focus()

  #renderDescription() {
    const manifest = this.#manifest
    if (manifest === undefined) return nothing
    const others = this.#stats?.links.filter(link => link.relation === 'child').length ?? 0
    return html`<div class="description">
      ${manifest.category === '' ? nothing : html`<p class="category">${manifest.category}</p>`}
      ${manifest.description === '' ? nothing : html`<p class="text">${manifest.description}</p>`}
      ${others === 0 ? nothing : html`<p class="muted">You are passing this stream on to ${countText(others, 'viewer')}. Thank you.</p>`}
    </div>`
  }

  #tryAgain() {
    return html`<button class="primary" @click=${this.#again}>Try again</button>`
  }
}

function page(heading: string, sentences: readonly string[], actions?: unknown) {
  return html`<div class="page">
    <h1>${heading}</h1>
    ${notice('alarm', sentences, actions)}
  </div>`
}

function titleOf(manifest: Manifest | undefined): string {
  if (manifest === undefined) return 'Joining…'
  return manifest.title === '' ? 'Untitled stream' : manifest.title
}

function readId(text: string): StreamId | undefined {
  try {
    return parseStreamId(text)
  } catch {
    return undefined
  }
}

function loadConnectionPanel(): void {
  // Without it the page lacks figures that few look at.
  import('./vk-connection-panel.ts').then(
    ({ defineConnectionPanel }) => defineConnectionPanel(),
    () => undefined,
  )
}

export function defineWatch(): void {
  definePlayer()
  if (customElements.get('vk-watch') === undefined) customElements.define('vk-watch', VkWatch)
}
