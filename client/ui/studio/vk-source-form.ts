import { css, html, LitElement, nothing } from 'lit'
import type { MediaDevice } from '../../engine/media/capture.ts'
import { baseStyles, formStyles } from '../parts/base-styles.ts'
import { bitrateText } from '../quantity.ts'
import { INITIAL_SETTINGS, QUALITIES, type SourceKind, type StudioSettings } from './studio-settings.ts'

export type Devices = {
  readonly cameras: readonly MediaDevice[]
  readonly microphones: readonly MediaDevice[]
}

const SOURCES: readonly { readonly kind: SourceKind; readonly name: string; readonly hint: string }[] = [
  { kind: 'camera', name: 'Camera', hint: 'with microphone' },
  { kind: 'screen', name: 'Screen', hint: 'window or tab' },
  { kind: 'file', name: 'Video file', hint: 'from this device' },
  { kind: 'test-pattern', name: 'Test pattern', hint: 'clock and tone' },
]

/** What a creator of six children uploads: DESIGN §7. */
const DIRECT_VIEWERS = 6

/** What to stream, and how well. Fires `settings-changed` with the whole of the new settings. */
export class VkSourceForm extends LitElement {
  static override properties = {
    settings: { attribute: false },
    devices: { attribute: false },
    isDisabled: { attribute: false },
  }

  declare settings: StudioSettings
  declare devices: Devices
  declare isDisabled: boolean

  static override styles = [
    baseStyles,
    formStyles,
    css`
      :host,
      fieldset {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 18px;
      }
      .sources {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 10px;
        margin-top: 8px;
      }
      .sources label {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 60px;
        padding: 8px 14px;
        border: 1px solid var(--edge);
        border-radius: var(--radius-small);
        cursor: pointer;
        line-height: 1.3;
      }
      .sources label:has(:checked) {
        border-color: var(--accent);
        background: color-mix(in srgb, var(--accent) 12%, transparent);
      }
      .sources label:has(:focus-visible) {
        outline: 2px solid var(--accent);
        outline-offset: 2px;
      }
      .sources input {
        accent-color: var(--accent);
        flex: none;
        width: 18px;
        height: 18px;
        margin: 0;
        outline: none;
      }
      .sources span {
        display: block;
      }
      .sources .hint {
        font-size: 0.8125rem;
      }
      .pair {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(190px, 1fr));
        gap: 14px;
      }
      .check {
        display: flex;
        align-items: center;
        gap: 10px;
        min-height: 44px;
      }
      .check input {
        width: 18px;
        height: 18px;
        accent-color: var(--accent);
      }
      input[type='file'] {
        width: 100%;
        min-height: 44px;
        padding: 8px;
        border: 1px dashed var(--edge);
        border-radius: var(--radius-small);
        color: var(--text);
        font: inherit;
      }
      input[type='file']::file-selector-button {
        min-height: 28px;
        margin-right: 12px;
        padding: 2px 12px;
        border: 1px solid var(--edge);
        border-radius: 6px;
        background: var(--raised);
        color: var(--text);
        font: inherit;
      }
    `,
  ]

  constructor() {
    super()
    this.settings = INITIAL_SETTINGS
    this.devices = { cameras: [], microphones: [] }
    this.isDisabled = false
  }

  override render() {
    const { settings } = this
    return html`
      <fieldset ?disabled=${this.isDisabled}>
        <fieldset>
          <legend>Source</legend>
          <div class="sources">
            ${SOURCES.map(
              source => html`<label>
                <input
                  type="radio"
                  name="source"
                  value=${source.kind}
                  .checked=${settings.kind === source.kind}
                  @change=${() => this.#change({ kind: source.kind })}
                />
                <span>${source.name}<span class="hint">${source.hint}</span></span>
              </label>`,
            )}
          </div>
        </fieldset>
        ${this.#renderSourceOptions()} ${this.#renderQuality()}
      </fieldset>
    `
  }

  #renderSourceOptions() {
    const { settings, devices } = this
    switch (settings.kind) {
      case 'camera':
        return html`<div class="pair">
          ${this.#renderDevices('camera', 'Camera', devices.cameras, 'No picture')}
          ${this.#renderDevices('microphone', 'Microphone', devices.microphones, 'No sound')}
        </div>`
      case 'file':
        return html`<div class="field">
            <label for="file">Video file</label>
            <input
              id="file"
              type="file"
              accept="video/*"
              @change=${(event: Event) => this.#change({ file: (event.target as HTMLInputElement).files?.[0] })}
            />
          </div>
          <label class="check">
            <input
              type="checkbox"
              .checked=${settings.isLooping}
              @change=${(event: Event) => this.#change({ isLooping: (event.target as HTMLInputElement).checked })}
            />
            Start again at the end
          </label>`
      case 'screen':
        return html`<p class="hint">Your browser asks what to share. Sound comes along where it offers to.</p>`
      case 'test-pattern':
        return nothing
      default:
        return settings.kind satisfies never
    }
  }

  #renderDevices(
    field: 'camera' | 'microphone',
    label: string,
    devices: readonly MediaDevice[],
    none: string,
  ) {
    const chosen = this.settings[field]
    return html`<div class="field">
      <label for=${field}>${label}</label>
      <select
        id=${field}
        @change=${(event: Event) => this.#change({ [field]: (event.target as HTMLSelectElement).value })}
      >
        <option value="" ?selected=${chosen === ''}>Default</option>
        ${devices.map(
          ({ id, label: name }, index) => html`<option value=${id} ?selected=${chosen === id}>
            ${name === '' ? `${label} ${index + 1}` : name}
          </option>`,
        )}
        <option value="none" ?selected=${chosen === 'none'}>${none}</option>
      </select>
    </div>`
  }

  #renderQuality() {
    const { quality } = this.settings
    return html`<div class="field">
      <label for="quality">Quality</label>
      <select id="quality" aria-describedby="quality-hint" @change=${this.#qualityChosen}>
        ${QUALITIES.map(
          item => html`<option value=${item.id} ?selected=${item.id === quality.id}>
            ${item.id}, ${bitrateText(item.videoBitrate)}
          </option>`,
        )}
      </select>
      <p class="hint" id="quality-hint">
        You send to at most ${DIRECT_VIEWERS} viewers, up to ${bitrateText(quality.videoBitrate * DIRECT_VIEWERS)} of
        upload. They pass it on to everyone else.
      </p>
    </div>`
  }

  readonly #qualityChosen = (event: Event): void => {
    const chosen = QUALITIES.find(item => item.id === (event.target as HTMLSelectElement).value)
    if (chosen !== undefined) this.#change({ quality: chosen })
  }

  #change(patch: Partial<StudioSettings>): void {
    const detail: StudioSettings = { ...this.settings, ...patch }
    this.dispatchEvent(new CustomEvent<StudioSettings>('settings-changed', { detail }))
  }
}

export function defineSourceForm(): void {
  if (customElements.get('vk-source-form') === undefined)
    customElements.define('vk-source-form', VkSourceForm)
}
