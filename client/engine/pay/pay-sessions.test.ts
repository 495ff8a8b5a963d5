import { describe, expect, it } from 'vitest'
import type { PaySession } from './pay-session-contract.ts'
import { MemorySessionLocks } from './session-locks.ts'
import { PayWorld, type Tab, testDisk } from './testing/pay-world.ts'

const PRICE = 1_000n

/** Everything the wallet and the creator had, to be compared at the end. */
function booksOf(world: PayWorld) {
  return { wallet: world.chain.free(world.wallet.account), payout: world.chain.free(world.payout) }
}

async function watch(world: PayWorld, session: PaySession, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    session.tick(1, 1 + Math.floor(second / 4), PRICE)
    await world.poll()
    await world.poll()
    if (second % 2 === 1) world.chain.produceBlock()
    await world.settle()
  }
}

/** What the ledger says was watched is what was paid; both accounts are empty; every planck is somewhere. */
async function expectSettled(
  world: PayWorld,
  before: ReturnType<typeof booksOf>,
  { sessions }: Tab,
  ticks: { readonly least: number; readonly most: number },
): Promise<void> {
  const list = await sessions.list()
  expect(list).toHaveLength(1)
  const [summary] = list
  if (summary === undefined) return
  expect(summary.phase).toBe('closed')
  expect(summary.ticks).toBeGreaterThanOrEqual(ticks.least)
  expect(summary.ticks).toBeLessThanOrEqual(ticks.most)
  const { money } = summary
  expect(world.chain.free(summary.id)).toBe(0n)
  expect(world.chain.free(summary.budgetAccount)).toBe(0n)
  const after = booksOf(world)
  expect(after.payout - before.payout).toBe(BigInt(summary.ticks) * PRICE)
  expect(money.paid).toBe(BigInt(summary.ticks) * PRICE)
  expect(before.wallet - after.wallet).toBe(money.paid + money.sessionFees + money.walletFees)
  expect(money.putIn).toBe(money.paid + money.sessionFees + money.returned)
}

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

describe('crashes', () => {
  for (const when of ['before', 'after'] as const) {
    it(`S-CRASH-1 killed ${when} each row that is written: recovered, exact, at most one second lost`, async () => {
      let isThrough = false
      for (let row = 1; !isThrough && row < 80; row++) {
        const world = PayWorld.create()
        const tab = world.tab()
        const before = booksOf(world)
        let written = 0
        let isDead = false
        tab.onWrite = at => {
          if (at !== when || isDead || ++written < row) return
          isDead = true
          void tab.kill()
        }
        const opening = tab.sessions.open(world.request({ budget: 20_000n })).catch(() => undefined)
        const session = await Promise.race([
          world.mine(opening).catch(() => undefined),
          dead(world, () => isDead),
        ])
        let shown = 0
        if (session !== undefined) {
          for (; shown < 6 && !isDead; shown++) await watch(world, session, 1)
          if (!isDead)
            await Promise.race([world.mine(session.leave()).catch(() => {}), dead(world, () => isDead)])
          await world.block(8)
        }
        isThrough = !isDead
        await tab.kill()
        const next = world.tab()
        await world.mine(next.sessions.recover(), 200)
        await world.block(8)
        const [summary] = await next.sessions.list()
        if (summary === undefined || summary.phase === 'archived') {
          // The prompt never came to anything.
          expect(booksOf(world)).toEqual(before)
          continue
        }
        await expectSettled(world, before, next, { least: Math.max(0, shown - 1), most: shown })
      }
      expect(isThrough).toBe(true)
    })
  }
})

/** Undefined as soon as the process is dead: nobody waits for what it promised. */
async function dead(world: PayWorld, isDead: () => boolean): Promise<undefined> {
  for (let turn = 0; turn < 400 && !isDead(); turn++) await world.settle()
  return undefined
}

describe('elsewhere', () => {
  it('S-WIPE-1 storage wiped: another browser finds the session by its wallet and takes the rest back', async () => {
    const world = PayWorld.create()
    const tab = world.tab()
    const before = booksOf(world)
    world.chain.produceBlocks(300)
    const session = await world.mine(tab.sessions.open(world.request()))
    await watch(world, session, 6)
    await tab.kill()
    world.chain.produceBlocks(500)
    const other = world.tab({ disk: testDisk() })
    const seen: number[] = []
    const { found, gaps } = await other.sessions.findByWallet(world.wallet.account, {
      onProgress: ({ searched }) => seen.push(searched),
    })
    expect(gaps).toEqual([])
    expect(found).toHaveLength(1)
    expect(seen.at(-1)).toBe(world.chain.best.number)
    const [one] = found
    if (one === undefined) return
    expect(one).toMatchObject({ session: session.id, isKnownHere: false })
    expect(one.onSessionAccount).toBe(world.chain.free(session.id))
    expect(one.sentence).toMatch(/lost/)
    const rest = one.onBudgetAccount
    expect(await world.mine(other.sessions.takeBack(one, world.wallet))).toBe(rest)
    expect(world.chain.free(session.budgetAccount)).toBe(0n)
    const { payout, wallet } = booksOf(world)
    const spent = before.wallet - wallet
    const fees = spent - (payout - before.payout) - one.onSessionAccount
    expect(fees).toBeGreaterThan(0n)
    expect(fees).toBeLessThan(10_000n)
  })

  it('S-WIPE-2 blocks that a node no longer has are named, not passed over', async () => {
    const world = PayWorld.create()
    const tab = world.tab()
    await world.mine(tab.sessions.open(world.request()))
    world.chain.produceBlocks(100)
    world.chain.pruneBelow = world.chain.best.number - 20
    const { found, gaps } = await tab.sessions.findByWallet(world.wallet.account)
    expect(found).toEqual([])
    expect(gaps).toHaveLength(1)
    expect(gaps[0]?.to).toBeGreaterThanOrEqual(world.chain.pruneBelow - 1)
  })

  it('S-CHAIN-1 a local chain that was started anew: its sessions are archived with a sentence', async () => {
    const world = PayWorld.create()
    const tab = world.tab()
    const session = await world.mine(tab.sessions.open(world.request()))
    await watch(world, session, 3)
    await tab.kill()
    world.chain.restart()
    world.chain.produceBlocks(5)
    const next = world.tab()
    await world.mine(next.sessions.recover())
    const [summary] = await next.sessions.list()
    expect(summary).toMatchObject({ phase: 'archived', sentence: expect.stringMatching(/started anew/) })
  })

  it('S-CHAIN-2 the RPC goes down while watching: seconds are noted, and paid when it is back', async () => {
    const world = PayWorld.create()
    const tab = world.tab()
    const before = booksOf(world)
    const session = await world.mine(tab.sessions.open(world.request()))
    await watch(world, session, 3)
    tab.port.cut()
    await watch(world, session, 4)
    expect(session.state.kind).toBe('chain-down')
    expect(session.figures.ticks).toBe(7)
    tab.port.mend()
    await world.block(3)
    expect(session.state.kind).toBe('active')
    await world.mine(session.leave())
    await world.block(8)
    await expectSettled(world, before, tab, { least: 7, most: 7 })
  })

  it('S-CHAIN-3 blocks are retracted, the funding with them: everything is still exact', async () => {
    const world = PayWorld.create()
    const tab = world.tab()
    const before = booksOf(world)
    const session = await world.mine(tab.sessions.open(world.request()))
    world.chain.reorg(1)
    await watch(world, session, 4)
    world.chain.reorg(2)
    await watch(world, session, 4)
    world.chain.reorg(3, { drops: true })
    await world.settle()
    await world.block(4)
    await world.mine(session.leave(), 200)
    await world.block(8)
    await expectSettled(world, before, tab, { least: 7, most: 8 })
  })
})
