import { hexText, parseHex } from '../../../shared/protocol/hex.ts'

/** Plain rows as one line of JSON: planck (bigint) and bytes, which JSON has not, are objects of one named field. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) => {
    if (typeof field === 'bigint') return { $planck: field.toString() }
    if (field instanceof Uint8Array) return { $bytes: hexText(field) }
    return field
  })
}

/** The inverse. Throws SyntaxError. */
export function parseJsonLine(line: string): unknown {
  return JSON.parse(line, (_key, field: unknown) => {
    if (typeof field !== 'object' || field === null) return field
    if ('$planck' in field && typeof field.$planck === 'string') return BigInt(field.$planck)
    if ('$bytes' in field && typeof field.$bytes === 'string') {
      const bytes = parseHex(field.$bytes)
      if (bytes === undefined) throw new SyntaxError('not hexadecimal digits')
      return bytes
    }
    return field
  })
}
