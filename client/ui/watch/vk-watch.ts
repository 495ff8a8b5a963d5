import { html, LitElement, nothing } from 'lit'
import { parseStreamId, type StreamId } from '../../../shared/protocol/ids.ts'
import type { Manifest } from '../../../shared/protocol/manifest.ts'
import type { EngineError } from '../../engine/engine-error.ts'
import type { MeshStats, ViewerState } from '../../engine/events.ts'
import { Player, type PlayerState } from '../../engine/media/player.ts'
import { Viewer } from '../../engine/viewer.ts'
import type { AppContext } from '../app-context.ts'
import type { Lacking } from '../capabilities.ts'
import { baseStyles, buttonStyles } from '../parts/base-styles.ts'
import { notice, noticeStyles } from '../parts/notice.ts'
import { sentenceOf } from '../parts/sentence-of.ts'
import { countText, latencyText } from '../quantity.ts'
import { readSlots, withSlots } from '../route.ts'
import { overlayWords } from './overlay-words.ts'
import { viewerWords } from './viewer-words.ts'
import { defineConnectionPanel } from './vk-connection-panel.ts'
import { definePlayer } from './vk-player.ts'
import { watchStyles } from './watch-styles.ts'

/** Before there is a viewer, or instead of one. */
type Stage =
  | { readonly kind: 'starting' }
  | { readonly kind: 'bad-id' }
  | { readonly kind: 'incapable'; readonly lacking: readonly Lacking[] }
  | { readonly kind: 'broken'; readonly error: unknown }
  | { readonly kind: 'watching' }

const STATS_EVERY_MS = 1_000

/** One stream: joins, plays and forwards it for as long as the page is open. */
export class VkWatch extends LitElement {
  static override properties = { context: { attribute: false }, streamId: {} }

  declare context: AppContext
  /** From the address; checked here. */
  declare streamId: string
  viewer: Viewer | undefined
  player: Player | undefined

  static override styles = [baseStyles, buttonStyles, noticeStyles, watchStyles]

  #stage: Stage = { kind: 'starting' }
  #canvas: HTMLCanvasElement | undefined
  #viewerState: ViewerState = { kind: 'idle' }
  #playerState: PlayerState['kind'] = 'waiting'
  #playerError: EngineError | undefined
  #stats: MeshStats | undefined
  #manifest: Manifest | undefined
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
      const viewer = new Viewer(engine, this.#slots === undefined ? {} : { slots: this.#slots })
      this.#watch(viewer, streamId, signal)
    } catch (error) {
      if (!signal.aborted) this.#setStage({ kind: 'broken', error })
    }
  }

  #watch(viewer: Viewer, streamId: StreamId, signal: AbortSignal): void {
    const canvas = document.createElement('canvas')
    const player = new Player({ canvas })
    this.#canvas = canvas
    this.viewer = viewer
    this.player = player
    let manifestHash = ''
    viewer.on('state', state => {
      this.#viewerState = state
      this.requestUpdate()
    })
    viewer.on('stats', stats => {
      this.#stats = stats
    })
    viewer.on('manifest', ({ manifest, hash }) => {
      // It comes with every announcement; only a new revision changes anything.
      if (manifestHash === hash.join()) return
      manifestHash = hash.join()
      this.#manifest = manifest
      document.title = `${titleOf(manifest)} · Vilokanam`
      player.setTracks(manifest.tracks)
      this.requestUpdate()
    })
    viewer.on('frame', frame => player.push(frame))
    player.on('tick', () => viewer.reportPlayed(1_000))
    player.on('state', state => {
      this.#playerState = state.kind
      this.requestUpdate()
    })
    player.on('error', error => {
      // Others mend themselves at the next key frame.
      if (error.code !== 'unsupported-codec') return
      this.#playerError = error
      this.requestUpdate()
    })
    const timer = setInterval(() => this.requestUpdate(), STATS_EVERY_MS)
    signal.addEventListener('abort', () => clearInterval(timer))
    this.#setStage({ kind: 'watching' })
    viewer.setHidden(document.hidden)
    // How it goes on, also after a failure that mends itself, is told by `state` events.
    viewer.joinStream(streamId, { signal }).catch(() => undefined)
  }

  /** Leaves the stream; idempotent. */
  #stop(): void {
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

  readonly #pageHidden = (): void => this.viewer?.leave()
  readonly #visibilityChanged = (): void => this.viewer?.setHidden(document.hidden)
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
    const overlay = overlayWords(state, this.#playerState)
    const words = viewerWords(state, this.#stats)
    const { player } = this
    return html`<div class="watching">
      <vk-player
        .canvas=${this.#canvas}
        .player=${player}
        .label=${`Live picture of ${title}`}
        .overlay=${overlay?.text ?? ''}
        .isBusy=${overlay?.isBusy ?? false}
      ></vk-player>
      ${this.#playerError === undefined ? nothing : notice('alarm', [this.#playerError.message])}
      <div class="head">
        <div class="about">
          <h1>${title}</h1>
          <p class="state ${words.tone}" role="status">${words.text}</p>
        </div>
        ${state.kind === 'ended' ? nothing : this.#renderNumbers()}
      </div>
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

  #renderNumbers() {
    const stats = this.#stats
    const buffer = this.player?.stats.bufferMs
    const behind = stats?.behindLiveMs
    const isPlaying = this.#playerState === 'playing'
    const latency =
      behind === undefined || buffer === undefined || !isPlaying ? '–' : latencyText(behind + buffer)
    return html`<dl class="numbers">
      ${number('Depth', stats?.depth ?? '–', 'Hops between the creator and this browser')}
      ${number('Peers', stats?.peers ?? '–', 'Everyone in this stream, the creator included')}
      ${number('Latency', latency, 'How far the picture is behind the creator, estimated')}
      ${number('Buffer', buffer === undefined || !isPlaying ? '–' : latencyText(buffer), 'Video received and not yet shown')}
    </dl>`
  }

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

function number(name: string, value: unknown, explanation: string) {
  return html`<div title=${explanation}><dt>${name}</dt><dd>${value}</dd></div>`
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

export function defineWatch(): void {
  definePlayer()
  defineConnectionPanel()
  if (customElements.get('vk-watch') === undefined) customElements.define('vk-watch', VkWatch)
}
