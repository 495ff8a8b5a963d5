import { expect, test } from 'vitest'
import { accessHead, decodeAccessDown } from '../../../shared/protocol/access-message.ts'
import { decodeGrant, type Grant } from '../../../shared/protocol/access-plaintext.ts'
import { nonceOf, type PairKeys, webSealKey } from './sealing.ts'
import { Pair, ViewerPairs } from './viewer-pairs.ts'

async function pairKeys(): Promise<PairKeys> {
  const key = await webSealKey(crypto.getRandomValues(new Uint8Array(32)))
  return { up: key, down: key }
}

function grant(fill: number): Grant {
  return { key: new Uint8Array(32).fill(fill), isPrepay: false, isPreview: false, credited: 0n, owed: 0n }
}

test('A-GRANT-2 under one nonce one body: another grant for that epoch is never sealed', async () => {
  const pair = new Pair(await pairKeys())
  const first = await pair.grantBody(7, false, () => grant(1))
  expect(await pair.grantBody(7, false, () => grant(2))).toBe(first)
  expect(await pair.grantBody(7, true, () => grant(2))).toBe(first)
  expect(pair.grantBody(8, true, () => grant(2))).toBeUndefined()
  const message = decodeAccessDown(first ?? new Uint8Array())
  const head = accessHead(message)
  const plain = await pair.keys.down.unseal(message.sealed, head, nonceOf(head))
  expect(decodeGrant(plain ?? new Uint8Array()).key[0]).toBe(1)
  pair.forgetBefore(8)
  expect(pair.grantBody(7, true, () => grant(2))).toBeUndefined()
})

test('A-FUND-4 sessions without funding crowd out each other, not who has got a key', async () => {
  const keys = await pairKeys()
  const pairs = new ViewerPairs()
  const introduce = (name: string, isStranger: boolean) =>
    pairs.introduce(
      name,
      { origin: new Uint8Array(32), viewerKey: `key of ${name}`, upCounter: 1, keys },
      isStranger,
    )
  introduce('member', false)
  introduce('admitted', true)
  pairs.admit('admitted')
  introduce('stranger', true)
  for (let index = 0; index < 1_024; index++) introduce(`crowd ${index}`, true)
  expect(pairs.viewer('member')).toBeDefined()
  expect(pairs.viewer('admitted')).toBeDefined()
  expect(pairs.viewer('stranger')).toBeUndefined()
  expect(pairs.viewer('crowd 1023')).toBeDefined()
})
