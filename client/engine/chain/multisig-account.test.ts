import { createKeyMulti } from '@polkadot/util-crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hexText } from '../../../shared/protocol/hex.ts'
import { multisigAccount } from './multisig-account.ts'

it('C-MULTI-1 a 1-of-2 account is the one the chain derives, whichever is named first', () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
  fc.assert(
    fc.property(key, key, (one, other) => {
      fc.pre(hexText(one) !== hexText(other))
      const expected = hexText(createKeyMulti([one, other], 1))
      expect(multisigAccount(hexText(one), hexText(other))).toBe(expected)
      expect(multisigAccount(hexText(other), hexText(one))).toBe(expected)
    }),
  )
})

it('C-MULTI-2 needs two different accounts of 32 bytes', () => {
  const one = `0x${'11'.repeat(32)}`
  expect(() => multisigAccount(one, one)).toThrow(RangeError)
  expect(() => multisigAccount(one, '0x11')).toThrow(RangeError)
  expect(() => multisigAccount(`0x${'AA'.repeat(32)}`, one)).toThrow(RangeError)
})
