import { css, html, LitElement, nothing } from 'lit'
import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { ChainState } from '../../engine/chain/chain-port.ts'
import type { PaySessions, SessionSummary } from '../../engine/pay/pay-session-contract.ts'
import type { AppContext } from '../app-context.ts'
import { baseStyles, buttonStyles } from '../parts/base-styles.ts'
import { notice, noticeStyles } from '../parts/notice.ts'
import { sentenceOf } from '../parts/sentence-of.ts'
import { type Endpoints, keepEndpoints } from '../pay/endpoint-choice.ts'
import type { PayRoom } from '../pay/pay-room.ts'
import { defineChainSettings } from './vk-chain-settings.ts'
import { defineFaucet } from './vk-faucet.ts'
import { defineFindSessions } from './vk-find-sessions.ts'
import { defineSessionList } from './vk-session-list.ts'

/** What this browser paid, where each planck is, how to take it back, and through which chain. */
export class VkWallet extends LitElement {
  static override properties = { context: { attribute: false } }

  declare context: AppContext

  static override styles = [
    baseStyles,
    buttonStyles,
    noticeStyles,
    css`
      :host,
      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 14px;
      }
      :host {
        gap: 32px;
        max-width: 980px;
        margin: 0 auto;
      }
    `,
  ]

  #room: PayRoom | undefined
  #endpoints: Endpoints = { addresses: [], isOwnChoice: false }
  #chainState: ChainState | undefined
  #sessions: PaySessions | undefined
  #list: readonly SessionSummary[] | undefined
  readonly #closing = new Set<AccountHex>()
  #problem: string | undefined
  #running = new AbortController()

  override connectedCallback(): void {
    super.connectedCallback()
    this.#running = new AbortController()
    void this.#open(this.#running.signal)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#running.abort(new DOMException('The page moved on.', 'AbortError'))
  }

  async #open(signal: AbortSignal): Promise<void> {
    try {
      this.#endpoints = await this.context.endpoints()
      this.requestUpdate()
      if (this.#endpoints.addresses.length === 0) return
      const room = await this.context.payRoom()
      if (signal.aborted) return
      this.#room = room
      const follow = (stop: () => void) => signal.addEventListener('abort', stop, { once: true })
      follow(
        room.chain.on('state', state => {
          this.#chainState = state
          this.requestUpdate()
        }),
      )
      this.#chainState = room.chain.state
      this.requestUpdate()
      // How it goes is told by the state; the books of this browser are shown either way.
      room.chain.open({ signal }).catch(() => undefined)
      this.#sessions = await room.sessions()
      if (signal.aborted) return
      follow(this.#sessions.on('changed', () => void this.#readList(signal)))
      follow(room.chain.on('state', () => void this.#readList(signal)))
      await this.#readList(signal)
    } catch (error) {
      if (!signal.aborted) this.#say(sentenceOf(error))
    }
  }

  async #readList(signal: AbortSignal): Promise<void> {
    try {
      const list = await this.#sessions?.list({ signal })
      if (!signal.aborted) this.#list = list
    } catch (error) {
      if (!signal.aborted) this.#problem = sentenceOf(error)
    }
    this.requestUpdate()
  }

  readonly #close = async (event: CustomEvent<AccountHex>): Promise<void> => {
    const id = event.detail
    this.#closing.add(id)
    this.#say(undefined)
    try {
      await this.#sessions?.closeByHand(id)
    } catch (error) {
      this.#problem = sentenceOf(error)
    }
    this.#closing.delete(id)
    await this.#readList(this.#running.signal)
  }

  readonly #endpointsChosen = (event: CustomEvent<readonly string[] | null>): void => {
    try {
      keepEndpoints(event.detail ?? undefined, localStorage)
    } catch (error) {
      return this.#say(sentenceOf(error))
    }
    // Everything that was opened on the chain before goes with the page.
    location.reload()
  }

  #say(problem: string | undefined): void {
    this.#problem = problem
    this.requestUpdate()
  }

  override render() {
    const state = this.#chainState
    const info = state?.kind === 'ready' ? state.info : undefined
    const room = this.#room
    return html`
      <h1>Wallet</h1>
      ${this.#problem === undefined ? nothing : notice('alarm', [this.#problem])}
      <section aria-labelledby="sessions">
        <h2 id="sessions">What you paid</h2>
        ${
          this.#list === undefined
            ? html`<p class="muted" role="status">
                ${this.#endpoints.addresses.length === 0 ? 'Nothing can be shown before a chain is named below.' : 'Reading this browser’s books…'}
              </p>`
            : html`<vk-session-list
                .sessions=${this.#list}
                .unit=${info}
                .addressOf=${(account: AccountHex) => room?.addressOf(account) ?? account}
                .closing=${new Set(this.#closing)}
                @close-session=${this.#close}
              ></vk-session-list>`
        }
      </section>
      ${
        room === undefined
          ? nothing
          : html`<section aria-labelledby="find">
              <h2 id="find">Find sessions by wallet</h2>
              <vk-find-sessions
                .sessions=${this.#sessions}
                .chain=${info}
                .desk=${room.desk}
                .addressOf=${(account: AccountHex) => room.addressOf(account)}
              ></vk-find-sessions>
            </section>`
      }
      ${
        info?.isLocal === true && state?.kind === 'ready'
          ? html`<section aria-labelledby="faucet">
              <h2 id="faucet">Play money</h2>
              <vk-faucet .chain=${info} .endpoint=${state.endpoint} .desk=${room?.desk}></vk-faucet>
            </section>`
          : nothing
      }
      <section aria-labelledby="chain">
        <h2 id="chain">Chain</h2>
        <vk-chain-settings
          .state=${state}
          .endpoints=${this.#endpoints.addresses}
          .isOwnChoice=${this.#endpoints.isOwnChoice}
          @endpoints-chosen=${this.#endpointsChosen}
        ></vk-chain-settings>
      </section>
    `
  }
}

export function defineWallet(): void {
  defineSessionList()
  defineFindSessions()
  defineFaucet()
  defineChainSettings()
  if (customElements.get('vk-wallet') === undefined) customElements.define('vk-wallet', VkWallet)
}
