import { css, html, LitElement, nothing } from 'lit'
import type { ChainInfo } from '../../engine/chain/chain-port.ts'
import type { PaidOffer, PaidViewing } from '../../engine/paid/paid-viewing-contract.ts'
import type { FundPlan } from '../../engine/pay/pay-session-contract.ts'
import { baseStyles, buttonStyles } from '../parts/base-styles.ts'
import { notice, noticeStyles } from '../parts/notice.ts'
import { sentenceOf } from '../parts/sentence-of.ts'
import { durationText } from '../quantity.ts'
import { figure } from './figure.ts'
import { moneyText, perHourText } from './money-text.ts'
import { payStyles } from './pay-styles.ts'
import { PUBLIC_SENTENCE } from './pay-words.ts'
import { planFigures } from './plan-figures.ts'
import { defineBudgetField } from './vk-budget-field.ts'
import { defineWalletPicker } from './vk-wallet-picker.ts'
import type { WalletAccount, WalletDesk } from './wallet-desk.ts'

type Plan =
  | { readonly kind: 'none' }
  | { readonly kind: 'reckoning' }
  | { readonly kind: 'ready'; readonly plan: FundPlan }
  | { readonly kind: 'problem'; readonly sentence: string }

const FIRST_BUDGET_MINUTES = 30n
/** Typing an amount asks the chain for fees once, not at each key. */
const RECKON_AFTER_MS = 250

/** What a paid stream costs, and the one button that starts it. Fires `pay` with the account and the budget, planck. */
export class VkPayOffer extends LitElement {
  static override properties = {
    viewing: { attribute: false },
    offer: { attribute: false },
    chain: { attribute: false },
    desk: { attribute: false },
  }

  declare viewing: PaidViewing
  declare offer: PaidOffer
  declare chain: ChainInfo
  declare desk: WalletDesk | undefined

  static override styles = [
    baseStyles,
    buttonStyles,
    noticeStyles,
    payStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 18px;
      }
      .choices {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr));
        gap: 18px 32px;
        align-items: start;
      }
      .plan {
        display: grid;
        gap: 16px;
      }
    `,
  ]

  #account: WalletAccount | undefined
  #budget: bigint | undefined
  #plan: Plan = { kind: 'none' }
  #reckoning = new AbortController()

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#reckoning.abort()
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has('offer') && !changed.has('viewing')) return
    const before = changed.get('offer') as PaidOffer | undefined
    if (before !== undefined && before.price === this.offer.price && !changed.has('viewing')) return
    this.#budget ??= this.offer.price * 60n * FIRST_BUDGET_MINUTES
    this.#reckon()
  }

  readonly #accountChosen = (event: CustomEvent<WalletAccount | null>): void => {
    this.#account = event.detail ?? undefined
    this.#reckon()
  }

  readonly #budgetChanged = (event: CustomEvent<bigint | null>): void => {
    this.#budget = event.detail ?? undefined
    this.#reckon()
  }

  #reckon(): void {
    this.#reckoning.abort()
    this.#reckoning = new AbortController()
    const { signal } = this.#reckoning
    const { viewing } = this
    const [account, budget] = [this.#account, this.#budget]
    if (account === undefined || budget === undefined) return this.#setPlan({ kind: 'none' })
    this.#setPlan({ kind: 'reckoning' })
    setTimeout(async () => {
      if (signal.aborted) return
      try {
        const plan = await viewing.plan(account.signer, budget, { signal })
        if (!signal.aborted) this.#setPlan({ kind: 'ready', plan })
      } catch (error) {
        if (!signal.aborted) this.#setPlan({ kind: 'problem', sentence: sentenceOf(error) })
      }
    }, RECKON_AFTER_MS)
  }

  #setPlan(plan: Plan): void {
    this.#plan = plan
    this.requestUpdate()
  }

  readonly #pay = (): void => {
    const [account, budget] = [this.#account, this.#budget]
    if (account === undefined || budget === undefined || this.#plan.kind !== 'ready') return
    this.dispatchEvent(new CustomEvent('pay', { detail: { account, budget } }))
  }

  override render() {
    const { offer, chain } = this
    return html`
      <dl class="figures">
        ${figure('An hour costs', moneyText(offer.price * 3_600n, chain))}
        ${figure('A second costs', moneyText(offer.price, chain))}
        ${
          offer.nextPrice === undefined
            ? nothing
            : figure(
                'Soon it costs',
                perHourText(offer.nextPrice, chain),
                'you are asked before you pay more',
              )
        }
        ${
          offer.previewSeconds === 0
            ? nothing
            : figure('Preview', durationText(offer.previewSeconds * 1_000), 'not charged, once a wallet')
        }
        ${figure(
          'Paid',
          offer.creditSeconds === 0 ? 'in advance' : 'after you watched',
          offer.creditSeconds === 0 ? 'one interval ahead' : `up to ${offer.creditSeconds} s on credit`,
        )}
        ${figure('Chain', chain.name, chain.isLocal ? 'play money of this machine' : undefined)}
      </dl>
      <p class="words small">${PUBLIC_SENTENCE}</p>
      <div class="choices">
        <vk-wallet-picker
          .desk=${this.desk}
          .legend=${'Pay from'}
          @account-chosen=${this.#accountChosen}
        ></vk-wallet-picker>
        <vk-budget-field
          .price=${offer.price}
          .unit=${chain}
          .budget=${this.#budget}
          @budget-changed=${this.#budgetChanged}
        ></vk-budget-field>
      </div>
      ${this.#renderPlan()}
    `
  }

  #renderPlan() {
    const plan = this.#plan
    const [account, budget] = [this.#account, this.#budget]
    const label =
      budget === undefined
        ? 'Watch'
        : `Watch for up to ${durationText(Number(budget / this.offer.price) * 1_000)}, at most ${moneyText(budget, this.chain)}`
    const why =
      account === undefined ? 'Choose a wallet first.' : budget === undefined ? 'Choose an amount first.' : ''
    return html`
      <div aria-busy=${plan.kind === 'reckoning' ? 'true' : 'false'}>
        ${plan.kind === 'ready' ? html`<div class="plan">${planFigures(plan.plan, this.chain)}</div>` : nothing}
        ${plan.kind === 'reckoning' ? html`<p class="muted">Asking the chain what fees are…</p>` : nothing}
        ${
          plan.kind === 'problem'
            ? notice(
                'alarm',
                [plan.sentence],
                html`<button type="button" @click=${() => this.#reckon()}>Try again</button>`,
              )
            : nothing
        }
      </div>
      <div class="row">
        <button
          class="primary"
          ?disabled=${plan.kind !== 'ready'}
          aria-describedby="prompt-hint"
          @click=${this.#pay}
        >
          ${label}
        </button>
        <p class="hint muted" id="prompt-hint">
          ${why === '' ? 'Your wallet asks you once. Everything after that runs by itself, up to this budget.' : why}
        </p>
      </div>
    `
  }
}

export function definePayOffer(): void {
  defineWalletPicker()
  defineBudgetField()
  if (customElements.get('vk-pay-offer') === undefined) customElements.define('vk-pay-offer', VkPayOffer)
}
