import type { Page } from 'playwright-core'

const CONTROLS = new Set([
  'button',
  'link',
  'textbox',
  'combobox',
  'slider',
  'radio',
  'checkbox',
  'region',
  'dialog',
])

/** Roles of controls that a screen reader could not name, by Chromium's own accessibility tree. */
export async function unnamedControls(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  const { nodes } = await session.send('Accessibility.getFullAXTree')
  const controls = nodes.filter(node => !node.ignored && CONTROLS.has(String(node.role?.value)))
  await session.detach()
  return controls
    .filter(node => String(node.name?.value ?? '').trim() === '')
    .map(node => String(node.role?.value))
}
