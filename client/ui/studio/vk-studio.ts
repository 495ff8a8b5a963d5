import { html, LitElement, nothing } from 'lit'
import type { Broadcaster } from '../../engine/broadcaster.ts'
import type { EngineError } from '../../engine/engine-error.ts'
import type { BroadcasterEvents } from '../../engine/events.ts'
import { type CaptureProducer, listDevices } from '../../engine/media/capture.ts'
import { openAccountKey } from '../../engine/store/account-key.ts'
import type { AppContext } from '../app-context.ts'
import type { Lacking } from '../capabilities.ts'
import { baseStyles, buttonStyles, formStyles } from '../parts/base-styles.ts'
import type { GuardedPage } from '../parts/guarded-page.ts'
import { icons } from '../parts/icons.ts'
import { notice, noticeStyles } from '../parts/notice.ts'
import { sentenceOf } from '../parts/sentence-of.ts'
import { readSlots, watchLink } from '../route.ts'
import { LiveBroadcast } from './live-broadcast.ts'
import { SourceSlot } from './source-slot.ts'
import { captureSource, INITIAL_SETTINGS, needsReopening, type StudioSettings } from './studio-settings.ts'
import { studioStyles } from './studio-styles.ts'
import { defineAboutForm, type VkAboutForm } from './vk-about-form.ts'
import { defineLeaveDialog, type VkLeaveDialog } from './vk-leave-dialog.ts'
import { defineLivePanel } from './vk-live-panel.ts'
import { type Devices, defineSourceForm } from './vk-source-form.ts'

type Stage =
  | { readonly kind: 'setup' }
  | { readonly kind: 'starting' }
  | {
      readonly kind: 'live'
      readonly live: LiveBroadcast
      readonly link: string
      readonly isAccountKept: boolean
    }
  | { readonly kind: 'stopping' }

/** Choose, preview, go live, see who is connected, stop. */
export class VkStudio extends LitElement implements GuardedPage {
  static override properties = { context: { attribute: false } }

  declare context: AppContext

  static override styles = [baseStyles, buttonStyles, formStyles, noticeStyles, studioStyles]

  #stage: Stage = { kind: 'setup' }
  #settings: StudioSettings = INITIAL_SETTINGS
  #devices: Devices = { cameras: [], microphones: [] }
  #lacking: readonly Lacking[] = []
  readonly #source = new SourceSlot(() => this.requestUpdate())
  /** What the user should know now: why something failed, or that the stream is over. */
  #problem: string | undefined
  #farewell: string | undefined
  #stats: BroadcasterEvents['stats'] | undefined
  #starting = new AbortController()

  /** While live. */
  get broadcaster(): Broadcaster | undefined {
    return this.#stage.kind === 'live' ? this.#stage.live.broadcaster : undefined
  }

  /** While live. */
  get producer(): CaptureProducer | undefined {
    return this.#stage.kind === 'live' ? this.#stage.live.producer : undefined
  }

  override connectedCallback(): void {
    super.connectedCallback()
    window.addEventListener('beforeunload', this.#beforeUnload)
    window.addEventListener('pagehide', this.#pageHidden)
    void this.#prepare()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    window.removeEventListener('beforeunload', this.#beforeUnload)
    window.removeEventListener('pagehide', this.#pageHidden)
    void this.#stop()
    this.#source.close()
  }

  /** Asks while live; resolves when the page may go. */
  async mayLeave(): Promise<boolean> {
    if (this.#stage.kind !== 'live' && this.#stage.kind !== 'starting') return true
    const dialog = this.renderRoot.querySelector<VkLeaveDialog>('vk-leave-dialog')
    if (dialog !== null && !(await dialog.ask(this.#stats?.viewers ?? 0))) return false
    await this.#stop()
    return true
  }

  readonly #beforeUnload = (event: BeforeUnloadEvent): void => {
    if (this.#stage.kind === 'live') event.preventDefault()
  }

  readonly #pageHidden = (): void => this.broadcaster?.close()

  async #prepare(): Promise<void> {
    this.#lacking = (await this.context.capabilities()).toStream
    this.requestUpdate()
    if (!this.#canStream()) return
    await this.#listDevices()
    // The tracker is on its way while the user fills in the form; a failure is told on going live.
    this.context.engine().catch(() => undefined)
  }

  async #listDevices(): Promise<void> {
    this.#devices = await listDevices().catch(() => this.#devices)
    this.requestUpdate()
  }

  /** Without capture a file or the pattern still works. */
  #canStream(): boolean {
    return this.#lacking.every(item => item.capability === 'capture')
  }

  readonly #settingsChanged = (event: CustomEvent<StudioSettings>): void => {
    const before = this.#settings
    this.#settings = event.detail
    this.requestUpdate()
    if (!needsReopening(before, event.detail)) return
    const wasOpen = this.#source.stream !== undefined
    const isSameKind = before.kind === event.detail.kind
    this.#source.close()
    this.#problem = undefined
    // Nothing is asked for behind the user's back: camera and screen wait for the button.
    const needsNoLeave = event.detail.kind === 'test-pattern' || event.detail.kind === 'file'
    if (needsNoLeave || (wasOpen && isSameKind)) void this.#openSource()
  }

  /** Undefined with a sentence said, or when there is nothing to open. */
  async #openSource(): Promise<MediaStream | undefined> {
    const wanted = captureSource(this.#settings)
    if (wanted === undefined) return undefined
    this.#problem = undefined
    this.#farewell = undefined
    try {
      const stream = await this.#source.open(wanted)
      // Names of devices are told only after permission was given.
      if (wanted.kind === 'camera') void this.#listDevices()
      return stream
    } catch (error) {
      this.#say(sentenceOf(error))
      return undefined
    }
  }

  readonly #goLive = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (this.#stage.kind !== 'setup') return
    this.#problem = undefined
    this.#farewell = undefined
    if (this.#settings.title.trim() === '') {
      this.#say('Give the stream a title, so that viewers know what it is.')
      this.renderRoot.querySelector<VkAboutForm>('vk-about-form')?.focusTitle()
      return
    }
    if (captureSource(this.#settings) === undefined) return this.#say('Choose a video file first.')
    this.#starting = new AbortController()
    const { signal } = this.#starting
    this.#setStage({ kind: 'starting' })
    try {
      const stream = await this.#openSource()
      if (stream === undefined) return this.#setStage({ kind: 'setup' })
      const [engine, { trackers }] = await Promise.all([this.context.engine(), this.context.config()])
      const accountSigner = await openAccountKey({ signal }).catch(() => undefined)
      const live = await LiveBroadcast.start(
        {
          engine,
          trackers,
          stream,
          accountSigner,
          onStats: stats => {
            this.#stats = stats
            this.requestUpdate()
          },
          onEnd: error => this.#ended(error),
        },
        { settings: this.#settings, slots: readSlots(location) },
        { signal },
      )
      this.#setStage({
        kind: 'live',
        live,
        link: watchLink(location.href, live.streamId),
        isAccountKept: accountSigner !== undefined,
      })
    } catch (error) {
      this.#setStage({ kind: 'setup' })
      if (!signal.aborted) this.#say(sentenceOf(error))
    }
  }

  #ended(error: EngineError | undefined): void {
    this.#source.close()
    this.#stats = undefined
    if (error === undefined) this.#farewell = 'The source ended, and with it the stream.'
    else this.#problem = error.message
    this.#setStage({ kind: 'setup' })
  }

  readonly #stop = async (): Promise<void> => {
    this.#starting.abort()
    const stage = this.#stage
    if (stage.kind !== 'live') return
    this.#setStage({ kind: 'stopping' })
    await stage.live.stop()
    this.#source.close()
    this.#stats = undefined
    this.#farewell = 'The stream has ended. Viewers were told.'
    this.#setStage({ kind: 'setup' })
  }

  #setStage(stage: Stage): void {
    this.#stage = stage
    this.requestUpdate()
  }

  #say(problem: string | undefined): void {
    this.#problem = problem
    this.requestUpdate()
  }

  override render() {
    const stage = this.#stage
    const isLive = stage.kind === 'live' || stage.kind === 'stopping'
    return html`
      <h1>${isLive ? this.#settings.title : 'Go live'}</h1>
      ${this.#lacking.map(item => notice('alarm', [item.sentence]))}
      ${this.#canStream() ? this.#renderColumns(stage) : nothing}
      <vk-leave-dialog></vk-leave-dialog>
    `
  }

  #renderColumns(stage: Stage) {
    const messages = html`
      ${this.#problem === undefined ? nothing : notice('alarm', [this.#problem])}
      ${this.#farewell === undefined ? nothing : notice('info', [this.#farewell])}
    `
    if (stage.kind === 'live' || stage.kind === 'stopping')
      return html`<div class="columns">
        <div class="stage">${this.#renderPreview(true)} ${this.#renderLiveControls()} ${messages}</div>
        ${stage.kind === 'live' ? this.#renderLive(stage) : nothing}
      </div>`
    const isStarting = stage.kind === 'starting'
    return html`<form class="columns" novalidate @submit=${this.#goLive}>
      <div class="stage">
        ${this.#renderPreview(false)} ${messages}
        <vk-about-form
          .settings=${this.#settings}
          .isDisabled=${isStarting}
          @settings-changed=${this.#settingsChanged}
        ></vk-about-form>
      </div>
      <div class="side">
        <vk-source-form
          .settings=${this.#settings}
          .devices=${this.#devices}
          .isDisabled=${isStarting}
          @settings-changed=${this.#settingsChanged}
        ></vk-source-form>
        <button class="primary" ?disabled=${isStarting}>${isStarting ? 'Going live…' : 'Go live'}</button>
        <p class="hint">
          Free streams need no wallet. Your channel key is only as lasting as this browser’s storage: clear the site’s
          data and the next stream comes from a new channel.
        </p>
      </div>
    </form>`
  }

  #renderPreview(isLive: boolean) {
    const { stream } = this.#source
    return html`<figure class="preview">
      <video
        .muted=${true}
        playsinline
        autoplay
        aria-label="Preview of what you stream"
        .srcObject=${stream ?? null}
        ?hidden=${stream === undefined}
      ></video>
      ${isLive ? html`<span class="badge">Live</span>` : nothing}
      ${stream === undefined ? this.#renderOpener() : nothing}
    </figure>`
  }

  #renderOpener() {
    if (this.#source.isOpening) return html`<p class="muted" role="status">Opening the source…</p>`
    switch (this.#settings.kind) {
      case 'camera':
        return html`<button type="button" @click=${this.#open}>${icons.camera} Turn on camera and microphone</button>`
      case 'screen':
        return html`<button type="button" @click=${this.#open}>Choose what to share</button>`
      case 'file':
        return html`<p class="muted">Choose a video file to see it here.</p>`
      case 'test-pattern':
        return html`<button type="button" @click=${this.#open}>Show the test pattern</button>`
      default:
        return this.#settings.kind satisfies never
    }
  }

  readonly #open = (): void => void this.#openSource()

  #renderLiveControls() {
    const { producer } = this
    const isAudioMuted = producer?.isAudioMuted === true
    const isVideoMuted = producer?.isVideoMuted === true
    const hasAudio = producer?.tracks.some(track => track.kind === 'audio') === true
    const hasVideo = producer?.tracks.some(track => track.kind === 'video') === true
    return html`<div class="live-controls" role="group" aria-label="Broadcast">
      <button ?disabled=${!hasAudio} aria-pressed=${isAudioMuted ? 'true' : 'false'} @click=${this.#toggleAudio}>
        ${isAudioMuted ? icons.microphoneOff : icons.microphone} ${isAudioMuted ? 'Sound is off' : 'Mute sound'}
      </button>
      <button ?disabled=${!hasVideo} aria-pressed=${isVideoMuted ? 'true' : 'false'} @click=${this.#toggleVideo}>
        ${isVideoMuted ? icons.cameraOff : icons.camera} ${isVideoMuted ? 'Picture is off' : 'Hide picture'}
      </button>
      <button class="danger" ?disabled=${this.#stage.kind !== 'live'} @click=${this.#stop}>
        ${icons.stop} End stream
      </button>
    </div>`
  }

  readonly #toggleAudio = (): void => {
    this.producer?.setAudioMuted(!this.producer.isAudioMuted)
    this.requestUpdate()
  }

  readonly #toggleVideo = (): void => {
    this.producer?.setVideoMuted(!this.producer.isVideoMuted)
    this.requestUpdate()
  }

  #renderLive(stage: Extract<Stage, { kind: 'live' }>) {
    return html`<vk-live-panel
      class="side"
      .link=${stage.link}
      .stats=${this.#stats}
      .capture=${this.producer?.stats()}
      .isAccountKept=${stage.isAccountKept}
    ></vk-live-panel>`
  }
}

export function defineStudio(): void {
  defineAboutForm()
  defineSourceForm()
  defineLivePanel()
  defineLeaveDialog()
  if (customElements.get('vk-studio') === undefined) customElements.define('vk-studio', VkStudio)
}
