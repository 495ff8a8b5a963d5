import type { ChainInfo } from './chain-port.ts'

/** More digits than a u128 has; a longer text is nobody's amount. */
const WHOLE_MAX_DIGITS = 24
const AMOUNT = /^(\d*)(?:[.,](\d*))?$/

/** Exact to the last planck, without the symbol: `1.25`, `-3`, `0.000000000001`. */
export function amountText(planck: bigint, decimals: number): string {
  const digits = (planck < 0n ? -planck : planck).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const rest = decimals === 0 ? '' : digits.slice(-decimals).replace(/0+$/, '')
  return `${planck < 0n ? '-' : ''}${whole}${rest === '' ? '' : `.${rest}`}`
}

/** With the symbol: `1.25 ROC`. */
export function planckText(planck: bigint, unit: Pick<ChainInfo, 'symbol' | 'decimals'>): string {
  return `${amountText(planck, unit.decimals)} ${unit.symbol}`
}

/** What a person typed (`1.25`, `1,25`, `.5`), planck; undefined for what is not exactly an amount. */
export function parseAmount(text: string, decimals: number): bigint | undefined {
  const [, whole = '', fraction = ''] = AMOUNT.exec(text.trim()) ?? []
  const rest = fraction.replace(/0+$/, '')
  if (whole === '' && fraction === '') return undefined
  if (whole.length > WHOLE_MAX_DIGITS || rest.length > decimals) return undefined
  return BigInt(`${whole}${rest.padEnd(decimals, '0')}` || '0')
}
