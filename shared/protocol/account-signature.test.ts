import { Keyring } from '@polkadot/keyring'
import { stringToU8a, u8aWrapBytes } from '@polkadot/util'
import { cryptoWaitReady } from '@polkadot/util-crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { nodeCrypto } from '../../tracker/node-crypto.ts'
import { signRawInput, verifyAccountSignature } from './account-signature.ts'
import type { Account } from './certificate.ts'
import { hexText, parseHex } from './hex.ts'
import { recoverEcdsa } from './wallet-signature.ts'

const TEXT = 'Vilokanam broadcast certificate, version 1\nCreator: ಅಲಿಸ್'
const SCHEMES = ['ed25519', 'sr25519', 'ecdsa'] as const

beforeAll(() => cryptoWaitReady())

function pairOf(scheme: (typeof SCHEMES)[number], path = '//Alice') {
  return new Keyring({ type: scheme }).addFromUri(path)
}
/** As an extension's signRaw does. */
const signed = (scheme: (typeof SCHEMES)[number], text = TEXT) =>
  pairOf(scheme).sign(u8aWrapBytes(stringToU8a(text)))
const accountOf = (scheme: (typeof SCHEMES)[number], path?: string): Account => ({
  scheme,
  publicKey: pairOf(scheme, path).publicKey,
})
const verdict = (account: Account, text: string, signature: Uint8Array) =>
  verifyAccountSignature(account, text, signature, nodeCrypto).then(
    () => 'ok',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  )

/** Made by @polkadot/keyring 14.0.3 for `//Alice` over TEXT, wrapped. sr25519 signatures are random: this is one. */
const GOLDEN: Readonly<Record<(typeof SCHEMES)[number], string>> = {
  ed25519:
    '0x17eeb741456f1f3c4a69d51097cdcf504a160892d09035de37211f9412fb732e0f9fb05ebf8fb927350387ae1507bbba7378b8591fde91854c52385d2e40ec0b',
  sr25519:
    '0xd052cbc97a6f6cc393a648a395402e123d5424662d69800c6a3feb0d4debba13d8ad60a1c9d7d0dcc8eef4aa57f8085a3e0e8abf35774f4431727ebe723ca883',
  ecdsa:
    '0x16387a9c4c7fbed04f02d1a7456c55da955bd62a312e5c664f2fa5d2e94e23643f62b13976188740f295174aa389ed8b912d1d14b26a9434fc7b05f78136d06400',
}

describe.each(SCHEMES)('W-REC-10 %s', scheme => {
  test('W-REC-10 the keyring’s signature over the wrapped text is taken', async () => {
    expect(signRawInput(TEXT)).toEqual(u8aWrapBytes(stringToU8a(TEXT)))
    expect(await verdict(accountOf(scheme), TEXT, signed(scheme))).toBe('ok')
    expect(await verdict(accountOf(scheme), TEXT, parseHex(GOLDEN[scheme]) ?? new Uint8Array())).toBe('ok')
  })

  test('W-REC-10 bare text, other text, another account, and every flipped bit of a byte are not', async () => {
    const account = accountOf(scheme)
    expect(await verdict(account, TEXT, pairOf(scheme).sign(stringToU8a(TEXT)))).toBe('bad-signature')
    expect(await verdict(account, `${TEXT}.`, signed(scheme))).toBe('bad-signature')
    expect(await verdict(accountOf(scheme, '//Bob'), TEXT, signed(scheme))).toBe('bad-signature')
    const good = signed(scheme)
    for (let at = 0; at < good.length; at += 7) {
      const bad = good.slice()
      bad[at] = (bad[at] ?? 0) ^ 1
      expect(await verdict(account, TEXT, bad)).toBe('bad-signature')
    }
  })

  test('W-REC-10 what is no signature or key is refused, never thrown', async () => {
    const account = accountOf(scheme)
    for (const length of [0, 1, 63, 64, 65, 66])
      expect(await verdict(account, TEXT, new Uint8Array(length).fill(0xff))).toBe('bad-signature')
    const noKey = { scheme, publicKey: new Uint8Array(account.publicKey.length).fill(0xff) }
    expect(await verdict(noKey, TEXT, signed(scheme))).toBe('bad-signature')
    expect(await verdict({ scheme, publicKey: new Uint8Array() }, TEXT, signed(scheme))).toBe('bad-signature')
  })
})

test('W-REC-10 a signature of one scheme is none of another', async () => {
  expect(await verdict(accountOf('ed25519'), TEXT, signed('sr25519'))).toBe('bad-signature')
  expect(await verdict(accountOf('sr25519'), TEXT, signed('ed25519'))).toBe('bad-signature')
  expect(await verdict(accountOf('ecdsa'), TEXT, signed('sr25519'))).toBe('bad-signature')
})

test('W-REC-10 an ecdsa signature tells its key', () => {
  const key = recoverEcdsa(signRawInput(TEXT), signed('ecdsa')) ?? new Uint8Array()
  expect(hexText(key)).toBe(hexText(pairOf('ecdsa').publicKey))
})
