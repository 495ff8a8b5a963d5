import { leastCreditSeconds, usualCreditSeconds } from '../../../shared/pay/access-credit.ts'
import type { ChainInfo } from '../../engine/chain/chain-port.ts'
import { parseAmount } from '../../engine/chain/planck-text.ts'
import type { PriceOptions } from '../../engine/paid/paid-broadcast-contract.ts'
import type { WalletAccount } from '../pay/wallet-desk.ts'

/** What the price form holds before going live; amounts as typed. */
export type PriceSettings = {
  readonly isPaid: boolean
  readonly amount: string
  readonly per: 'hour' | 'second'
  /** Creator, payout account, and whose wallet signs the certificate. */
  readonly account: WalletAccount | undefined
  readonly previewSeconds: number
  /** Undefined: the least that cuts no honest viewer off. */
  readonly creditSeconds: number | undefined
  /** Start and end are written on chain, for a fee. */
  readonly isRecordedOnChain: boolean
}

export const FREE: PriceSettings = {
  isPaid: false,
  amount: '',
  per: 'hour',
  account: undefined,
  previewSeconds: 8,
  creditSeconds: undefined,
  isRecordedOnChain: false,
}

export type PriceReading =
  | { readonly kind: 'price'; readonly pricePerSecond: bigint }
  /** What to mend, in words. */
  | { readonly kind: 'problem'; readonly sentence: string }

const SECONDS_AN_HOUR = 3_600n
/** A price may be raised while live, up to so much of what was certified at the start. */
export const RAISE_FACTOR = 4n
const EPOCH_MS = 4_000

/** planck a second of what was typed; an hour's price is rounded down to whole planck a second. */
export function readPrice(
  { amount, per }: PriceSettings,
  unit: Pick<ChainInfo, 'symbol' | 'decimals'>,
): PriceReading {
  if (amount.trim() === '') return { kind: 'problem', sentence: 'Name a price, or make the stream free.' }
  const planck = parseAmount(amount, unit.decimals)
  if (planck === undefined)
    return {
      kind: 'problem',
      sentence: `“${amount.slice(0, 40)}” is no price. Write a number such as 0.5, with at most ${unit.decimals} digits after the point.`,
    }
  const pricePerSecond = per === 'hour' ? planck / SECONDS_AN_HOUR : planck
  if (pricePerSecond === 0n)
    return {
      kind: 'problem',
      sentence: `That is less than the smallest unit of ${unit.symbol} a second. Raise it, or make the stream free.`,
    }
  return { kind: 'price', pricePerSecond }
}

/** Seconds of credit below which honest viewers are cut off now and then, and what is usual. */
export function creditSecondsOf({ blockMs }: Pick<ChainInfo, 'blockMs'>): {
  readonly least: number
  readonly usual: number
} {
  const needs = { epochMs: EPOCH_MS, blockMs }
  return { least: leastCreditSeconds(needs), usual: usualCreditSeconds(needs) }
}

/** Everything a paid stream needs, or what is still missing, in words. */
export function priceOptions(settings: PriceSettings, chain: ChainInfo): PriceOptions | string {
  const price = readPrice(settings, chain)
  if (price.kind === 'problem') return price.sentence
  const { account, previewSeconds } = settings
  if (account === undefined) return 'Choose the account that is to be paid.'
  return {
    pricePerSecond: price.pricePerSecond,
    highestPrice: price.pricePerSecond * RAISE_FACTOR,
    payout: account.account,
    genesis: chain.genesis,
    previewSeconds,
    creditSeconds: settings.creditSeconds ?? creditSecondsOf(chain).usual,
  }
}
