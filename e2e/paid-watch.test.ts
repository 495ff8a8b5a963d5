import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { PolkadotChain } from '../client/engine/chain/polkadot-chain.ts'
import type { PaidViewing } from '../client/engine/paid/paid-viewing-contract.ts'
import { launchChromium } from './chromium.ts'
import { type BookedTransfer, booksSince, sumOf } from './support/chain-books.ts'
import { Command, freePort } from './support/command.ts'
import { Disposer } from './support/disposer.ts'
import { NodeMesh } from './support/node-mesh.ts'
import { TestWallet } from './support/test-wallet.ts'
import { until } from './support/until.ts'
import { type BuiltSite, buildSite } from './ui/site.ts'

const SAMPLE = fileURLToPath(new URL('../sample/sample.mp4', import.meta.url))
/** //Ferdie: nobody else is paid by this test. */
const PAYOUT = '0x1cbd2d43530a44705ad088af313e18f80b53ef16b36177cd4b77b846f2a5f07c'
const PRICE = 100_000_000n
const WATCHED_TICKS = 40

const suite = new Disposer()
const scene = new Disposer()
let site: BuiltSite
let mesh: NodeMesh
let chain: PolkadotChain
let address: string
beforeAll(async () => {
  site = await buildSite()
  suite.defer(() => site.remove())
  const port = await freePort()
  const devchain = new Command(suite, ['devchain', '--port', String(port)])
  await devchain.says(/Local chain at/, 60_000)
  const endpoint = `ws://127.0.0.1:${port}`
  mesh = await NodeMesh.start(suite, { siteDir: site.dir, chainEndpoints: [endpoint] })
  chain = new PolkadotChain({ endpoints: [endpoint] })
  suite.defer(() => chain.close())
  await chain.open()
  const folder = await temporaryFolder(suite)
  const broadcaster = new Command(suite, [
    ...['broadcast', SAMPLE, '--loop', '--title', 'Paid clip', '--tracker', mesh.url],
    ...['--price', '0.0001', '--payout', PAYOUT, '--folder', folder],
  ])
  const [, live] = await broadcaster.says(/Live: (\S+)/, 60_000)
  address = live ?? ''
}, 180_000)
afterEach(() => scene.dispose())
afterAll(() => suite.dispose())

test('U-PAY-E2E one prompt, forty seconds, a closed tab: every planck is where it should be', async () => {
  const wallet = await TestWallet.of('//Eve')
  const since = chain.best() ?? expect.fail('no block')
  const [walletBefore, payoutBefore] = await Promise.all([
    chain.balance(wallet.account),
    chain.balance(PAYOUT),
  ])
  const browser = await launchChromium()
  scene.defer(() => browser.close())
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
  const ticks = () =>
    page
      .locator('vk-pay-panel')
      .evaluate(panel => (panel as HTMLElement & { viewing: PaidViewing }).viewing.figures?.ticks ?? 0)
  await until('forty seconds were shown', async () => (await ticks()) >= WATCHED_TICKS, 120_000)
  await page.close()
  expect(wallet.prompts).toEqual(['extrinsic'])

  // Whatever the page could still do it did in `pagehide`: nobody helps from here on.
  const ledger = await readLedger(context, mesh.url)
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

async function temporaryFolder(disposer: Disposer): Promise<string> {
  const { mkdtemp, rm } = await import('node:fs/promises')
  const { tmpdir } = await import('node:os')
  const { join } = await import('node:path')
  const folder = await mkdtemp(join(tmpdir(), 'vilokanam-paid-'))
  disposer.defer(() => rm(folder, { recursive: true, force: true }))
  return folder
}

type LedgerSession = { readonly session: string; readonly budgetAccount: string }
type Ledger = {
  readonly sessions: readonly LedgerSession[]
  readonly ticks: number
}

/** As it stands in the browser's storage, from a page of the site that runs nothing. */
async function readLedger(context: import('playwright-core').BrowserContext, url: string): Promise<Ledger> {
  const page = await context.newPage()
  await page.goto(`${url}config.json`)
  const ledger = await page.evaluate(async () => {
    const open = indexedDB.open('vilokanam')
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      open.onsuccess = () => resolve(open.result)
      open.onerror = () => reject(open.error)
    })
    const all = (store: string) =>
      new Promise<unknown[]>((resolve, reject) => {
        const request = database.transaction(store).objectStore(store).getAll()
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    const sessions = (await all('sessions')) as { session: string; budgetAccount: string }[]
    const ticks = await all('ticks')
    database.close()
    return {
      sessions: sessions.map(({ session, budgetAccount }) => ({ session, budgetAccount })),
      ticks: ticks.length,
    }
  })
  await page.close()
  return ledger
}
