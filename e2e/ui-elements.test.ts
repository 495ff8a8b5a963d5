import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from './chromium.ts'
import { type PageServer, servePages } from './page-server.ts'
import { unnamedControls } from './ui/accessible-names.ts'
import { lowContrast } from './ui/contrast.ts'

const SCENES = [
  'home',
  'home-empty',
  'home-unreachable',
  'studio',
  'live-panel',
  'player',
  'player-waiting',
  'connection',
] as const

let server: PageServer
let browser: Browser
/** Shared by the tests that need no settings of their own. */
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

async function show(scene: (typeof SCENES)[number]): Promise<void> {
  // By way of an empty scene: each starts from nothing.
  for (const hash of ['', scene])
    await page.evaluate(
      text => (window as unknown as { showScene(name: string): void }).showScene(text),
      hash,
    )
  await page.locator('main > *').first().waitFor()
  for (const summary of await page.locator('summary').all()) await summary.click()
}

describe('elements in hand-made states', () => {
  it('U-A11Y-1 every control has a name', async () => {
    for (const scene of SCENES) {
      await show(scene)
      expect(await unnamedControls(page), scene).toEqual([])
    }
  })

  it('U-A11Y-3 all text has contrast AA on what is behind it', async () => {
    let texts = 0
    for (const scene of SCENES) {
      await show(scene)
      const { checked, low } = await page.evaluate(lowContrast)
      expect(low, scene).toEqual([])
      texts += checked
    }
    expect(texts).toBeGreaterThan(50)
  })

  it('U-A11Y-3 nothing moves under reduced motion', async () => {
    await show('player-waiting')
    const moving = async (reducedMotion: 'reduce' | 'no-preference') => {
      await page.emulateMedia({ reducedMotion })
      return page.locator('.spinner').evaluate(element => getComputedStyle(element).animationName)
    }
    expect(await moving('no-preference')).not.toBe('none')
    expect(await moving('reduce')).toBe('none')
  })

  it('U-A11Y-4 no scene scrolls sideways at 390 px', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    for (const scene of SCENES) {
      await show(scene)
      expect(await page.evaluate(() => document.documentElement.scrollWidth), scene).toBeLessThanOrEqual(390)
    }
  })

  it('U-HOME-1 lists streams most watched first, and their words are text only', async () => {
    await show('home')
    expect(await page.locator('vk-stream-card h2').allTextContents()).toEqual([
      'Evening raga, live from the roof',
      expect.stringContaining('Building a relay tree'),
      'Untitled stream',
      expect.stringContaining('<b>not bold</b>'),
    ])
    expect(await page.getByRole('status').textContent()).toBe('4 streams live')
    expect(await page.locator('vk-stream-card b').count()).toBe(0)
    expect(await page.getByText('Paid by the second').count()).toBe(1)
    expect(await page.getByRole('link', { name: /Evening raga/ }).getAttribute('href')).toBe(
      '#/watch/stream1',
    )
  })

  it('U-HOME-3 tells of an empty house and of an unreachable tracker, with the next step', async () => {
    await show('home-empty')
    expect(await page.getByRole('link', { name: 'Go live' }).getAttribute('href')).toBe('#/studio')
    await show('home-unreachable')
    expect(await page.getByRole('alert').textContent()).toContain('No tracker answers')
    expect(await page.getByRole('button', { name: 'Try again' }).isVisible()).toBe(true)
  })

  it('U-WATCH-1 one button starts sound where the browser wants a click', async () => {
    await show('player')
    await page.getByRole('button', { name: 'Click for sound' }).click()
    expect(await playerCalls(page)).toContain('sound')
    await expect.poll(() => page.getByRole('button', { name: 'Click for sound' }).count()).toBe(0)
  })

  it('U-WATCH-5 keys work from anywhere but where they already mean something', async () => {
    await show('player')
    await forget(page)
    for (const key of ['k', ' ', 'm', 'm', 'ArrowDown']) await page.keyboard.press(key)
    expect(await playerCalls(page)).toEqual([
      ...['pause', 'play'],
      ...['volume 1', 'mute', 'volume 1', 'unmute', 'sound'],
      ...['volume 0.95', 'unmute'],
    ])
    await forget(page)
    // Space on a focused button presses that button, once.
    await page.getByRole('button', { name: 'Mute' }).focus()
    await page.keyboard.press(' ')
    expect(await playerCalls(page)).toEqual(['volume 0.95', 'mute'])
    await forget(page)
    await page.keyboard.press('Control+m')
    expect(await playerCalls(page)).toEqual([])
    await page.keyboard.press('f')
    await expect.poll(() => page.evaluate(() => document.fullscreenElement !== null)).toBe(true)
  })

  it('U-WATCH-6 the Connection panel lists every link and reports the choice of slots', async () => {
    await show('connection')
    expect(await page.getByRole('row').count()).toBe(4)
    expect(await page.getByRole('rowheader').allTextContents()).toEqual(['…RelayB', '…RelayC', '…ChildX'])
    const panel = page.locator('vk-connection-panel')
    await panel.evaluate(element => {
      element.addEventListener('slots-chosen', event => {
        element.setAttribute('data-chosen', String((event as CustomEvent).detail))
      })
    })
    await page.getByLabel('Upload slots').selectOption('2')
    expect(await panel.getAttribute('data-chosen')).toBe('2')
    await page.getByLabel('Upload slots').selectOption('')
    expect(await panel.getAttribute('data-chosen')).toBe('null')
  })
})

function playerCalls(page: Page): Promise<string[]> {
  return page
    .locator('vk-player')
    .evaluate(element => [...(element as unknown as { player: { calls: string[] } }).player.calls])
}

function forget(page: Page): Promise<void> {
  return page.locator('vk-player').evaluate(element => {
    ;(element as unknown as { player: { calls: string[] } }).player.calls.length = 0
  })
}
