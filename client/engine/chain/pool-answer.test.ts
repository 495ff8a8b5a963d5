import { expect, it } from 'vitest'
import { poolAnswer } from './pool-answer.ts'

/** Answers of Substrate's nodes, as polkadot-js words them. */
it.each([
  [1012, '1012: Transaction is temporarily banned', 'unknown'],
  [1013, '1013: Transaction Already Imported', 'unknown'],
  [1014, '1014: Priority is too low: (0 vs 0): The transaction has too low priority', 'unknown'],
  [1011, '1011: Unknown Transaction Validity: CannotLookup', 'unknown'],
  [1010, '1010: Invalid Transaction: Transaction is outdated', 'unknown'],
  [1010, '1010: Invalid Transaction: Transaction has an ancient birth block', 'unknown'],
  [1010, '1010: Invalid Transaction: Transaction will be valid in the future', 'unknown'],
  [-32_603, '-32603: Internal error', 'unknown'],
  [1010, '1010: Invalid Transaction: Inability to pay some fees (e.g. account balance too low)', 'payment'],
  [1016, '1016: Immediately Dropped: The local chain takes 4 transactions a second.', 'rate'],
  [-32_029, '-32029: rate limited', 'rate'],
  [1010, '1010: Invalid Transaction: Transaction has a bad signature', 'invalid'],
  [1001, '1001: Extrinsic has invalid format', 'invalid'],
] as const)('C-POOL-1 %i %s is %s', (code, text, expected) => {
  const answer = poolAnswer({ code, text }, true)
  expect(answer.kind === 'refused' ? answer.code : answer.kind).toBe(expected)
})

it('C-POOL-2 a bad signature is unknown unless the extrinsic is known to be alive: past its era it looks the same', () => {
  const answer = { code: 1010, text: '1010: Invalid Transaction: Transaction has a bad signature' }
  expect(poolAnswer(answer, false).kind).toBe('unknown')
  expect(poolAnswer(answer, undefined).kind).toBe('unknown')
})

it('C-POOL-3 a node cannot fill a page with its reasons', () => {
  const answer = poolAnswer({ code: 1011, text: 'x'.repeat(10_000) }, true)
  expect(answer.kind === 'accepted' ? 0 : answer.reason.length).toBe(200)
})
