import { css, html, LitElement, nothing } from 'lit'
import type { AccountHex } from '../../../shared/pay/evidence.ts'
import { parseAmount } from '../../engine/chain/planck-text.ts'
import type { BalanceCheck, WatcherState } from '../../engine/earn/earnings-contract.ts'
import type { PaidBroadcast } from '../../engine/paid/paid-broadcast-contract.ts'
import { baseStyles, buttonStyles, formStyles } from '../parts/base-styles.ts'
import { notice, noticeStyles } from '../parts/notice.ts'
import { sentenceOf } from '../parts/sentence-of.ts'
import { figure } from '../pay/figure.ts'
import { type MoneyUnit, moneyText, perHourText } from '../pay/money-text.ts'
import { payStyles } from '../pay/pay-styles.ts'
import { countText } from '../quantity.ts'
import { incomeTable, incomeTableStyles, watchingTable } from './income-tables.ts'
import { defineIncomeGraph } from './vk-income-graph.ts'

const SPANS = [
  { name: '10 minutes', widthMs: 10_000, points: 60 },
  { name: '1 hour', widthMs: 60_000, points: 60 },
  { name: '6 hours', widthMs: 300_000, points: 72 },
] as const

/** What the running stream earns, from whom, and what is not known of it. */
export class VkEarningsPanel extends LitElement {
  static override properties = {
    paid: { attribute: false },
    addressOf: { attribute: false },
    record: {},
  }

  declare paid: PaidBroadcast
  declare addressOf: (account: AccountHex) => string
  /** How writing the start on chain went; '' where it was not asked for. */
  declare record: string

  static override styles = [
    baseStyles,
    buttonStyles,
    formStyles,
    noticeStyles,
    payStyles,
    incomeTableStyles,
    css`
      :host,
      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 14px;
      }
      :host {
        gap: 22px;
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 16px;
        align-items: center;
        justify-content: space-between;
      }
      .head select {
        width: auto;
      }
      form {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        align-items: end;
      }
      form .field {
        flex: 1 1 200px;
      }
    `,
  ]

  #unsubscribe: readonly (() => void)[] = []
  #span: (typeof SPANS)[number] = SPANS[0]
  #priceText = ''
  #priceTold = ''
  #problem: string | undefined
  #isChanging = false

  constructor() {
    super()
    this.addressOf = account => account
    this.record = ''
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.paid !== undefined) this.#follow()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const stop of this.#unsubscribe) stop()
    this.#unsubscribe = []
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('paid')) this.#follow()
  }

  #follow(): void {
    for (const stop of this.#unsubscribe) stop()
    const redraw = () => this.requestUpdate()
    this.#unsubscribe = [this.paid.on('view', redraw), this.paid.earnings.on('snapshot', redraw)]
  }

  override render() {
    const { view } = this.paid
    const { chain } = view
    const now = this.paid.earnings.snapshot
    const writing = { unit: chain, addressOf: this.addressOf }
    const watching = view.viewers.filter(({ isWatching }) => isWatching).length
    const money = (planck: bigint) => moneyText(planck, chain)
    return html`
      ${view.pause === undefined ? nothing : notice('alarm', [view.pause])}
      ${watcherNotice(now.watcher)}
      <section class="card" aria-labelledby="income">
        <div class="head">
          <h2 id="income">Income</h2>
          ${chain.isLocal ? html`<span class="play-money">play money</span>` : nothing}
        </div>
        <dl class="figures">
          ${figure('Total', money(now.income.total), now.income.notYetFinal === 0n ? 'all of it final' : `${money(now.income.notYetFinal)} not final yet`)}
          ${figure('Now', `${money(now.perSecond)} a second`, 'over the last minute')}
          ${figure('An hour at this rate', money(now.perHour))}
          ${figure('Paying now', countText(watching, 'viewer'))}
        </dl>
        <div class="head">
          <label for="span" class="muted">Over the last</label>
          <select id="span" @change=${this.#spanChosen}>
            ${SPANS.map(
              span => html`<option value=${span.name} ?selected=${span === this.#span}>${span.name}</option>`,
            )}
          </select>
        </div>
        <vk-income-graph
          .points=${this.paid.earnings.series({ widthMs: this.#span.widthMs, points: this.#span.points })}
          .unit=${chain}
        ></vk-income-graph>
        <div class="row"><button @click=${this.#download}>Save all payments as CSV</button></div>
      </section>
      <section class="card" aria-labelledby="price-now">
        <h2 id="price-now">Price: ${perHourText(view.price, chain)}</h2>
        ${this.#renderPrice(chain)}
      </section>
      <section class="card" aria-labelledby="who">
        <h2 id="who">Sessions</h2>
        ${watchingTable(view.viewers, writing)}
        <h2>Income by viewer</h2>
        ${incomeTable(now.viewers, writing)}
      </section>
      <section class="card" aria-labelledby="books">
        <h2 id="books">Do the books agree?</h2>
        <div class="words">
          ${now.gaps.map(sentence => html`<p>${sentence}</p>`)}
          <p>${checkText(now.check, chain)}</p>
          ${now.archived.map(sentence => html`<p class="muted">${sentence}</p>`)}
          ${this.record === '' ? nothing : html`<p role="status">${this.record}</p>`}
        </div>
      </section>
    `
  }

  #renderPrice(unit: MoneyUnit) {
    return html`
      <form novalidate @submit=${this.#changePrice}>
        <div class="field">
          <label for="price">New price for an hour (${unit.symbol})</label>
          <input
            id="price"
            inputmode="decimal"
            autocomplete="off"
            aria-describedby="price-hint"
            .value=${this.#priceText}
            @input=${(event: Event) => {
              this.#priceText = (event.target as HTMLInputElement).value
            }}
          />
        </div>
        <button ?disabled=${this.#isChanging}>Change the price</button>
      </form>
      <p class="hint" id="price-hint">
        Viewers are told at least 30 s ahead. Whoever accepted less is asked, and pays nothing more until then.
      </p>
      ${this.#problem === undefined ? nothing : notice('alarm', [this.#problem])}
      <p role="status">${this.#priceTold}</p>
    `
  }

  readonly #changePrice = async (event: Event): Promise<void> => {
    event.preventDefault()
    const { chain } = this.paid.view
    const planck = parseAmount(this.#priceText, chain.decimals)
    const price = (planck ?? 0n) / 3_600n
    this.#priceTold = ''
    this.#problem = price === 0n ? 'That is no price. Write what an hour shall cost, such as 0.5.' : undefined
    this.requestUpdate()
    if (price === 0n) return
    this.#isChanging = true
    try {
      const epoch = await this.paid.changePrice(price)
      this.#priceTold = `${perHourText(price, chain)} holds from epoch ${epoch} on, a little more than 30 s from now.`
      this.#priceText = ''
    } catch (error) {
      this.#problem = sentenceOf(error)
    }
    this.#isChanging = false
    this.requestUpdate()
  }

  readonly #spanChosen = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement
    this.#span = SPANS.find(({ name }) => name === value) ?? SPANS[0]
    this.requestUpdate()
  }

  readonly #download = (): void => {
    const blob = new Blob([this.paid.earnings.exportCsv()], { type: 'text/csv;charset=utf-8' })
    const link = document.createElement('a')
    link.href = URL.createObjectURL(blob)
    link.download = `vilokanam-income-${new Date().toISOString().slice(0, 10)}.csv`
    link.click()
    // Firefox reads it a moment after the click.
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
  }
}

function watcherNotice(state: WatcherState) {
  switch (state.kind) {
    case 'starting':
      return notice('info', [state.sentence])
    case 'behind':
    case 'vanished':
      return notice('alarm', [state.sentence])
    case 'idle':
    case 'following':
    case 'closed':
      return nothing
    default:
      return state satisfies never
  }
}

function checkText(check: BalanceCheck, unit: MoneyUnit): string {
  switch (check.kind) {
    case 'open':
    case 'differs':
      return check.sentence
    case 'matches':
      return `The payout account held ${moneyText(check.balance, unit)} at block ${check.at.number}: exactly what the blocks explain.`
    default:
      return check satisfies never
  }
}

export function defineEarningsPanel(): void {
  defineIncomeGraph()
  if (customElements.get('vk-earnings-panel') === undefined)
    customElements.define('vk-earnings-panel', VkEarningsPanel)
}
