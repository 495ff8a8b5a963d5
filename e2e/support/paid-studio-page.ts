import type { Page } from 'playwright-core'
import type { Earnings } from '../../client/engine/earn/earnings-contract.ts'
import type { PaidBroadcast } from '../../client/engine/paid/paid-broadcast-contract.ts'
import { until } from './until.ts'
import { wordsOf } from './words-of.ts'

type Panel = HTMLElement & { readonly paid: PaidBroadcast & { readonly earnings: Earnings } }

export type GoLivePaidOptions = {
  /** For a second, in the chain's unit, as typed. */
  readonly price: string
  readonly source?: 'Camera' | 'Test pattern'
  /** As the form names it; else what it proposes. */
  readonly preview?: 'none' | '8 s'
}

/** Studio, as a creator of paid streams drives it. */
export class PaidStudioPage {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
    page.on('dialog', dialog => void dialog.accept())
  }

  /** Everything but the last button. The test wallet's account is paid. */
  async fillIn({ price, source = 'Camera', preview }: GoLivePaidOptions): Promise<void> {
    const { page } = this
    await page.getByLabel('Quality').selectOption('360p')
    await page.getByRole('radio', { name: source }).check()
    await page.getByLabel('Title').fill('Paid from the Studio')
    await page.getByRole('radio', { name: 'Who pays' }).check()
    await page.getByLabel(/^Price \(/).fill(price)
    await page.getByLabel('for', { exact: true }).selectOption('second')
    await page.getByRole('button', { name: /test-wallet/ }).click()
    await page.getByRole('combobox', { name: 'Account' }).waitFor()
    if (preview !== undefined) await page.getByLabel('Free preview').selectOption(preview)
  }

  pressGoLive(): Promise<void> {
    return this.page.getByRole('button', { name: 'Go live' }).click()
  }

  /** Resolves with the stream's id. */
  async goLive(options: GoLivePaidOptions): Promise<string> {
    await this.fillIn(options)
    await this.pressGoLive()
    return this.#liveAs()
  }

  /** After a load of the page: the stream that was on goes on. */
  async goOn(): Promise<string> {
    await this.page.getByLabel('Quality').selectOption('360p')
    await this.page.getByRole('button', { name: 'Go on with it' }).click()
    return this.#liveAs()
  }

  /** planck in all, as the page's own books say. */
  income(): Promise<bigint> {
    return this.page
      .locator('vk-earnings-panel')
      .evaluate(panel => (panel as Panel).paid.earnings.snapshot.income.total)
  }

  async says(pattern: RegExp, limitMs = 30_000): Promise<void> {
    let words = ''
    await until(
      () => `${pattern} in: ${words}`,
      async () => {
        words = await wordsOf(this.page.locator('vk-studio'))
        return pattern.test(words)
      },
      limitMs,
      100,
    )
  }

  /** The file that the button saves, as rows of fields; the first row names the columns. */
  async csv(): Promise<readonly (readonly string[])[]> {
    const [file] = await Promise.all([
      this.page.waitForEvent('download'),
      this.page.getByRole('button', { name: 'Save all payments as CSV' }).click(),
    ])
    const chunks: Buffer[] = []
    for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer)
    const lines = Buffer.concat(chunks).toString().split('\r\n')
    return lines.filter(line => line !== '').map(line => line.split(','))
  }

  async #liveAs(): Promise<string> {
    const link = await this.page.getByLabel('Link for viewers').inputValue()
    return link.split('#/watch/')[1] ?? ''
  }
}
