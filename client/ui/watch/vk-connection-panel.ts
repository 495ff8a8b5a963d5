import { css, html, LitElement, nothing } from 'lit'
import type { MeshStats } from '../../engine/events.ts'
import type { PlayerStats } from '../../engine/media/player.ts'
import { baseStyles, formStyles } from '../parts/base-styles.ts'
import { peerTable, peerTableStyles } from '../parts/peer-table.ts'
import { bytesText, shortPeer } from '../quantity.ts'

/**
 * Who this viewer receives from and sends to, and how well: for the curious and for bug reports. Fires `slots-chosen`
 * with the number of upload slots, null for the engine's own choice.
 */
export class VkConnectionPanel extends LitElement {
  static override properties = {
    stats: { attribute: false },
    playerStats: { attribute: false },
    slots: { attribute: false },
  }

  declare stats: MeshStats | undefined
  declare playerStats: PlayerStats | undefined
  /** Upload slots asked for in the address; undefined: the engine's own choice. */
  declare slots: number | undefined

  static override styles = [
    baseStyles,
    formStyles,
    peerTableStyles,
    css`
      details {
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--surface);
      }
      summary {
        padding: 12px 18px;
        min-height: 44px;
        font-weight: 600;
        cursor: pointer;
        border-radius: var(--radius);
      }
      .body {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 20px;
        padding: 4px 18px 20px;
      }
      dl {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(150px, 1fr));
        gap: 10px 24px;
        font-size: 0.875rem;
        font-variant-numeric: tabular-nums;
      }
      dt {
        color: var(--muted);
      }
      dd {
        overflow-wrap: anywhere;
      }
      dd span {
        white-space: nowrap;
      }
      .field {
        max-width: 420px;
      }
    `,
  ]

  override render() {
    const { stats } = this
    return html`<details>
      <summary>Connection</summary>
      <div class="body">
        ${stats === undefined ? html`<p class="muted">Nothing to show before the first peer.</p>` : this.#renderStats(stats)}
        ${this.#renderSlots()}
      </div>
    </details>`
  }

  #renderStats(stats: MeshStats) {
    const children = stats.links.filter(link => link.relation === 'child').length
    return html`
      ${stats.links.length === 0 ? html`<p class="muted">Connected to no peer at the moment.</p>` : peerTable(stats.links, 'all')}
      <dl>
        ${fact('This peer', html`<code title=${stats.self}>${shortPeer(stats.self)}</code>`)}
        ${fact(
          'Path from the creator',
          stats.path.length === 0
            ? 'none yet'
            : html`<code>${stats.path.map((peer, hop) => html`${hop === 0 ? '' : ' → '}<span>${shortPeer(peer)}</span>`)}</code>`,
        )}
        ${fact('Tracker', stats.isTrackerConnected ? 'connected' : 'away; the picture goes on without it')}
        ${fact('Upload slots in use', `${children} of ${stats.slots}`)}
        ${fact('Received', `${bytesText(stats.bytesReceived)}, ${stats.framesReceived} frames`)}
        ${fact('Passed on', `${bytesText(stats.bytesSent)}, ${stats.framesForwarded} frames`)}
        ${fact('Refused as forged or broken', `${stats.framesRejected} frames`)}
        ${this.#renderPlayerFacts()}
      </dl>
    `
  }

  #renderPlayerFacts() {
    const stats = this.playerStats
    if (stats === undefined) return nothing
    const picture = `${stats.width} × ${stats.height}, ${Math.round(stats.shownFps)} per second`
    const skew = stats.avSkewMs === undefined ? 'not both playing' : `${Math.round(stats.avSkewMs)} ms`
    return html`
      ${fact('Picture', stats.width === 0 ? 'none yet' : picture)}
      ${fact('Not shown, or too late', `${stats.droppedFrames} pictures`)}
      ${fact('Picture ahead of sound', skew)}
    `
  }

  #renderSlots() {
    const choice = this.slots === undefined ? '' : String(this.slots)
    return html`<div class="field">
      <label for="slots">Upload slots</label>
      <select id="slots" @change=${this.#slotsChosen} aria-describedby="slots-hint">
        <option value="" ?selected=${choice === ''}>Automatic</option>
        ${[0, 1, 2, 3, 4, 6, 8, 10].map(
          count => html`<option value=${count} ?selected=${choice === String(count)}>
            ${count === 0 ? '0, pass nothing on' : count}
          </option>`,
        )}
      </select>
      <p class="hint" id="slots-hint">
        How many other viewers this tab sends the stream to. Each lets one more person watch and takes as much of your
        upload as the stream takes of your download.
      </p>
    </div>`
  }

  #slotsChosen(event: Event): void {
    const { value } = event.target as HTMLSelectElement
    const detail = value === '' ? null : Number(value)
    this.dispatchEvent(new CustomEvent<number | null>('slots-chosen', { detail }))
  }
}

function fact(name: string, value: unknown) {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`
}

export function defineConnectionPanel(): void {
  if (customElements.get('vk-connection-panel') === undefined)
    customElements.define('vk-connection-panel', VkConnectionPanel)
}
