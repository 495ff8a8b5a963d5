import type { ApiPromise } from '@polkadot/api'

const DEFAULT_MS = 6_000
const MIN_MS = 100
const MAX_MS = 120_000
/** Enough to even out a skipped slot, few enough to be read at once. */
export const BLOCK_TIME_SAMPLE = 20

/**
 * The chain's own word on its block time, ms: a parachain's is its relay slot, which async backing has outrun, and
 * `minimumPeriod` is zero on new ones. So what was measured over the last blocks goes first.
 */
export function blockTimeMs(
  api: Pick<ApiPromise, 'consts'>,
  measured: { readonly blocks: number; readonly ms: number } | undefined,
): number {
  if (measured !== undefined && measured.blocks > 0) {
    const ms = Math.round(measured.ms / measured.blocks)
    if (ms >= MIN_MS && ms <= MAX_MS) return ms
  }
  const { aura, babe, timestamp } = api.consts
  const words = [
    number(aura?.['slotDuration']),
    number(babe?.['expectedBlockTime']),
    2 * number(timestamp?.['minimumPeriod']),
  ]
  return words.find(ms => ms >= MIN_MS && ms <= MAX_MS) ?? DEFAULT_MS
}

function number(constant: unknown): number {
  return Number(String(constant ?? 'NaN'))
}
