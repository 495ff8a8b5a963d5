import type { Locator } from 'playwright-core'

/** What a reader sees of an element, through every shadow root in it; one space between words. */
export async function wordsOf(locator: Locator): Promise<string> {
  const text = await locator.evaluate(element => {
    const parts: string[] = []
    const visit = (node: Node): void => {
      if (node instanceof Text) parts.push(node.data)
      if (!(node instanceof Element) && !(node instanceof ShadowRoot)) return
      if (node instanceof HTMLElement && ['STYLE', 'SCRIPT'].includes(node.tagName)) return
      if (node instanceof Element && !node.checkVisibility()) return
      for (const child of (node instanceof Element ? (node.shadowRoot ?? node) : node).childNodes)
        visit(child)
    }
    visit(element)
    return parts.join(' ')
  })
  return text.replaceAll(/\s+/g, ' ').trim()
}
