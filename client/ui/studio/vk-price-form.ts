import { css, html, LitElement, nothing } from 'lit'
import type { ChainInfo } from '../../engine/chain/chain-port.ts'
import { baseStyles, buttonStyles, formStyles } from '../parts/base-styles.ts'
import { notice, noticeStyles } from '../parts/notice.ts'
import { moneyText, perHourText } from '../pay/money-text.ts'
import { payStyles } from '../pay/pay-styles.ts'
import { defineWalletPicker } from '../pay/vk-wallet-picker.ts'
import type { WalletAccount, WalletDesk } from '../pay/wallet-desk.ts'
import { creditSecondsOf, FREE, type PriceSettings, RAISE_FACTOR, readPrice } from './price-settings.ts'

const PREVIEWS = [0, 8, 20, 60] as const

/** Free, or paid by the second. Fires `price-changed` with the whole of the new settings. */
export class VkPriceForm extends LitElement {
  static override properties = {
    settings: { attribute: false },
    chain: { attribute: false },
    desk: { attribute: false },
    problem: {},
    isDisabled: { attribute: false },
  }

  declare settings: PriceSettings
  /** Undefined until the chain has answered. */
  declare chain: ChainInfo | undefined
  declare desk: WalletDesk | undefined
  /** Why the chain cannot be used; '' for nothing. */
  declare problem: string
  declare isDisabled: boolean

  static override styles = [
    baseStyles,
    buttonStyles,
    formStyles,
    noticeStyles,
    payStyles,
    css`
      :host,
      fieldset {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 16px;
      }
      .kinds {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 10px;
        margin-top: 8px;
      }
      .kinds label,
      .check {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 44px;
        cursor: pointer;
      }
      .kinds label {
        padding: 6px 14px;
        border: 1px solid var(--edge);
        border-radius: var(--radius-small);
      }
      .kinds label:has(:checked) {
        border-color: var(--accent);
        background: color-mix(in srgb, var(--accent) 12%, transparent);
      }
      .kinds label:has(:focus-visible) {
        outline: 2px solid var(--accent);
        outline-offset: 2px;
      }
      .kinds input,
      .check input {
        flex: none;
        width: 18px;
        height: 18px;
        margin: 0;
        accent-color: var(--accent);
      }
      .pair {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(130px, 1fr));
        gap: 12px;
        align-items: end;
      }
    `,
  ]

  constructor() {
    super()
    this.settings = FREE
    this.problem = ''
    this.isDisabled = false
  }

  override render() {
    const { isPaid } = this.settings
    return html`<fieldset ?disabled=${this.isDisabled}>
      <div>
        <div id="kind" class="legend">Who may watch</div>
        <div class="kinds" role="radiogroup" aria-labelledby="kind">
          <label>
            <input type="radio" name="kind" ?checked=${!isPaid} @change=${() => this.#change({ isPaid: false })} />
            Everyone, free
          </label>
          <label>
            <input type="radio" name="kind" ?checked=${isPaid} @change=${() => this.#change({ isPaid: true })} />
            Who pays
          </label>
        </div>
      </div>
      ${isPaid ? this.#renderPaid() : nothing}
    </fieldset>`
  }

  #renderPaid() {
    const { chain } = this
    if (this.problem !== '')
      return notice('alarm', [this.problem], html`<a class="button" href="#/wallet">Choose another node</a>`)
    if (chain === undefined) return html`<p class="muted" role="status">Connecting to the chain…</p>`
    const { amount, per } = this.settings
    return html`
      <div class="pair">
        <div class="field">
          <label for="price">Price (${chain.symbol})</label>
          <input
            id="price"
            inputmode="decimal"
            autocomplete="off"
            aria-describedby="price-hint"
            .value=${amount}
            @input=${(event: Event) => this.#change({ amount: (event.target as HTMLInputElement).value })}
          />
        </div>
        <div class="field">
          <label for="per">for</label>
          <select
            id="per"
            @change=${(event: Event) =>
              this.#change({
                per: (event.target as HTMLSelectElement).value === 'second' ? 'second' : 'hour',
              })}
          >
            <option value="hour" ?selected=${per === 'hour'}>an hour</option>
            <option value="second" ?selected=${per === 'second'}>a second</option>
          </select>
        </div>
      </div>
      <p class="hint" id="price-hint">${this.#priceWords(chain)}</p>
      <vk-wallet-picker
        .desk=${this.desk}
        .legend=${'Paid to'}
        .hint=${'This account is your channel’s name and gets the money. Its wallet asks you once, to sign that this stream is yours.'}
        .isDisabled=${this.isDisabled}
        @account-chosen=${(event: CustomEvent<WalletAccount | null>) =>
          this.#change({ account: event.detail ?? undefined })}
      ></vk-wallet-picker>
      ${this.#renderTerms(chain)}
    `
  }

  #priceWords(chain: ChainInfo): string {
    if (this.settings.amount.trim() === '') return 'Viewers pay by the second, only for what they are shown.'
    const reading = readPrice(this.settings, chain)
    if (reading.kind === 'problem') return reading.sentence
    const { pricePerSecond } = reading
    return `${moneyText(pricePerSecond, chain)} a second, ${perHourText(pricePerSecond, chain)}. While live you can change it, up to ${perHourText(pricePerSecond * RAISE_FACTOR, chain)}.`
  }

  #renderTerms(chain: ChainInfo) {
    const { previewSeconds, creditSeconds, isRecordedOnChain } = this.settings
    const { least, usual } = creditSecondsOf(chain)
    const credit = creditSeconds ?? usual
    return html`
      <div class="pair">
        <div class="field">
          <label for="preview">Free preview</label>
          <select
            id="preview"
            @change=${(event: Event) =>
              this.#change({ previewSeconds: Number((event.target as HTMLSelectElement).value) })}
          >
            ${PREVIEWS.map(
              seconds => html`<option value=${seconds} ?selected=${seconds === previewSeconds}>
                ${seconds === 0 ? 'none' : `${seconds} s`}
              </option>`,
            )}
          </select>
        </div>
        <div class="field">
          <label for="credit">Credit (seconds)</label>
          <input
            id="credit"
            type="text"
            inputmode="numeric"
            autocomplete="off"
            aria-describedby="credit-hint"
            .value=${String(credit)}
            @change=${this.#creditTyped}
          />
        </div>
      </div>
      <p class="hint" id="credit-hint">
        ${
          credit === 0
            ? 'No credit: viewers pay in advance, and nobody sees an unpaid second beyond the preview.'
            : credit < least
              ? `Less than ${least} s cuts honest viewers off now and then: on this chain a payment needs that long from the first second to the next key. 0 means in advance.`
              : `How long a viewer may watch before a payment is seen in a block: what you can lose to one who never pays. ${least} s is the least that cuts no honest viewer off on this chain, ${usual} s lets one come and go besides; 0 means in advance.`
        }
      </p>
      <label class="check">
        <input
          type="checkbox"
          .checked=${isRecordedOnChain}
          @change=${(event: Event) =>
            this.#change({ isRecordedOnChain: (event.target as HTMLInputElement).checked })}
        />
        <span>
          Write start and end on chain
          <span class="hint">proof of when you were live: a small fee and a prompt more for each</span>
        </span>
      </label>
    `
  }

  readonly #creditTyped = (event: Event): void => {
    const text = (event.target as HTMLInputElement).value.trim()
    if (/^\d{1,4}$/.test(text)) this.#change({ creditSeconds: Number(text) })
    else this.requestUpdate()
  }

  #change(patch: Partial<PriceSettings>): void {
    const detail: PriceSettings = { ...this.settings, ...patch }
    this.dispatchEvent(new CustomEvent<PriceSettings>('price-changed', { detail }))
  }
}

export function definePriceForm(): void {
  defineWalletPicker()
  if (customElements.get('vk-price-form') === undefined) customElements.define('vk-price-form', VkPriceForm)
}
