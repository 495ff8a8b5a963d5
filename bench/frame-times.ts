import { percentile } from './percentile.ts'

/** When each peer had the whole of each frame, ms by the machine's clock; by peer, then by frame. NaN: never. */
export type FrameTimes = readonly Float64Array[]

export type TreeSummary = {
  /** Frames completed ÷ frames due, over all peers. */
  readonly delivery: number
  /** The same of the worst peer. */
  readonly worstDelivery: number
  readonly depths: readonly number[]
  readonly hops: number
  readonly hopP50Ms: number
  readonly hopP95Ms: number
  /** From the creator's push to the last part, at the deepest peers. */
  readonly endP95Ms: number
}

/**
 * Of frames `from` ≤ n < `to`, in a tree where peer 0 is the creator. A hop is a frame's time at a child minus that at
 * its parent; peers in `moved` changed parents meanwhile and have none.
 */
export function summarize(
  times: FrameTimes,
  parents: readonly number[],
  moved: ReadonlySet<number>,
  { from, to }: { readonly from: number; readonly to: number },
): TreeSummary {
  const at = (peer: number, frame: number): number => times[peer]?.[frame] ?? Number.NaN
  const hops: number[] = []
  const ends: number[] = []
  const depths = depthsOf(parents)
  const deepest = Math.max(...depths)
  let completed = 0
  let worst = 1
  for (let peer = 1; peer < parents.length; peer++) {
    let got = 0
    for (let frame = from; frame < to; frame++) {
      const arrived = at(peer, frame)
      if (Number.isNaN(arrived)) continue
      got += 1
      const hop = arrived - at(parents[peer] ?? 0, frame)
      if (!moved.has(peer) && !Number.isNaN(hop)) hops.push(hop)
      if (depths[peer] === deepest) ends.push(arrived - at(0, frame))
    }
    completed += got
    worst = Math.min(worst, got / (to - from))
  }
  return {
    delivery: completed / ((parents.length - 1) * (to - from)),
    worstDelivery: worst,
    depths,
    hops: hops.length,
    hopP50Ms: percentile(hops, 0.5) ?? Number.NaN,
    hopP95Ms: percentile(hops, 0.95) ?? Number.NaN,
    endP95Ms: percentile(ends, 0.95) ?? Number.NaN,
  }
}

/** Edges from the creator (peer 0), by peer. */
export function depthsOf(parents: readonly number[]): number[] {
  return parents.map((_, peer) => {
    let depth = 0
    for (let at = peer; at !== 0 && depth <= parents.length; at = parents[at] ?? 0) depth += 1
    return depth
  })
}
