import { css, html, nothing } from 'lit'
import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { ViewerIncome } from '../../engine/earn/earnings-contract.ts'
import type { PaidViewer } from '../../engine/paid/paid-broadcast-contract.ts'
import { clockText, type MoneyUnit, moneyText } from '../pay/money-text.ts'
import { countText, shortAddress } from '../quantity.ts'

export type Writing = { readonly unit: MoneyUnit; addressOf(account: AccountHex): string }

/** Who asks for keys now, and how each stands. */
export function watchingTable(viewers: readonly PaidViewer[], { unit, addressOf }: Writing) {
  if (viewers.length === 0) return html`<p class="muted">Nobody has opened a session yet.</p>`
  return html`<div class="table" role="region" aria-label="Sessions" tabindex="0">
    <table>
      <thead>
        <tr>
          <th scope="col">Wallet</th>
          <th scope="col">State</th>
          <th scope="col" class="number">Granted</th>
          <th scope="col" class="number">Costs</th>
          <th scope="col" class="number">Paid</th>
        </tr>
      </thead>
      <tbody>
        ${viewers.map(
          viewer => html`<tr>
            <th scope="row"><code title=${addressOf(viewer.wallet)}>${shortAddress(addressOf(viewer.wallet))}</code></th>
            <td class="state">${viewer.sentence}</td>
            <td class="number">${clockText(viewer.grantedSeconds)}</td>
            <td class="number">${moneyText(viewer.owed, unit)}</td>
            <td class="number">${moneyText(viewer.paid, unit)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

/** Who paid how much in this stream, by wallet and session. */
export function incomeTable(viewers: readonly ViewerIncome[], { unit, addressOf }: Writing) {
  if (viewers.length === 0) return html`<p class="muted">Nothing has been paid yet.</p>`
  return html`<div class="table" role="region" aria-label="Income by viewer" tabindex="0">
    <table>
      <thead>
        <tr>
          <th scope="col">Viewer</th>
          <th scope="col" class="number">Seconds</th>
          <th scope="col" class="number">Paid</th>
          <th scope="col" class="number">Final</th>
        </tr>
      </thead>
      <tbody>
        ${viewers.map(viewer => {
          const address = addressOf(viewer.viewer)
          const kind = viewer.isKnown
            ? countText(viewer.sessions.length, 'session')
            : 'no session of this stream'
          return html`
            <tr>
              <th scope="row"><code title=${address}>${shortAddress(address)}</code> <span class="muted">${kind}</span></th>
              <td class="number">${viewer.ticks}</td>
              <td class="number">${moneyText(viewer.total, unit)}</td>
              <td class="number">${moneyText(viewer.final, unit)}</td>
            </tr>
            ${
              viewer.sessions.length < 2
                ? nothing
                : viewer.sessions.map(
                    session => html`<tr class="inner">
                      <th scope="row">${countText(session.payments, 'payment')}</th>
                      <td class="number">${session.ticks}</td>
                      <td class="number">${moneyText(session.total, unit)}</td>
                      <td class="number">${moneyText(session.final, unit)}</td>
                    </tr>`,
                  )
            }
          `
        })}
      </tbody>
    </table>
  </div>`
}

export const incomeTableStyles = css`
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
    padding: 8px 16px 8px 0;
    border-bottom: 1px solid var(--line);
    text-align: left;
    white-space: nowrap;
    font-weight: 400;
  }
  td.state {
    min-width: 180px;
    white-space: normal;
  }
  thead th,
  .inner th,
  .inner td {
    color: var(--muted);
  }
  .inner th {
    padding-left: 20px;
  }
  td.number,
  th.number {
    text-align: right;
  }
  th:last-child,
  td:last-child {
    padding-right: 2px;
  }
  code {
    font-family: var(--mono);
    font-size: 0.875em;
  }
`
