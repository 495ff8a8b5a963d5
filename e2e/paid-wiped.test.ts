import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { planckText } from '../client/engine/chain/planck-text.ts'
import { launchChromium } from './chromium.ts'
import { readLedger } from './support/browser-ledger.ts'
import { booksSince, sumOf } from './support/chain-books.ts'
import { Disposer } from './support/disposer.ts'
import { PaidScene } from './support/paid-scene.ts'
import { PayingPage } from './support/paying-page.ts'
import { TestWallet } from './support/test-wallet.ts'
import { until } from './support/until.ts'

/** //Ferdie: nobody else is paid by this test. */
const PAYOUT = '0x1cbd2d43530a44705ad088af313e18f80b53ef16b36177cd4b77b846f2a5f07c'
const PRICE = 100_000_000n
const WATCHED_TICKS = 12

const suite = new Disposer()
let scene: PaidScene
let address: string
beforeAll(async () => {
  scene = await PaidScene.start(suite)
  address = (await scene.broadcast(PAYOUT)).address
}, 180_000)
afterAll(() => suite.dispose())

const rocText = (planck: bigint): string => planckText(planck, { symbol: 'ROC', decimals: 12 })

/** No page of it hears anything: neither `pagehide` nor a goodbye of its links. */
async function crash(browser: Browser): Promise<void> {
  const gone = new Promise<void>(resolve => browser.on('disconnected', () => resolve()))
  const session = await browser.newBrowserCDPSession()
  session.send('Browser.crash').catch(() => undefined)
  await gone
}

test('S-WIPE-1 U-WALLET-2 the browser and its storage are gone in mid-session: another one takes the rest back, by the wallet alone', async () => {
  const wallet = await TestWallet.of('//Eve')
  const { chain } = scene
  const since = chain.best() ?? expect.fail('no block')
  const walletBefore = await scene.free(wallet.account)

  const lost = await launchChromium()
  suite.defer(() => lost.close())
  const context = await lost.newContext({ viewport: { width: 1440, height: 900 } })
  await wallet.install(context)
  const watching = new PayingPage(await context.newPage())
  await watching.page.goto(address)
  await watching.pay()
  await watching.hasTicks(WATCHED_TICKS)
  const { sessions } = await readLedger(context, scene.url)
  const [session] = sessions
  if (session === undefined) expect.fail('no session in the ledger')
  await crash(lost)
  // What was sent before the end may still land: nothing more comes after it.
  const landedBy = (chain.best()?.number ?? 0) + 2
  await until('payments under way are in a block', () => (chain.best()?.number ?? 0) >= landedBy, 20_000)
  const [onBudget, onSession] = await Promise.all([
    scene.free(session.budgetAccount),
    scene.free(session.session),
  ])
  expect(onBudget).toBeGreaterThan(0n)
  expect(onSession).toBeGreaterThan(0n)

  const fresh = await launchChromium()
  suite.defer(() => fresh.close())
  const other = await fresh.newContext({ viewport: { width: 1440, height: 900 } })
  await wallet.install(other)
  const page = await other.newPage()
  await page.goto(`${scene.url}#/wallet`)
  await page.getByText('This browser has paid for no stream yet').waitFor()
  await page
    .locator('vk-find-sessions')
    .getByRole('button', { name: /test-wallet/ })
    .click()
  await page.getByRole('button', { name: 'Find my sessions' }).click()
  await page.getByText(/1 session found since block/).waitFor()
  const ofFees = rocText(onSession)
  await page
    .getByText(
      `The ${ofFees} that were set aside for fees can only be moved by the browser that opened the session`,
    )
    .waitFor()
  await page.getByRole('button', { name: `Take ${rocText(onBudget)} back`, exact: true }).click()
  await page.getByText(`${rocText(onBudget)} came back to your wallet. The ${rocText(onSession)} `).waitFor()
  expect(wallet.prompts).toEqual(['extrinsic', 'extrinsic'])

  const books = await booksSince(chain, since)
  const paid = sumOf(books.transfers, PAYOUT)
  expect(paid).toBeGreaterThan(0n)
  expect(paid % PRICE).toBe(0n)
  expect(await scene.free(session.budgetAccount)).toBe(0n)
  // Only the lost browser had the key of the fee reserve: it stays where it is.
  expect(await scene.free(session.session)).toBe(onSession)
  const fees = (books.fees.get(wallet.account) ?? 0n) + (books.fees.get(session.session) ?? 0n)
  expect(walletBefore - (await scene.free(wallet.account))).toBe(paid + fees + onSession)
}, 180_000)
