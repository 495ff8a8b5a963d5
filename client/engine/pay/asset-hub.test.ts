import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEV_ACCOUNTS } from '../../../devchain/accounts.ts'
import { type Devchain, startDevchain } from '../../../devchain/index.ts'
import { createPayerCore } from '../../../shared/pay/payer-core.ts'
import { hexText, parseHex } from '../../../shared/protocol/hex.ts'
import { PolkadotChain } from '../chain/polkadot-chain.ts'
import { LinesLedger } from '../store/ledger-lines.ts'
import type { MemoryLedgerFiles } from '../store/testing/memory-ledger-files.ts'
import { REAL_TIME } from './pay-deps.ts'
import type { FundRequest, PaySession, PaySessions } from './pay-session-contract.ts'
import { createPaySessions } from './pay-sessions.ts'
import { MemorySessionLocks } from './session-locks.ts'
import { TestWallet, testDisk } from './testing/pay-world.ts'
import { testKey } from './testing/test-key.ts'

/** planck: 0.0001 ROC a second. */
const PRICE = 100_000_000n
const BUDGET = 3_000_000_000n
const WALLET_PLANCK = 1_000_000_000_000n

type Page = {
  readonly sessions: PaySessions
  readonly chain: PolkadotChain
  /** Every extrinsic that this page handed to the node, or sent at `pagehide`. */
  readonly sent: Uint8Array[]
}

/** A real Asset Hub runtime; blocks are made by hand. */
describe('on the local Asset Hub', () => {
  let devchain: Devchain
  const pages: Page[] = []

  beforeAll(async () => {
    devchain = await startDevchain({ port: 0, blockMs: 2_000, finalityLag: 2, submissionsPerSecond: 100 })
    devchain.pauseBlocks()
    for (let made = 0; made < 3; made++) await devchain.newBlock()
  }, 60_000)
  afterAll(async () => {
    for (const { sessions, chain } of pages) {
      await sessions.close()
      await chain.close()
    }
    await devchain.close()
  })

  function page(disk: MemoryLedgerFiles): Page {
    const chain = new PolkadotChain({ endpoints: [devchain.wsUrl] })
    const sent: Uint8Array[] = []
    const submit = chain.submit.bind(chain)
    chain.submit = (extrinsic, options) => {
      sent.push(extrinsic)
      return submit(extrinsic, options)
    }
    const sessions = createPaySessions({
      ...REAL_TIME,
      chain,
      ledger: new LinesLedger(disk),
      locks: new MemorySessionLocks(),
      makeCore: createPayerCore,
    })
    const opened = { sessions, chain, sent }
    pages.push(opened)
    return opened
  }

  async function newWallet(): Promise<TestWallet> {
    const signer = testKey()
    const wallet = new TestWallet(hexText(signer.publicKey), payload => signer.sign(payload))
    await devchain.fund(wallet.account as `0x${string}`, WALLET_PLANCK)
    await devchain.newBlock()
    return wallet
  }

  function request(wallet: TestWallet, stream: number, more: Partial<FundRequest> = {}): FundRequest {
    return {
      streamId: new Uint8Array(32).fill(stream),
      title: 'A stream',
      payout: DEV_ACCOUNTS.bob,
      creator: DEV_ACCOUNTS.bob,
      genesis: devchain.genesis,
      acceptedPrice: PRICE,
      budget: BUDGET,
      terms: { price: PRICE, epochMs: 4_000, creditSeconds: 12 },
      wallet,
      ...more,
    }
  }

  /** Blocks until it is done; each leaves the page time to hear of it. */
  async function mine<T>(work: Promise<T>, most = 40): Promise<T> {
    let isDone = false
    const mark = (): void => {
      isDone = true
    }
    work.then(mark, mark)
    for (let made = 0; made < most && !isDone; made++) {
      await Promise.race([work.catch(() => {}), new Promise(resolve => setTimeout(resolve, 400))])
      if (!isDone) await devchain.newBlock()
    }
    if (!isDone) throw new Error(`not done after ${most} blocks`)
    return work
  }

  async function until(isTrue: () => boolean): Promise<void> {
    for (let tries = 0; tries < 100 && !isTrue(); tries++)
      await new Promise(resolve => setTimeout(resolve, 50))
    expect(isTrue()).toBe(true)
  }

  async function watch(session: PaySession, seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 2) {
      session.tick(2, 1 + Math.floor(second / 4), PRICE)
      await until(() => session.figures.ticks >= second + 2)
      await mine(new Promise(resolve => setTimeout(resolve, 500)))
    }
  }

  const free = async (chain: PolkadotChain, account: string): Promise<bigint> =>
    (await chain.balance(account)).free

  it('S-HUB-1 fund, ten seconds, leave: creator and wallet exact to the planck, both accounts empty; S-REPLAY-1', async () => {
    const wallet = await newWallet()
    const { sessions, chain, sent } = page(testDisk())
    await chain.open()
    const before = { wallet: await free(chain, wallet.account), payout: await free(chain, DEV_ACCOUNTS.bob) }
    const plan = await sessions.plan(request(wallet, 1))
    const session = await mine(sessions.open(request(wallet, 1)))
    expect(before.wallet - (await free(chain, wallet.account))).toBeLessThanOrEqual(plan.total)
    await watch(session, 10)
    await mine(session.leave())
    await mine(until(() => session.state.kind === 'closed'))
    const [summary] = await sessions.list()
    if (summary === undefined) throw new Error('no summary')
    expect(summary).toMatchObject({ phase: 'closed', ticks: 10 })
    expect(await free(chain, session.id)).toBe(0n)
    expect(await free(chain, session.budgetAccount)).toBe(0n)
    const after = { wallet: await free(chain, wallet.account), payout: await free(chain, DEV_ACCOUNTS.bob) }
    expect(after.payout - before.payout).toBe(10n * PRICE)
    const { sessionFees, walletFees } = summary.money
    expect(before.wallet - after.wallet).toBe(10n * PRICE + sessionFees + walletFees)
    expect(sessionFees).toBeGreaterThan(0n)
    expect(walletFees).toBeGreaterThan(0n)
    expect(wallet.prompts).toBe(1)
    expect(summary.payments.filter(({ amount }) => amount > 0n).length).toBeGreaterThan(1)

    // A stranger kept everything that was ever sent, and sends it again.
    const stranger = page(testDisk())
    await stranger.chain.open()
    expect(sent.length).toBeGreaterThan(2)
    for (const bytes of sent) {
      const answer = await stranger.chain.submit(bytes)
      expect(answer.kind).not.toBe('accepted')
    }
    await devchain.newBlock()
    // Even a fee that somebody puts on the dead account buys them nothing of ours.
    await devchain.fund(session.id as `0x${string}`, 1_000_000_000n)
    await devchain.newBlock()
    for (const bytes of sent) await stranger.chain.submit(bytes)
    for (let made = 0; made < 4; made++) await devchain.newBlock()
    expect(await free(chain, DEV_ACCOUNTS.bob)).toBe(after.payout)
    expect(await free(chain, wallet.account)).toBeGreaterThanOrEqual(after.wallet)
  }, 120_000)

  it('S-HUB-2 closing the tab: one POST empties both accounts, and the next page finds everything exact', async () => {
    const wallet = await newWallet()
    const disk = testDisk()
    const { sessions, chain } = page(disk)
    await chain.open()
    const before = { wallet: await free(chain, wallet.account), payout: await free(chain, DEV_ACCOUNTS.bob) }
    const session = await mine(sessions.open(request(wallet, 2)))
    await watch(session, 6)
    expect(session.closeNow()).toBe(true)
    await sessions.close()
    await mine(new Promise(resolve => setTimeout(resolve, 1_500)))
    expect(await free(chain, session.budgetAccount)).toBe(0n)
    const next = page(disk)
    await mine(next.sessions.recover())
    const [summary] = await next.sessions.list()
    if (summary === undefined) throw new Error('no summary')
    expect(summary).toMatchObject({ phase: 'closed', ticks: 6 })
    const { sessionFees, walletFees } = summary.money
    expect((await free(chain, DEV_ACCOUNTS.bob)) - before.payout).toBe(6n * PRICE)
    expect(before.wallet - (await free(chain, wallet.account))).toBe(6n * PRICE + sessionFees + walletFees)
  }, 120_000)

  it('S-HUB-3 storage wiped: the wallet alone finds the session and takes the rest back', async () => {
    const wallet = await newWallet()
    const { sessions, chain } = page(testDisk())
    await chain.open()
    const session = await mine(sessions.open(request(wallet, 3)))
    await watch(session, 4)
    await sessions.close()
    const elsewhere = page(testDisk())
    await elsewhere.chain.open()
    const { found, gaps } = await elsewhere.sessions.findByWallet(wallet.account)
    expect(gaps).toEqual([])
    expect(found).toMatchObject([{ session: session.id, isKnownHere: false }])
    const [one] = found
    if (one === undefined) return
    const before = await free(chain, wallet.account)
    const returned = await mine(elsewhere.sessions.takeBack(one, wallet))
    expect(returned).toBe(one.onBudgetAccount)
    const fee = before + returned - (await free(chain, wallet.account))
    expect(fee).toBeGreaterThan(0n)
    expect(fee).toBeLessThan(100_000_000n)
    expect(await free(chain, session.budgetAccount)).toBe(0n)
    expect(parseHex(session.id)).toHaveLength(32)
  }, 120_000)

  it('S-HUB-4 re-orgs, the RPC gone for a while, and refused submissions: still exact', async () => {
    const wallet = await newWallet()
    const { sessions, chain } = page(testDisk())
    await chain.open()
    const before = { wallet: await free(chain, wallet.account), payout: await free(chain, DEV_ACCOUNTS.bob) }
    const session = await mine(sessions.open(request(wallet, 4)))
    await watch(session, 4)
    await devchain.reorg(2)
    await watch(session, 4)
    devchain.refuseNext(2, 1_012)
    await watch(session, 2)
    devchain.dropRpc()
    await until(() => session.state.kind === 'chain-down')
    session.tick(2, 4, PRICE)
    devchain.restoreRpc()
    await mine(until(() => session.state.kind === 'active'))
    await devchain.reorg(1)
    await mine(session.leave())
    await mine(until(() => session.state.kind === 'closed'))
    const [summary] = await sessions.list()
    if (summary === undefined) throw new Error('no summary')
    expect(summary).toMatchObject({ phase: 'closed', ticks: 12 })
    const { sessionFees, walletFees } = summary.money
    expect((await free(chain, DEV_ACCOUNTS.bob)) - before.payout).toBe(12n * PRICE)
    expect(before.wallet - (await free(chain, wallet.account))).toBe(12n * PRICE + sessionFees + walletFees)
    expect(await free(chain, session.id)).toBe(0n)
    expect(await free(chain, session.budgetAccount)).toBe(0n)
  }, 120_000)
})
