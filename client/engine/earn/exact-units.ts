/** planck as units of the token, every digit that is not a trailing zero: `1.000000000001`. `decimals` 0 to 30. */
export function exactUnits(planck: bigint, decimals: number): string {
  const sign = planck < 0n ? '-' : ''
  const digits = (planck < 0n ? -planck : planck).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`
}
