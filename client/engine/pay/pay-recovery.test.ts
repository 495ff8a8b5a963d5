import { describe, expect, it } from 'vitest'
import { sessionRemark } from '../../../shared/pay/session-remark.ts'
import { hexText } from '../../../shared/protocol/hex.ts'
import { booksOf, expectSettled, watch } from './testing/pay-books.ts'
import { PayWorld, testDisk } from './testing/pay-world.ts'
import { testKey } from './testing/test-key.ts'

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

describe('soon after the prompt', () => {
  it('S-FUND-5 once the funding is final, nobody waits for its era to pass', async () => {
    const world = PayWorld.create()
    const tab = world.tab()
    const before = booksOf(world)
    const session = await world.mine(tab.sessions.open(world.request()))
    await watch(world, session, 2)
    expect(session.closeNow()).toBe(true)
    await tab.kill()
    const next = world.tab()
    await world.mine(next.sessions.recover(), 15)
    await expectSettled(world, before, next, { least: 2, most: 2 })
  })
})

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

  it('S-WIPE-4 a stranger who notes a session for this stream in the same block is not taken for the wallet', async () => {
    const world = PayWorld.create()
    const { sessions, port } = world.tab()
    const key = testKey()
    const stranger = {
      account: hexText(key.publicKey),
      scheme: 'ed25519',
      sign: (payload: Uint8Array) => key.sign(payload),
    } as const
    world.chain.credit(stranger.account, 100_000n)
    world.wallet.onPrompt = async () => {
      const remark = port.calls.remarkWithEvent(sessionRemark(world.streamId, new Uint8Array(32).fill(9)))
      const birth = world.chain.finalised
      const { bytes } = await port.sign(remark, stranger, { nonce: 0, era: { birth, period: 64 } })
      await port.submit(bytes)
    }
    const session = await world.mine(sessions.open(world.request()))
    expect(world.chain.ledger.account(stranger.account).nonce).toBe(1)
    const { found } = await sessions.findByWallet(world.wallet.account)
    expect(found.map(one => one.session)).toEqual([session.id])
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

  it('S-WIPE-3 the wallet takes the budget back while the page still watches: it stops, and every planck is named', async () => {
    const world = PayWorld.create()
    const tab = world.tab()
    const before = booksOf(world)
    const session = await world.mine(tab.sessions.open(world.request()))
    await watch(world, session, 6)
    await world.block(6)
    const other = world.tab()
    const { found } = await other.sessions.findByWallet(world.wallet.account)
    const [one] = found
    if (one === undefined) throw new Error('nothing found')
    expect(one.isKnownHere).toBe(true)
    await world.mine(other.sessions.takeBack(one, world.wallet))
    await world.block(10)
    expect(session.state.kind).toBe('closed')
    expect(world.chain.free(session.id)).toBe(0n)
    const third = world.tab()
    await third.port.open()
    const [summary] = await third.sessions.list()
    if (summary === undefined) throw new Error('no summary')
    const { money } = summary
    const after = booksOf(world)
    expect(money.paid).toBe(after.payout - before.payout)
    expect(money.putIn).toBe(money.paid + money.sessionFees + money.returned)
    expect(before.wallet - after.wallet).toBe(money.paid + money.sessionFees + money.walletFees)
  })
})
