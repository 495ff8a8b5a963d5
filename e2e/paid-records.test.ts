import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from './chromium.ts'
import { Disposer } from './support/disposer.ts'
import { PaidScene } from './support/paid-scene.ts'
import { PaidStudioPage } from './support/paid-studio-page.ts'
import { PayingPage } from './support/paying-page.ts'
import { TestWallet } from './support/test-wallet.ts'

const suite = new Disposer()
let scene: PaidScene
let browser: Browser
beforeAll(async () => {
  scene = await PaidScene.start(suite)
  browser = await launchChromium()
  suite.defer(() => browser.close())
}, 180_000)
afterAll(() => suite.dispose())

async function contextOf(wallet: TestWallet): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  await wallet.install(context)
  return context
}

test('U-EARN-6 E-RECORD-5 a creator in Chromium writes start and end on chain, one prompt each; the Watch page finds the start', async () => {
  const [creator, viewer] = [await TestWallet.of('//Ferdie'), await TestWallet.of('//Dave')]
  const studio = new PaidStudioPage(await (await contextOf(creator)).newPage())
  await studio.page.goto(`${scene.url}#/studio`)
  await studio.fillIn({ price: '0.0001', source: 'Test pattern' })
  await studio.page.getByLabel(/Write start and end on chain/).check()
  await studio.pressGoLive()
  const link = await studio.page.getByLabel('Link for viewers').inputValue()
  await studio.says(/The start is written in block \d+ \(bafkrei\w+, fee [\d.]+ ROC\)/)
  expect(creator.prompts).toEqual(['text', 'extrinsic'])

  const watching = new PayingPage(await (await contextOf(viewer)).newPage())
  await watching.page.goto(link)
  const line = watching.panel.getByText(/^Recorded on chain in block \d+\.$/)
  await line.waitFor({ timeout: 60_000 })
  expect(viewer.prompts).toEqual([])
  const number = Number(/\d+/.exec(await line.innerText())?.[0])
  const { extrinsics } = await scene.chain.block(await scene.chain.blockHash(number))
  expect(extrinsics.filter(({ signer }) => signer === creator.account)).toMatchObject([
    { isOk: true, remarks: [{ sender: creator.account }] },
  ])

  await studio.page
    .getByRole('button', { name: /^End stream|^Stop/ })
    .first()
    .click()
  await studio.says(/The end is written in block \d+/)
  expect(creator.prompts).toEqual(['text', 'extrinsic', 'extrinsic'])
}, 180_000)
