import { css, html, LitElement, nothing } from 'lit'
import type { ChainState } from '../../engine/chain/chain-port.ts'
import { baseStyles, buttonStyles, formStyles } from '../parts/base-styles.ts'
import { notice, noticeStyles } from '../parts/notice.ts'
import { figure } from '../pay/figure.ts'
import { moneyText } from '../pay/money-text.ts'
import { payStyles } from '../pay/pay-styles.ts'
import { shortHashes, startedAnewWords } from '../pay/wrong-chain.ts'
import { ENDPOINTS_MAX, isEndpoint } from '../site-config.ts'

/**
 * Which chain this browser pays on, and through which nodes. Fires `endpoints-chosen` with the addresses, null for the
 * site's own.
 */
export class VkChainSettings extends LitElement {
  static override properties = {
    state: { attribute: false },
    endpoints: { attribute: false },
    isOwnChoice: { attribute: false },
  }

  declare state: ChainState | undefined
  /** In use; empty where neither site nor user named any. */
  declare endpoints: readonly string[]
  declare isOwnChoice: boolean

  static override styles = [
    baseStyles,
    buttonStyles,
    formStyles,
    noticeStyles,
    payStyles,
    css`
      textarea {
        font-family: var(--mono);
        font-size: 0.875rem;
      }
    `,
  ]

  #problem: string | undefined

  constructor() {
    super()
    this.endpoints = []
    this.isOwnChoice = false
  }

  override render() {
    return html`<form class="card" novalidate @submit=${this.#submit}>
      ${this.#renderState()}
      <div class="field">
        <label for="endpoints">Nodes, one a line</label>
        <textarea
          id="endpoints"
          rows=${Math.max(2, Math.min(ENDPOINTS_MAX, this.endpoints.length + 1))}
          spellcheck="false"
          autocomplete="off"
          aria-describedby="endpoints-hint"
          .value=${this.endpoints.join('\n')}
        ></textarea>
        <p class="hint" id="endpoints-hint">
          ${this.isOwnChoice ? 'Your own choice, kept in this browser.' : 'As this site names them.'} Any node of a
          Substrate chain with balances will do, as in wss://asset-hub-paseo-rpc.n.dwellir.com. The first that answers
          is used, the others stand by. A node sees your address and which accounts you ask about.
        </p>
      </div>
      ${this.#problem === undefined ? nothing : notice('alarm', [this.#problem])}
      <div class="row">
        <button>Use these nodes</button>
        ${this.isOwnChoice ? html`<button type="button" @click=${() => this.#choose(null)}>Back to the site’s own</button>` : nothing}
      </div>
    </form>`
  }

  #renderState() {
    const { state } = this
    if (state === undefined)
      return this.endpoints.length === 0
        ? notice('info', [
            'This site names no chain, so nothing can be paid here. Name a node below to use one.',
          ])
        : html`<p class="muted" role="status">Connecting…</p>`
    switch (state.kind) {
      case 'idle':
        return html`<p class="muted" role="status">Not connected.</p>`
      case 'connecting':
        return html`<p class="muted" role="status">Connecting to ${state.endpoint}…</p>`
      case 'down':
        return notice('alarm', [
          `No node answers (${state.reason}). It is tried again by itself; check your connection, or name another node below.`,
        ])
      case 'wrong-chain':
        return notice('alarm', [
          startedAnewWords(state.expected, state.found) ??
            shortHashes(
              `These nodes serve another chain (${state.found}) than the one asked for (${state.expected}). Nothing is read or signed. Name a node of the right chain below.`,
            ),
        ])
      case 'ready': {
        const { info, endpoint } = state
        return html`
          <p role="status">Connected to ${info.name} through ${endpoint}.</p>
          <dl class="figures">
            ${figure('Currency', info.symbol, info.isLocal ? 'play money of this machine' : undefined)}
            ${figure('Block every', `${Math.round(info.blockMs / 100) / 10} s`)}
            ${figure('Least an account may hold', moneyText(info.existentialDeposit, info))}
            ${figure(
              'Budgets',
              info.hasMultisig
                ? 'your wallet can always take them back'
                : 'only the browser that made one can close it',
            )}
            <div class="wide"><dt>Genesis</dt><dd><code class="account">${info.genesis}</code></dd></div>
          </dl>
        `
      }
      default:
        return state satisfies never
    }
  }

  readonly #submit = (event: Event): void => {
    event.preventDefault()
    const text = this.renderRoot.querySelector('textarea')?.value ?? ''
    const lines = text.split(/\s+/).filter(line => line !== '')
    this.#problem = problemOf(lines)
    this.requestUpdate()
    if (this.#problem === undefined) this.#choose([...new Set(lines)])
  }

  #choose(endpoints: readonly string[] | null): void {
    this.dispatchEvent(new CustomEvent<readonly string[] | null>('endpoints-chosen', { detail: endpoints }))
  }
}

function problemOf(lines: readonly string[]): string | undefined {
  if (lines.length === 0) return 'Name at least one node, or go back to the site’s own.'
  if (lines.length > ENDPOINTS_MAX) return `At most ${ENDPOINTS_MAX} nodes.`
  const bad = lines.find((line): boolean => !isEndpoint(line))
  if (bad === undefined) return undefined
  return `“${bad.slice(0, 80)}” is no address of a node. It starts with wss:// (or ws:// on your own machine).`
}

export function defineChainSettings(): void {
  if (customElements.get('vk-chain-settings') === undefined)
    customElements.define('vk-chain-settings', VkChainSettings)
}
