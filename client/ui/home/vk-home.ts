import { css, html, LitElement, nothing } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { VerifiedAnnouncement } from '../../../shared/protocol/announcement.ts'
import type { Directory, DirectoryState } from '../../engine/net/directory.ts'
import type { AppContext } from '../app-context.ts'
import type { Lacking } from '../capabilities.ts'
import { baseStyles, buttonStyles } from '../parts/base-styles.ts'
import { notice, noticeStyles } from '../parts/notice.ts'
import { sentenceOf } from '../parts/sentence-of.ts'
import { countText } from '../quantity.ts'
import { PictureLoader } from './picture-loader.ts'
import { defineStreamCard } from './vk-stream-card.ts'

/** What is live, most watched first, updating by itself. */
export class VkHome extends LitElement {
  static override properties = { context: { attribute: false } }

  declare context: AppContext

  static override styles = [
    baseStyles,
    buttonStyles,
    noticeStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 20px;
      }
      .grid {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 290px), 1fr));
        gap: 28px 22px;
      }
      .empty {
        display: grid;
        justify-items: start;
        gap: 14px;
        max-width: 60ch;
        padding: clamp(20px, 4vw, 40px);
        border: 1px dashed var(--edge);
        border-radius: var(--radius);
      }
    `,
  ]

  #directory: Directory | undefined
  #pictures: PictureLoader | undefined
  #entries: readonly VerifiedAnnouncement[] = []
  #state: DirectoryState = { kind: 'connecting' }
  #lacking: readonly Lacking[] = []
  #failure: unknown
  #running = new AbortController()

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#start()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop()
  }

  async #start(): Promise<void> {
    this.#stop()
    const { signal } = this.#running
    this.#failure = undefined
    this.#state = { kind: 'connecting' }
    this.requestUpdate()
    try {
      this.#lacking = (await this.context.capabilities()).toWatch
      if (this.#lacking.length > 0 || signal.aborted) return this.requestUpdate()
      const [directory, engine] = await Promise.all([this.context.openDirectory(), this.context.engine()])
      if (signal.aborted) return void directory.close()
      this.#directory = directory
      const pictures = new PictureLoader(engine, () => this.requestUpdate())
      this.#pictures = pictures
      const show = (entries: readonly VerifiedAnnouncement[]): void => {
        this.#entries = entries
        pictures.update(entries)
        this.requestUpdate()
      }
      directory.on('streams', show)
      directory.on('state', state => {
        this.#state = state
        this.requestUpdate()
      })
      this.#state = directory.state
      show(directory.streams)
    } catch (error) {
      if (signal.aborted) return
      this.#failure = error
      this.requestUpdate()
    }
  }

  #stop(): void {
    this.#running.abort()
    this.#running = new AbortController()
    this.#pictures?.close()
    this.#pictures = undefined
    void this.#directory?.close()
    this.#directory = undefined
  }

  readonly #again = (): void => void this.#start()

  override render() {
    return html`
      <h1>Live now</h1>
      ${
        this.#lacking.length > 0
          ? notice(
              'alarm',
              this.#lacking.map(item => item.sentence),
            )
          : this.#renderDirectory()
      }
    `
  }

  #renderDirectory() {
    if (this.#failure !== undefined) return notice('alarm', [sentenceOf(this.#failure)], this.#renderAgain())
    const isUnreachable = this.#state.kind === 'unreachable'
    const count = this.#entries.length
    return html`
      ${
        isUnreachable
          ? notice(
              'alarm',
              [
                'No tracker answers, so this list may be old. Check your connection; it goes on trying by itself.',
              ],
              this.#renderAgain(),
            )
          : nothing
      }
      <p class=${count === 0 && !isUnreachable ? 'muted' : 'visually-hidden'} role="status">${this.#statusText()}</p>
      ${count === 0 ? this.#renderEmpty() : this.#renderCards()}
    `
  }

  #statusText(): string {
    const count = this.#entries.length
    if (count > 0) return `${countText(count, 'stream')} live`
    switch (this.#state.kind) {
      case 'connecting':
        return 'Looking for what is live…'
      case 'connected':
        return 'Nothing is live at the moment.'
      case 'unreachable':
        return ''
      default:
        return this.#state satisfies never
    }
  }

  #renderCards() {
    const byViewers = [...this.#entries].sort((a, b) => b.announcement.viewers - a.announcement.viewers)
    return html`<ul class="grid">
      ${repeat(
        byViewers,
        entry => entry.announcement.streamId,
        entry => html`<li>
          <vk-stream-card
            .entry=${entry}
            .pictureUrl=${this.#pictures?.url(entry.announcement.streamId)}
          ></vk-stream-card>
        </li>`,
      )}
    </ul>`
  }

  #renderEmpty() {
    if (this.#state.kind !== 'connected') return nothing
    return html`<div class="empty">
      <h2>Be the first</h2>
      <p class="muted">
        Go live from this browser with a camera, your screen, a video file or a test pattern. There is no server to
        rent: whoever watches passes your stream on.
      </p>
      <a class="button primary" href="#/studio">Go live</a>
      <p class="muted">A stream that starts appears here by itself.</p>
    </div>`
  }

  #renderAgain() {
    return html`<button class="primary" @click=${this.#again}>Try again</button>`
  }
}

export function defineHome(): void {
  defineStreamCard()
  if (customElements.get('vk-home') === undefined) customElements.define('vk-home', VkHome)
}
