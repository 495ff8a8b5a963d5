import { expect, it } from 'vitest'
import { streamIdFromBytes } from '../../../shared/protocol/ids.ts'
import { PayWorld } from '../pay/testing/pay-world.ts'
import { TypedEmitter } from '../typed-emitter.ts'
import type { Viewer } from '../viewer.ts'
import { ViewerPayment } from './paid-viewing.ts'

/** As much of a viewer as a payment asks of it, watching the stream of `world`. */
function viewerOf(world: PayWorld, more: object = {}): Viewer {
  const hex = (text: string) =>
    Uint8Array.from(text.slice(2).match(/../g) ?? [], pair => Number.parseInt(pair, 16))
  const { payout, creator, genesis, terms } = world.request()
  const certificate = { payout: hex(payout), chain: hex(genesis), creator: { publicKey: hex(creator) } }
  const manifest = { title: 'A stream', pricePerSecond: 1_000n, epochMs: 4_000, certificate }
  return Object.assign(new TypedEmitter<Record<string, unknown>>(), {
    streamInfo: { manifest },
    terms,
    access: { kind: 'locked' },
    unlock: () => Promise.resolve(),
    setWatching: () => undefined,
    leaveAccess: () => Promise.resolve(),
    ...more,
  }) as unknown as Viewer
}

it('S-LEAVE-4 who goes elsewhere while the budget is on its way to a block gets it back: no later page is needed', async () => {
  const world = PayWorld.create()
  const tab = world.tab()
  const payment = new ViewerPayment({
    viewer: viewerOf(world),
    streamId: streamIdFromBytes(world.streamId),
    sessions: () => Promise.resolve(tab.sessions),
  })
  void payment.pay(world.wallet, 100_000n).catch(() => undefined)
  await world.settle()
  expect(payment.state).toMatchObject({ kind: 'funding', step: 'sent' })
  await payment.leave()
  payment.close()
  await world.block(20)
  const [session] = await tab.sessions.list()
  expect(session).toMatchObject({ phase: 'closed', money: { paid: 0n } })
})

it('S-PRICE-1 a price that is only announced is not accepted with the budget: the page said that it would ask', async () => {
  const world = PayWorld.create()
  const tab = world.tab()
  const accepted: bigint[] = []
  const { terms } = world.request()
  const viewer = viewerOf(world, {
    terms: { ...terms, next: { price: 5_000n, fromEpoch: 20 } },
    unlock: ({ acceptedPrice }: { readonly acceptedPrice: bigint }) => {
      accepted.push(acceptedPrice)
      return Promise.resolve()
    },
  })
  const payment = new ViewerPayment({
    viewer,
    streamId: streamIdFromBytes(world.streamId),
    sessions: () => Promise.resolve(tab.sessions),
  })
  await world.mine(payment.pay(world.wallet, 100_000n))
  expect(accepted).toEqual([1_000n])
  payment.close()
})

it('S-GO-1 where the words say “go on”, one can: the creator is asked again', async () => {
  const world = PayWorld.create()
  const tab = world.tab()
  const viewer = viewerOf(world)
  const payment = new ViewerPayment({
    viewer,
    streamId: streamIdFromBytes(world.streamId),
    sessions: () => Promise.resolve(tab.sessions),
  })
  await world.mine(payment.pay(world.wallet, 100_000n))
  for (let second = 0; second < 6; second++) payment.played(1, 1_000n)
  await world.block(20)
  const credit = { creditedPlanck: 0n, owedPlanck: 6_000n, creditSeconds: 12, isPrepay: false }
  ;(viewer as unknown as TypedEmitter<Record<string, unknown>>).emit('credit', credit)
  expect(payment.state).toMatchObject({ kind: 'stopped', code: 'not-credited' })
  payment.goOn()
  expect(payment.state.kind).not.toBe('stopped')
  await world.mine(payment.leave())
  payment.close()
})
