import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ChainPort } from '../client/engine/chain/chain-port.ts'
import type { PaidViewing } from '../client/engine/paid/paid-viewing-contract.ts'
import { launchChromium } from './chromium.ts'
import { type LedgerSession, readLedger } from './support/browser-ledger.ts'
import { type BookedTransfer, booksSince, sumOf } from './support/chain-books.ts'
import { Disposer } from './support/disposer.ts'
import { PaidScene } from './support/paid-scene.ts'
import { TestWallet } from './support/test-wallet.ts'
import { until } from './support/until.ts'

/** //Ferdie: nobody else is paid by this test. */
const PAYOUT = '0x1cbd2d43530a44705ad088af313e18f80b53ef16b36177cd4b77b846f2a5f07c'
const PRICE = 100_000_000n
const WATCHED_TICKS = 40
const HALF_A_SECOND_MS = 400

const suite = new Disposer()
const visits = new Disposer()
let scene: PaidScene
let chain: ChainPort
let address: string
beforeAll(async () => {
  scene = await PaidScene.start(suite)
  chain = scene.chain
  address = (await scene.broadcast(PAYOUT)).address
}, 180_000)
afterEach(() => visits.dispose())
afterAll(() => suite.dispose())

test('U-PAY-E2E one prompt, forty seconds, a closed tab: every planck is where it should be', async () => {
  const wallet = await TestWallet.of('//Eve')
  const since = chain.best() ?? expect.fail('no block')
  const [walletBefore, payoutBefore] = await Promise.all([
    chain.balance(wallet.account),
    chain.balance(PAYOUT),
  ])
  const browser = await launchChromium()
  visits.defer(() => browser.close())
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  await wallet.install(context)
  const strangers: string[] = []
  context.on('request', request => {
    const { protocol, hostname, href } = new URL(request.url())
    if (protocol.startsWith('http') && hostname !== '127.0.0.1' && hostname !== 'localhost')
      strangers.push(href)
  })
  const page = await context.newPage()
  await page.goto(address)
  await page.getByRole('button', { name: 'Choose a budget' }).click()
  await page.getByRole('button', { name: /test-wallet|Test wallet/ }).click()
  await page.getByRole('button', { name: /^Watch for up to/ }).click()
  const figures = () =>
    page.locator('vk-pay-panel').evaluate(panel => {
      const { ticks = 0, pending = 0n } =
        (panel as HTMLElement & { viewing: PaidViewing }).viewing.figures ?? {}
      return { ticks, isPaying: pending > 0n }
    })
  let newest = { ticks: 0, atMs: 0 }
  await until(
    'forty seconds were shown, and a second is half over with no payment on its way',
    async () => {
      const { ticks, isPaying } = await figures()
      if (ticks !== newest.ticks) newest = { ticks, atMs: performance.now() }
      // In the moment between a second and its signature a farewell would leave that second to the next visit.
      return ticks >= WATCHED_TICKS && !isPaying && performance.now() - newest.atMs > HALF_A_SECOND_MS
    },
    120_000,
  )
  await page.close()
  expect(wallet.prompts).toEqual(['extrinsic'])

  // Whatever the page could still do it did in `pagehide`: nobody helps from here on.
  const ledger = await readLedger(context, scene.url)
  const [session] = ledger.sessions
  if (session === undefined) expect.fail('no session in the ledger')
  await until(
    'session and budget account are empty',
    async () => {
      const [one, other] = await Promise.all([
        chain.balance(session.session),
        chain.balance(session.budgetAccount),
      ])
      return one.free === 0n && other.free === 0n
    },
    30_000,
  )
  const books = await booksSince(chain, since)
  const paid = sumOf(books.transfers, PAYOUT)
  expectListedByBlock(books.transfers, session)
  expect(ledger.ticks).toBeGreaterThanOrEqual(WATCHED_TICKS)
  expect(paid).toBe(BigInt(ledger.ticks) * PRICE)
  const [walletAfter, payoutAfter] = await Promise.all([chain.balance(wallet.account), chain.balance(PAYOUT)])
  expect(payoutAfter.free - payoutBefore.free).toBe(paid)
  const fees = (books.fees.get(wallet.account) ?? 0n) + (books.fees.get(session.session) ?? 0n)
  expect(walletBefore.free - walletAfter.free).toBe(paid + fees)
  expect(strangers).toEqual([])
}, 240_000)

/** Funding from the wallet, payments from the budget account, then both accounts emptied into the wallet: nothing else. */
function expectListedByBlock(transfers: readonly BookedTransfer[], session: LedgerSession): void {
  const { budgetAccount, session: key } = session
  const mine = transfers.filter(({ from, to }) =>
    [from, to].some(one => one === budgetAccount || one === key),
  )
  const [toBudget, toSession, ...rest] = mine
  expect([toBudget?.to, toSession?.to]).toEqual([budgetAccount, key])
  const [fromBudget, fromSession] = rest.splice(-2)
  expect([fromBudget?.from, fromSession?.from]).toEqual([budgetAccount, key])
  expect(rest.length).toBeGreaterThan(5)
  for (const payment of rest) expect(payment).toMatchObject({ from: budgetAccount, to: PAYOUT })
  const blocks = rest.map(({ block }) => block)
  expect(blocks).toEqual([...blocks].sort((one, other) => one - other))
}
