/** Exact to the last planck, as a person writes it: `1.25 ROC`. */
export function planckText(
  planck: bigint,
  { symbol, decimals }: { readonly symbol: string; readonly decimals: number },
): string {
  const digits = (planck < 0n ? -planck : planck).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const rest = decimals === 0 ? '' : digits.slice(-decimals).replace(/0+$/, '')
  return `${planck < 0n ? '−' : ''}${whole}${rest === '' ? '' : `.${rest}`} ${symbol}`
}
