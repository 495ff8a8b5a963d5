import { css, html } from 'lit'
import type { ChainInfo } from '../../engine/chain/chain-port.ts'
import type { PaidOffer } from '../../engine/paid/paid-viewing-contract.ts'
import { icons } from '../parts/icons.ts'
import { perHourText } from '../pay/money-text.ts'

/** What stands where the picture will be: what it costs, and the way to the choice of a budget. */
export function lockedOffer(offer: PaidOffer, chain: ChainInfo | undefined, onChoose: () => void) {
  return html`<div slot="locked" class="locked-offer">
    ${icons.lock}
    <p class="price">${chain === undefined ? 'A paid stream' : perHourText(offer.price, chain)}</p>
    <p class="about">Paid second by second, straight to the creator.</p>
    <button class="primary" @click=${onChoose}>Choose a budget</button>
  </div>`
}

export const lockedOfferStyles = css`
  .locked-offer {
    display: grid;
    justify-items: center;
    gap: 10px;
  }
  .locked-offer .price {
    font-size: 1.25rem;
    font-weight: 650;
  }
  .locked-offer .about {
    color: var(--muted);
    font-size: 0.9375rem;
  }
  .locked-offer .icon {
    width: 30px;
    height: 30px;
    color: var(--accent);
  }
  @media (max-width: 480px) {
    .locked-offer .about,
    .locked-offer .icon {
      display: none;
    }
  }
`
