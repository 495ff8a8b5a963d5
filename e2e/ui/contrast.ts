/**
 * Runs in the page: every visible text against the colours behind it (WCAG 2.2, 1.4.3: 4.5, large text 3). Text over
 * pictures and gradients is left out, as is what is disabled.
 */
export function lowContrast(): { checked: number; low: string[] } {
  type Colour = [number, number, number, number]
  const low: string[] = []
  let checked = 0

  const parse = (text: string): Colour => {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = 1
    const drawing = canvas.getContext('2d')
    if (drawing === null) throw new Error('no canvas')
    drawing.fillStyle = text
    drawing.fillRect(0, 0, 1, 1)
    const [r = 0, g = 0, b = 0, a = 0] = drawing.getImageData(0, 0, 1, 1).data
    return [r, g, b, a / 255]
  }
  const over = (top: Colour, below: Colour): Colour => {
    const mix = (index: 0 | 1 | 2) => top[index] * top[3] + below[index] * (1 - top[3])
    return [mix(0), mix(1), mix(2), 1]
  }
  const luminance = ([r, g, b]: Colour): number => {
    const linear = (value: number) => {
      const part = value / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    }
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
  }
  const parentOf = (element: Element): Element | null => {
    const parent = element.assignedSlot ?? element.parentNode
    if (parent instanceof ShadowRoot) return parent.host
    return parent instanceof Element ? parent : null
  }
  /** Undefined over a picture or gradient. */
  const behind = (element: Element): Colour | undefined => {
    const layers: Colour[] = []
    for (let at: Element | null = element; at !== null; at = parentOf(at)) {
      const style = getComputedStyle(at)
      if (style.backgroundImage !== 'none') return undefined
      const colour = parse(style.backgroundColor)
      if (colour[3] > 0) layers.push(colour)
      if (colour[3] === 1) break
    }
    return layers.reduceRight<Colour>((below, top) => over(top, below), [255, 255, 255, 1])
  }
  const check = (element: Element): void => {
    const text = [...element.childNodes]
      .filter(node => node.nodeType === Node.TEXT_NODE)
      .map(node => node.textContent?.trim())
      .join('')
    if (text === '' || element.closest('.visually-hidden, :disabled, option, style, script') !== null) return
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return
    const back = behind(element)
    if (back === undefined) return
    const style = getComputedStyle(element)
    const [a, b] = [luminance(over(parse(style.color), back)), luminance(back)]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    const size = Number.parseFloat(style.fontSize)
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
    checked += 1
    if (ratio < (isLarge ? 3 : 4.5)) low.push(`${text.slice(0, 40)}: ${ratio.toFixed(2)}`)
  }
  const walk = (root: Document | ShadowRoot): void => {
    for (const element of root.querySelectorAll('*')) {
      check(element)
      if (element.shadowRoot !== null) walk(element.shadowRoot)
    }
  }
  walk(document)
  return { checked, low }
}
