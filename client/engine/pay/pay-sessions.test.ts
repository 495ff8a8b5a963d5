import { describe, expect, it } from 'vitest'
import { PayWorld } from './testing/pay-world.ts'

describe('paying for a stream', () => {
  it('S-LEAVE-1 ten seconds, then leave: exact to the planck, one prompt, both accounts empty', async () => {
    const world = await PayWorld.create()
    const { sessions, ledger } = world.tab()
    const before = { wallet: world.chain.free(world.wallet.account), payout: world.chain.free(world.payout) }
    const session = await world.mine(sessions.open(world.request()))
    expect(session.state.kind).toBe('active')
    for (let second = 0; second < 10; second++) {
      session.tick(1, 1, 1_000n)
      await world.poll()
      await world.block()
    }
    expect(session.figures.ticks).toBe(10)
    await world.mine(session.leave())
    await world.block(8)
    expect(world.chain.free(world.payout) - before.payout).toBe(10_000n)
    expect(world.chain.free(session.id)).toBe(0n)
    expect(world.chain.free(session.budgetAccount)).toBe(0n)
    const [summary] = await sessions.list()
    expect(summary?.phase).toBe('closed')
    const { money } =
      summary ??
      (() => {
        throw new Error('no summary')
      })()
    expect(before.wallet - world.chain.free(world.wallet.account)).toBe(
      10_000n + money.sessionFees + money.walletFees,
    )
    expect(money.putIn).toBe(money.paid + money.sessionFees + money.returned)
    expect(world.wallet.prompts).toBe(1)
    expect(session.state.kind).toBe('closed')
    expect(await ledger.key(session.id)).toBeUndefined()
  })
})
