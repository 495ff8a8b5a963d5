import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readExact, readRounded, writeExact, writeRounded } from './access-amount.ts'
import { CONTENT_AAD_BYTES, contentAssociatedData, contentNonce } from './access-content.ts'
import {
  type AccessDown,
  type AccessUp,
  decodeAccessDown,
  decodeAccessUp,
  encodeAccess,
  GRANT_BODY_BYTES,
  GRANT_BYTES,
  isAccessBody,
  LEAVE_BYTES,
  PULL_BYTES,
  REQUEST_BYTES,
  SEAL_TAG_BYTES,
  TERMS_BYTES,
} from './access-message.ts'
import {
  type AccessTerms,
  decodeGrant,
  decodeLeave,
  decodePull,
  decodeTerms,
  encodeGrant,
  encodeLeave,
  encodePull,
  encodeTerms,
  type Grant,
  TERMS_CODES,
} from './access-plaintext.ts'
import { accessRequestSigningInput, decodeAccessRequest, encodeAccessRequest } from './access-request.ts'
import { frameSigningInput } from './frame.ts'
import { hexText } from './hex.ts'
import { UP_BODY_MAX_BYTES } from './limits.ts'
import { signingInput } from './signing.ts'
import { exampleHeader, filled } from './testing/message-examples.ts'
import { refusalOf } from './testing/refusal.ts'
import { WireError } from './wire-error.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const u48 = fc.integer({ min: 0, max: 0xffff_ffff_ffff })
const planck = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n })

const GRANT: Grant = {
  key: filled(32, 0xaa),
  isPrepay: false,
  isPreview: true,
  credited: 5n,
  owed: 2n ** 34n + 1n,
}
const TERMS: AccessTerms = {
  code: 'unpaid',
  isPrepay: true,
  epoch: 7,
  creditMs: 12_000,
  credited: 1n,
  owed: 2n ** 100n,
  needed: 3n,
  retryMs: 1_500,
  lastCounter: 0x0102_0304_0506,
}
const REQUEST = {
  wallet: filled(32, 1),
  session: filled(32, 2),
  viewerKey: filled(32, 3),
  counter: 0x0102_0304_0506,
  epoch: 9,
  signature: filled(64, 4),
}

test('A-WIRE-1 golden bytes of what is sent', () => {
  const pull = encodeAccess({ kind: 'pull', counter: 258, sealed: filled(PULL_BYTES + SEAL_TAG_BYTES, 9) })
  expect(hexText(pull)).toBe(`0x1200000102${'09'.repeat(24)}`)
  const leave = encodeAccess({ kind: 'leave', counter: 1, sealed: filled(LEAVE_BYTES + SEAL_TAG_BYTES, 9) })
  expect(hexText(leave)).toBe(`0x1300000001${'09'.repeat(20)}`)
  const request = encodeAccess({
    kind: 'request',
    ephemeral: filled(32, 8),
    sealed: filled(REQUEST_BYTES + SEAL_TAG_BYTES, 9),
  })
  expect(hexText(request)).toBe(`0x11${'08'.repeat(32)}${'09'.repeat(187)}`)
  const grant = encodeAccess({ kind: 'grant', epoch: 7, sealed: filled(GRANT_BYTES + SEAL_TAG_BYTES, 9) })
  expect(hexText(grant)).toBe(`0x2100000007${'09'.repeat(59)}`)
  const terms = encodeAccess({ kind: 'terms', counter: 7, sealed: filled(TERMS_BYTES + SEAL_TAG_BYTES, 9) })
  expect(hexText(terms)).toBe(`0x2200000007${'09'.repeat(84)}`)
})

test('A-WIRE-2 golden bytes of what is inside', () => {
  expect(hexText(encodePull({ epoch: 7, stalledMs: 258 }))).toBe('0x0000000700000102')
  expect(hexText(encodeLeave({ stalledMs: 258 }))).toBe('0x00000102')
  expect(hexText(encodeGrant(GRANT))).toBe(`0x${'aa'.repeat(32)}0200000000050600000001`)
  expect(hexText(encodeTerms(TERMS))).toBe(
    `0x03010000000700002ee0${'00'.repeat(15)}01${`${'00'.repeat(3)}10`}${'00'.repeat(12)}${'00'.repeat(15)}03000005dc010203040506`,
  )
  expect(hexText(encodeAccessRequest(REQUEST))).toBe(
    `0x01${'01'.repeat(32)}${'02'.repeat(32)}${'03'.repeat(32)}01020304050600000009${'04'.repeat(64)}`,
  )
})

test('A-WIRE-3 a grant’s body is at most 64 bytes, and every body within what `up` and `down` carry', () => {
  expect(GRANT_BODY_BYTES).toBe(64)
  for (const length of [33 + REQUEST_BYTES, 5 + TERMS_BYTES, 5 + PULL_BYTES]) {
    expect(length + SEAL_TAG_BYTES).toBeLessThanOrEqual(UP_BODY_MAX_BYTES)
  }
})

test('A-WIRE-4 what is encoded in range decodes to the same', () => {
  const up: fc.Arbitrary<AccessUp> = fc.oneof(
    fc.record({
      kind: fc.constant('request' as const),
      ephemeral: bytes(32),
      sealed: bytes(REQUEST_BYTES + 16),
    }),
    fc.record({ kind: fc.constant('pull' as const), counter: u32, sealed: bytes(PULL_BYTES + 16) }),
    fc.record({ kind: fc.constant('leave' as const), counter: u32, sealed: bytes(LEAVE_BYTES + 16) }),
  )
  const down: fc.Arbitrary<AccessDown> = fc.oneof(
    fc.record({ kind: fc.constant('grant' as const), epoch: u32, sealed: bytes(GRANT_BYTES + 16) }),
    fc.record({ kind: fc.constant('terms' as const), counter: u32, sealed: bytes(TERMS_BYTES + 16) }),
  )
  const request = fc.record({
    wallet: bytes(32),
    session: bytes(32),
    viewerKey: bytes(32),
    counter: u48,
    epoch: u32,
    signature: bytes(64),
  })
  const terms = fc.record({
    code: fc.constantFrom(...TERMS_CODES),
    isPrepay: fc.boolean(),
    epoch: u32,
    creditMs: u32,
    credited: planck,
    owed: planck,
    needed: planck,
    retryMs: u32,
    lastCounter: u48,
  })
  fc.assert(fc.property(up, value => void expect(decodeAccessUp(encodeAccess(value))).toEqual(value)))
  fc.assert(fc.property(down, value => void expect(decodeAccessDown(encodeAccess(value))).toEqual(value)))
  fc.assert(
    fc.property(
      request,
      value => void expect(decodeAccessRequest(encodeAccessRequest(value))).toEqual(value),
    ),
  )
  fc.assert(fc.property(terms, value => void expect(decodeTerms(encodeTerms(value))).toEqual(value)))
  fc.assert(
    fc.property(u32, u32, (epoch, stalledMs) => {
      expect(decodePull(encodePull({ epoch, stalledMs }))).toEqual({ epoch, stalledMs })
      expect(decodeLeave(encodeLeave({ stalledMs }))).toEqual({ stalledMs })
    }),
  )
})

test('A-WIRE-5 any bytes decode or are refused with a WireError', () => {
  const decoders = [
    decodeAccessUp,
    decodeAccessDown,
    decodeAccessRequest,
    decodePull,
    decodeLeave,
    decodeGrant,
    decodeTerms,
  ]
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), input => {
      for (const decode of decoders) refusalOf(() => decode(input))
    }),
  )
  expect(refusalOf(() => decodeAccessUp(new Uint8Array()))).toBe('unknown-kind')
  expect(
    refusalOf(() => decodeAccessUp(encodeAccess({ kind: 'grant', epoch: 1, sealed: filled(59, 0) }))),
  ).toBe('unknown-kind')
  expect(refusalOf(() => decodeAccessDown(Uint8Array.of(0x21)))).toBe('truncated')
  expect(refusalOf(() => decodeAccessDown(filled(65, 0x21)))).toBe('trailing-bytes')
  expect(refusalOf(() => decodeAccessRequest(filled(REQUEST_BYTES, 2)))).toBe('unsupported-version')
  expect(refusalOf(() => decodeGrant(filled(GRANT_BYTES, 4)))).toBe('bad-field')
  expect(refusalOf(() => decodeTerms(filled(TERMS_BYTES, 0)))).toBe('bad-field')
  expect(refusalOf(() => decodeTerms(filled(TERMS_BYTES, 2)))).toBe('bad-field')
  expect(() => encodePull({ epoch: -1, stalledMs: 0 })).toThrow(WireError)
})

test('A-WIRE-6 the first byte tells the family', () => {
  expect(isAccessBody(encodeAccess({ kind: 'grant', epoch: 1, sealed: filled(59, 0) }))).toBe(true)
  expect(isAccessBody(new Uint8Array())).toBe(false)
  expect(isAccessBody(Uint8Array.of(0x31))).toBe(false)
})

test('A-WIRE-7 rounded amounts: exact below 2^34, else within 6 in 10^11, never on the wrong side', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 96n }), amount => {
      const box = new Uint8Array(10)
      writeRounded(box, 0, amount, 'down')
      writeRounded(box, 5, amount, 'up')
      const [down, up] = [readRounded(box, 0), readRounded(box, 5)]
      expect(down <= amount && amount <= up).toBe(true)
      expect((up - down) * 10n ** 11n <= amount * 12n).toBe(true)
      if (amount < 2n ** 34n) expect([down, up]).toEqual([amount, amount])
    }),
  )
  fc.assert(
    fc.property(planck, amount => {
      const box = new Uint8Array(16)
      writeExact(box, 0, amount)
      expect(readExact(box, 0)).toBe(amount)
    }),
  )
})

test('A-SIG-1 the session key signs whom the request is for, whence it comes and every field', () => {
  const context = { streamId: filled(32, 5), creatorKey: filled(32, 6), origin: filled(32, 7) }
  const fields = encodeAccessRequest(REQUEST).slice(1, 107)
  expect(accessRequestSigningInput(context, REQUEST)).toEqual(
    signingInput('accessRequest', filled(32, 5), filled(32, 6), filled(32, 7), fields),
  )
  expect(refusalOf(() => accessRequestSigningInput({ ...context, origin: filled(31, 7) }, REQUEST))).toBe(
    'bad-field',
  )
})

test('A-CONTENT-1 nonce and associated data are the header’s own bytes', () => {
  const header = { ...exampleHeader(100), isEncrypted: true, epoch: 0x0102_0304, track: 0x0506, seq: 0x0708 }
  expect(hexText(contentNonce(header))).toBe('0x010203040506000000000708')
  const signed = frameSigningInput(filled(32, 0), header)
  const start = signed.length - 16 - 6 - CONTENT_AAD_BYTES
  expect(contentAssociatedData(header)).toEqual(signed.slice(start, start + CONTENT_AAD_BYTES))
  expect(contentAssociatedData(header).slice(0, 8)).toEqual(header.tag)
})
