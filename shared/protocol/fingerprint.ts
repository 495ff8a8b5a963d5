import { WireError } from './wire-error.ts'

const FINGERPRINT = /^sha-256 ([0-9a-f]{2}(?::[0-9a-f]{2}){31})$/i

/** The 32 bytes of a DTLS fingerprint as SDP writes it (RFC 8122), e.g. `sha-256 AB:CD:…`. Throws WireError('bad-field'). */
export function fingerprintBytes(fingerprint: string): Uint8Array {
  const digits = FINGERPRINT.exec(fingerprint)?.[1]
  if (digits === undefined) throw new WireError('bad-field', 'a DTLS fingerprint other than SHA-256')
  return Uint8Array.from(digits.split(':'), byte => Number.parseInt(byte, 16))
}
