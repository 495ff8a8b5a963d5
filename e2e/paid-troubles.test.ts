import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchChromium } from './chromium.ts'
import { Command } from './support/command.ts'
import { Disposer } from './support/disposer.ts'
import { PaidScene, temporaryFolder } from './support/paid-scene.ts'
import { PaidStudioPage } from './support/paid-studio-page.ts'
import { PayingPage } from './support/paying-page.ts'
import { RpcGate } from './support/rpc-gate.ts'
import { expectSettled, type WalletBefore, walletBefore } from './support/settled-session.ts'
import { TestWallet } from './support/test-wallet.ts'
import { until } from './support/until.ts'

const ROC = 1_000_000_000_000n
const GENESIS = '45'.repeat(32)

const suite = new Disposer()
const visits = new Disposer()
let scene: PaidScene
let browser: Browser
let creator: TestWallet
let studio: PaidStudioPage
let creatorGate: RpcGate
let address: string
beforeAll(async () => {
  scene = await PaidScene.start(suite, { hasSwitches: true })
  browser = await launchChromium()
  suite.defer(() => browser.close())
  creator = await TestWallet.of('//Ferdie')
  creatorGate = await RpcGate.open(suite, scene.endpoint)
  studio = new PaidStudioPage(await (await visit(suite, creator, creatorGate)).newPage())
  await studio.page.goto(`${scene.url}#/studio`)
  const streamId = await studio.goLive({ price: '0.0001', source: 'Test pattern', preview: 'none' })
  address = `${scene.url}#/watch/${streamId}?slots=0`
}, 180_000)
afterEach(() => visits.dispose())
afterAll(() => suite.dispose())

async function visit(disposer: Disposer, wallet?: TestWallet, gate?: RpcGate): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  disposer.defer(() => context.close())
  await wallet?.install(context)
  if (gate !== undefined) {
    const nodes = JSON.stringify(JSON.stringify([gate.url]))
    await context.addInitScript({
      content: `if (location.protocol === 'http:' && localStorage.getItem('vilokanam/chain-endpoints') === null) localStorage.setItem('vilokanam/chain-endpoints', ${nodes})`,
    })
  }
  return context
}

async function watch(context: BrowserContext): Promise<PayingPage> {
  const watching = new PayingPage(await context.newPage())
  await watching.page.goto(address)
  return watching
}

type Payer = { readonly wallet: TestWallet; readonly before: WalletBefore }

/** A wallet of its own for each case: 1 ROC. */
async function payer(name: string): Promise<Payer> {
  const wallet = await TestWallet.of(`//${name}`)
  await scene.fund(wallet.account, ROC)
  return { wallet, before: await walletBefore(scene, wallet.account) }
}

async function leaves(watching: PayingPage, context: BrowserContext, { before }: Payer): Promise<void> {
  await watching.leave()
  await expectSettled(scene, context, before, creator.account)
}

test('U-PAY-6 no extension: the page says what to install, and looks again', async () => {
  const watching = await watch(await visit(visits))
  await watching.page.getByRole('button', { name: 'Choose a budget' }).click()
  await watching.says(/No wallet extension was found in this browser\. Install one .* then look again\./)
  await watching.page.getByRole('button', { name: 'Look again' }).waitFor()
})

test('U-PAY-6 S-FUND-2 a locked wallet, then one that refuses, then one that signs', async () => {
  const one = await payer('Locked')
  const { wallet } = one
  wallet.mood = 'locked'
  const context = await visit(visits, wallet)
  const watching = await watch(context)
  await watching.page.getByRole('button', { name: 'Choose a budget' }).click()
  await watching.page.getByRole('button', { name: /test-wallet/ }).click()
  await watching.says(/test-wallet shows no account\. It may be locked: open it, unlock it/)
  wallet.mood = 'refuses'
  await watching.page.getByRole('button', { name: /test-wallet/ }).click()
  const button = watching.page.getByRole('button', { name: /^Watch for up to/ })
  await button.click()
  await watching.says(/You said no in test-wallet\. Nothing was signed; you can try again\./)
  expect(await scene.free(wallet.account)).toBe(ROC)
  wallet.mood = 'signs'
  // What was chosen is still chosen.
  await button.click()
  await watching.hasTicks(2)
  expect(wallet.prompts).toEqual(['extrinsic', 'extrinsic'])
  await leaves(watching, context, one)
})

test('U-PAY-6 S-FUND-2 an account with nothing, then with almost nothing, then with enough', async () => {
  const wallet = await TestWallet.of('//Nobody')
  const watching = await watch(await visit(visits, wallet))
  await watching.chooseWallet()
  await watching.says(
    /This wallet holds 0 ROC; this budget needs 0\.1\d+ ROC, .* Choose a smaller budget, or put funds/,
  )
  // A little above the existential deposit: enough to be, not to pay.
  await scene.fund(wallet.account, 4_000_000n)
  await watching.page.getByRole('button', { name: 'Try again' }).click()
  await watching.says(/This wallet holds 0\.000004 ROC; .* 0\.000003333333 ROC stay on the wallet/)
  const button = watching.page.getByRole('button', { name: /^Watch for up to/ })
  expect(await button.isDisabled()).toBe(true)
  await scene.fund(wallet.account, ROC)
  await watching.page.getByRole('button', { name: 'Try again' }).click()
  await until('it can be paid', () => button.isEnabled())
  expect(wallet.prompts).toEqual([])
})

test('U-STUDIO-3 no node answers, then a payout account below the existential deposit: the form stays, and goes live once that is mended', async () => {
  const wallet = await TestWallet.of('//NewCreator')
  const gate = await RpcGate.open(visits, scene.endpoint)
  gate.shut()
  const fresh = new PaidStudioPage(await (await visit(visits, wallet, gate)).newPage())
  await fresh.page.goto(`${scene.url}#/studio`)
  await fresh.page.getByRole('radio', { name: 'Who pays' }).check()
  await fresh.says(
    /No node of the chain answers .* tried again by itself; check your connection, or choose another node/,
  )
  gate.reopen()
  const going = { price: '0.0001', source: 'Test pattern', preview: 'none' } as const
  await fresh.fillIn(going)
  await fresh.pressGoLive()
  const sentence =
    /payout account holds less than 0\.000003333333 ROC.* Send it at least that much once, then go live/
  await fresh.says(sentence)
  expect(wallet.prompts).toEqual([])
  const headless = new Command(visits, [
    ...[
      'broadcast',
      'sample/sample.mp4',
      '--tracker',
      scene.url,
      '--price',
      '0.0001',
      '--payout',
      wallet.account,
    ],
    ...['--folder', await temporaryFolder(visits)],
  ])
  await headless.says(sentence)
  await scene.fund(wallet.account, 4_000_000n)
  await fresh.pressGoLive()
  await fresh.page.getByLabel('Link for viewers').waitFor()
  expect(wallet.prompts).toEqual(['text'])
})

test('U-PAY-12 a node of another chain: said, and mended on the Wallet page', async () => {
  const one = await payer('WrongChain')
  const gate = await RpcGate.open(visits, scene.endpoint, {
    disguise: { from: GENESIS, to: '77'.repeat(32) },
  })
  const context = await visit(visits, one.wallet, gate)
  const watching = await watch(context)
  await watching.says(
    /This stream is paid on another chain \(0x45454545…\) than the one this browser is connected to \(.*0x77777777…\)\. Choose a node of that chain to watch it\./,
  )
  const { page } = watching
  await page.getByRole('link', { name: 'Choose another node' }).click()
  await page.getByLabel('Nodes, one a line').fill(scene.endpoint)
  await Promise.all([
    page.waitForEvent('load'),
    page.getByRole('button', { name: 'Use these nodes' }).click(),
  ])
  await page.goto(address)
  await watching.pay()
  await leaves(watching, context, one)
})

test('U-PAY-12 S-FUND-2 no node answers at the start: said, and the offer comes by itself when one does', async () => {
  const one = await payer('DownAtStart')
  const gate = await RpcGate.open(visits, scene.endpoint)
  gate.shut()
  const watching = await watch(await visit(visits, one.wallet, gate))
  await watching.says(/No node of the chain answers/)
  await watching.page.getByRole('link', { name: 'Choose another node' }).waitFor()
  gate.reopen()
  await watching.chooseWallet()
  await until('it can be paid', () =>
    watching.page.getByRole('button', { name: /^Watch for up to/ }).isEnabled(),
  )
})

test('U-PAY-12 S-CHAIN-2 A-CHAIN-1 the node goes in the middle, for viewer and creator, then for the creator alone: the picture goes on', async () => {
  const one = await payer('DownInTheMiddle')
  const context = await visit(visits, one.wallet)
  const watching = await watch(context)
  await watching.pay()
  await watching.hasTicks(4)
  const ticks = (await watching.figures())?.ticks ?? 0
  await scene.rpc('devchain_dropRpc', 8_000)
  await watching.is('chain-down')
  await watching.says(
    /The chain cannot be reached at the moment\. The picture goes on as long as the creator gives credit/,
  )
  await watching.goesOn()
  await watching.hasTicks(ticks + 5)
  await watching.is('paying')

  creatorGate.shut()
  try {
    await studio.says(/No endpoint of the chain answers .* tried again by itself; if it lasts, set another/)
    await watching.goesOn(150)
    expect((await watching.state())?.kind).toBe('paying')
  } finally {
    creatorGate.reopen()
  }
  await until(
    'the Studio follows again',
    async () => (await studio.page.getByRole('alert').count()) === 0,
    40_000,
  )
  await watching.goesOn()
  await leaves(watching, context, one)
})

test('S-BUDGET-1 the budget ends, is raised by one more prompt, and the picture goes on', async () => {
  const one = await payer('SmallBudget')
  const context = await visit(visits, one.wallet)
  const watching = await watch(context)
  await watching.pay('0.0008')
  await watching.is('out-of-budget')
  await watching.says(/The budget is spent: .* Raise it to go on, or leave/)
  const { page } = watching
  await page.getByRole('button', { name: 'Raise the budget' }).click()
  await page.getByLabel(/^Amount/).fill('0.002')
  await page.getByRole('button', { name: 'Add 0.002 ROC' }).click()
  await watching.is('paying')
  await watching.goesOn()
  await watching.hasTicks(12)
  expect(one.wallet.prompts).toEqual(['extrinsic', 'extrinsic'])
  await leaves(watching, context, one)
})

test('U-PAY-12 a fee spike stops paying with its reason, and paying goes on once it is over', async () => {
  const one = await payer('FeeSpike')
  const context = await visit(visits, one.wallet)
  const watching = await watch(context)
  await watching.pay()
  await watching.hasTicks(4)
  await scene.rpc('devchain_spikeFees', 20_000)
  try {
    await watching.says(
      /Fees on the chain have risen too far .* wait and go on, or leave and get the rest back/,
    )
  } finally {
    await scene.rpc('devchain_spikeFees', 1)
  }
  await watching.is('paying')
  await watching.goesOn()
  await leaves(watching, context, one)
})

test('A-PRICE-1 U-PAY-7 a price above what was accepted stops the picture until the viewer accepts it', async () => {
  const one = await payer('PriceRaised')
  const context = await visit(visits, one.wallet)
  const watching = await watch(context)
  await watching.pay()
  await studio.page.getByLabel('New price for an hour (ROC)').fill('0.72')
  await studio.page.getByRole('button', { name: 'Change the price' }).click()
  await studio.says(/0\.72 ROC an hour holds from epoch \d+ on/)
  await watching.is('price-raised', 60_000)
  await watching.says(/raised the price above what you accepted/)
  const paused = (await watching.figures())?.ticks ?? 0
  await watching.page.getByRole('button', { name: 'Accept 0.72 ROC an hour' }).click()
  await watching.is('paying')
  await watching.goesOn()
  await watching.hasTicks(paused + 4)
  expect(one.wallet.prompts).toEqual(['extrinsic'])
  await leaves(watching, context, one)
})

test('U-PAY-12 S-CHAIN-1 E-VANISH-1 the local chain is started anew in mid-session: archived with a sentence, for viewer and creator', async () => {
  const one = await payer('NewChain')
  const watching = await watch(await visit(visits, one.wallet))
  await watching.pay()
  await scene.rpc('devchain_restartAsNewChain')
  await watching.says(
    /The local chain that held this session was started anew: its play money is gone with it\./,
  )
  await watching.says(/The local chain was started anew since this page was loaded.* Load the page again/)
  await studio.says(
    /The local chain was started anew, and what it held is gone: .* Go live again to be paid on the new one\./,
  )
  await watching.page.getByRole('link', { name: 'Where my money is' }).click()
  const listed = watching.page.locator('vk-session-list').getByRole('listitem')
  await listed.getByText('its play money is gone with it').waitFor()
  expect(await listed.getByRole('button').count()).toBe(0)
}, 120_000)
