import { css, html, LitElement } from 'lit'
import {
  CATEGORY_MAX_CHARS,
  DESCRIPTION_MAX_CHARS,
  TITLE_MAX_CHARS,
} from '../../../shared/protocol/limits.ts'
import { baseStyles, formStyles } from '../parts/base-styles.ts'
import { INITIAL_SETTINGS, type StudioSettings } from './studio-settings.ts'

const CATEGORIES = ['Art', 'Coding', 'Education', 'Games', 'Music', 'Nature', 'News', 'Sports', 'Talk']

/** What viewers read about the stream. Fires `settings-changed` with the whole of the new settings. */
export class VkAboutForm extends LitElement {
  static override properties = { settings: { attribute: false }, isDisabled: { attribute: false } }

  declare settings: StudioSettings
  declare isDisabled: boolean

  static override styles = [
    baseStyles,
    formStyles,
    css`
      fieldset {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(160px, 30%);
        gap: 16px;
      }
      .wide {
        grid-column: 1 / -1;
      }
      @media (max-width: 560px) {
        fieldset {
          grid-template-columns: minmax(0, 1fr);
        }
      }
    `,
  ]

  constructor() {
    super()
    this.settings = INITIAL_SETTINGS
    this.isDisabled = false
  }

  /** Puts the cursor where something is missing. */
  focusTitle(): void {
    this.renderRoot.querySelector<HTMLInputElement>('#title')?.focus()
  }

  override render() {
    const { title, description, category } = this.settings
    return html`<fieldset ?disabled=${this.isDisabled}>
      <div class="field">
        <label for="title">Title</label>
        <input
          id="title"
          maxlength=${TITLE_MAX_CHARS}
          autocomplete="off"
          required
          .value=${title}
          @input=${this.#typed('title')}
        />
      </div>
      <div class="field">
        <label for="category">Category <span class="muted">(optional)</span></label>
        <input
          id="category"
          list="categories"
          maxlength=${CATEGORY_MAX_CHARS}
          autocomplete="off"
          .value=${category}
          @input=${this.#typed('category')}
        />
        <datalist id="categories">${CATEGORIES.map(name => html`<option value=${name}></option>`)}</datalist>
      </div>
      <div class="field wide">
        <label for="description">Description <span class="muted">(optional)</span></label>
        <textarea
          id="description"
          rows="2"
          maxlength=${DESCRIPTION_MAX_CHARS}
          .value=${description}
          @input=${this.#typed('description')}
        ></textarea>
      </div>
    </fieldset>`
  }

  #typed(field: 'title' | 'description' | 'category') {
    return (event: Event): void => {
      const detail: StudioSettings = { ...this.settings, [field]: (event.target as HTMLInputElement).value }
      this.dispatchEvent(new CustomEvent<StudioSettings>('settings-changed', { detail }))
    }
  }
}

export function defineAboutForm(): void {
  if (customElements.get('vk-about-form') === undefined) customElements.define('vk-about-form', VkAboutForm)
}
