import { css, html, nothing } from 'lit'
import type { LinkInfo } from '../../engine/events.ts'
import { bytesText, latencyText, shortPeer } from '../quantity.ts'

const RELATIONS: Record<LinkInfo['relation'], string> = {
  parent: 'sends to me',
  warm: 'stands by for me',
  child: 'receives from me',
  other: 'connecting',
}

/**
 * One row a connected peer; `of` `children` leaves out what is the same for all of them. On a narrow screen the table
 * scrolls by itself, by keyboard too.
 */
export function peerTable(links: readonly LinkInfo[], of: 'all' | 'children') {
  const isAll = of === 'all'
  return html`<div class="peer-table" role="region" aria-label="Connected peers" tabindex="0">
    <table>
      <thead>
        <tr>
          <th scope="col">Peer</th>
          ${isAll ? html`<th scope="col">What it does</th>` : nothing}
          <th scope="col" class="number">Round trip</th>
          <th scope="col" class="number">Queue</th>
          <th scope="col" class="number">Sent</th>
          ${isAll ? html`<th scope="col" class="number">Received</th>` : nothing}
          <th scope="col" class="number">Dropped</th>
        </tr>
      </thead>
      <tbody>
        ${links.map(
          link => html`<tr>
            <th scope="row"><code title=${link.peer}>${shortPeer(link.peer)}</code></th>
            ${isAll ? html`<td>${RELATIONS[link.relation]}</td>` : nothing}
            <td class="number">${latencyText(link.rttMs)}</td>
            <td class="number">${latencyText(link.queueDelayMs)}</td>
            <td class="number">${bytesText(link.bytesSent)}</td>
            ${isAll ? html`<td class="number">${bytesText(link.bytesReceived)}</td>` : nothing}
            <td class="number">${link.dropped}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

export const peerTableStyles = css`
  .peer-table {
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
  thead th {
    color: var(--muted);
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
