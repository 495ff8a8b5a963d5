import { css, html, LitElement, nothing } from 'lit'
import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { SessionPayment, SessionSummary } from '../../engine/pay/pay-session-contract.ts'
import { baseStyles, buttonStyles } from '../parts/base-styles.ts'
import { figure } from '../pay/figure.ts'
import { clockText, type MoneyUnit, moneyText } from '../pay/money-text.ts'
import { payStyles } from '../pay/pay-styles.ts'
import { countText, shortAddress } from '../quantity.ts'
import { watchHash } from '../route.ts'

const PHASES: Record<SessionSummary['phase'], string> = {
  funding: 'waiting for its first block',
  open: 'open',
  'paying-in-another-tab': 'paying in another tab',
  closing: 'closing',
  closed: 'closed',
  archived: 'its chain is gone',
}

/** Before the chain has said how its amounts are written. */
export const PLANCK: MoneyUnit = { symbol: 'planck', decimals: 0 }

/** Every session of this device: where each planck is. Fires `close-session` with the session's account. */
export class VkSessionList extends LitElement {
  static override properties = {
    sessions: { attribute: false },
    unit: { attribute: false },
    addressOf: { attribute: false },
    closing: { attribute: false },
  }

  declare sessions: readonly SessionSummary[]
  declare unit: MoneyUnit | undefined
  declare addressOf: (account: AccountHex) => string
  /** Being closed from this page. */
  declare closing: ReadonlySet<AccountHex>

  static override styles = [
    baseStyles,
    buttonStyles,
    payStyles,
    css`
      ul {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 14px;
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 14px;
        align-items: baseline;
        justify-content: space-between;
      }
      .phase {
        padding: 1px 12px;
        border: 1px solid var(--line);
        border-radius: 99px;
        background: var(--raised);
        font-size: 0.875rem;
      }
      .phase.open {
        border-color: var(--accent);
        color: var(--accent);
      }
      summary {
        display: flex;
        align-items: center;
        min-height: 44px;
        color: var(--muted);
        cursor: pointer;
        border-radius: var(--radius-small);
      }
      summary::before {
        content: '▸';
        width: 1.4em;
      }
      [open] > summary::before {
        content: '▾';
      }
      .table {
        overflow-x: auto;
      }
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: 0.875rem;
        font-variant-numeric: tabular-nums;
      }
      th,
      td {
        padding: 6px 16px 6px 0;
        border-bottom: 1px solid var(--line);
        text-align: left;
        font-weight: 400;
        white-space: nowrap;
      }
      thead th {
        color: var(--muted);
      }
      .number {
        text-align: right;
      }
    `,
  ]

  constructor() {
    super()
    this.sessions = []
    this.addressOf = account => account
    this.closing = new Set()
  }

  override render() {
    if (this.sessions.length === 0)
      return html`<p class="muted">This browser has paid for no stream yet. What you watch and pay is listed here.</p>`
    return html`<ul>
      ${this.sessions.map(session => html`<li class="card">${this.#renderSession(session)}</li>`)}
    </ul>`
  }

  #renderSession(session: SessionSummary) {
    const isOpen = session.phase === 'open' || session.phase === 'funding'
    const isClosing = this.closing.has(session.id)
    const title = session.title === '' ? 'Untitled stream' : session.title
    return html`
      <div>
        <div class="head">
          <h3>${title}</h3>
          <span class="phase ${isOpen ? 'open' : ''}">${PHASES[session.phase]}</span>
        </div>
        <p class="muted">${dateText(session.createdAt)}, ${clockText(session.ticks)} watched</p>
      </div>
      <p>${session.sentence}</p>
      ${this.#renderMoney(session)}
      ${this.#renderPayments(session)}
      ${this.#renderAccounts(session)}
      <div class="row" ?hidden=${session.phase === 'closed' || session.phase === 'archived'}>
        ${
          isOpen
            ? html`<button
                ?disabled=${isClosing}
                aria-label=${`Close “${title}” and take the rest back`}
                @click=${() => this.#close(session.id)}
              >
                ${isClosing ? 'Closing…' : 'Close it and take the rest back'}
              </button>`
            : nothing
        }
        <a class="button" href=${watchHash(session.streamId)}>Go to the stream</a>
      </div>
    `
  }

  #renderMoney({ money, owed }: SessionSummary) {
    const text = (planck: bigint | undefined) =>
      planck === undefined ? 'unknown, the chain does not answer' : this.#money(planck)
    return html`<dl class="figures">
      ${figure('You put in', this.#money(money.putIn))}
      ${figure('Paid to the creator', this.#money(money.paid), `watched for ${this.#money(owed)}`)}
      ${figure('Fees from it', this.#money(money.sessionFees))}
      ${figure('Came back', this.#money(money.returned))}
      ${figure('On the budget account', text(money.onBudgetAccount))}
      ${figure('On the session account', text(money.onSessionAccount))}
      ${figure('Fees your wallet paid', this.#money(money.walletFees), 'beside what you put in')}
    </dl>`
  }

  #renderPayments({ payments }: SessionSummary) {
    if (payments.length === 0) return nothing
    return html`<details>
      <summary>${countText(payments.length, 'payment')} by block</summary>
      <div class="table" role="region" aria-label="Payments by block" tabindex="0">
        <table>
          <thead>
            <tr>
              <th scope="col">Block</th>
              <th scope="col" class="number">Up to second</th>
              <th scope="col" class="number">Amount</th>
              <th scope="col" class="number">Fee</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>${payments.map(payment => this.#renderPayment(payment))}</tbody>
        </table>
      </div>
    </details>`
  }

  #renderPayment({ outcome, ticks, amount }: SessionPayment) {
    const isIncluded = outcome.kind === 'paid' || outcome.kind === 'failed'
    return html`<tr>
      <th scope="row">
        ${isIncluded ? html`<span title=${outcome.block.hash}>${outcome.block.number}</span>` : '–'}
      </th>
      <td class="number">${ticks}</td>
      <td class="number">${this.#money(amount)}</td>
      <td class="number">${isIncluded ? this.#money(outcome.fee) : '–'}</td>
      <td>${outcomeText(outcome)}</td>
    </tr>`
  }

  #renderAccounts(session: SessionSummary) {
    const account = (name: string, of: AccountHex) => {
      const address = this.addressOf(of)
      return html`<div class="wide"><dt>${name}</dt><dd><code class="account" title=${address}>${address}</code></dd></div>`
    }
    return html`<details>
      <summary>Accounts, from ${shortAddress(this.addressOf(session.wallet))} to ${shortAddress(this.addressOf(session.payout))}</summary>
      <dl class="figures">
        ${account('Your wallet', session.wallet)} ${account('Budget account', session.budgetAccount)}
        ${account('Session account, pays the fees', session.id)} ${account('Creator’s payout account', session.payout)}
      </dl>
    </details>`
  }

  #money(planck: bigint): string {
    return moneyText(planck, this.unit ?? PLANCK)
  }

  #close(id: AccountHex): void {
    this.dispatchEvent(new CustomEvent<AccountHex>('close-session', { detail: id }))
  }
}

function outcomeText(outcome: SessionPayment['outcome']): string {
  switch (outcome.kind) {
    case 'pending':
      return 'on its way'
    case 'paid':
      return outcome.isFinal ? 'paid, final' : 'paid, not final yet'
    case 'failed':
      return 'failed, only its fee was spent'
    case 'void':
      return 'never sent: the session was closed first'
    default:
      return outcome satisfies never
  }
}

function dateText(ms: number): string {
  return new Date(ms).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
}

export function defineSessionList(): void {
  if (customElements.get('vk-session-list') === undefined)
    customElements.define('vk-session-list', VkSessionList)
}
