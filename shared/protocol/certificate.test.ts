import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Certificate, certificateText, PLANCK_MAX, parseCertificate } from './certificate.ts'
import { filled } from './testing/message-examples.ts'
import { refusalOf } from './testing/refusal.ts'
import { UTC_MAX_MS } from './utc-time.ts'

const paid: Certificate = {
  creator: { scheme: 'sr25519', publicKey: filled(32, 0x11) },
  streamKey: filled(32, 0x22),
  payout: filled(32, 0x33),
  chain: filled(32, 0x44),
  asset: 'native',
  maxPrice: 12_345_678_901n,
  notAfter: Date.UTC(2025, 10, 24, 16),
}
const free: Certificate = {
  creator: { scheme: 'ed25519', publicKey: filled(32, 0x11) },
  streamKey: filled(32, 0x22),
  asset: 'native',
  maxPrice: 0n,
  notAfter: 0,
}
const text = certificateText(paid)

test('W-REC-1 golden text of a paid and of a free stream', () => {
  expect(text).toBe(
    `Vilokanam broadcast certificate, version 1
I go live with the stream key below. It signs my video until it expires.
Creator account: sr25519 0x${'11'.repeat(32)}
Stream key: ed25519 0x${'22'.repeat(32)}
Payout account: 0x${'33'.repeat(32)}
Chain: 0x${'44'.repeat(32)}
Asset: native
Highest price per second: 12345678901 planck
Valid until: 2025-11-24T16:00:00.000Z`,
  )
  expect(certificateText(free).split('\n').slice(4)).toEqual([
    'Payout account: none',
    'Chain: none',
    'Asset: native',
    'Highest price per second: 0 planck',
    'Valid until: 1970-01-01T00:00:00.000Z',
  ])
})

describe('W-REC-2 the text is read strictly', () => {
  test('W-REC-2 every certificate comes back, and its text with it', () => {
    const key = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
    const creator = fc.oneof(
      fc.record({ scheme: fc.constantFrom('ed25519' as const, 'sr25519' as const), publicKey: key(32) }),
      fc.record({ scheme: fc.constant('ecdsa' as const), publicKey: key(33) }),
    )
    const both = {
      creator,
      streamKey: key(32),
      asset: fc.oneof(fc.constant('native'), fc.nat({ max: 2 ** 32 - 1 }).map(String)),
      notAfter: fc.integer({ min: 0, max: UTC_MAX_MS }),
    }
    const any: fc.Arbitrary<Certificate> = fc.oneof(
      fc.record({ ...both, maxPrice: fc.constant(0n) }),
      fc.record({
        ...both,
        payout: key(32),
        chain: key(32),
        maxPrice: fc.bigInt({ min: 0n, max: PLANCK_MAX }),
      }),
    )
    fc.assert(
      fc.property(any, certificate => {
        const written = certificateText(certificate)
        expect(parseCertificate(written)).toEqual(certificate)
        expect(written.length).toBeLessThan(1_024)
      }),
    )
  })

  test.each<[string, (text: string) => string, string]>([
    ['nothing', () => '', 'unsupported-version'],
    ['a later version', t => t.replace('version 1', 'version 2'), 'unsupported-version'],
    ['another sentence', t => t.replace('I go live', 'I do not go live'), 'bad-field'],
    ['a line more', t => `${t}\n`, 'bad-field'],
    ['a line less', t => t.slice(0, t.lastIndexOf('\n')), 'bad-field'],
    ['lines in another order', t => t.replace(/(Payout.*)\n(Chain.*)/, '$2\n$1'), 'bad-field'],
    ['Windows line ends', t => t.replaceAll('\n', '\r\n'), 'unsupported-version'],
    ['a space at the end', t => t.replace('native', 'native '), 'bad-field'],
    ['upper-case hex', t => t.replace('0x2222', '0x22AA'), 'bad-field'],
    ['a key too short', t => t.replace('0x2222', '0x22'), 'bad-field'],
    ['a payout too long', t => t.replace('0x3333', '0x333333'), 'bad-field'],
    ['a chain of 31 bytes', t => t.replace('0x4444', '0x44'), 'bad-field'],
    ['a stream key of another scheme', t => t.replace('ed25519 0x22', 'ecdsa 0x22'), 'bad-field'],
    ['a stream key without scheme', t => t.replace('ed25519 0x22', '0x22'), 'bad-field'],
    ['an unknown account scheme', t => t.replace('sr25519', 'bls12381'), 'bad-field'],
    ['an ecdsa account of 32 bytes', t => t.replace('sr25519', 'ecdsa'), 'bad-field'],
    ['leading zeros in the price', t => t.replace('12345678901', '012345678901'), 'bad-field'],
    ['a negative price', t => t.replace('12345678901', '-1'), 'bad-field'],
    ['a price past u128', t => t.replace('12345678901', String(PLANCK_MAX + 1n)), 'bad-field'],
    ['a price in another unit', t => t.replace('planck', 'DOT'), 'bad-field'],
    ['a price without payout', t => t.replace(/Payout account: .*/, 'Payout account: none'), 'bad-field'],
    ['a price without chain', t => t.replace(/Chain: .*/, 'Chain: none'), 'bad-field'],
    ['an asset past u32', t => t.replace('native', '4294967296'), 'bad-field'],
    ['an asset by name', t => t.replace('native', 'USDT'), 'bad-field'],
    ['a day that was not', t => t.replace('11-24', '11-31'), 'bad-field'],
    ['a kilobyte more', t => t + 'x'.repeat(1_024), 'too-large'],
  ])('W-REC-2 %s is refused', (_, change, code) => {
    expect(change(text)).not.toBe(text)
    expect(refusalOf(() => parseCertificate(change(text)))).toBe(code)
  })

  test('W-REC-2 no change of one character goes unseen', () => {
    for (let at = 0; at < text.length; at++) {
      const changed = `${text.slice(0, at)}~${text.slice(at + 1)}`
      expect(refusalOf(() => parseCertificate(changed))).toBeDefined()
    }
  })
})
