import { css, html, LitElement, nothing } from 'lit'
import type { AccountHex } from '../../../shared/pay/evidence.ts'
import { baseStyles, buttonStyles, formStyles } from '../parts/base-styles.ts'
import { notice, noticeStyles } from '../parts/notice.ts'
import { sentenceOf } from '../parts/sentence-of.ts'
import { shortAddress } from '../quantity.ts'
import { payStyles } from './pay-styles.ts'
import type { WalletAccount, WalletDesk, WalletEntry } from './wallet-desk.ts'

type Stage =
  | { readonly kind: 'looking' }
  | { readonly kind: 'choosing' }
  | { readonly kind: 'opening'; readonly id: string }
  | { readonly kind: 'open'; readonly entry: WalletEntry }

/** Choose a wallet, then one of its accounts. Fires `account-chosen` with a WalletAccount, null for none. */
export class VkWalletPicker extends LitElement {
  static override properties = {
    desk: { attribute: false },
    legend: {},
    hint: {},
    isDisabled: { attribute: false },
  }

  declare desk: WalletDesk | undefined
  declare legend: string
  /** What the account is for. */
  declare hint: string
  declare isDisabled: boolean

  static override styles = [
    baseStyles,
    buttonStyles,
    formStyles,
    noticeStyles,
    payStyles,
    css`
      fieldset {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 10px;
      }
      legend {
        margin-bottom: 8px;
      }
      .account {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      .account select {
        flex: 1 1 200px;
        width: auto;
        min-width: 0;
      }
    `,
  ]

  #stage: Stage = { kind: 'looking' }
  #entries: readonly WalletEntry[] = []
  #accounts: readonly WalletAccount[] = []
  #chosen: AccountHex | undefined
  #problem: string | undefined
  #stopListening: () => void = () => undefined
  /** Counts what was begun, so that an answer that comes late changes nothing. */
  #round = 0

  constructor() {
    super()
    this.legend = 'Wallet'
    this.hint = ''
    this.isDisabled = false
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stopListening()
    this.#round += 1
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('desk')) void this.#look()
  }

  readonly #look = async (): Promise<void> => {
    this.#round += 1
    const round = this.#round
    this.#stopListening()
    this.#problem = undefined
    this.#pick(undefined)
    this.#accounts = []
    this.#set({ kind: 'looking' })
    const { desk } = this
    if (desk === undefined) return
    const entries = await desk.list().catch((error: unknown) => {
      this.#problem = sentenceOf(error)
      return []
    })
    if (round !== this.#round) return
    this.#entries = entries
    this.#set({ kind: 'choosing' })
  }

  async #open(entry: WalletEntry): Promise<void> {
    const { desk } = this
    if (desk === undefined) return
    this.#round += 1
    const round = this.#round
    this.#problem = undefined
    this.#set({ kind: 'opening', id: entry.id })
    try {
      const wallet = await desk.open(entry.id)
      if (round !== this.#round) return
      this.#stopListening()
      this.#stopListening = wallet.onAccounts(accounts => this.#take(accounts))
      this.#set({ kind: 'open', entry })
      this.#take(wallet.accounts)
    } catch (error) {
      if (round !== this.#round) return
      this.#problem = sentenceOf(error)
      this.#set({ kind: 'choosing' })
    }
  }

  #take(accounts: readonly WalletAccount[]): void {
    this.#accounts = accounts
    const kept = accounts.find(({ account }) => account === this.#chosen)
    this.#pick(kept ?? accounts[0])
  }

  #pick(account: WalletAccount | undefined): void {
    this.#chosen = account?.account
    this.dispatchEvent(
      new CustomEvent<WalletAccount | null>('account-chosen', { detail: account ?? null, bubbles: true }),
    )
    this.requestUpdate()
  }

  #set(stage: Stage): void {
    this.#stage = stage
    this.requestUpdate()
  }

  override render() {
    return html`<fieldset ?disabled=${this.isDisabled}>
      <legend>${this.legend}</legend>
      ${this.#renderStage()}
      ${this.#problem === undefined ? nothing : notice('alarm', [this.#problem])}
      ${this.hint === '' ? nothing : html`<p class="hint">${this.hint}</p>`}
    </fieldset>`
  }

  #renderStage() {
    const stage = this.#stage
    switch (stage.kind) {
      case 'looking':
        return html`<p class="muted" role="status">Looking for wallets…</p>`
      case 'choosing':
      case 'opening':
        return this.#renderEntries(stage.kind === 'opening' ? stage.id : undefined)
      case 'open':
        return this.#renderAccounts(stage.entry)
      default:
        return stage satisfies never
    }
  }

  #renderEntries(openingId: string | undefined) {
    const again = html`<button type="button" @click=${this.#look}>Look again</button>`
    const hasExtension = this.#entries.some(({ isDemo }) => !isDemo)
    return html`
      ${
        this.#entries.length === 0
          ? nothing
          : html`<div class="row">
              ${this.#entries.map(
                entry => html`<button
                  type="button"
                  ?disabled=${openingId !== undefined}
                  @click=${() => void this.#open(entry)}
                >
                  ${entry.isDemo ? 'Demo wallet' : entry.name}
                  ${entry.isDemo ? html`<span class="play-money">play money</span>` : nothing}
                </button>`,
              )}
              ${hasExtension ? nothing : again}
            </div>`
      }
      ${
        openingId === undefined
          ? nothing
          : html`<p class="muted" role="status">Your wallet asks whether this page may see its accounts.</p>`
      }
      ${
        hasExtension
          ? nothing
          : html`<p class="hint">
              No wallet extension was found in this browser. Install one for Polkadot (Polkadot.js, Talisman or
              SubWallet), make an account in it, then look again.
            </p>`
      }
      ${this.#entries.length === 0 ? html`<div class="row">${again}</div>` : nothing}
    `
  }

  #renderAccounts(entry: WalletEntry) {
    const other = html`<button type="button" @click=${this.#look}>Other wallet</button>`
    if (this.#accounts.length === 0)
      return html`${notice(
        'alarm',
        [
          `${entry.name} shows this page no account. Make one in the wallet, or allow this site to see one in its settings; it then appears here by itself.`,
        ],
        other,
      )}`
    return html`
      ${
        entry.isDemo
          ? html`<p class="hint">
              <span class="play-money">play money</span> Development accounts that everyone knows, on the local chain
              of this machine. Nothing here is worth anything.
            </p>`
          : nothing
      }
      <div class="account">
        <select aria-label="Account" @change=${this.#accountChosen}>
          ${this.#accounts.map(
            ({
              account,
              name,
              address,
            }) => html`<option value=${account} ?selected=${account === this.#chosen}>
              ${name === '' ? shortAddress(address) : `${name} · ${shortAddress(address)}`}
            </option>`,
          )}
        </select>
        ${other}
      </div>
    `
  }

  readonly #accountChosen = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement
    this.#pick(this.#accounts.find(({ account }) => account === value))
  }
}

export function defineWalletPicker(): void {
  if (customElements.get('vk-wallet-picker') === undefined)
    customElements.define('vk-wallet-picker', VkWalletPicker)
}
