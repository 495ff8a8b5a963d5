import { css, html, LitElement, nothing } from 'lit'
import type { ChainInfo } from '../../engine/chain/chain-port.ts'
import type { PaidOffer, PaidViewing, PaidViewingState } from '../../engine/paid/paid-viewing-contract.ts'
import type { PayFigures } from '../../engine/pay/pay-session-contract.ts'
import { baseStyles, buttonStyles } from '../parts/base-styles.ts'
import { notice, noticeStyles } from '../parts/notice.ts'
import { sentenceOf } from '../parts/sentence-of.ts'
import { durationText } from '../quantity.ts'
import { figure } from './figure.ts'
import { clockText, moneyText, perHourText } from './money-text.ts'
import { payStyles } from './pay-styles.ts'
import { isLeavable, isRaisable, isRetriable, payWords } from './pay-words.ts'
import { defineBudgetField } from './vk-budget-field.ts'
import { definePayOffer } from './vk-pay-offer.ts'
import { defineWalletPicker } from './vk-wallet-picker.ts'
import type { WalletAccount, WalletDesk } from './wallet-desk.ts'

const RAISE_MINUTES = 30n

/**
 * Money of one viewing: what it costs, how it stands, what to do next. Fires `again` when a viewing that is over shall
 * begin anew.
 */
export class VkPayPanel extends LitElement {
  static override properties = {
    viewing: { attribute: false },
    chain: { attribute: false },
    desk: { attribute: false },
    price: { attribute: false },
    problem: {},
    record: {},
  }

  declare viewing: PaidViewing | undefined
  /** Undefined until the chain has answered: then amounts cannot be written. */
  declare chain: ChainInfo | undefined
  declare desk: WalletDesk | undefined
  /** Of the manifest, planck a second. */
  declare price: bigint
  /** Why the chain cannot be used at present; '' for nothing. */
  declare problem: string
  /** What the chain says of the stream's start; '' for nothing. */
  declare record: string

  static override styles = [
    baseStyles,
    buttonStyles,
    noticeStyles,
    payStyles,
    css`
      h2 {
        display: flex;
        align-items: center;
        gap: 10px;
        outline: none;
      }
      h2::before {
        content: '';
        flex: none;
        width: 9px;
        height: 9px;
        border-radius: 50%;
        background: var(--edge);
      }
      .good h2::before {
        background: var(--good);
      }
      .busy h2::before,
      .ask h2::before {
        background: var(--accent);
      }
      .state {
        margin-top: 6px;
        max-width: 76ch;
      }
      .raise {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr));
        gap: 18px 32px;
        padding-top: 16px;
        border-top: 1px solid var(--line);
        align-items: start;
      }
    `,
  ]

  #unsubscribe: readonly (() => void)[] = []
  #problem: string | undefined
  #isBusy = false
  #spoken = ''
  #spokenKind = ''
  #isRaising = false
  #raiseBy: bigint | undefined
  /** As last made. */
  #offer: PaidOffer | undefined
  /** Who paid first: raises come from the same wallet without asking which. */
  #payer: WalletAccount | undefined
  /** Chosen for a raise, where an earlier visit paid first. */
  #raiser: WalletAccount | undefined

  constructor() {
    super()
    this.price = 0n
    this.problem = ''
    this.record = ''
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const stop of this.#unsubscribe) stop()
    this.#unsubscribe = []
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#follow()
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('viewing')) this.#follow()
  }

  /** Where the keyboard goes from “Choose a budget”. */
  override focus(): void {
    const heading = this.renderRoot.querySelector<HTMLElement>('h2')
    heading?.scrollIntoView({ block: 'nearest' })
    heading?.focus({ preventScroll: true })
  }

  #follow(): void {
    for (const stop of this.#unsubscribe) stop()
    const { viewing } = this
    this.#unsubscribe =
      viewing === undefined
        ? []
        : [
            viewing.on('state', () => {
              this.#problem = undefined
              this.requestUpdate()
            }),
            viewing.on('figures', () => this.requestUpdate()),
          ]
  }

  override render() {
    const { viewing } = this
    const state = viewing?.state ?? { kind: 'unknown' }
    if (state.kind === 'free') return nothing
    this.#speak(state)
    const words = payWords(state) ?? { heading: 'A paid stream', sentence: '', tone: 'busy' }
    return html`<section class="card ${words.tone}" aria-labelledby="money">
      <div>
        <h2 id="money" tabindex="-1">${words.heading}</h2>
        <p class="state">${words.sentence}</p>
        <p class="visually-hidden" role="status">${this.#spoken}</p>
      </div>
      ${this.problem === '' ? nothing : notice('alarm', [this.problem], this.#settingsLink())}
      ${this.#problem === undefined ? nothing : notice('alarm', [this.#problem])}
      ${viewing === undefined ? nothing : this.#renderBody(viewing, state)}
      ${this.record === '' ? nothing : html`<p class="muted record">${this.record}</p>`}
    </section>`
  }

  /** Sentences carry sums that change with each block: a screen reader hears one when the state changes, and no other. */
  #speak(state: PaidViewingState): void {
    const kind =
      state.kind === 'stopped' ? `stopped ${state.code}` : state.kind === 'funding' ? state.step : state.kind
    if (kind === this.#spokenKind) return
    this.#spokenKind = kind
    const words = payWords(state)
    this.#spoken = words === undefined ? '' : `${words.heading}. ${words.sentence}`
  }

  #settingsLink() {
    return html`<a class="button" href="#/wallet">Choose another node</a>`
  }

  #renderBody(viewing: PaidViewing, state: PaidViewingState) {
    const { chain } = this
    if (state.kind === 'unknown' || state.kind === 'free') return nothing
    if (chain === undefined)
      return this.problem === '' ? html`<p class="muted" role="status">Connecting to the chain…</p>` : nothing
    if (state.kind === 'offer') this.#offer = state.offer
    // It stays while the wallet asks: after a no, what was chosen is still chosen.
    const isOpen = state.kind === 'offer' || state.kind === 'funding'
    return html`
      ${isOpen && this.#offer !== undefined ? this.#renderOffer(viewing, this.#offer, chain, state) : nothing}
      ${state.kind === 'offer' ? nothing : this.#renderSession(viewing, state, chain)}
    `
  }

  #renderOffer(viewing: PaidViewing, offer: PaidOffer, chain: ChainInfo, { kind }: PaidViewingState) {
    return html`<vk-pay-offer
      .viewing=${viewing}
      .offer=${offer}
      .chain=${chain}
      .desk=${this.desk}
      ?hidden=${kind !== 'offer'}
      ?inert=${this.#isBusy}
      @pay=${this.#pay}
    ></vk-pay-offer>`
  }

  #renderSession(viewing: PaidViewing, state: PaidViewingState, chain: ChainInfo) {
    return html`
      ${viewing.figures === undefined ? nothing : this.#renderFigures(viewing.figures, chain)}
      ${this.#renderActions(viewing, state, chain)}
      ${this.#isRaising && isRaisable(state) ? this.#renderRaise(viewing, chain) : nothing}
    `
  }

  #renderFigures(figures: PayFigures, chain: ChainInfo) {
    const money = (planck: bigint) => moneyText(planck, chain)
    const isAllFinal = figures.paidFinal === figures.paid
    return html`<dl class="figures">
      ${figure('Watched', clockText(figures.ticks), `costs ${money(figures.owed)}`)}
      ${figure('Paid', money(figures.paid), isAllFinal ? 'all of it final' : `${money(figures.paidFinal)} final`)}
      ${figures.pending === 0n ? nothing : figure('On its way', money(figures.pending), 'not in a block yet')}
      ${figure('Left', money(figures.left), durationText(figures.secondsLeft * 1_000))}
      ${figure('Fees so far', money(figures.fees))}
      ${figures.credited === undefined ? nothing : figure('Creator has counted', money(figures.credited))}
    </dl>`
  }

  #renderActions(viewing: PaidViewing, state: PaidViewingState, chain: ChainInfo) {
    const buttons: unknown[] = []
    if (state.kind === 'price-raised')
      buttons.push(html`<button
        class="primary"
        ?disabled=${this.#isBusy}
        @click=${() => this.#do(() => viewing.acceptPrice(state.price))}
      >
        Accept ${perHourText(state.price, chain)}
      </button>`)
    if (state.kind === 'in-another-tab')
      buttons.push(html`<button
        class="primary"
        ?disabled=${this.#isBusy}
        @click=${() => this.#do(() => viewing.takeOver())}
      >
        Watch here instead
      </button>`)
    if (isRetriable(state))
      buttons.push(html`<button
        class="primary"
        ?disabled=${this.#isBusy}
        @click=${() => this.#do(async () => viewing.goOn())}
      >
        Go on
      </button>`)
    if (isRaisable(state))
      buttons.push(html`<button
        class=${state.kind === 'out-of-budget' || state.kind === 'stopped' ? 'primary' : ''}
        aria-expanded=${this.#isRaising ? 'true' : 'false'}
        ?disabled=${this.#isBusy}
        @click=${this.#toggleRaise}
      >
        Raise the budget
      </button>`)
    if (isLeavable(state))
      buttons.push(html`<button ?disabled=${this.#isBusy} @click=${() => this.#do(() => viewing.leave())}>
        Stop, and take the rest back
      </button>`)
    if (state.kind === 'closed' || state.kind === 'failed')
      buttons.push(html`<button class="primary" @click=${this.#again}>
        ${state.kind === 'closed' ? 'Watch again' : 'Try again'}
      </button>`)
    if (['closed', 'failed', 'stopped', 'closing', 'chain-down'].includes(state.kind))
      buttons.push(html`<a class="button" href="#/wallet">Where my money is</a>`)
    return buttons.length === 0 ? nothing : html`<div class="row">${buttons}</div>`
  }

  #renderRaise(viewing: PaidViewing, chain: ChainInfo) {
    const by = this.#raiseBy
    const isReady = by !== undefined && (this.#payer ?? this.#raiser) !== undefined && !this.#isBusy
    return html`<div class="raise">
      <vk-budget-field
        .price=${this.price}
        .unit=${chain}
        .budget=${by}
        .legend=${'Raise it by'}
        .isDisabled=${this.#isBusy}
        @budget-changed=${(event: CustomEvent<bigint | null>) => {
          this.#raiseBy = event.detail ?? undefined
          this.requestUpdate()
        }}
      ></vk-budget-field>
      <vk-wallet-picker
        .desk=${this.desk}
        .legend=${'From the wallet that paid first'}
        .isDisabled=${this.#isBusy}
        ?hidden=${this.#payer !== undefined}
        @account-chosen=${(event: CustomEvent<WalletAccount | null>) => {
          this.#raiser = event.detail ?? undefined
          this.requestUpdate()
        }}
      ></vk-wallet-picker>
      <div class="row">
        <button
          class="primary"
          ?disabled=${!isReady}
          @click=${() => this.#raise(viewing)}
        >
          ${by === undefined ? 'Raise' : `Add ${moneyText(by, chain)}`}
        </button>
        <p class="muted">Your wallet asks once more.</p>
      </div>
    </div>`
  }

  readonly #toggleRaise = (): void => {
    this.#isRaising = !this.#isRaising
    this.#raiseBy ??= this.price * 60n * RAISE_MINUTES
    this.requestUpdate()
  }

  #raise(viewing: PaidViewing): Promise<void> {
    const [by, payer] = [this.#raiseBy, this.#payer ?? this.#raiser]
    if (by === undefined || payer === undefined) return Promise.resolve()
    return this.#do(async () => {
      await viewing.raiseBudget(by, payer.signer)
      this.#isRaising = false
    })
  }

  readonly #pay = (
    event: CustomEvent<{ readonly account: WalletAccount; readonly budget: bigint }>,
  ): void => {
    const { account, budget } = event.detail
    const { viewing } = this
    if (viewing === undefined) return
    this.#payer = account
    void this.#do(() => viewing.pay(account.signer, budget))
  }

  async #do(action: () => Promise<void>): Promise<void> {
    this.#isBusy = true
    this.#problem = undefined
    this.requestUpdate()
    try {
      await action()
    } catch (error) {
      this.#problem = sentenceOf(error)
    }
    this.#isBusy = false
    this.requestUpdate()
  }

  readonly #again = (): void => {
    this.dispatchEvent(new CustomEvent('again'))
  }
}

export function definePayPanel(): void {
  definePayOffer()
  defineBudgetField()
  defineWalletPicker()
  if (customElements.get('vk-pay-panel') === undefined) customElements.define('vk-pay-panel', VkPayPanel)
}
