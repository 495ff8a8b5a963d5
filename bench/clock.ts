/** Monotonic ms since the machine's boot: one clock for all processes of the machine, unlike `performance.now()`. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

export function delay(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

/** Throws when `condition` does not hold within `limitMs`. */
export async function until(what: string, condition: () => boolean, limitMs: number): Promise<void> {
  const end = machineMs() + limitMs
  while (!condition()) {
    if (machineMs() > end) throw new Error(`${what}: not within ${limitMs} ms`)
    await delay(20)
  }
}
