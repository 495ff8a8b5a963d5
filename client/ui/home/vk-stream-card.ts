import { css, html, LitElement, nothing } from 'lit'
import type { VerifiedAnnouncement } from '../../../shared/protocol/announcement.ts'
import { baseStyles } from '../parts/base-styles.ts'
import { icons, logo } from '../parts/icons.ts'
import { countText, durationText } from '../quantity.ts'
import { watchHash } from '../route.ts'

/** One live stream: its whole area is one link. */
export class VkStreamCard extends LitElement {
  static override properties = { entry: { attribute: false }, pictureUrl: {} }

  declare entry: VerifiedAnnouncement
  declare pictureUrl: string | undefined

  static override styles = [
    baseStyles,
    css`
      a {
        display: grid;
        gap: 10px;
        color: var(--text);
        text-decoration: none;
        border-radius: var(--radius);
      }
      figure {
        position: relative;
        display: grid;
        place-items: center;
        aspect-ratio: 16 / 9;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--surface);
        overflow: hidden;
      }
      a:hover figure {
        border-color: var(--accent);
      }
      img {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        object-fit: cover;
      }
      .logo {
        width: 72px;
        height: 72px;
        color: var(--line);
      }
      .badge,
      .viewers {
        position: absolute;
        display: inline-flex;
        align-items: center;
        gap: 6px;
        padding: 1px 10px;
        border-radius: 6px;
        font-size: 0.8125rem;
        font-weight: 650;
        line-height: 1.7;
        color: #fff;
      }
      .badge {
        left: 10px;
        top: 10px;
        background: var(--live);
      }
      .viewers {
        right: 10px;
        bottom: 10px;
        background: rgb(10 12 16 / 82%);
        font-weight: 550;
      }
      .viewers .icon {
        width: 16px;
        height: 16px;
      }
      h2 {
        overflow-wrap: anywhere;
        display: -webkit-box;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
        overflow: hidden;
      }
      .more {
        font-size: 0.875rem;
        color: var(--muted);
        overflow-wrap: anywhere;
      }
    `,
  ]

  override render() {
    const { announcement, manifest } = this.entry
    const { title, category, pricePerSecond } = manifest.manifest
    const isPaid = pricePerSecond > 0n
    const liveFor = Math.max(0, ...announcement.heads.map(head => head.timestampUs / 1_000))
    return html`<a href=${watchHash(announcement.streamId)}>
      <figure>
        ${logo} ${this.pictureUrl === undefined ? nothing : html`<img src=${this.pictureUrl} alt="" />`}
        <span class="badge">Live</span>
        <span class="viewers">${icons.viewers} ${countText(announcement.viewers, 'viewer')}</span>
      </figure>
      <div>
        <h2>${title === '' ? 'Untitled stream' : title}</h2>
        <p class="more">${isPaid ? 'Paid by the second · ' : nothing}${category === '' ? nothing : html`${category} · `}live for ${durationText(liveFor)}</p>
      </div>
    </a>`
  }
}

export function defineStreamCard(): void {
  if (customElements.get('vk-stream-card') === undefined)
    customElements.define('vk-stream-card', VkStreamCard)
}
