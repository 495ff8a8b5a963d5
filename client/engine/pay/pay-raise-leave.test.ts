import { expect, it } from 'vitest'
import { Deferred } from './deferred.ts'
import { PayWorld } from './testing/pay-world.ts'

it('S-BUDGET-4 who leaves while the wallet still asks for a raise: nothing is put on accounts that were emptied', async () => {
  const world = PayWorld.create()
  const tab = world.tab()
  const session = await world.mine(tab.sessions.open(world.request()))
  await world.block(8)
  const prompt = new Deferred<void>()
  world.wallet.onPrompt = () => prompt.promise
  void session.raiseBudget(2_000_000n, world.wallet).catch(() => {})
  await world.settle()
  void session.leave().catch(() => {})
  await world.block(12)
  prompt.resolve()
  await world.block(20)
  expect(session.state.kind).toBe('closed')
  expect(world.chain.free(session.id)).toBe(0n)
  expect(world.chain.free(session.budgetAccount)).toBe(0n)
})

it('S-BUDGET-5 a tab that is closed between a raise and its block sends no farewell that would come before it', async () => {
  const world = PayWorld.create()
  const tab = world.tab()
  const session = await world.mine(tab.sessions.open(world.request()))
  await world.block(8)
  void session.raiseBudget(2_000_000n, world.wallet).catch(() => {})
  await world.settle()
  expect(world.wallet.prompts).toBe(2)
  expect(session.closeNow()).toBe(false)
  await tab.kill()
  await world.block(2)
  const next = world.tab()
  await world.mine(next.sessions.recover())
  expect(world.chain.free(session.id)).toBe(0n)
  expect(world.chain.free(session.budgetAccount)).toBe(0n)
})
