/** Calls `tick` every so many ms until the returned function is called; tests put their own in its place. */
export type Every = (ms: number, tick: () => void) => () => void

export const every: Every = (ms, tick) => {
  const timer = setInterval(tick, ms)
  return () => clearInterval(timer)
}
