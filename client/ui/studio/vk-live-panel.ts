import { css, html, LitElement, nothing } from 'lit'
import type { BroadcasterEvents } from '../../engine/events.ts'
import type { CaptureStats } from '../../engine/media/capture.ts'
import { baseStyles, buttonStyles, formStyles } from '../parts/base-styles.ts'
import { icons } from '../parts/icons.ts'
import { notice, noticeStyles } from '../parts/notice.ts'
import { peerTable, peerTableStyles } from '../parts/peer-table.ts'
import { bitrateText, latencyText } from '../quantity.ts'

const COPIED_FOR_MS = 3_000

/** How the stream is doing, who receives it directly, and the link to give away. */
export class VkLivePanel extends LitElement {
  static override properties = {
    link: {},
    stats: { attribute: false },
    capture: { attribute: false },
    isAccountKept: { attribute: false },
  }

  declare link: string
  declare stats: BroadcasterEvents['stats'] | undefined
  declare capture: CaptureStats | undefined
  /** False: the browser keeps no storage, so the channel ends with this stream. */
  declare isAccountKept: boolean

  static override styles = [
    baseStyles,
    buttonStyles,
    formStyles,
    noticeStyles,
    peerTableStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 20px;
        align-content: start;
      }
      .share {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 8px;
      }
      .share input {
        font-family: var(--mono);
        font-size: 0.8125rem;
        text-overflow: ellipsis;
      }
      .numbers {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(118px, 1fr));
        gap: 14px 20px;
        font-variant-numeric: tabular-nums;
      }
      dt {
        color: var(--muted);
        font-size: 0.8125rem;
      }
      dd {
        font-size: 1.125rem;
        font-weight: 600;
      }
      h2 {
        margin-bottom: 4px;
      }
    `,
  ]

  #isCopied = false
  #uploadBitrate = 0
  #bytesSentBefore: number | undefined
  #sampledAtMs = 0

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has('stats') || this.stats === undefined) return
    const now = performance.now()
    const { bytesSent } = this.stats
    if (this.#bytesSentBefore !== undefined && now > this.#sampledAtMs)
      this.#uploadBitrate = Math.max(
        0,
        ((bytesSent - this.#bytesSentBefore) * 8_000) / (now - this.#sampledAtMs),
      )
    this.#bytesSentBefore = bytesSent
    this.#sampledAtMs = now
  }

  override render() {
    const { stats, capture } = this
    const children = stats?.links.filter(link => link.relation === 'child') ?? []
    return html`
      ${
        stats !== undefined && !stats.isTrackerConnected
          ? notice('info', [
              'No tracker answers at the moment: who already watches goes on watching, and new viewers find the stream as soon as one is back.',
            ])
          : nothing
      }
      <div class="field">
        <label for="link">Link for viewers</label>
        <div class="share">
          <input id="link" readonly .value=${this.link} @focus=${selectAll} />
          <button @click=${this.#copy}>${icons.copy} ${this.#isCopied ? 'Copied' : 'Copy'}</button>
        </div>
        <p class="visually-hidden" role="status">${this.#isCopied ? 'Link copied' : ''}</p>
      </div>
      <dl class="numbers">
        ${number('Viewers', stats?.viewers ?? 0)} ${number('Bitrate', bitrateText(capture?.bitrate ?? 0))}
        ${number('Frame rate', `${Math.round(capture?.framesPerSecond ?? 0)} fps`)}
        ${number('Dropped frames', (capture?.droppedFrames ?? 0) + (stats?.framesDropped ?? 0))}
        ${number('Upload', bitrateText(this.#uploadBitrate))}
        ${number('Encoding', latencyText(capture?.encodeMs ?? 0))}
      </dl>
      <section aria-labelledby="connected">
        <h2 id="connected">Connected directly</h2>
        ${
          children.length === 0
            ? html`<p class="muted">Nobody yet. The first viewers connect to you, the rest to them.</p>`
            : peerTable(children, 'children')
        }
      </section>
      ${
        this.isAccountKept
          ? nothing
          : notice('info', [
              'This browser keeps no storage for this site, so the channel key of this stream is gone when it ends.',
            ])
      }
    `
  }

  readonly #copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(this.link)
    } catch {
      // No clipboard permission: leave it selected, for the user's own copy.
      this.renderRoot.querySelector<HTMLInputElement>('#link')?.focus()
      return
    }
    this.#isCopied = true
    this.requestUpdate()
    setTimeout(() => {
      this.#isCopied = false
      this.requestUpdate()
    }, COPIED_FOR_MS)
  }
}

function selectAll(event: Event): void {
  ;(event.target as HTMLInputElement).select()
}

function number(name: string, value: unknown) {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`
}

export function defineLivePanel(): void {
  if (customElements.get('vk-live-panel') === undefined) customElements.define('vk-live-panel', VkLivePanel)
}
