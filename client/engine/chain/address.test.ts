import * as polkadot from '@polkadot/util-crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hexText } from '../../../shared/protocol/hex.ts'
import { decodeAddress, encodeAddress } from './address.ts'

const ALICE = '0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d'
const account = fc.uint8Array({ minLength: 32, maxLength: 32 })
const prefix = fc.integer({ min: 0, max: 16_383 }).filter(value => value !== 46 && value !== 47)

it('C-ADDR-1 addresses are those of every other Substrate program, and come back', () => {
  expect(encodeAddress(ALICE, 42)).toBe('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY')
  fc.assert(
    fc.property(account, prefix, (id, ss58Prefix) => {
      const address = encodeAddress(hexText(id), ss58Prefix)
      expect(address).toBe(polkadot.encodeAddress(id, ss58Prefix))
      expect(decodeAddress(address)).toEqual({ account: hexText(id), ss58Prefix })
    }),
  )
  expect(decodeAddress(encodeAddress(`0x${'00'.repeat(32)}`, 0))?.ss58Prefix).toBe(0)
})

it('C-ADDR-2 a mistyped address is none, and nothing else is either', () => {
  const address = encodeAddress(ALICE, 0)
  for (let at = 0; at < address.length; at++) {
    const wrong = address[at] === 'a' ? 'b' : 'a'
    expect(decodeAddress(`${address.slice(0, at)}${wrong}${address.slice(at + 1)}`)).toBeUndefined()
  }
  for (const text of ['', '0', '1', ` ${address}`, `${address}1`, '1'.repeat(50), 'z'.repeat(5_000), ALICE])
    expect(decodeAddress(text)).toBeUndefined()
  fc.assert(fc.property(fc.string(), text => void expect(decodeAddress(text)).toBeUndefined()))
})

it('C-ADDR-3 what is no account or prefix is not written', () => {
  expect(() => encodeAddress('0x12', 42)).toThrow(RangeError)
  expect(() => encodeAddress(ALICE, 16_384)).toThrow(RangeError)
  expect(() => encodeAddress(ALICE, 1.5)).toThrow(RangeError)
})
