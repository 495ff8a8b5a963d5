import { css, html, LitElement, nothing } from 'lit'
import { baseStyles, buttonStyles, formStyles } from '../parts/base-styles.ts'
import { durationText } from '../quantity.ts'
import { amountText, type MoneyUnit, parseAmount } from './money-text.ts'

const PRESET_MINUTES = [10, 30, 60, 120] as const
const MINUTES_MAX = 100_000

/**
 * How much, as minutes or as an amount: each follows the other. Fires `budget-changed` with planck, null for what is
 * no amount.
 */
export class VkBudgetField extends LitElement {
  static override properties = {
    price: { attribute: false },
    unit: { attribute: false },
    budget: { attribute: false },
    isDisabled: { attribute: false },
    legend: {},
  }

  /** planck a second, above 0. */
  declare price: bigint
  declare unit: MoneyUnit
  /** planck; undefined while the amount field holds no amount. */
  declare budget: bigint | undefined
  declare isDisabled: boolean
  declare legend: string

  static override styles = [
    baseStyles,
    buttonStyles,
    formStyles,
    css`
      fieldset {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 10px;
      }
      legend {
        margin-bottom: 8px;
      }
      .presets {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      .presets button {
        padding: 0 12px;
      }
      .presets [aria-pressed='true'] {
        border-color: var(--accent);
        background: color-mix(in srgb, var(--accent) 12%, transparent);
        color: var(--accent);
      }
      .pair {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(130px, 1fr));
        gap: 12px;
      }
    `,
  ]

  /** What stands in the amount field, while it is being typed. */
  #typed: string | undefined

  constructor() {
    super()
    this.isDisabled = false
    this.legend = 'What it may cost at most'
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    // A budget set from outside, or by the minutes, replaces what was typed.
    if (!changed.has('budget') || this.#typed === undefined) return
    if (this.budget !== undefined && parseAmount(this.#typed, this.unit.decimals) !== this.budget)
      this.#typed = undefined
  }

  override render() {
    const { budget, price, unit } = this
    const minutes = budget === undefined ? undefined : Number(budget / price) / 60
    const amount = this.#typed ?? (budget === undefined ? '' : amountText(budget, unit.decimals))
    const isBad = budget === undefined && amount !== ''
    return html`<fieldset ?disabled=${this.isDisabled}>
      <legend>${this.legend}</legend>
      <div class="presets" role="group" aria-label="Usual lengths">
        ${PRESET_MINUTES.map(
          preset => html`<button
            type="button"
            aria-pressed=${budget === this.#costOf(preset) ? 'true' : 'false'}
            @click=${() => this.#choose(this.#costOf(preset))}
          >
            ${durationText(preset * 60_000).replace(' 00 min', '')}
          </button>`,
        )}
      </div>
      <div class="pair">
        <div class="field">
          <label for="minutes">Minutes</label>
          <input
            id="minutes"
            inputmode="numeric"
            autocomplete="off"
            .value=${minutes === undefined ? '' : String(Number(minutes.toFixed(minutes < 10 ? 1 : 0)))}
            @change=${this.#minutesTyped}
          />
        </div>
        <div class="field">
          <label for="amount">Amount (${unit.symbol})</label>
          <input
            id="amount"
            inputmode="decimal"
            autocomplete="off"
            aria-invalid=${isBad ? 'true' : 'false'}
            aria-describedby=${isBad ? 'amount-problem' : nothing}
            .value=${amount}
            @input=${this.#amountTyped}
          />
        </div>
      </div>
      ${
        isBad
          ? html`<p class="hint" id="amount-problem">
              That is no amount. Write a number such as 0.5, with at most ${unit.decimals} digits after the point.
            </p>`
          : nothing
      }
    </fieldset>`
  }

  #costOf(minutes: number): bigint {
    return this.price * BigInt(Math.round(minutes * 60))
  }

  readonly #minutesTyped = (event: Event): void => {
    const minutes = Number((event.target as HTMLInputElement).value.trim().replace(',', '.'))
    if (minutes > 0 && minutes <= MINUTES_MAX) this.#choose(this.#costOf(minutes))
    else this.requestUpdate()
  }

  readonly #amountTyped = (event: Event): void => {
    this.#typed = (event.target as HTMLInputElement).value
    const amount = parseAmount(this.#typed, this.unit.decimals)
    this.#tell(amount === 0n ? undefined : amount)
  }

  #choose(budget: bigint): void {
    this.#typed = undefined
    this.#tell(budget)
  }

  #tell(budget: bigint | undefined): void {
    this.budget = budget
    this.dispatchEvent(new CustomEvent<bigint | null>('budget-changed', { detail: budget ?? null }))
  }
}

export function defineBudgetField(): void {
  if (customElements.get('vk-budget-field') === undefined)
    customElements.define('vk-budget-field', VkBudgetField)
}
