import type { PlayoutFrame } from './playout-frame.ts'

/** The dyadic patterns of `L1T2` and `L1T3` (W3C scalability modes): a frame needs only frames of lower layers, and its own before a lower one. */
const PATTERNS: readonly (readonly number[] | undefined)[] = [undefined, undefined, [0, 1], [0, 2, 1, 2]]

/** Where in its pattern the frame after `frame` stands; undefined while that cannot be told. */
export function nextPhase(
  temporalLayers: number,
  phase: number | undefined,
  frame: PlayoutFrame,
): number | undefined {
  const pattern = PATTERNS[temporalLayers]
  if (pattern === undefined) return undefined
  if (frame.temporalLayer === 0) return 1
  const expected = phase === undefined ? undefined : pattern[phase % pattern.length]
  return phase !== undefined && expected === frame.temporalLayer ? phase + 1 : undefined
}

/**
 * `gap` frames are missing before one of layer `layer`: the lowest layer among them by the pattern. Undefined when a
 * base frame is among them or the pattern does not tell: then only a key frame helps.
 */
export function lowestSkipped(
  temporalLayers: number,
  phase: number | undefined,
  gap: number,
  layer: number,
): number | undefined {
  const pattern = PATTERNS[temporalLayers]
  if (pattern === undefined || phase === undefined || gap >= pattern.length) return undefined
  let lowest = Number.POSITIVE_INFINITY
  for (let step = 0; step < gap; step++) {
    lowest = Math.min(lowest, pattern[(phase + step) % pattern.length] ?? 0)
  }
  if (lowest === 0 || pattern[(phase + gap) % pattern.length] !== layer) return undefined
  return lowest
}
