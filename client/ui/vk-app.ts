import { css, html, LitElement, nothing } from 'lit'
import type { AppContext } from './app-context.ts'
import { baseStyles, buttonStyles } from './parts/base-styles.ts'
import type { GuardedPage } from './parts/guarded-page.ts'
import { logo } from './parts/icons.ts'
import { notice, noticeStyles } from './parts/notice.ts'
import { sentenceOf } from './parts/sentence-of.ts'
import type { Settling } from './pay/settle-earlier-visits.ts'
import { parseRoute, type Route } from './route.ts'

const LOADERS = {
  home: async () => (await import('./home/vk-home.ts')).defineHome(),
  studio: async () => (await import('./studio/vk-studio.ts')).defineStudio(),
  watch: async () => (await import('./watch/vk-watch.ts')).defineWatch(),
  wallet: async () => (await import('./wallet/vk-wallet.ts')).defineWallet(),
} as const

/** After the first picture of most: what is settled has waited for hours already. */
const SETTLE_AFTER_MS = 3_000

/** Header, hash routes, and one page at a time. */
export class VkApp extends LitElement {
  static override styles = [
    baseStyles,
    buttonStyles,
    noticeStyles,
    css`
      :host {
        min-height: 100dvh;
        display: flex;
        flex-direction: column;
      }
      header {
        display: flex;
        align-items: center;
        gap: 8px clamp(12px, 3vw, 32px);
        padding: 8px var(--gutter);
        border-bottom: 1px solid var(--line);
      }
      header a {
        display: inline-flex;
        align-items: center;
        min-height: 44px;
        text-decoration: none;
        color: var(--muted);
        font-weight: 550;
        white-space: nowrap;
      }
      header a:hover {
        color: var(--text);
      }
      header a[aria-current='page'] {
        color: var(--text);
        box-shadow: inset 0 -2px var(--accent);
      }
      .brand {
        gap: 10px;
        margin-right: auto;
        color: var(--text);
        font-size: 1.125rem;
        letter-spacing: -0.01em;
      }
      .logo {
        width: 30px;
        height: 30px;
        color: var(--accent);
      }
      @media (max-width: 460px) {
        .brand span {
          position: absolute;
          clip-path: inset(50%);
        }
      }
      nav {
        display: flex;
        gap: clamp(16px, 3vw, 28px);
      }
      .skip {
        position: absolute;
        left: 8px;
        top: -60px;
        z-index: 2;
        padding: 0 16px;
        background: var(--accent);
        color: var(--on-accent);
        border-radius: var(--radius-small);
      }
      header .skip:hover {
        color: var(--on-accent);
      }
      .skip:focus {
        top: 6px;
      }
      main {
        flex: 1;
        width: 100%;
        max-width: 1400px;
        margin: 0 auto;
        padding: clamp(16px, 2.5vw, 28px) var(--gutter) 48px;
        outline: none;
      }
      .settling {
        position: sticky;
        bottom: 12px;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 16px;
        width: min(720px, calc(100% - 2 * var(--gutter)));
        margin: 0 auto;
        padding: 8px 8px 8px 18px;
        border: 1px solid var(--edge);
        border-radius: var(--radius);
        background: var(--raised);
      }
      .settling:empty {
        display: none;
      }
      .settling p {
        flex: 1 1 240px;
      }
      .page-notice {
        display: grid;
        gap: 16px;
        max-width: 720px;
      }
    `,
  ]

  readonly #context: AppContext
  #route: Route = parseRoute(location.hash)
  #address = location.href
  readonly #loaded = new Set<string>()
  #failure: unknown
  #settling: Settling | undefined

  constructor(context: AppContext) {
    super()
    this.#context = context
  }

  override connectedCallback(): void {
    super.connectedCallback()
    window.addEventListener('hashchange', this.#hashChanged)
    void this.#load().then(() => setTimeout(this.#settle, SETTLE_AFTER_MS))
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    window.removeEventListener('hashchange', this.#hashChanged)
  }

  /** Money of earlier visits goes home, quietly, once the page itself is up. */
  readonly #settle = async (): Promise<void> => {
    const watching = this.#route.page === 'watch' ? this.#route.streamId : undefined
    try {
      const { settleEarlierVisits } = await import('./pay/settle-earlier-visits.ts')
      await settleEarlierVisits(
        { payRoom: this.#context.payRoom, onChange: settling => this.#tell(settling) },
        watching,
      )
    } catch {
      // A browser without storage has no earlier visits.
    }
  }

  #tell(settling: Settling | undefined): void {
    this.#settling = settling
    this.requestUpdate()
  }

  readonly #hashChanged = async (): Promise<void> => {
    const wanted = location.hash
    const page = this.renderRoot.querySelector<HTMLElement & Partial<GuardedPage>>('main > *')
    if (page?.mayLeave !== undefined && parseRoute(wanted).page !== this.#route.page) {
      const target = location.href
      history.replaceState(null, '', this.#address)
      if (!(await page.mayLeave())) return
      history.replaceState(null, '', target)
    }
    this.#address = location.href
    const { page: left } = this.#route
    this.#route = parseRoute(location.hash)
    await this.#load()
    // What was left for the stream that was watched is nobody's any more.
    if (left === 'watch') setTimeout(this.#settle, SETTLE_AFTER_MS)
    await this.updateComplete
    window.scrollTo(0, 0)
    // A new page is a new place: screen readers and the Tab key start there.
    this.renderRoot.querySelector<HTMLElement>('main')?.focus({ preventScroll: true })
  }

  async #load(): Promise<void> {
    const { page } = this.#route
    this.#failure = undefined
    document.title = `${TITLES[page]} · Vilokanam`
    this.requestUpdate()
    if (page === 'unknown' || this.#loaded.has(page)) return
    try {
      await LOADERS[page]()
      this.#loaded.add(page)
    } catch (error) {
      this.#failure = error
    }
    this.requestUpdate()
  }

  override render() {
    const { page } = this.#route
    const current = (name: Route['page']) => (page === name ? 'page' : nothing)
    return html`
      <header>
        <a class="skip" href="#main" @click=${this.#skip}>Skip to content</a>
        <a class="brand" href="#/">${logo} <span>Vilokanam</span></a>
        <nav aria-label="Pages">
          <a href="#/" aria-current=${current('home')}>Live now</a>
          <a href="#/studio" aria-current=${current('studio')}>Go live</a>
          <a href="#/wallet" aria-current=${current('wallet')}>Wallet</a>
        </nav>
      </header>
      <main tabindex="-1">${this.#renderPage()}</main>
      <div class="settling" role="status">${this.#renderSettling()}</div>
    `
  }

  #renderSettling() {
    const settling = this.#settling
    if (settling === undefined) return nothing
    return html`<p>${settling.sentence}</p>
      ${settling.kind === 'running' ? nothing : html`<a class="button" href="#/wallet">Wallet</a>`}
      <button aria-label="Hide this notice" @click=${() => this.#tell(undefined)}>Hide</button>`
  }

  #renderPage() {
    const route = this.#route
    if (this.#failure !== undefined)
      return html`<div class="page-notice">
        ${notice('alarm', [sentenceOf(this.#failure)], html`<button @click=${() => location.reload()}>Reload</button>`)}
      </div>`
    if (route.page !== 'unknown' && !this.#loaded.has(route.page)) return nothing
    switch (route.page) {
      case 'home':
        return html`<vk-home .context=${this.#context}></vk-home>`
      case 'studio':
        return html`<vk-studio .context=${this.#context}></vk-studio>`
      case 'wallet':
        return html`<vk-wallet .context=${this.#context}></vk-wallet>`
      case 'watch':
        return html`<vk-watch .context=${this.#context} .streamId=${route.streamId}></vk-watch>`
      case 'unknown':
        return html`<div class="page-notice">
          <h1>No such page</h1>
          ${notice(
            'info',
            [`There is nothing at “${route.path}”. Check the address, or see what is live.`],
            html`<a class="button primary" href="#/">See what is live</a>`,
          )}
        </div>`
      default:
        return route satisfies never
    }
  }

  #skip(event: Event): void {
    event.preventDefault()
    this.renderRoot.querySelector<HTMLElement>('main')?.focus()
  }
}

const TITLES: Record<Route['page'], string> = {
  home: 'Live now',
  studio: 'Go live',
  watch: 'Watch',
  wallet: 'Wallet',
  unknown: 'No such page',
}
