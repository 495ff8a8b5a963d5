import { expect, test } from 'vitest'
import { readRounded, writeRounded } from '../protocol/access-amount.ts'
import type { AccountsAt, PayerCalls, PayerEvent, SessionRow } from './payer-contract.ts'
import { createPayerCore } from './payer-core.ts'

const PRICE = 123_456_789n
const PAID = 2n ** 36n + 12_345n
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
  budget: 10n ** 15n,
  feeReserve: 10n ** 13n,
  first: 0n,
  existentialDeposit: 1_000n,
  priceAccepted: PRICE,
  baseNonce: 0,
  startedAt: 0,
  phase: { kind: 'open' },
}

/** A session that an earlier visit paid `PAID` from, at a chain that stands still. */
function paying() {
  const core = createPayerCore()
  const watches: string[] = []
  const step = (event: PayerEvent): void => {
    for (const effect of core.step(event, { nowMs: 50_000, random: () => 0, calls: CALLS }))
      if (effect.kind === 'watch')
        watches.push(effect.watch.kind === 'stop' ? effect.watch.reason : effect.watch.kind)
  }
  const accounts: AccountsAt = {
    block: BLOCK,
    isFinal: false,
    sessionFree: ROW.feeReserve,
    sessionNonce: 1,
    budgetFree: ROW.budget - PAID,
  }
  const slot = {
    session: ROW.session,
    nonce: 0,
    use: 'payment',
    amount: PAID,
    ticks: 0,
    ahead: 0n,
    call: new Uint8Array(),
    madeAt: 90,
    state: { kind: 'landed', block: { number: 91, hash: '0x91' }, fee: 1n },
  } as const
  step({ kind: 'recover', rows: { session: ROW, slots: [slot], ticks: [] }, intent: 'resume' })
  step({ kind: 'chain-ready', identity: ROW.chain, isLocal: true, blockMs: 2_000 })
  step({ kind: 'best', block: BLOCK, retracted: [] })
  step({ kind: 'finalised', block: BLOCK })
  step({ kind: 'accounts', accounts })
  step({ kind: 'accounts', accounts: { ...accounts, isFinal: true } })
  step({ kind: 'fees', payment: 1n, closing: 2n })
  step({ kind: 'terms', terms: { price: PRICE, epochMs: 4_000, creditSeconds: 12 } })
  const grant = (epoch: number, credited: bigint): void =>
    step({ kind: 'grant', grant: { epoch, owed: PAID, credited, credit: 12n * PRICE } })
  return { core, step, grant, watches }
}

/** As a grant carries it. */
function onTheWire(planck: bigint): bigint {
  const bytes = new Uint8Array(5)
  writeRounded(bytes, 0, planck, 'down')
  return readRounded(bytes, 0)
}

test('L-CREDIT-1 the rounding of a grant’s figures is not taken for a payment that is not counted', () => {
  const { core, grant } = paying()
  expect(onTheWire(PAID)).toBeLessThan(PAID)
  grant(5, onTheWire(PAID))
  expect(core.view.watch).toEqual({ kind: 'may' })
  grant(6, PAID - PAID / 1_000_000n)
  expect(core.view.watch).toMatchObject({ kind: 'stop', reason: 'not-credited' })
})

test('L-CREDIT-2 who goes on asks the creator once more, and stops again if that answer is no better', () => {
  const { core, step, grant } = paying()
  grant(5, 0n)
  expect(core.view.watch).toMatchObject({ reason: 'not-credited' })
  step({ kind: 'go-on' })
  step({ kind: 'poll' })
  expect(core.view.watch).toEqual({ kind: 'may' })
  grant(6, 0n)
  expect(core.view.watch).toMatchObject({ reason: 'not-credited' })
  step({ kind: 'go-on' })
  grant(7, PAID)
  expect(core.view.watch).toEqual({ kind: 'may' })
})
