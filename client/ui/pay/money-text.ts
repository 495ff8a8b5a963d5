import type { ChainInfo } from '../../engine/chain/chain-port.ts'
import { planckText } from '../../engine/chain/planck-text.ts'

export { amountText, parseAmount, planckText as moneyText } from '../../engine/chain/planck-text.ts'

/** How amounts of a chain are written. */
export type MoneyUnit = Pick<ChainInfo, 'symbol' | 'decimals'>

const SECONDS_AN_HOUR = 3_600n

/** planck a second as an hour of it costs: exact. */
export function perHourText(pricePerSecond: bigint, unit: MoneyUnit): string {
  return `${planckText(pricePerSecond * SECONDS_AN_HOUR, unit)} an hour`
}

/** 0 to 1 as percent: `0.2 %`, `5 %`. */
export function shareText(share: number): string {
  const percent = share * 100
  if (percent > 0 && percent < 0.1) return 'under 0.1 %'
  return `${percent < 10 ? Number(percent.toFixed(1)) : Math.round(percent)} %`
}

/** Seconds as a clock: `0:07`, `12:34`, `1:02:03`. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map(part => String(part).padStart(2, '0'))
  const hours = Math.floor(whole / 3_600)
  return hours > 0 ? `${hours}:${parts.join(':')}` : parts.join(':').replace(/^0/, '')
}
