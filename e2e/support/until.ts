/** Looks every `everyMs` until `condition` holds. Throws with `what` after `limitMs`. */
export async function until(
  what: string | (() => string),
  condition: () => boolean | Promise<boolean>,
  limitMs = 15_000,
  everyMs = 10,
): Promise<void> {
  const endMs = performance.now() + limitMs
  while (!(await condition())) {
    if (performance.now() > endMs) {
      throw new Error(`not within ${limitMs} ms: ${typeof what === 'string' ? what : what()}`)
    }
    await new Promise(resolve => setTimeout(resolve, everyMs))
  }
}
