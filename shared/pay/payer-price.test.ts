import { expect, test } from 'vitest'
import type { AccountsAt, PayerCalls, PayerEvent, SessionRow, SlotRow } from './payer-contract.ts'
import { createPayerCore } from './payer-core.ts'

const PRICE = 100n
const BLOCK = { number: 100, hash: '0x100' }
const CALLS: PayerCalls = {
  payment: () => new Uint8Array([1]),
  closing: () => new Uint8Array([2]),
  sweep: () => new Uint8Array([3]),
}
const ROW: SessionRow = {
  session: '0xs',
  chain: '0xgenesis/0x1',
  streamId: '00',
  title: '',
  creator: '0xc',
  wallet: '0xw',
  budgetAccount: '0xb',
  payout: '0xp',
  budget: 1_000_000n,
  feeReserve: 1_000_000n,
  first: 0n,
  existentialDeposit: 10n,
  priceAccepted: 2n * PRICE,
  baseNonce: 0,
  startedAt: 0,
  phase: { kind: 'open' },
}

test('L-PRICE-1 credit is so many seconds: a price that doubled and was accepted makes nobody pay ahead', () => {
  const core = createPayerCore()
  const slots: SlotRow[] = []
  const step = (event: PayerEvent): void => {
    for (const effect of core.step(event, { nowMs: 50_000, random: () => 0, calls: CALLS }))
      if (effect.kind === 'commit') slots.push(...(effect.slots ?? []))
  }
  const accounts: AccountsAt = {
    block: BLOCK,
    isFinal: false,
    sessionFree: ROW.feeReserve,
    sessionNonce: 0,
    budgetFree: ROW.budget,
  }
  const terms = (price: bigint): void =>
    step({ kind: 'terms', terms: { price, epochMs: 4_000, creditSeconds: 12 } })
  step({ kind: 'recover', rows: { session: ROW, slots: [], ticks: [] }, intent: 'resume' })
  step({ kind: 'chain-ready', identity: ROW.chain, isLocal: true, blockMs: 2_000 })
  step({ kind: 'best', block: BLOCK, retracted: [] })
  step({ kind: 'finalised', block: BLOCK })
  step({ kind: 'accounts', accounts })
  step({ kind: 'accounts', accounts: { ...accounts, isFinal: true } })
  step({ kind: 'fees', payment: 1n, closing: 2n })
  terms(PRICE)
  step({ kind: 'grant', grant: { epoch: 5, owed: 4n * PRICE, credited: 0n, credit: 12n * PRICE } })
  expect(slots).toEqual([])
  terms(2n * PRICE)
  step({ kind: 'poll' })
  expect(slots).toEqual([])
  // Where there is no credit the same is paid ahead at once.
  step({ kind: 'grant', grant: { epoch: 6, owed: 8n * PRICE, credited: 0n, credit: 0n } })
  expect(slots.map(({ ahead }) => ahead > 0n)).toEqual([true])
})
