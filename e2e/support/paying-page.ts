import type { Page } from 'playwright-core'
import type { PlayerStats } from '../../client/engine/media/player-types.ts'
import type { PaidViewing, PaidViewingState } from '../../client/engine/paid/paid-viewing-contract.ts'
import type { PayFigures } from '../../client/engine/pay/pay-session-contract.ts'
import { until } from './until.ts'
import { wordsOf } from './words-of.ts'

type Panel = HTMLElement & { readonly viewing: PaidViewing | undefined }
type Watch = HTMLElement & { readonly player: { readonly stats: PlayerStats } | undefined }

const LOOK_EVERY_MS = 100

/** A Watch page of a paid stream, as its user drives it; only what is asserted is read from inside. */
export class PayingPage {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  get panel() {
    return this.page.locator('vk-pay-panel')
  }

  /** Opens the offer and chooses the test wallet's account. */
  async chooseWallet(): Promise<void> {
    await this.page.getByRole('button', { name: 'Choose a budget' }).click()
    await this.page.getByRole('button', { name: /test-wallet/ }).click()
  }

  /** `amount`: in the chain's unit, as typed; else what the page proposes. Resolves once a second was paid for. */
  async pay(amount?: string): Promise<void> {
    await this.chooseWallet()
    if (amount !== undefined) await this.page.getByLabel(/^Amount/).fill(amount)
    await this.page.getByRole('button', { name: /^Watch for up to/ }).click()
    await this.hasTicks(1)
  }

  async hasTicks(count: number, limitMs = 60_000): Promise<void> {
    await this.#until(
      `${count} seconds were shown`,
      async () => ((await this.figures())?.ticks ?? 0) >= count,
      limitMs,
    )
  }

  state(): Promise<PaidViewingState | undefined> {
    return this.panel.evaluate(panel => (panel as Panel).viewing?.state)
  }

  figures(): Promise<PayFigures | undefined> {
    return this.panel.evaluate(panel => (panel as Panel).viewing?.figures)
  }

  /** Pictures put on the screen so far. */
  async shown(): Promise<number> {
    const watch = this.page.locator('vk-watch')
    return watch.evaluate(element => (element as Watch).player?.stats.shownFrames ?? 0)
  }

  /** Another `frames` pictures from now. */
  async goesOn(frames = 30, limitMs = 20_000): Promise<void> {
    const before = await this.shown()
    await this.#until('the picture goes on', async () => (await this.shown()) >= before + frames, limitMs)
  }

  /** Everything the panel says, as a reader sees it. */
  async words(): Promise<string> {
    return wordsOf(this.panel)
  }

  async says(pattern: RegExp, limitMs = 30_000): Promise<void> {
    await this.#until(`${pattern}`, async () => pattern.test(await this.words()), limitMs)
  }

  async is(kind: PaidViewingState['kind'], limitMs = 30_000): Promise<void> {
    await this.#until(`state ${kind}`, async () => (await this.state())?.kind === kind, limitMs)
  }

  /** Stops, and waits until everything is settled. */
  async leave(): Promise<void> {
    await this.page.getByRole('button', { name: 'Stop, and take the rest back' }).click()
    await this.is('closed')
  }

  /** When it takes too long, what the page says is in the error. */
  async #until(what: string, condition: () => Promise<boolean>, limitMs: number): Promise<void> {
    try {
      await until(what, condition, limitMs, LOOK_EVERY_MS)
    } catch (error) {
      throw new Error(`${String(error)}; the page says: ${await this.words()}`)
    }
  }
}
