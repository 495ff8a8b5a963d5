import { html, LitElement, nothing } from 'lit'
import type { Player } from '../../engine/media/player.ts'
import { baseStyles, buttonStyles, formStyles } from '../parts/base-styles.ts'
import { icons } from '../parts/icons.ts'
import { type PlayerCommand, playerCommand } from './player-keys.ts'
import { playerStyles } from './player-styles.ts'

const IDLE_AFTER_MS = 2_500

/** The picture and its controls. Whoever made canvas and player closes them. */
export class VkPlayer extends LitElement {
  static override properties = {
    canvas: { attribute: false },
    player: { attribute: false },
    label: {},
    overlay: {},
    isBusy: { attribute: false },
    isLocked: { attribute: false },
  }

  declare canvas: HTMLCanvasElement | undefined
  declare player: Player | undefined
  /** Names the picture for screen readers. */
  declare label: string
  /** Words over the picture while there is none to show; empty for none. */
  declare overlay: string
  declare isBusy: boolean
  /** Nothing may be shown: what is in the slot `locked` says what to do. */
  declare isLocked: boolean

  static override styles = [baseStyles, buttonStyles, formStyles, playerStyles]

  #volume = 1
  #isMuted = false
  #isPaused = false
  #needsGesture = false
  #isCover = false
  #isIdle = false
  #idleTimer: ReturnType<typeof setTimeout> | undefined
  #unsubscribe: readonly (() => void)[] = []
  #spoken = ''

  constructor() {
    super()
    this.label = ''
    this.overlay = ''
    this.isBusy = false
    this.isLocked = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    window.addEventListener('keydown', this.#keyPressed)
    document.addEventListener('fullscreenchange', this.#redraw)
    this.#stir()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    window.removeEventListener('keydown', this.#keyPressed)
    document.removeEventListener('fullscreenchange', this.#redraw)
    clearTimeout(this.#idleTimer)
    for (const stop of this.#unsubscribe) stop()
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has('player')) return
    for (const stop of this.#unsubscribe) stop()
    this.#unsubscribe = []
    this.#isPaused = false
    const { player } = this
    if (player === undefined) return
    player.setVolume(this.#volume)
    player.setMuted(this.#isMuted)
    this.#needsGesture = player.needsGesture
    this.#unsubscribe = [
      player.on('gesture', ({ isNeeded }) => {
        this.#needsGesture = isNeeded
        this.requestUpdate()
      }),
      player.on('state', state => {
        this.#isPaused = state.kind === 'paused'
        this.requestUpdate()
      }),
    ]
  }

  override render() {
    const isFull = this.#isFullscreen
    const isJustWatching = this.#isIdle && !this.#isPaused && !this.isLocked && this.overlay === ''
    const frame = ['frame', isJustWatching ? 'idle' : '', this.#isCover ? 'cover' : '', isFull ? 'full' : '']
    return html`
      <div
        class=${frame.join(' ')}
        @pointermove=${this.#stir}
        @pointerdown=${this.#stir}
        @focusin=${this.#stir}
        @dblclick=${this.#doubleClicked}
      >
        <div class="picture" role="img" aria-label=${this.label}>${this.canvas ?? nothing}</div>
        ${
          this.isLocked
            ? html`<div class="overlay locked"><slot name="locked"></slot></div>`
            : this.overlay === ''
              ? nothing
              : this.#renderOverlay()
        }
        ${
          this.#needsGesture && !this.#isMuted && this.player !== undefined
            ? html`<button class="gesture primary" @click=${() => this.#run({ kind: 'sound' })}>
                ${icons.sound} Click for sound
              </button>`
            : nothing
        }
        ${this.#renderControls(isFull)}
        <p class="visually-hidden" role="status">${this.#spoken}</p>
      </div>
    `
  }

  #renderOverlay() {
    // The page says the same in its status line, which is the one a screen reader announces.
    return html`<div class="overlay" aria-hidden="true">
      ${this.isBusy ? html`<span class="spinner"></span>` : nothing}
      <p>${this.overlay}</p>
    </div>`
  }

  #renderControls(isFull: boolean) {
    const isDisabled = this.player === undefined
    const isSilent = this.#isMuted || this.#volume === 0
    return html`<div class="controls" role="group" aria-label="Player">
      <button
        aria-label=${this.#isPaused ? 'Play' : 'Pause'}
        aria-keyshortcuts="Space K"
        title=${this.#isPaused ? 'Play (k)' : 'Pause (k)'}
        ?disabled=${isDisabled}
        @click=${() => this.#run({ kind: 'pause' })}
      >
        ${this.#isPaused ? icons.play : icons.pause}
      </button>
      <button
        aria-label=${isSilent ? 'Unmute' : 'Mute'}
        aria-keyshortcuts="M"
        title=${isSilent ? 'Unmute (m)' : 'Mute (m)'}
        ?disabled=${isDisabled}
        @click=${() => this.#run({ kind: 'mute' })}
      >
        ${isSilent ? icons.muted : icons.sound}
      </button>
      <input
        type="range"
        min="0"
        max="100"
        step="5"
        aria-label="Volume"
        title="Volume (arrow keys)"
        ?disabled=${isDisabled}
        .value=${String(this.#isMuted ? 0 : Math.round(this.#volume * 100))}
        @input=${(event: Event) => this.#setVolume(Number((event.target as HTMLInputElement).value) / 100)}
      />
      ${this.overlay === '' && !this.isLocked ? html`<span class="live">${this.#isPaused ? 'Paused' : 'Live'}</span>` : nothing}
      <span class="space"></span>
      <button
        aria-label="Fill the frame"
        aria-pressed=${this.#isCover ? 'true' : 'false'}
        title=${this.#isCover ? 'Show the whole picture' : 'Fill the frame, cutting off the edges'}
        @click=${() => this.#run({ kind: 'fit' })}
      >
        ${icons.fit}
      </button>
      ${
        document.fullscreenEnabled
          ? html`<button
              aria-label=${isFull ? 'Leave full screen' : 'Full screen'}
              aria-keyshortcuts="F"
              title=${isFull ? 'Leave full screen (f)' : 'Full screen (f)'}
              @click=${() => this.#run({ kind: 'fullscreen' })}
            >
              ${isFull ? icons.exitFullscreen : icons.fullscreen}
            </button>`
          : nothing
      }
    </div>`
  }

  get #isFullscreen(): boolean {
    return this.shadowRoot?.fullscreenElement != null
  }

  readonly #redraw = (): void => this.requestUpdate()

  readonly #keyPressed = (event: KeyboardEvent): void => {
    const command = playerCommand(event)
    if (command === undefined) return
    event.preventDefault()
    this.#stir()
    this.#run(command)
  }

  #run(command: PlayerCommand): void {
    const { player } = this
    switch (command.kind) {
      case 'fullscreen':
        void this.#toggleFullscreen()
        break
      case 'fit':
        this.#isCover = !this.#isCover
        break
      case 'pause':
        if (player === undefined) return
        if (this.#isPaused) player.play()
        else player.pause()
        break
      case 'mute': {
        const isSilent = this.#isMuted || this.#volume === 0
        if (isSilent && this.#volume === 0) this.#volume = 0.5
        this.#setMuted(!isSilent)
        break
      }
      case 'volume':
        this.#setVolume((this.#isMuted ? 0 : this.#volume) + command.by)
        break
      case 'sound':
        void player?.resumeSound()
        break
      default:
        command satisfies never
    }
    this.requestUpdate()
  }

  #setMuted(isMuted: boolean): void {
    this.#isMuted = isMuted
    this.player?.setVolume(this.#volume)
    this.player?.setMuted(isMuted)
    this.dispatchEvent(new CustomEvent<boolean>('muted-changed', { detail: isMuted }))
    if (!isMuted && this.#needsGesture) void this.player?.resumeSound()
    this.#spoken = isMuted ? 'Muted' : 'Sound on'
  }

  #setVolume(volume: number): void {
    this.#volume = Math.min(1, Math.max(0, Math.round(volume * 20) / 20))
    this.#setMuted(this.#volume === 0)
    this.#spoken = `Volume ${Math.round(this.#volume * 100)} percent`
    this.requestUpdate()
  }

  async #toggleFullscreen(): Promise<void> {
    const frame = this.renderRoot.querySelector('.frame')
    try {
      if (this.#isFullscreen) await document.exitFullscreen()
      else await frame?.requestFullscreen()
    } catch {
      // Refused by the browser or the embedding page: the picture stays where it is.
    }
  }

  #doubleClicked(event: Event): void {
    const target = event.target as Element
    if (target.closest('.controls, button') === null) this.#run({ kind: 'fullscreen' })
  }

  /** Controls show while somebody is about, and go when only watching. */
  readonly #stir = (): void => {
    clearTimeout(this.#idleTimer)
    this.#idleTimer = setTimeout(() => {
      this.#isIdle = true
      this.requestUpdate()
    }, IDLE_AFTER_MS)
    if (!this.#isIdle) return
    this.#isIdle = false
    this.requestUpdate()
  }
}

export function definePlayer(): void {
  if (customElements.get('vk-player') === undefined) customElements.define('vk-player', VkPlayer)
}
