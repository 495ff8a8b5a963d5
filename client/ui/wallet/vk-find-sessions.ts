import { css, html, LitElement, nothing } from 'lit'
import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { ChainInfo } from '../../engine/chain/chain-port.ts'
import type {
  FoundSession,
  PaySessions,
  SearchProgress,
  SearchResult,
} from '../../engine/pay/pay-session-contract.ts'
import { baseStyles, buttonStyles, formStyles } from '../parts/base-styles.ts'
import { notice, noticeStyles } from '../parts/notice.ts'
import { sentenceOf } from '../parts/sentence-of.ts'
import { moneyText } from '../pay/money-text.ts'
import { payStyles } from '../pay/pay-styles.ts'
import { defineWalletPicker } from '../pay/vk-wallet-picker.ts'
import type { WalletAccount, WalletDesk } from '../pay/wallet-desk.ts'
import { countText, shortAddress } from '../quantity.ts'

type Search =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly progress: SearchProgress | undefined }
  | { readonly kind: 'done'; readonly result: SearchResult }

const DAY_MS = 86_400_000
const REACHES = [
  { days: 1, name: 'The last day' },
  { days: 7, name: 'The last week' },
  { days: 30, name: 'The last month' },
] as const

/** Sessions of a wallet that another browser opened, found on chain and taken back by the wallet alone. */
export class VkFindSessions extends LitElement {
  static override properties = {
    sessions: { attribute: false },
    chain: { attribute: false },
    desk: { attribute: false },
    addressOf: { attribute: false },
  }

  declare sessions: PaySessions | undefined
  declare chain: ChainInfo | undefined
  declare desk: WalletDesk | undefined
  declare addressOf: (account: AccountHex) => string

  static override styles = [
    baseStyles,
    buttonStyles,
    formStyles,
    noticeStyles,
    payStyles,
    css`
      .choices {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(280px, 100%), 1fr));
        gap: 18px 32px;
        align-items: start;
      }
      progress {
        width: 100%;
        height: 10px;
        accent-color: var(--accent);
      }
      ul {
        display: grid;
        gap: 12px;
      }
      li {
        display: grid;
        gap: 10px;
        padding-top: 12px;
        border-top: 1px solid var(--line);
      }
    `,
  ]

  #wallet: WalletAccount | undefined
  #days = 1
  #search: Search = { kind: 'idle' }
  #running = new AbortController()
  #problem: string | undefined
  #taking: AccountHex | undefined
  readonly #taken = new Map<AccountHex, bigint>()

  constructor() {
    super()
    this.addressOf = account => account
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#running.abort()
  }

  override render() {
    const isRunning = this.#search.kind === 'running'
    const isReady = this.#wallet !== undefined && this.sessions !== undefined && this.chain !== undefined
    return html`<div class="card">
      <p class="words">
        Watched on another machine, or lost this browser’s storage? Your wallet alone can take a budget back: its
        prompt left a note on chain by which any browser finds it.
      </p>
      <div class="choices">
        <vk-wallet-picker
          .desk=${this.desk}
          .legend=${'The wallet that paid'}
          .isDisabled=${isRunning}
          @account-chosen=${this.#accountChosen}
        ></vk-wallet-picker>
        <div class="field">
          <label for="reach">How far back</label>
          <select id="reach" ?disabled=${isRunning} @change=${this.#reachChosen}>
            ${REACHES.map(
              ({ days, name }) =>
                html`<option value=${days} ?selected=${days === this.#days}>${name}</option>`,
            )}
          </select>
        </div>
      </div>
      <div class="row">
        ${
          isRunning
            ? html`<button @click=${() => this.#running.abort()}>Stop</button>`
            : html`<button class="primary" ?disabled=${!isReady} @click=${this.#find}>Find my sessions</button>`
        }
      </div>
      ${this.#problem === undefined ? nothing : notice('alarm', [this.#problem])}
      ${this.#renderSearch()}
    </div>`
  }

  #renderSearch() {
    const search = this.#search
    switch (search.kind) {
      case 'idle':
        return nothing
      case 'running': {
        const { progress } = search
        return html`<div>
            <progress
              aria-label="Blocks read"
              max=${progress?.total ?? 1}
              .value=${progress === undefined ? 0 : progress.searched}
            ></progress>
            <p class="muted" role="status">
              ${
                progress === undefined
                  ? 'Asking the chain…'
                  : `${countText(progress.found.length, 'session')} found so far`
              }
            </p>
            ${progress === undefined ? nothing : html`<p class="muted">${progress.searched} of ${progress.total} blocks read</p>`}
          </div>
          ${this.#renderFound(progress?.found ?? [])}`
      }
      case 'done': {
        const { found, gaps, oldest } = search.result
        return html`
          <p role="status">
            ${
              found.length === 0
                ? `This wallet opened no session since block ${oldest}. Look further back, or choose another account.`
                : `${countText(found.length, 'session')} found since block ${oldest}.`
            }
          </p>
          ${
            gaps.length === 0
              ? nothing
              : notice('alarm', [
                  ...gaps.map(
                    ({ from, to, reason }) => `Blocks ${from} to ${to} could not be read: ${reason}.`,
                  ),
                  'A session opened there is not listed. Choose a node that keeps old blocks (an archive node) under “Chain” and search again.',
                ])
          }
          ${this.#renderFound(found)}
        `
      }
      default:
        return search satisfies never
    }
  }

  #renderFound(found: readonly FoundSession[]) {
    if (found.length === 0) return nothing
    return html`<ul>
      ${found.map(session => {
        const taken = this.#taken.get(session.session)
        const canTake = taken === undefined && session.onBudgetAccount > 0n && !session.isKnownHere
        return html`<li>
          ${taken === undefined ? html`<p>${session.sentence}</p>` : this.#renderTaken(session, taken)}
          <p class="muted">
            Opened in block ${session.openedAt.number} for session account
            <code class="account">${shortAddress(this.addressOf(session.session))}</code>
          </p>
          ${
            canTake
              ? html`<div class="row">
                  <button
                    class="primary"
                    ?disabled=${this.#taking !== undefined}
                    @click=${() => void this.#takeBack(session)}
                  >
                    ${
                      this.#taking === session.session
                        ? 'Your wallet asks you…'
                        : `Take ${this.#money(session.onBudgetAccount)} back`
                    }
                  </button>
                </div>`
              : nothing
          }
        </li>`
      })}
    </ul>`
  }

  #renderTaken({ onSessionAccount }: FoundSession, taken: bigint) {
    return html`<p role="status">
      ${this.#money(taken)} came back to your wallet.
      ${
        onSessionAccount === 0n
          ? nothing
          : `The ${this.#money(onSessionAccount)} that were set aside for fees stay where they are: only the browser that opened the session can move them.`
      }
    </p>`
  }

  #money(planck: bigint): string {
    return this.chain === undefined ? `${planck} planck` : moneyText(planck, this.chain)
  }

  readonly #accountChosen = (event: CustomEvent<WalletAccount | null>): void => {
    this.#wallet = event.detail ?? undefined
    this.#search = { kind: 'idle' }
    this.requestUpdate()
  }

  readonly #reachChosen = (event: Event): void => {
    this.#days = Number((event.target as HTMLSelectElement).value)
  }

  readonly #find = async (): Promise<void> => {
    const { sessions, chain } = this
    const wallet = this.#wallet
    if (wallet === undefined || sessions === undefined || chain === undefined) return
    this.#running = new AbortController()
    const { signal } = this.#running
    this.#problem = undefined
    this.#setSearch({ kind: 'running', progress: undefined })
    try {
      const result = await sessions.findByWallet(wallet.account, {
        blocks: Math.ceil((this.#days * DAY_MS) / chain.blockMs),
        onProgress: progress => {
          if (!signal.aborted) this.#setSearch({ kind: 'running', progress })
        },
        signal,
      })
      this.#setSearch({ kind: 'done', result })
    } catch (error) {
      if (!signal.aborted) this.#problem = sentenceOf(error)
      this.#setSearch({ kind: 'idle' })
    }
  }

  async #takeBack(found: FoundSession): Promise<void> {
    const { sessions } = this
    const wallet = this.#wallet
    if (sessions === undefined || wallet === undefined) return
    this.#taking = found.session
    this.#problem = undefined
    this.requestUpdate()
    try {
      this.#taken.set(found.session, await sessions.takeBack(found, wallet.signer))
    } catch (error) {
      this.#problem = sentenceOf(error)
    }
    this.#taking = undefined
    this.requestUpdate()
  }

  #setSearch(search: Search): void {
    this.#search = search
    this.requestUpdate()
  }
}

export function defineFindSessions(): void {
  defineWalletPicker()
  if (customElements.get('vk-find-sessions') === undefined)
    customElements.define('vk-find-sessions', VkFindSessions)
}
