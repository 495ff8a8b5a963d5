import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { streamIdFromBytes } from '../shared/protocol/ids.ts'
import { launchChromium } from './chromium.ts'
import { type PageServer, servePages } from './page-server.ts'
import { unnamedControls } from './ui/accessible-names.ts'
import { lowContrast } from './ui/contrast.ts'
import { SENTENCES } from './ui/fake-money.ts'

let server: PageServer
let browser: Browser
let page: Page

beforeAll(async () => {
  server = await servePages({ entries: ['e2e/ui/gallery.html'] })
  browser = await launchChromium()
  page = await browser.newPage()
  await page.goto(`${server.url}e2e/ui/gallery.html`)
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

async function show(scene: string): Promise<void> {
  for (const hash of ['', scene])
    await page.evaluate(
      text => (window as unknown as { showScene(name: string): void }).showScene(text),
      hash,
    )
  await page.locator('main > *').first().waitFor()
}

const scene = (kind: string) => `pay-${SENTENCES.findIndex(state => state.kind === kind)}`

/** What the page asked of the payment engine. */
const asked = () =>
  page
    .locator('vk-pay-panel')
    .evaluate(panel => [...(panel as unknown as { viewing: { calls: string[] } }).viewing.calls])

/** All text of an element, its own shadow included. */
const wordsOf = (name: string) =>
  page.locator(name).evaluate(element => element.shadowRoot?.textContent ?? '')

const press = (name: string | RegExp) => page.getByRole('button', { name }).click()

async function chooseDemo(): Promise<void> {
  await press(/Demo wallet/)
  await page.getByRole('combobox', { name: 'Account' }).waitFor()
}

describe('paying for a stream', () => {
  it('U-PAY-3 every state is a heading and a sentence in one live region, with the next step', async () => {
    const headings: string[] = []
    for (const [index, state] of SENTENCES.entries()) {
      await show(`pay-${index}`)
      const region = page.locator('vk-pay-panel').getByRole('status').first()
      const heading = (await page.getByRole('heading', { level: 2 }).textContent()) ?? ''
      if ('sentence' in state) expect(await region.textContent()).toBe(`${heading}. ${state.sentence}`)
      else expect((await region.textContent())?.length, state.kind).toBeGreaterThan(60)
      headings.push(heading)
      expect(await unnamedControls(page), state.kind).toEqual([])
      expect((await page.evaluate(lowContrast)).low, state.kind).toEqual([])
      // Where nothing goes on by itself there is a button or a link.
      const isWaiting = ['resuming', 'funding', 'closing'].includes(state.kind)
      if (!isWaiting) expect(await page.getByRole('button').count(), state.kind).toBeGreaterThan(0)
    }
    expect(new Set(headings).size).toBe(headings.length)
  })

  it('U-PAY-4 price, cap, fees, worst case and what others can read are there before the prompt', async () => {
    await show(scene('offer'))
    const words = () => wordsOf('vk-pay-offer')
    expect(await words()).toContain('Anyone can read on chain which wallet paid which account')
    expect(await page.getByRole('button', { name: /^Watch for up to/ }).isDisabled()).toBe(true)
    await chooseDemo()
    await expect.poll(words).toContain('1.8125112 ROC')
    const all = await words()
    for (const part of [
      '3.6 ROC',
      '0.001 ROC',
      '0.4 %',
      'Never more than',
      'Lost at the very worst',
      'play money',
    ])
      expect(all, part).toContain(part)
    await press('Watch for up to 30 min, at most 1.8 ROC')
    expect(await asked()).toEqual(['pay 1800000000000 from 44'])
  })

  it('U-PAY-5 a budget is minutes or an amount, and what is no amount is not paid', async () => {
    await show(scene('offer'))
    await chooseDemo()
    await page.getByLabel('Minutes').fill('90')
    await page.getByLabel('Minutes').press('Tab')
    expect(await page.getByLabel('Amount (ROC)').inputValue()).toBe('5.4')
    await page.getByLabel('Amount (ROC)').fill('0,6')
    expect(await page.getByLabel('Minutes').inputValue()).toBe('10')
    expect(await page.getByRole('button', { name: '10 min', exact: true }).getAttribute('aria-pressed')).toBe(
      'true',
    )
    await page.getByLabel('Amount (ROC)').fill('6e1')
    expect(await page.getByText('That is no amount').isVisible()).toBe(true)
    expect(await page.getByRole('button', { name: /^Watch/ }).isDisabled()).toBe(true)
  })

  it('U-PAY-6 what the wallet or the chain refuses is said in its own words, and can be tried again', async () => {
    await show(scene('offer'))
    await page.locator('vk-pay-panel').evaluate(panel => {
      const refusal = Object.assign(new Error('Your wallet holds 1 ROC; this needs 1.8 ROC.'), {
        name: 'PayError',
      })
      ;(panel as unknown as { viewing: { refusal: Error } }).viewing.refusal = refusal
    })
    await chooseDemo()
    expect(await page.getByRole('alert').textContent()).toContain('Your wallet holds 1 ROC')
    await page.locator('vk-pay-panel').evaluate(panel => {
      ;(panel as unknown as { viewing: { refusal: undefined } }).viewing.refusal = undefined
    })
    await press('Try again')
    await expect.poll(() => page.getByRole('button', { name: /^Watch for up to/ }).isEnabled()).toBe(true)
  })

  it('U-PAY-6 no extension, and a wallet that shows no account, each with what to do', async () => {
    await show('pay-no-wallet')
    await page.getByText('No wallet extension was found').waitFor()
    await show('pay-no-accounts')
    await press('Polkadot.js')
    expect(await page.getByRole('alert').textContent()).toContain('shows this page no account')
    await show('pay-locked')
    await press('Polkadot.js')
    expect(await page.getByRole('alert').textContent()).toContain('is locked')
  })

  it('U-PAY-6 a real extension that refuses, waits, or is locked is told in a sentence', async () => {
    // By the real extension-dapp: what `enable` does of a wallet injected as extensions are.
    const told: Record<string, RegExp> = {
      refused: /You said no in .*you can try again/,
      pending: /waits for an answer to an earlier question/,
      locked: /shows no account. It may be locked/,
      broken: /could not/,
    }
    for (const [kind, sentence] of Object.entries(told)) {
      await page.evaluate(how => {
        const accounts = { get: async () => [], subscribe: () => () => undefined }
        const enable = async () => {
          if (how === 'refused') throw new Error('Cancelled')
          if (how === 'pending') throw new Error('Pending authorisation request already exists for this site')
          if (how === 'broken') throw new Error('out of order')
          return { accounts, signer: {} }
        }
        Object.assign(window, { injectedWeb3: { 'a-wallet': { version: '1', enable } } })
      }, kind)
      await show('pay-real-wallets')
      await press('a-wallet')
      await expect
        .poll(() => page.getByRole('alert').allTextContents(), { message: kind })
        .toEqual([expect.stringMatching(sentence)])
      expect(await page.getByRole('button', { name: 'a-wallet' }).isEnabled()).toBe(true)
    }
  })

  it('U-PAY-7 accept a price, take over, leave, raise: one button each', async () => {
    await show(scene('price-raised'))
    await press('Accept 7.2 ROC an hour')
    expect(await asked()).toEqual(['accept 2000000000'])
    await show(scene('in-another-tab'))
    await press('Watch here instead')
    expect(await asked()).toEqual(['take over'])
    await show(scene('paying'))
    await press('Stop, and take the rest back')
    expect(await asked()).toEqual(['leave'])
    await show(scene('out-of-budget'))
    await press('Raise the budget')
    await chooseDemo()
    await press('Add 1.8 ROC')
    await expect.poll(asked).toEqual(['raise 1800000000000'])
  })

  it('U-PAY-7 figures of the money are exact, and a screen reader hears of a state once', async () => {
    await show(scene('paying'))
    const spoken = page.locator('vk-pay-panel').getByRole('status').first()
    const before = await spoken.textContent()
    await page.locator('vk-pay-panel').evaluate(panel => {
      const { viewing } = panel as unknown as { viewing: { become(state: object): void } }
      viewing.become({ kind: 'paying', sentence: '0.9 ROC paid.' })
    })
    await page.getByText('0.9 ROC paid.').waitFor()
    expect(await spoken.textContent()).toBe(before)
    const text = await wordsOf('vk-pay-panel')
    for (const part of ['12:34', '0.752 ROC', '0.744 ROC final', '0.002 ROC', '1.046 ROC', '0.0026769 ROC'])
      expect(text, part).toContain(part)
    expect(await page.locator('vk-pay-panel').getByRole('status').count()).toBe(1)
  })
})

describe('what earlier visits left open', () => {
  type Settled = { told: string[]; asked: number; databases: number }
  async function settle(hasSession: boolean, mends: boolean, watching?: string): Promise<Settled> {
    const fresh = await browser.newContext()
    try {
      const tab = await fresh.newPage()
      await tab.goto(`${server.url}e2e/ui/gallery.html`)
      return await tab.evaluate(
        ([has, can, stream]) =>
          (
            window as unknown as {
              settleOne(has: boolean, can: boolean, stream: string | undefined): Promise<Settled>
            }
          ).settleOne(has, can, stream),
        [hasSession, mends, watching] as const,
      )
    } finally {
      await fresh.close()
    }
  }

  it('U-PAY-11 is settled and said; who never paid keeps no database and loads no chain', async () => {
    expect(await settle(false, true)).toEqual({ told: [], asked: 0, databases: 0 })
    expect(await settle(true, true)).toMatchObject({ told: ['running', 'settled'], asked: 1 })
    expect(await settle(true, false)).toMatchObject({ told: ['running', 'left'], asked: 1 })
  })

  it('U-PAY-11 what belongs to the stream that is watched is left alone', async () => {
    const watched = streamIdFromBytes(new Uint8Array(32).fill(0xaa))
    expect(await settle(true, true, watched)).toMatchObject({ told: [], asked: 0 })
    expect(await settle(true, true, 'no id')).toMatchObject({ told: ['running', 'settled'], asked: 1 })
  })
})

describe('the studio of a paid stream', () => {
  it('U-EARN-1 income now, per hour, total with what is final, sessions and viewers', async () => {
    await show('earnings')
    const words = await wordsOf('vk-earnings-panel')
    for (const part of ['3.254 ROC', '0.154 ROC not final yet', '0.003 ROC a second', '10.8 ROC', '1 viewer'])
      expect(words, part).toContain(part)
    expect(await page.locator('[aria-label="Sessions"]').getByRole('row').count()).toBe(3)
    const viewers = page.locator('[aria-label="Income by viewer"]')
    expect(await viewers.getByRole('row').nth(1).textContent()).toMatch(
      /2 sessions\s*2254\s*2.254 ROC\s*2.1 ROC/,
    )
    expect(await viewers.textContent()).toContain('no session of this stream')
  })

  it('U-EARN-2 what could not be read is a gap in words, never zero, and a pause says why', async () => {
    await show('earnings')
    expect(await wordsOf('vk-earnings-panel')).toContain('Blocks 120 to 131 could not be read')
    expect(await wordsOf('vk-earnings-panel')).toContain('holds 0.046 ROC more than the blocks explain')
    await show('earnings-paused')
    const alarms = await page.getByRole('alert').allTextContents()
    expect(alarms.join()).toContain('so nobody gets keys')
    expect(alarms.join()).toContain('No new block was seen for 70 s')
  })

  it('U-EARN-3 the graph is drawn by what the site itself carries, and says its sum', async () => {
    await show('earnings')
    await page.locator('vk-income-graph canvas').waitFor()
    const graph = page.locator('vk-income-graph').getByRole('img')
    expect(await graph.getAttribute('aria-label')).toMatch(/^Income of the last \d+ min: [\d.]+ ROC$/)
    await page.getByLabel('Over the last').selectOption('1 hour')
    expect(await page.locator('vk-income-graph canvas').count()).toBe(1)
  })

  it('U-EARN-4 all payments leave as a CSV file', async () => {
    await show('earnings')
    const [file] = await Promise.all([page.waitForEvent('download'), press('Save all payments as CSV')])
    expect(file.suggestedFilename()).toMatch(/^vilokanam-income-\d{4}-\d\d-\d\d\.csv$/)
    const chunks: Buffer[] = []
    for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer)
    expect(Buffer.concat(chunks).toString()).toBe('block,amount\r\n412,0.002\r\n')
  })

  it('U-EARN-5 a new price is told with its epoch, and what is no price changes nothing', async () => {
    await show('earnings')
    const calls = () =>
      page
        .locator('vk-earnings-panel')
        .evaluate(panel => [...(panel as unknown as { paid: { calls: string[] } }).paid.calls])
    await page.getByLabel('New price for an hour (ROC)').fill('cheap')
    await press('Change the price')
    expect(await page.getByRole('alert').textContent()).toContain('That is no price')
    expect(await calls()).toEqual([])
    await page.getByLabel('New price for an hour (ROC)').fill('7.2')
    await press('Change the price')
    await page.getByText('7.2 ROC an hour holds from epoch 42 on').waitFor()
    expect(await calls()).toEqual(['price 2000000000'])
  })

  it('U-PRICE-1 U-PRICE-2 the form says what a price is a second, and what credit is too little', async () => {
    await show('price-paid')
    expect(await wordsOf('vk-price-form')).toContain('0.001 ROC a second, 3.6 ROC an hour')
    expect(await wordsOf('vk-price-form')).toContain('12 s is the least that cuts no honest viewer off')
    await show('price-low-credit')
    expect(await wordsOf('vk-price-form')).toContain('“3,6x” is no price')
    expect(await wordsOf('vk-price-form')).toContain('Less than 12 s cuts honest viewers off')
    await show('price-chain-down')
    expect(await page.getByRole('link', { name: 'Choose another node' }).getAttribute('href')).toBe(
      '#/wallet',
    )
  })
})

describe('pages about money', () => {
  const SCENES = [
    ...['sessions', 'sessions-none', 'chain-ready', 'chain-none', 'chain-down', 'faucet'],
    ...['earnings', 'earnings-paused', 'price-free', 'price-paid', 'price-low-credit', 'price-chain-down'],
  ]

  it('U-A11Y-1 U-A11Y-3 U-A11Y-4 names, contrast and width', async () => {
    for (const name of SCENES) {
      await show(name)
      for (const summary of await page.locator('summary').all()) await summary.click()
      expect(await unnamedControls(page), name).toEqual([])
      expect((await page.evaluate(lowContrast)).low, name).toEqual([])
    }
    await page.setViewportSize({ width: 390, height: 844 })
    for (const name of [...SCENES, ...SENTENCES.map((_, index) => `pay-${index}`)]) {
      await show(name)
      expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(390)
    }
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  it('U-WALLET-1 lists where each planck is, and payments by block', async () => {
    await show('sessions')
    const open = page.getByRole('listitem').filter({ hasText: 'Evening raga' })
    for (const part of [
      '1.8125 ROC',
      '0.754 ROC',
      '1.046 ROC',
      '0.0098231 ROC',
      '0.0026769 ROC',
      '0.0000112 ROC',
    ])
      expect(await open.textContent(), part).toContain(part)
    await open.getByText('2 payments by block').click()
    expect(await open.getByRole('row').nth(2).textContent()).toMatch(
      /412\s*752\s*0.752 ROC\s*0.0000071 ROC\s*paid, not final yet/,
    )
    const list = page.locator('vk-session-list')
    await list.evaluate(element => {
      element.addEventListener('close-session', event => {
        element.setAttribute('data-closed', (event as CustomEvent<string>).detail)
      })
    })
    await press('Close “Evening raga, live from the roof” and take the rest back')
    expect(await list.getAttribute('data-closed')).toBe(`0x${'6'.repeat(64)}`)
    expect(await page.getByRole('button', { name: /^Close/ }).count()).toBe(1)
  })

  it('U-WALLET-2 finds sessions of a wallet, tells what could not be read, and takes back', async () => {
    await show('find-running')
    await chooseDemo()
    await press('Find my sessions')
    expect(await page.getByRole('progressbar').getAttribute('max')).toBe('400')
    await page.getByText('112 of 400 blocks read').waitFor()
    await show('find-found')
    await chooseDemo()
    await press('Find my sessions')
    expect(await page.getByRole('alert').textContent()).toContain('Blocks 310 to 320 could not be read')
    await press('Take 0.5 ROC back')
    await page.getByText('0.5 ROC came back to your wallet.').waitFor()
  })

  it('U-PAY-2 takes addresses of nodes and nothing else', async () => {
    await show('chain-none')
    const settings = page.locator('vk-chain-settings')
    await settings.evaluate(element => {
      element.addEventListener('endpoints-chosen', event => {
        element.setAttribute('data-chosen', JSON.stringify((event as CustomEvent<string[]>).detail))
      })
    })
    await page.getByLabel('Nodes, one a line').fill('wss://a.example\nhttps://b.example')
    await press('Use these nodes')
    expect(await page.getByRole('alert').textContent()).toContain(
      '“https://b.example” is no address of a node',
    )
    expect(await settings.getAttribute('data-chosen')).toBeNull()
    await page.getByLabel('Nodes, one a line').fill('wss://a.example\nws://127.0.0.1:9944\n')
    await press('Use these nodes')
    expect(await settings.getAttribute('data-chosen')).toBe('["wss://a.example","ws://127.0.0.1:9944"]')
  })
})
