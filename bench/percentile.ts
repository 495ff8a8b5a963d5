/** Nearest-rank percentile of unsorted values, `p` in (0, 1]; undefined of none. */
export function percentile(values: readonly number[], p: number): number | undefined {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)]
}
