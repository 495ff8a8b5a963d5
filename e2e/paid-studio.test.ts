import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { planckText } from '../client/engine/chain/planck-text.ts'
import { parseStreamId } from '../shared/protocol/ids.ts'
import { launchChromium } from './chromium.ts'
import { readLedger } from './support/browser-ledger.ts'
import { booksSince, sumOf } from './support/chain-books.ts'
import { Disposer } from './support/disposer.ts'
import { NonceWitness } from './support/nonce-witness.ts'
import { PaidScene } from './support/paid-scene.ts'
import { PaidStudioPage } from './support/paid-studio-page.ts'
import { PayingPage } from './support/paying-page.ts'
import { probeScript } from './support/probe-script.ts'
import { ProbedPage } from './support/site-pages.ts'
import { TestWallet } from './support/test-wallet.ts'
import { until } from './support/until.ts'

const PRICE = 100_000_000n
const GAP_MAX_MS = 5_000

const suite = new Disposer()
let scene: PaidScene
let browser: Browser
beforeAll(async () => {
  scene = await PaidScene.start(suite)
  browser = await launchChromium({ args: ['--use-fake-device-for-media-stream=fps=10'] })
  suite.defer(() => browser.close())
}, 180_000)
afterAll(() => suite.dispose())

async function contextOf(wallet: TestWallet): Promise<BrowserContext> {
  const context = await browser.newContext({
    permissions: ['camera', 'microphone'],
    viewport: { width: 1440, height: 900 },
  })
  await wallet.install(context)
  await context.addInitScript({ content: await probeScript() })
  return context
}

test('U-EARN-1 E-FOLLOW-6 A-CONTENT-2 a creator in Chromium is paid, reloads the page in mid-stream, and nothing is lost', async () => {
  const [creator, viewer] = [await TestWallet.of('//Ferdie'), await TestWallet.of('//Dave')]
  const { chain } = scene
  const since = chain.best() ?? expect.fail('no block')
  const [payoutBefore, walletBefore] = await Promise.all([
    scene.free(creator.account),
    scene.free(viewer.account),
  ])

  const studio = new PaidStudioPage(await (await contextOf(creator)).newPage())
  await studio.page.goto(`${scene.url}#/studio`)
  const streamId = await studio.goLive({ price: '0.0001' })
  expect(creator.prompts).toEqual(['text'])
  const witness = await NonceWitness.join(scene.mesh, parseStreamId(streamId))

  const context = await contextOf(viewer)
  const watching = new PayingPage(await context.newPage())
  const probed = new ProbedPage(watching.page)
  await watching.page.goto(`${scene.url}#/watch/${streamId}?slots=0`)
  await watching.pay()
  await watching.hasTicks(10)
  await studio.says(/Paying now\s+1 viewer/)
  await until('income is shown', async () => (await studio.income()) > 0n)

  const { codes: before } = await probed.record()
  const seen = witness.size
  await studio.page.reload()
  await studio.page.getByText('You were live with “Paid from the Studio”').waitFor()
  expect(await studio.goOn()).toBe(streamId)
  await until('the witness sees more', () => witness.size > seen + 50)
  const ticks = (await watching.figures())?.ticks ?? 0
  await watching.hasTicks(ticks + 15)

  const { codes } = await probed.record()
  const gaps = codes.slice(1).map((code, index) => code - (codes[index] ?? code))
  expect(Math.max(...gaps)).toBeLessThanOrEqual(GAP_MAX_MS)
  expect(codes.length).toBeGreaterThan(before.length + 100)

  await watching.leave()
  expect(creator.prompts).toEqual(['text'])
  expect(viewer.prompts).toEqual(['extrinsic'])
  expect(witness.repeated).toEqual([])
  expect(witness.clear).toBe(0)
  expect((await probed.report()).errors).toEqual([])

  const ledger = await readLedger(context, scene.url)
  const [session] = ledger.sessions
  if (session === undefined || ledger.sessions.length > 1) expect.fail('one session')
  const books = await booksSince(chain, since)
  const paid = sumOf(books.transfers, creator.account)
  expect(paid).toBe(ledger.owed)
  expect(ledger.owed).toBe(BigInt(ledger.ticks) * PRICE)
  expect((await scene.free(creator.account)) - payoutBefore).toBe(paid)
  const fees = (books.fees.get(viewer.account) ?? 0n) + (books.fees.get(session.session) ?? 0n)
  expect(walletBefore - (await scene.free(viewer.account))).toBe(paid + fees)
  expect([await scene.free(session.session), await scene.free(session.budgetAccount)]).toEqual([0n, 0n])

  await until('all income is counted', async () => (await studio.income()) === paid)
  const roc = planckText(paid, { symbol: 'ROC', decimals: 12 })
  await studio.page.getByRole('img', { name: `Income of the last 10 min: ${roc}` }).waitFor()
  await studio.says(new RegExp(`Total ${roc}.*Paying now 0 viewers.*1 session ${ledger.ticks} ${roc}`))
  const [columns, ...rows] = await studio.csv()
  const amount = columns?.indexOf('amount (planck)') ?? -1
  expect(rows.reduce((sum, row) => sum + BigInt(row[amount] ?? 'x'), 0n)).toBe(paid)
}, 240_000)
