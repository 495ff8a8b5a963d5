import { describe, expect, it } from 'vitest'
import { MemorySessionLocks } from './session-locks.ts'
import { booksOf, expectSettled, PRICE, watch } from './testing/pay-books.ts'
import { PayWorld } from './testing/pay-world.ts'

describe('paying for a stream', () => {
  it('S-LEAVE-1 ten seconds, then leave: exact to the planck, one prompt, both accounts empty', async () => {
    const world = PayWorld.create()
    const tab = world.tab()
    const before = booksOf(world)
    const session = await world.mine(tab.sessions.open(world.request()))
    expect(session.state.kind).toBe('active')
    await watch(world, session, 10)
    await world.mine(session.leave())
    await world.block(8)
    await expectSettled(world, before, tab, { least: 10, most: 10 })
    expect(world.wallet.prompts).toBe(1)
    expect(session.state).toMatchObject({ kind: 'closed' })
    expect(await tab.ledger.key(session.id)).toBeUndefined()
  })

  it('S-LEAVE-2 leaving in the second after opening gives everything back but fees', async () => {
    const world = PayWorld.create()
    const tab = world.tab()
    const before = booksOf(world)
    const session = await world.mine(tab.sessions.open(world.request()))
    await world.mine(session.leave())
    await world.block(8)
    await expectSettled(world, before, tab, { least: 0, most: 0 })
  })

  it('S-LEAVE-3 at every moment the money of the list adds up to what was put in', async () => {
    const world = PayWorld.create()
    const { sessions } = world.tab()
    const session = await world.mine(sessions.open(world.request()))
    for (let second = 0; second < 12; second++) {
      await watch(world, session, 1)
      await world.block()
      await world.poll()
      const [summary] = await sessions.list()
      if (summary === undefined) throw new Error('no summary')
      const { putIn, paid, onBudgetAccount = 0n, onSessionAccount = 0n, sessionFees } = summary.money
      expect(paid + onBudgetAccount + onSessionAccount + sessionFees).toBe(putIn)
    }
  })

  it('S-BUDGET-1 never more than the budget; raised by one more prompt, it goes on', async () => {
    const world = PayWorld.create()
    const tab = world.tab()
    const before = booksOf(world)
    const session = await world.mine(tab.sessions.open(world.request({ budget: 6_000n })))
    await watch(world, session, 12)
    await world.block(8)
    expect(session.state.kind).toBe('out-of-budget')
    expect(session.figures.ticks).toBe(6)
    expect(world.chain.free(world.payout) - before.payout).toBe(6_000n)
    await world.mine(session.raiseBudget(5_000n, world.wallet))
    await world.block(2)
    expect(session.state.kind).toBe('active')
    await watch(world, session, 5)
    await world.mine(session.leave())
    await world.block(8)
    expect(world.wallet.prompts).toBe(2)
    await expectSettled(world, before, tab, { least: 11, most: 11 })
  })

  it('S-BUDGET-2 a raise that the wallet refuses changes nothing', async () => {
    const world = PayWorld.create()
    const tab = world.tab()
    const before = booksOf(world)
    const session = await world.mine(tab.sessions.open(world.request({ budget: 6_000n })))
    await world.block(8)
    world.wallet.onPrompt = () => {
      throw new Error('Rejected by user')
    }
    await expect(world.mine(session.raiseBudget(5_000n, world.wallet))).rejects.toMatchObject({
      code: 'refused',
    })
    expect(session.figures.budget).toBe(6_000n)
    await watch(world, session, 9)
    await world.mine(session.leave())
    await world.block(8)
    await expectSettled(world, before, tab, { least: 6, most: 6 })
  })
})

describe('a raise whose page died', () => {
  it('S-BUDGET-3 never came into a block: the budget is what it was before', async () => {
    const world = PayWorld.create()
    const tab = world.tab()
    const before = booksOf(world)
    const session = await world.mine(tab.sessions.open(world.request({ budget: 6_000n })))
    await world.block(8)
    // Accepted by a node that then forgets it.
    world.chain.answerNext({ kind: 'accepted' })
    void session.raiseBudget(5_000n, world.wallet).catch(() => {})
    await world.settle()
    expect(session.figures.budget).toBe(11_000n)
    await tab.kill()
    await world.block(80)
    const next = world.tab()
    const resumed = await next.sessions.resume(world.streamId, world.wallet.account)
    expect(resumed?.figures.budget).toBe(6_000n)
    if (resumed === undefined) return
    resumed.terms(world.request().terms)
    await world.block(2)
    await watch(world, resumed, 9)
    await world.mine(resumed.leave())
    await world.block(8)
    await expectSettled(world, before, next, { least: 6, most: 6 })
  })
})

describe('a chain without multisig accounts', () => {
  it('S-PLAIN-1 the plan says what that risks; ten seconds and leave are exact all the same', async () => {
    const world = PayWorld.create({ info: { hasMultisig: false } })
    const tab = world.tab()
    const before = booksOf(world)
    const plan = await tab.sessions.plan(world.request())
    expect(plan.safety).toBe('this-browser-only')
    expect(plan.words.join(' ')).toMatch(/no multisig/)
    const session = await world.mine(tab.sessions.open(world.request()))
    expect(session.budgetAccount).toBe(session.id)
    await watch(world, session, 10)
    await world.mine(session.leave())
    await world.block(8)
    await expectSettled(world, before, tab, { least: 10, most: 10 })
  })

  it('S-PLAIN-1 the budget is a cap there too', async () => {
    const world = PayWorld.create({ info: { hasMultisig: false } })
    const tab = world.tab()
    const before = booksOf(world)
    const session = await world.mine(tab.sessions.open(world.request({ budget: 6_000n })))
    await watch(world, session, 10)
    await world.mine(session.leave())
    await world.block(8)
    await expectSettled(world, before, tab, { least: 6, most: 6 })
  })
})

describe('closing the tab', () => {
  it('S-BYE-1 the batch that was signed before is sent, and the next page finds everything paid', async () => {
    const world = PayWorld.create()
    const tab = world.tab()
    const before = booksOf(world)
    const session = await world.mine(tab.sessions.open(world.request()))
    await watch(world, session, 9)
    expect(session.closeNow()).toBe(true)
    await tab.kill()
    await world.block(2)
    expect(world.chain.free(session.budgetAccount)).toBe(0n)
    const next = world.tab()
    await world.mine(next.sessions.recover())
    await expectSettled(world, before, next, { least: 9, most: 9 })
    expect(world.wallet.prompts).toBe(1)
  })

  it('S-BYE-2 a farewell that got lost: the next page closes instead', async () => {
    const world = PayWorld.create()
    world.doFarewellsArrive = false
    const tab = world.tab()
    const before = booksOf(world)
    const session = await world.mine(tab.sessions.open(world.request()))
    await watch(world, session, 9)
    session.closeNow()
    await tab.kill()
    await world.block(2)
    expect(world.chain.free(session.budgetAccount)).toBeGreaterThan(0n)
    const next = world.tab()
    expect(await next.sessions.resume(world.streamId, world.wallet.account)).toBeUndefined()
    await world.mine(next.sessions.recover())
    await expectSettled(world, before, next, { least: 9, most: 9 })
  })

  it('S-BYE-3 killed without a word: another page of the site closes it', async () => {
    const world = PayWorld.create()
    const tab = world.tab()
    const before = booksOf(world)
    const session = await world.mine(tab.sessions.open(world.request()))
    await watch(world, session, 9)
    await tab.kill()
    const next = world.tab()
    await world.mine(next.sessions.recover())
    await expectSettled(world, before, next, { least: 9, most: 9 })
  })

  it('S-RESUME-1 a page that is loaded again goes on without a prompt', async () => {
    const world = PayWorld.create()
    const tab = world.tab()
    const before = booksOf(world)
    const session = await world.mine(tab.sessions.open(world.request()))
    await watch(world, session, 5)
    await tab.kill()
    const next = world.tab()
    await world.mine(next.sessions.recover({ except: world.streamId }))
    const resumed = await world.mine(
      next.sessions.resume(world.streamId, world.wallet.account).then(one => one),
    )
    expect(resumed?.id).toBe(session.id)
    if (resumed === undefined) return
    resumed.terms(world.request().terms)
    await world.block(2)
    expect(resumed.state.kind).toBe('active')
    await watch(world, resumed, 5)
    await world.mine(resumed.leave())
    await world.block(8)
    expect(world.wallet.prompts).toBe(1)
    await expectSettled(world, before, next, { least: 10, most: 10 })
  })

  it('S-LIST-1 a session is closed by hand from the list', async () => {
    const world = PayWorld.create()
    const tab = world.tab()
    const before = booksOf(world)
    const session = await world.mine(tab.sessions.open(world.request()))
    await watch(world, session, 3)
    await tab.kill()
    const wallet = world.tab()
    const [summary] = await wallet.sessions.list()
    expect(summary?.phase).toBe('open')
    await world.mine(wallet.sessions.closeByHand(session.id))
    await world.block(8)
    await expectSettled(world, before, wallet, { least: 3, most: 3 })
  })
})

describe('two tabs', () => {
  it('S-TAB-1 the second says so, takes over, and the first stops paying', async () => {
    const world = PayWorld.create()
    const one = world.tab()
    const before = booksOf(world)
    const first = await world.mine(one.sessions.open(world.request()))
    await watch(world, first, 4)
    const other = world.tab()
    await other.port.open()
    const [listed] = await other.sessions.list()
    expect(listed?.phase).toBe('paying-in-another-tab')
    const second = await other.sessions.resume(world.streamId, world.wallet.account)
    expect(second?.state.kind).toBe('in-another-tab')
    expect(second?.mayWatch).toBe(false)
    await world.mine(other.sessions.recover())
    expect(first.state.kind).toBe('active')
    if (second === undefined) return
    await world.mine(second.takeOver())
    second.terms(world.request().terms)
    await world.block(2)
    expect(first.state.kind).toBe('in-another-tab')
    expect(second.state.kind).toBe('active')
    first.tick(5, 9, PRICE)
    await watch(world, second, 4)
    await world.mine(second.leave())
    await world.block(8)
    await expectSettled(world, before, other, { least: 8, most: 8 })
    expect(world.wallet.prompts).toBe(1)
  })

  it('S-TAB-2 a tab that slept through the loss of its lock cannot pay beside the other', async () => {
    const world = PayWorld.create()
    const one = world.tab()
    const before = booksOf(world)
    const first = await world.mine(one.sessions.open(world.request()))
    await watch(world, first, 4)
    // Locks of its own: nobody tells it that another pays.
    const other = world.tab({ locks: new MemorySessionLocks(), ledger: one.ledger })
    const second = await other.sessions.resume(world.streamId, world.wallet.account)
    if (second === undefined) throw new Error('nothing to resume')
    second.terms(world.request().terms)
    await world.block(2)
    const payers = [first, second]
    for (let turn = 0; turn < 6; turn++) {
      for (const [index, payer] of payers.entries()) payer.tick(1, 7 + index, PRICE)
      await world.poll()
      await world.block()
    }
    expect(payers.filter(({ state }) => state.kind === 'stopped')).toMatchObject([
      { state: { code: expect.stringMatching(/storage|ledger-mismatch/) } },
    ])
    await one.sessions.close()
    await other.sessions.close()
    const last = world.tab()
    await world.mine(last.sessions.recover())
    await expectSettled(world, before, last, { least: 10, most: 10 })
  })
})
