import type { AccountScheme } from '../../../shared/protocol/certificate.ts'
import { hexText, parseHex } from '../../../shared/protocol/hex.ts'

const SCHEME_BYTE: Readonly<Record<AccountScheme, number>> = { ed25519: 0, sr25519: 1, ecdsa: 2 }

/** Some wallets put the scheme's byte before a signature, some do not, whatever was asked. Undefined for no signature. */
export function bareSignature(hex: string, scheme: AccountScheme): Uint8Array | undefined {
  const bytes = parseHex(hex.toLowerCase())
  const length = scheme === 'ecdsa' ? 65 : 64
  if (bytes?.length === length) return bytes
  return bytes?.length === length + 1 && bytes[0] === SCHEME_BYTE[scheme] ? bytes.slice(1) : undefined
}

/** As chains take it; undefined for no signature. */
export function multiSignature(hex: string, scheme: AccountScheme): string | undefined {
  const bare = bareSignature(hex, scheme)
  return bare && hexText(Uint8Array.of(SCHEME_BYTE[scheme], ...bare))
}
