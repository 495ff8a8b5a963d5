import { html, nothing } from 'lit'
import type { StreamId } from '../../../shared/protocol/ids.ts'
import type { ChainInfo, ChainState } from '../../engine/chain/chain-port.ts'
import type { PaidViewing } from '../../engine/paid/paid-viewing-contract.ts'
import { recordWords } from '../../engine/paid/record-check.ts'
import { followRecord } from '../../engine/paid/record-watch.ts'
import type { Viewer } from '../../engine/viewer.ts'
import { sentenceOf } from '../parts/sentence-of.ts'
import type { PayRoom } from '../pay/pay-room.ts'
import { payOverlay } from '../pay/pay-words.ts'
import { definePayPanel } from '../pay/vk-pay-panel.ts'
import type { WalletDesk } from '../pay/wallet-desk.ts'
import { shortHashes, startedAnewWords } from '../pay/wrong-chain.ts'
import { defineLockedOffer } from './vk-locked-offer.ts'

export type PaidWatchDeps = {
  readonly room: PayRoom
  readonly viewer: Viewer
  readonly streamId: StreamId
  /** Genesis hash of the chain that the certificate names, hex with `0x`. */
  readonly genesis: string
  onChange(): void
}

/** The paid side of one watched stream: a chunk of its own, loaded when a manifest asks a price. */
export class PaidWatch {
  readonly viewing: PaidViewing
  readonly #deps: PaidWatchDeps
  readonly #unsubscribe: readonly (() => void)[]
  #chain: ChainInfo | undefined
  #problem = ''
  #record = ''

  private constructor(deps: PaidWatchDeps, viewing: PaidViewing) {
    this.#deps = deps
    this.viewing = viewing
    this.#unsubscribe = [
      viewing.on('state', () => deps.onChange()),
      deps.room.chain.on('state', state => this.#follow(state)),
      followRecord(deps.viewer, deps.room.chain, check => {
        this.#record = recordWords(check) ?? ''
        deps.onChange()
      }),
    ]
  }

  /** A chain that does not answer is told in words, and tried again by itself. */
  static open(deps: PaidWatchDeps, { signal }: { signal: AbortSignal }): PaidWatch {
    definePayPanel()
    defineLockedOffer()
    const viewing = deps.room.watch(deps.viewer, deps.streamId)
    const paid = new PaidWatch(deps, viewing)
    deps.room.chain
      .open({ signal })
      .then(info => {
        paid.#meet(info)
        // A budget of an earlier visit goes on without a prompt; where there is none, the offer stands.
        return paid.#chain === undefined ? false : viewing.resume({ signal })
      })
      .catch((error: unknown) => {
        if (!signal.aborted) paid.#say(sentenceOf(error))
      })
    return paid
  }

  /** Undefined before the right chain has answered. */
  get chain(): ChainInfo | undefined {
    return this.#chain
  }

  get desk(): WalletDesk | undefined {
    return this.#chain === undefined ? undefined : this.#deps.room.desk
  }

  /** Why nothing can be paid at present; '' for nothing. */
  get problem(): string {
    return this.#problem
  }

  /** What stands over the picture while payment is why there is none. */
  get overlay(): { readonly text: string; readonly isBusy: boolean } | undefined {
    return payOverlay(this.viewing.state)
  }

  /** What stands where the picture will be, for the player's slot `locked`. */
  renderLocked(onChoose: () => void) {
    const { state } = this.viewing
    if (state.kind !== 'offer') return nothing
    return html`<vk-locked-offer
      slot="locked"
      .offer=${state.offer}
      .chain=${this.#chain}
      @choose=${onChoose}
    ></vk-locked-offer>`
  }

  /** What the chain says of the start that the creator recorded; '' for nothing. */
  get record(): string {
    return this.#record
  }

  /** The page goes: nothing can be waited for. */
  closeNow(): void {
    this.viewing.closeNow()
    this.#stop()
  }

  /** The user goes elsewhere on the site: the rest is paid and taken back while the site stays open. */
  leave(): void {
    this.#stop()
    // What fails here is closed by the next page of the site that starts.
    this.viewing
      .leave()
      .catch(() => undefined)
      .finally(() => this.viewing.close())
  }

  #stop(): void {
    for (const stop of this.#unsubscribe) stop()
  }

  #follow(state: ChainState): void {
    if (state.kind === 'ready') this.#meet(state.info)
    else if (state.kind === 'down')
      this.#say(
        this.#chain === undefined
          ? `No node of the chain answers (${state.reason}), so nothing can be paid yet. It is tried again by itself; check your connection, or choose another node.`
          : '',
      )
    else if (state.kind === 'wrong-chain')
      this.#say(startedAnewWords(state.expected, state.found) ?? wrongChain(state.expected, state.found))
  }

  #meet(info: ChainInfo): void {
    const { genesis } = this.#deps
    if (info.genesis !== genesis) return this.#say(wrongChain(genesis, `${info.name}, ${info.genesis}`))
    this.#chain = info
    this.#say('')
  }

  #say(problem: string): void {
    this.#problem = problem
    this.#deps.onChange()
  }
}

function wrongChain(wanted: string, found: string): string {
  return shortHashes(
    `This stream is paid on another chain (${wanted}) than the one this browser is connected to (${found}). Choose a node of that chain to watch it.`,
  )
}
