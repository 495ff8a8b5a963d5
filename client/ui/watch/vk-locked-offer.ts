import { css, html, LitElement } from 'lit'
import type { ChainInfo } from '../../engine/chain/chain-port.ts'
import type { PaidOffer } from '../../engine/paid/paid-viewing-contract.ts'
import { baseStyles, buttonStyles } from '../parts/base-styles.ts'
import { icons } from '../parts/icons.ts'
import { perHourText } from '../pay/money-text.ts'

/** What stands where the picture will be: what it costs, and the way to the choice of a budget. Fires `choose`. */
export class VkLockedOffer extends LitElement {
  static override properties = { offer: { attribute: false }, chain: { attribute: false } }

  declare offer: PaidOffer
  /** Undefined until it has answered: then the price cannot be written. */
  declare chain: ChainInfo | undefined

  static override styles = [
    baseStyles,
    buttonStyles,
    css`
      :host {
        display: grid;
        justify-items: center;
        gap: 10px;
      }
      .price {
        font-size: 1.25rem;
        font-weight: 650;
      }
      .about {
        color: var(--muted);
        font-size: 0.9375rem;
      }
      svg.icon {
        width: 30px;
        height: 30px;
        color: var(--accent);
      }
      @media (max-width: 480px) {
        .about,
        svg.icon {
          display: none;
        }
      }
    `,
  ]

  override render() {
    const { chain, offer } = this
    return html`
      ${icons.lock}
      <p class="price">${chain === undefined ? 'A paid stream' : perHourText(offer.price, chain)}</p>
      <p class="about">Paid second by second, straight to the creator.</p>
      <button class="primary" @click=${() => this.dispatchEvent(new CustomEvent('choose'))}>Choose a budget</button>
    `
  }
}

export function defineLockedOffer(): void {
  if (customElements.get('vk-locked-offer') === undefined)
    customElements.define('vk-locked-offer', VkLockedOffer)
}
