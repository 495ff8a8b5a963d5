import { expect, test } from 'vitest'
import type { BlockExtrinsic } from '../chain/chain-port.ts'
import { earningsOf, evidenceOf } from './block-evidence.ts'

const PAYOUT = '0xpayout'
const WALLET = '0xwallet'
const STAMP = { atMs: 0, isAtReckoned: false, price: 1n }
const BLOCK = { number: 7, hash: '0x7' }

/** Signed by the wallet: pays the creator 1,000, two budgets 50 each, and remarks these hashes. */
function opening(hashes: readonly string[]): BlockExtrinsic {
  const to = (account: string, planck: bigint, index: number) => ({
    index,
    from: WALLET,
    to: account,
    planck,
  })
  return {
    index: 2,
    hash: '0xextrinsic',
    signer: WALLET,
    nonce: 0,
    isOk: true,
    fee: 1n,
    transfers: [to('0xbudget1', 50n, 1), to('0xbudget2', 50n, 2), to(PAYOUT, 1_000n, 3)],
    remarks: hashes.map((hash, index) => ({ index: 10 + index, sender: WALLET, hash })),
    call: new Uint8Array(),
  }
}

/** What the creator's page is told that this block brought by fundings, and how many it opened. */
function told(hashes: readonly string[]): { readonly first: bigint; readonly opened: readonly string[] } {
  const content = earningsOf({ block: BLOCK, parent: '0x6', extrinsics: [opening(hashes)] }, PAYOUT, STAMP)
  const funded = (content === undefined ? [] : evidenceOf(content)).flatMap(one =>
    one.kind === 'funded' ? [one] : [],
  )
  const moved = funded.flatMap(one => one.moved).filter(({ to }) => to === PAYOUT)
  return {
    first: moved.reduce((sum, { planck }) => sum + planck, 0n),
    opened: funded.map(({ remarkHash }) => remarkHash),
  }
}

test('E-FUND-3 one payment is told once, however often and for however many sessions the same extrinsic remarks', () => {
  expect(told(['0xa'])).toEqual({ first: 1_000n, opened: ['0xa'] })
  expect(told(['0xa', '0xa', '0xa'])).toEqual({ first: 1_000n, opened: ['0xa'] })
  expect(told(['0xa', '0xb'])).toEqual({ first: 1_000n, opened: ['0xa', '0xb'] })
})
