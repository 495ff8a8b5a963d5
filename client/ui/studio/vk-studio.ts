import { html, LitElement, nothing } from 'lit'
import type { Broadcaster } from '../../engine/broadcaster.ts'
import type { EngineError } from '../../engine/engine-error.ts'
import type { BroadcasterEvents } from '../../engine/events.ts'
import { type CaptureProducer, listDevices } from '../../engine/media/capture.ts'
import type { AppContext } from '../app-context.ts'
import type { Lacking } from '../capabilities.ts'
import { baseStyles, buttonStyles, formStyles } from '../parts/base-styles.ts'
import type { GuardedPage } from '../parts/guarded-page.ts'
import { icons } from '../parts/icons.ts'
import { notice, noticeStyles } from '../parts/notice.ts'
import { sentenceOf } from '../parts/sentence-of.ts'
import { readSlots, watchLink } from '../route.ts'
import { goLive, type OnAir } from './go-live.ts'
import { PaidSetup } from './paid-setup.ts'
import type { PriceSettings } from './price-settings.ts'
import { findResumable, openKeeper, type ResumableStream } from './resumable-stream.ts'
import { sourcePreview } from './source-preview.ts'
import { SourceSlot } from './source-slot.ts'
import { captureSource, INITIAL_SETTINGS, needsReopening, type StudioSettings } from './studio-settings.ts'
import { studioStyles } from './studio-styles.ts'
import { defineAboutForm, type VkAboutForm } from './vk-about-form.ts'
import { defineLeaveDialog, type VkLeaveDialog } from './vk-leave-dialog.ts'
import { defineLivePanel } from './vk-live-panel.ts'
import { definePriceForm } from './vk-price-form.ts'
import { type Devices, defineSourceForm } from './vk-source-form.ts'

type Stage =
  | { readonly kind: 'setup' }
  | { readonly kind: 'starting' }
  | {
      readonly kind: 'live'
      readonly onAir: OnAir
      readonly link: string
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
  readonly #setup = new PaidSetup(() => this.requestUpdate())
  #resumable: ResumableStream | undefined
  /** How writing on chain went. */
  #record = ''

  /** While live. */
  get broadcaster(): Broadcaster | undefined {
    return this.#stage.kind === 'live' ? this.#stage.onAir.live.broadcaster : undefined
  }

  /** While live. */
  get producer(): CaptureProducer | undefined {
    return this.#stage.kind === 'live' ? this.#stage.onAir.live.producer : undefined
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
    this.#setup.close()
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
    await this.#lookForInterrupted()
  }

  async #lookForInterrupted(): Promise<void> {
    const keeper = await openKeeper()
    this.#resumable = await keeper?.list().then(() => findResumable(keeper, Date.now()))
    if (this.#resumable === undefined) return
    setTimeout(() => this.#dismiss(), this.#resumable.untilMs - Date.now())
    this.requestUpdate()
  }

  readonly #dismiss = (): void => {
    this.#resumable = undefined
    this.requestUpdate()
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

  readonly #priceChanged = (event: CustomEvent<PriceSettings>): void =>
    this.#setup.change(event.detail, this.context)

  readonly #submit = (event: Event): void => {
    event.preventDefault()
    void this.#goLive(undefined)
  }

  readonly #resume = (): void => {
    const resumed = this.#resumable
    if (resumed === undefined) return
    const { title, description, category } = resumed.manifest
    this.#settings = { ...this.#settings, title, description, category }
    void this.#goLive(resumed)
  }

  async #goLive(resumed: ResumableStream | undefined): Promise<void> {
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
    this.#record = ''
    this.#setStage({ kind: 'starting' })
    try {
      const stream = await this.#openSource()
      if (stream === undefined) return this.#setStage({ kind: 'setup' })
      const onAir = await goLive(
        {
          context: this.context,
          setup: this.#setup,
          stream,
          onStats: stats => {
            this.#stats = stats
            this.requestUpdate()
          },
          onEnd: error => this.#ended(error),
          onRecord: sentence => {
            this.#record = sentence
            this.requestUpdate()
          },
        },
        { settings: this.#settings, slots: readSlots(location), ...(resumed && { resumed }) },
        { signal },
      )
      this.#resumable = undefined
      this.#setStage({ kind: 'live', onAir, link: watchLink(location.href, onAir.live.streamId) })
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
    await stage.onAir.stop()
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
      ${this.#record === '' || stage.kind !== 'setup' ? nothing : notice('info', [this.#record])}
      ${this.#resumable === undefined || stage.kind !== 'setup' ? nothing : this.#renderResumable(this.#resumable)}
    `
    if (stage.kind === 'live' || stage.kind === 'stopping')
      return html`<div class="columns">
        <div class="stage">${this.#renderPreview(true)} ${this.#renderLiveControls()} ${messages}
          ${stage.kind === 'live' ? this.#renderEarnings(stage.onAir) : nothing}
        </div>
        ${stage.kind === 'live' ? this.#renderLive(stage) : nothing}
      </div>`
    const isStarting = stage.kind === 'starting'
    return html`<form class="columns" novalidate @submit=${this.#submit}>
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
        <vk-price-form
          .settings=${this.#setup.settings}
          .chain=${this.#setup.chain}
          .desk=${this.#setup.desk}
          .problem=${this.#setup.problem}
          .isDisabled=${isStarting}
          @price-changed=${this.#priceChanged}
        ></vk-price-form>
        <button class="primary" ?disabled=${isStarting}>${isStarting ? 'Going live…' : 'Go live'}</button>
        <p class="hint">
          ${
            this.#setup.settings.isPaid
              ? 'Viewers pay your account directly; this page reads the chain to see who has paid, so leave it open.'
              : 'Free streams need no wallet. Your channel key is only as lasting as this browser’s storage: clear the site’s data and the next stream comes from a new channel.'
          }
        </p>
      </div>
    </form>`
  }

  #renderResumable({ manifest }: ResumableStream) {
    return notice(
      'info',
      [
        `You were live with “${manifest.title}” until a moment ago, and its viewers still wait. Choose your source as before and go on: same address, same price, nobody has to pay again.`,
      ],
      html`<button type="button" class="primary" @click=${this.#resume}>Go on with it</button>
        <button type="button" @click=${this.#dismiss}>Start anew instead</button>`,
    )
  }

  #renderEarnings({ live: { paid } }: OnAir) {
    if (paid === undefined) return nothing
    return html`<vk-earnings-panel
      .paid=${paid}
      .addressOf=${this.#setup.addressOf}
      .record=${this.#record}
    ></vk-earnings-panel>`
  }

  #renderPreview(isLive: boolean) {
    const { stream, isOpening } = this.#source
    return sourcePreview({ stream, isOpening, isLive, kind: this.#settings.kind, open: this.#open })
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
      .isAccountKept=${stage.onAir.isAccountKept}
    ></vk-live-panel>`
  }
}

export function defineStudio(): void {
  defineAboutForm()
  defineSourceForm()
  definePriceForm()
  defineLivePanel()
  defineLeaveDialog()
  if (customElements.get('vk-studio') === undefined) customElements.define('vk-studio', VkStudio)
}
