import type { ChainInfo } from '../../engine/chain/chain-port.ts'

/** How amounts of a chain are written. */
export type MoneyUnit = Pick<ChainInfo, 'symbol' | 'decimals'>

/** Exact to the last planck: `1.25 ROC`, `0.00000557 ROC`, `−3 ROC`. */
export function moneyText(planck: bigint, unit: MoneyUnit): string {
  return `${amountText(planck, unit.decimals)} ${unit.symbol}`
}

/** The number alone, exact. */
export function amountText(planck: bigint, decimals: number): string {
  const digits = (planck < 0n ? -planck : planck).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const rest = decimals === 0 ? '' : digits.slice(-decimals).replace(/0+$/, '')
  return `${planck < 0n ? '−' : ''}${whole}${rest === '' ? '' : `.${rest}`}`
}

/** What a person typed (`1.25`, `1,25`, `.5`), in planck; undefined for anything that is not exactly an amount. */
export function parseAmount(text: string, decimals: number): bigint | undefined {
  const match = /^(\d{0,24})(?:[.,](\d*))?$/.exec(text.trim())
  const whole = match?.[1] ?? ''
  const rest = (match?.[2] ?? '').replace(/0+$/, '')
  if (match === null || (whole === '' && (match[2] ?? '') === '') || rest.length > decimals) return undefined
  return (
    BigInt(whole === '' ? '0' : whole) * 10n ** BigInt(decimals) + BigInt(rest.padEnd(decimals, '0') || '0')
  )
}

const SECONDS_AN_HOUR = 3_600n

/** planck a second as an hour of it costs: exact. */
export function perHourText(pricePerSecond: bigint, unit: MoneyUnit): string {
  return `${moneyText(pricePerSecond * SECONDS_AN_HOUR, unit)} an hour`
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
