import { html, LitElement, nothing } from 'lit'
import type { ChainInfo } from '../../engine/chain/chain-port.ts'
import { baseStyles, buttonStyles } from '../parts/base-styles.ts'
import { notice, noticeStyles } from '../parts/notice.ts'
import { sentenceOf } from '../parts/sentence-of.ts'
import { moneyText } from '../pay/money-text.ts'
import { payStyles } from '../pay/pay-styles.ts'
import { defineWalletPicker } from '../pay/vk-wallet-picker.ts'
import type { WalletAccount, WalletDesk } from '../pay/wallet-desk.ts'
import { askFaucet } from './devchain-faucet.ts'

const WHOLE_COINS = 100n

/** Play money for an account, where the chain is the local one. */
export class VkFaucet extends LitElement {
  static override properties = {
    chain: { attribute: false },
    endpoint: {},
    desk: { attribute: false },
  }

  declare chain: ChainInfo
  declare endpoint: string
  declare desk: WalletDesk | undefined

  static override styles = [baseStyles, buttonStyles, noticeStyles, payStyles]

  #account: WalletAccount | undefined
  #isAsking = false
  #problem: string | undefined
  #told = ''

  override render() {
    const amount = moneyText(this.#amount, this.chain)
    return html`<div class="card">
      <p>
        <span class="play-money">play money</span> This is the local chain of your own machine. Any account may have
        some of its money, which is worth nothing and gone with the chain.
      </p>
      <vk-wallet-picker
        .desk=${this.desk}
        .legend=${'For which account'}
        .isDisabled=${this.#isAsking}
        @account-chosen=${(event: CustomEvent<WalletAccount | null>) => {
          this.#account = event.detail ?? undefined
          this.requestUpdate()
        }}
      ></vk-wallet-picker>
      <div class="row">
        <button ?disabled=${this.#account === undefined || this.#isAsking} @click=${this.#ask}>
          Give it ${amount}
        </button>
      </div>
      ${this.#problem === undefined ? nothing : notice('alarm', [this.#problem])}
      <p role="status">${this.#told}</p>
    </div>`
  }

  get #amount(): bigint {
    return WHOLE_COINS * 10n ** BigInt(this.chain.decimals)
  }

  readonly #ask = async (): Promise<void> => {
    const account = this.#account
    if (account === undefined) return
    this.#isAsking = true
    this.#problem = undefined
    this.#told = ''
    this.requestUpdate()
    try {
      await askFaucet(this.endpoint, account.account, this.#amount)
      const name = account.name === '' ? account.address : account.name
      this.#told = `${name} got ${moneyText(this.#amount, this.chain)}; it is there with the next block.`
    } catch (error) {
      this.#problem = sentenceOf(error)
    }
    this.#isAsking = false
    this.requestUpdate()
  }
}

export function defineFaucet(): void {
  defineWalletPicker()
  if (customElements.get('vk-faucet') === undefined) customElements.define('vk-faucet', VkFaucet)
}
