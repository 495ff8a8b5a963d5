import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { AccountSigner } from '../../../shared/protocol/account-signature.ts'
import { hexText } from '../../../shared/protocol/hex.ts'
import type { Manifest } from '../../../shared/protocol/manifest.ts'
import type { ChainInfo, ChainState } from '../../engine/chain/chain-port.ts'
import { EngineError } from '../../engine/engine-error.ts'
import type { PriceOptions } from '../../engine/paid/paid-broadcast-contract.ts'
import type { PaidStream } from '../../engine/paid/paid-stream.ts'
import type { EngineDeps } from '../../engine/ports.ts'
import type { AppContext } from '../app-context.ts'
import { sentenceOf } from '../parts/sentence-of.ts'
import type { PayRoom } from '../pay/pay-room.ts'
import type { WalletDesk } from '../pay/wallet-desk.ts'
import { startedAnewWords } from '../pay/wrong-chain.ts'
import { FREE, type PriceSettings, priceOptions } from './price-settings.ts'

/** What a paid stream needs before it begins. Nothing of it is loaded while the stream is free. */
export class PaidSetup {
  readonly #onChange: () => void
  #settings: PriceSettings = FREE
  #room: PayRoom | undefined
  #chain: ChainInfo | undefined
  #problem = ''
  #stopFollowing: () => void = () => undefined
  #isOpening = false

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  get settings(): PriceSettings {
    return this.#settings
  }

  /** As last told; undefined before the chain has answered. */
  get chain(): ChainInfo | undefined {
    return this.#chain
  }

  get desk(): WalletDesk | undefined {
    return this.#room?.desk
  }

  /** Why nothing can be paid; '' for nothing. */
  get problem(): string {
    return this.#problem
  }

  get room(): PayRoom | undefined {
    return this.#room
  }

  readonly addressOf = (account: AccountHex): string => this.#room?.addressOf(account) ?? account

  change(settings: PriceSettings, context: AppContext): void {
    this.#settings = settings
    if (settings.isPaid) void this.open(context)
    this.#onChange()
  }

  /** Idempotent; a failure is told by `problem`, and tried again at the next call. */
  async open(context: AppContext): Promise<void> {
    if (this.#room !== undefined || this.#isOpening) return
    this.#isOpening = true
    try {
      const [room] = await Promise.all([context.payRoom(), loadForms()])
      this.#room = room
      this.#stopFollowing = room.chain.on('state', state => this.#follow(state))
      this.#follow(room.chain.state)
      room.chain.open().catch((error: unknown) => this.#say(sentenceOf(error)))
    } catch (error) {
      this.#say(sentenceOf(error))
    }
    this.#isOpening = false
    this.#onChange()
  }

  close(): void {
    this.#stopFollowing()
  }

  /**
   * Undefined: a free stream. Asks the chain; the wallet is asked by whoever signs with `accountSigner`. Throws
   * EngineError('bad-price') for what the form lacks, PaidStreamError, ChainError, WalletError.
   */
  async prepare(
    engine: EngineDeps,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<{ readonly paid: PaidStream; readonly accountSigner: AccountSigner } | undefined> {
    const { account, isPaid } = this.#settings
    if (!isPaid) return undefined
    const [room, chain] = [this.#room, this.#chain]
    if (room === undefined || chain === undefined)
      throw new EngineError(
        'bad-price',
        this.#problem === '' ? 'The chain has not answered yet. Try again in a moment.' : this.#problem,
      )
    const price = priceOptions(this.#settings, chain)
    if (typeof price === 'string' || account === undefined)
      throw new EngineError('bad-price', typeof price === 'string' ? price : 'Choose an account.')
    const paid = await room.prepareBroadcast(price, engine, { signal })
    const { accountSignerOf } = await import('../../engine/chain/wallet.ts')
    return { paid, accountSigner: await accountSignerOf(account) }
  }

  /** For a stream that goes on after a reload: on the terms it had. Undefined: it is free. Throws as `prepare`. */
  async prepareAgain(
    manifest: Manifest,
    context: AppContext,
    engine: EngineDeps,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<PaidStream | undefined> {
    const price = priceOf(manifest)
    if (price === undefined) return undefined
    await this.open(context)
    const room = await context.payRoom()
    return room.prepareBroadcast(price, engine, { signal })
  }

  #follow(state: ChainState): void {
    if (state.kind === 'ready') {
      this.#chain = state.info
      this.#say('')
    } else if (state.kind === 'down' && this.#chain === undefined)
      this.#say(
        `No node of the chain answers (${state.reason}). It is tried again by itself; check your connection, or choose another node.`,
      )
    else if (state.kind === 'wrong-chain')
      this.#say(
        startedAnewWords(state.expected, state.found) ??
          'The nodes of this page serve another chain than before. Choose a node on the Wallet page.',
      )
  }

  #say(problem: string): void {
    this.#problem = problem
    this.#onChange()
  }
}

async function loadForms(): Promise<void> {
  const { defineEarningsPanel } = await import('./vk-earnings-panel.ts')
  defineEarningsPanel()
}

function priceOf({ certificate, ...manifest }: Manifest): PriceOptions | undefined {
  const { payout, chain, maxPrice } = certificate
  if (manifest.pricePerSecond === 0n || payout === undefined || chain === undefined) return undefined
  const { pricePerSecond, previewSeconds, creditSeconds, epochMs } = manifest
  return {
    pricePerSecond,
    highestPrice: maxPrice,
    payout: hexText(payout),
    genesis: hexText(chain),
    previewSeconds,
    creditSeconds,
    epochMs,
  }
}
