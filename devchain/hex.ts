export type Hex = `0x${string}`

/** Whole bytes, lower or upper case. */
export function isHex(value: unknown): value is Hex {
  return typeof value === 'string' && /^0x(?:[0-9a-fA-F]{2})*$/.test(value)
}

export function bytesToHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`
}

export function hexToBytes(hex: Hex): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(hex.slice(2), 'hex'))
}
