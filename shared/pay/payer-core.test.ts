import { describe, expect, test } from 'vitest'
import type { PayerEffect, PayerEvent, SlotRow } from './payer-contract.ts'
import { fakeBytes, fakeExtrinsic } from './testing/fake-chain.ts'
import { DEPOSIT, FEE, PRICE } from './testing/fake-session.ts'
import { PayerWorld, type WorldOptions } from './testing/payer-world.ts'

type Seen = { readonly effects: PayerEffect[]; readonly events: PayerEvent[] }

function worldOf(options: Partial<WorldOptions> = {}): PayerWorld & Seen {
  const world = new PayerWorld({ seed: 1, ...options })
  const seen: Seen = { effects: [], events: [] }
  world.onEffect = effect => seen.effects.push(effect)
  world.onEvent = event => seen.events.push(event)
  return Object.assign(world, seen)
}

function opened(options: Partial<WorldOptions> = {}): PayerWorld & Seen {
  const world = worldOf(options)
  world.open()
  expect(world.runUntil(() => world.watch.kind === 'may', 20_000)).toBe(true)
  return world
}

function slotsOf(world: PayerWorld): SlotRow[] {
  return [...world.disk.slots.values()].sort((one, other) => one.nonce - other.nonce)
}

function submitted({ effects }: Seen) {
  return effects.flatMap(effect => (effect.kind === 'submit' ? [fakeExtrinsic(effect.bytes)] : []))
}

function paidOnChain(world: PayerWorld): bigint {
  return world.chain.totals().paid
}

function reasonOf({ watch }: PayerWorld): string {
  return watch.kind === 'stop' ? watch.reason : watch.kind
}

function leave(world: PayerWorld): void {
  world.isWatching = false
  world.step({ kind: 'leave' })
  expect(world.runUntil(() => world.finished !== undefined, 200_000)).toBe(true)
  world.run(20_000)
  expect(world.violations).toEqual([])
  expect(world.chain.account('session', world.chain.finalised)?.free).toBe(0n)
  expect(world.chain.account('budget', world.chain.finalised)?.free).toBe(0n)
}

describe('a payment is a nonce slot', () => {
  test('L-ONE-1 at most one payment that is in no block', () => {
    const world = opened()
    for (let turn = 0; turn < 400; turn++) {
      world.run(100)
      const nonce = world.chain.account('session', world.chain.best)?.nonce ?? 0
      expect(slotsOf(world).filter(slot => slot.nonce >= nonce).length).toBeLessThanOrEqual(1)
    }
  })

  test('L-AHEAD-2 written down before it is signed, signed before it is sent; nothing while storage is slow', () => {
    const world = worldOf()
    const order: string[] = []
    world.onEffect = effect => {
      if (effect.kind === 'commit' && effect.slots?.[0]?.nonce === 0) order.push('journal')
      if (
        effect.kind === 'sign' &&
        String(effect.call).includes(String(fakeBytes({ kind: 'payment', amount: 2n * PRICE })))
      )
        order.push('sign')
      if (effect.kind === 'submit') order.push('submit')
    }
    world.onEvent = event => {
      if (event.kind === 'committed' && order.at(-1) === 'journal') order.push('committed')
      if (event.kind === 'signed' && order.at(-1) === 'sign') order.push('signed')
    }
    world.open()
    world.runUntil(() => order.includes('submit'), 30_000)
    expect(order).toEqual(['journal', 'committed', 'sign', 'signed', 'submit'])
  })

  test('L-CALL-1 each version of a slot carries the same call; a new one only once the era has passed at finality', () => {
    const world = opened()
    // The pool takes nothing for longer than an era.
    for (let count = 0; count < 500; count++) world.node.answers.push(['unknown', false])
    world.run(260_000)
    const versions = submitted(world).filter(({ nonce }) => nonce === 0)
    const births = [...new Set(versions.map(({ birth }) => birth.number))]
    expect(births.length).toBeGreaterThan(1)
    expect(new Set(versions.map(({ call }) => String(fakeBytes(call)))).size).toBe(1)
    for (const [index, birth] of births.entries())
      if (index > 0) expect(birth - (births[index - 1] ?? 0)).toBeGreaterThanOrEqual(64)
    world.node.answers.length = 0
    world.run(10_000)
    leave(world)
    expect(paidOnChain(world)).toBe(world.played)
  })

  test('L-LANDED-1 has landed only when that is final, with the block and the fee', () => {
    const world = opened()
    const isFinal = () => slotsOf(world).some(({ state }) => state.kind === 'landed')
    world.runUntil(isFinal, 30_000)
    const slot = slotsOf(world).find(({ state }) => state.kind === 'landed')
    expect(slot?.state).toMatchObject({ kind: 'landed', fee: FEE })
    const block = slot?.state.kind === 'landed' ? slot.state.block.number : 0
    expect(world.chain.finalised.number).toBeGreaterThanOrEqual(block)
  })

  test('L-POOL-1 1012, 1013 and stale mean unknown: the chain says what happened, nothing is paid twice', () => {
    const world = opened()
    for (let count = 0; count < 20; count++) world.node.answers.push(['unknown', count % 2 === 0])
    world.run(40_000)
    leave(world)
    expect(paidOnChain(world)).toBe(world.played)
  })

  test('L-NONCE-1 nonces are never skipped, and never taken from the chain', () => {
    const world = opened()
    world.run(30_000)
    for (const [index, { nonce }] of slotsOf(world).entries()) expect(nonce).toBe(index)
  })

  test('L-NONCE-2 a session key that signed what the ledger does not know stops, and only brings the rest home', () => {
    const world = opened()
    world.run(10_000)
    const nonce = slotsOf(world).length
    for (let more = 0; more < 12; more++) {
      world.chain.submit({
        signer: 'session',
        nonce: nonce + more,
        call: { kind: 'payment', amount: 1_000n },
        birth: world.chain.finalised,
        period: 64,
        hash: `a stranger with the key ${more}`,
      })
    }
    world.runUntil(() => reasonOf(world) === 'ledger-mismatch', 60_000)
    expect(reasonOf(world)).toBe('ledger-mismatch')
    const slots = slotsOf(world).length
    world.run(20_000)
    expect(slotsOf(world).length).toBe(slots)
    leave(world)
  })

  test('L-FAILED-1 a failed dispatch burns fee and nonce, stops with a reason, and is not tried again by itself', () => {
    const world = opened()
    world.run(6_000)
    world.chain.doomed = 1
    world.runUntil(() => reasonOf(world) === 'payment-failed', 20_000)
    expect(reasonOf(world)).toBe('payment-failed')
    const slots = slotsOf(world).length
    world.run(30_000)
    expect(slotsOf(world).length).toBe(slots)
    expect(slotsOf(world).at(-1)?.state).toMatchObject({ kind: 'failed', fee: FEE })
    world.step({ kind: 'go-on' })
    world.run(10_000)
    expect(slotsOf(world).length).toBeGreaterThan(slots)
    leave(world)
    expect(paidOnChain(world)).toBe(world.played)
  })

  test.each([1, 2, 3])(
    'L-REORG-1 a re-org of depth %i that loses transactions: sent again, paid once',
    depth => {
      for (let seed = 0; seed < 20; seed++) {
        const world = opened({ seed })
        world.run(10_000 + seed * 300)
        world.reorganise(depth, 0.7)
        world.run(20_000)
        leave(world)
        expect(paidOnChain(world), `seed ${seed}`).toBe(world.played)
      }
    },
  )
})

describe('closing', () => {
  test('L-CLOSE-1 from the funding on, a signed batch that pays all but the newest second is at hand', () => {
    const world = opened()
    world.run(4_000)
    let asked = 0
    for (let turn = 0; turn < 300; turn++) {
      world.run(100)
      const last = world.core.view.farewell.map(fakeExtrinsic).at(-1)
      if (last?.call.kind !== 'closing') continue
      asked++
      const { committed, played } = world.core.view
      expect(played - committed - last.call.amount).toBeLessThanOrEqual(PRICE)
    }
    expect(asked).toBeGreaterThan(285)
  })

  test('L-CLOSE-2 after leaving both accounts are empty, the totals are those of the chain', () => {
    const world = opened()
    world.run(21_300)
    leave(world)
    const { paid, fees, returned, putIn } = world.chain.totals()
    expect(world.disk.session?.totals).toEqual({
      ticks: world.disk.ticks.size,
      played: paid,
      paid,
      fees,
      returned,
    })
    expect(paid + fees + returned).toBe(putIn)
    expect(paid).toBe(world.played)
  })

  test('L-CLOSE-3 a farewell leaves nothing out of a payment that failed: none is sent until that is final', () => {
    const world = opened()
    world.run(6_000)
    world.chain.doomed = 1
    world.runUntil(() => reasonOf(world) === 'payment-failed', 20_000)
    expect(world.core.view.farewell).toEqual([])
    world.run(20_000)
    expect(world.core.view.farewell.length).toBe(1)
  })
})

describe('a stranger', () => {
  test.each(['row', 'farewell'] as const)(
    'L-GIFT-1 money put on the emptied session account hides nothing: the %s that emptied it is found, the session ends',
    how => {
      const world = opened()
      world.run(20_000)
      const isReady = () => {
        const last = world.core.view.farewell.map(fakeExtrinsic).at(-1)
        return last?.call.kind === 'closing'
      }
      expect(world.runUntil(isReady, 5_000)).toBe(true)
      world.isWatching = false
      if (how === 'row') world.step({ kind: 'leave' })
      else world.farewell(true)
      const isSwept = () => world.chain.account('session', world.chain.best)?.free === 0n
      expect(world.runUntil(isSwept, 20_000)).toBe(true)
      world.chain.give('session', 10n * DEPOSIT)
      world.run(20_000)
      if (how === 'farewell') world.recover('close')
      expect(world.runUntil(() => world.finished !== undefined, 60_000)).toBe(true)
      expect(world.finished?.phase.kind).toBe('closed')
      expect(paidOnChain(world)).toBe(world.played)
      expect(world.disk.session?.totals?.returned).toBe(world.chain.totals().returned)
    },
  )
})

describe('what stops the picture, in words', () => {
  test('L-BUDGET-1 never above the budget; at its end the picture stops and everything played is paid', () => {
    const world = opened({ budget: 20n * PRICE })
    world.runUntil(() => reasonOf(world) === 'budget-ended', 60_000)
    expect(reasonOf(world)).toBe('budget-ended')
    world.run(1_000)
    expect(world.disk.ticks.size).toBe(20)
    leave(world)
    expect(paidOnChain(world)).toBe(20n * PRICE)
  })

  test('L-FEE-1 a fee spike beyond the reserve stops payments, not the session; what closing costs is never spent', () => {
    const world = opened({ creditSeconds: 40 })
    world.run(6_000)
    world.chain.feeFactor = 500n
    world.run(60_000)
    expect(world.chain.account('session', world.chain.best)?.free).toBeGreaterThan(FEE)
    world.chain.feeFactor = 1n
    world.run(60_000)
    leave(world)
    expect(paidOnChain(world)).toBe(world.played)
  })

  test('L-FEE-2 in a spike nothing is paid ahead', () => {
    const world = opened({ creditSeconds: 40 })
    world.run(6_000)
    world.chain.feeFactor = 50n
    world.run(60_000)
    for (const { ahead } of slotsOf(world)) expect(ahead).toBe(0n)
    expect(slotsOf(world).length).toBeLessThan(12)
  })

  test('L-PRICE-2 a tick dearer than what was accepted is not taken; agreeing goes on', () => {
    const world = opened()
    world.run(4_000)
    const dearer = { ...world.terms, price: 2n * PRICE }
    world.step({ kind: 'terms', terms: dearer })
    expect(reasonOf(world)).toBe('price-raised')
    const before = world.core.view.ticks
    world.step({ kind: 'tick', epoch: 9, price: 2n * PRICE })
    world.run(1_000)
    expect(world.core.view.ticks).toBe(before)
    world.step({ kind: 'accept-price', price: 2n * PRICE })
    expect(reasonOf(world)).toBe('may')
  })

  test('L-STORAGE-1 what storage refused is not built on: no payment, no tick; then it goes on', () => {
    const world = opened()
    world.run(6_000)
    world.storageFails = 4
    world.runUntil(() => world.storageFails === 0, 60_000)
    world.run(30_000)
    expect(world.watch.kind).toBe('may')
    world.run(10_000)
    leave(world)
    expect(paidOnChain(world)).toBeGreaterThanOrEqual(world.played)
  })

  test('L-REFUSED-1 a wallet that refuses: archived, never funded, nothing signed', () => {
    const world = worldOf()
    world.open()
    world.run(100)
    world.step({ kind: 'wallet-refused', request: 'fund', reason: 'test' })
    world.run(500)
    expect(world.finished?.phase).toMatchObject({ kind: 'archived', why: 'never-funded' })
    expect(submitted(world)).toEqual([])
  })

  test('L-RAISE-1 a raise that is not on the account yet buys nothing', () => {
    const world = opened({ budget: 20n * PRICE })
    world.run(12_000)
    world.step({ kind: 'raise', budget: 100n * PRICE, feeReserve: 0n })
    expect(world.core.view.session?.budget).toBeGreaterThan(100n * PRICE)
    world.runUntil(() => reasonOf(world) === 'budget-ended', 60_000)
    world.run(1_000)
    expect(world.disk.ticks.size).toBe(20)
    leave(world)
    expect(paidOnChain(world)).toBe(20n * PRICE)
  })
})
