import { describe, expect, it } from 'vitest'
import type { PayErrorCode } from './pay-error.ts'
import type { FundRequest } from './pay-session-contract.ts'
import { PayWorld, type Tab } from './testing/pay-world.ts'

type Trouble = {
  readonly title: string
  readonly code: PayErrorCode
  readonly says: RegExp
  readonly make: (world: PayWorld, tab: Tab) => Partial<FundRequest>
  /** The wallet is not even asked. */
  readonly prompts: number
}

const TROUBLES: readonly Trouble[] = [
  {
    title: 'its owner says no',
    code: 'refused',
    says: /Nothing was spent/,
    prompts: 1,
    make(world) {
      world.wallet.onPrompt = () => {
        throw new Error('Cancelled')
      }
      return {}
    },
  },
  {
    title: 'it is locked',
    code: 'wallet-locked',
    says: /unlock it/,
    prompts: 1,
    make(world) {
      world.wallet.onPrompt = () => {
        throw new Error('The extension is locked')
      }
      return {}
    },
  },
  {
    title: 'it has no funds',
    code: 'no-funds',
    says: /smaller budget, or put funds/,
    prompts: 0,
    make: () => ({ budget: 50_000_000n }),
  },
  {
    title: 'the creator is below the existential deposit',
    code: 'below-deposit',
    says: /existential|chain asks of every account/,
    prompts: 0,
    make: () => ({ payout: `0x${'dd'.repeat(32)}` }),
  },
  {
    title: 'the budget does not buy a second',
    code: 'budget-too-small',
    says: /Choose at least/,
    prompts: 0,
    make: () => ({ budget: 999n }),
  },
  {
    title: 'the stream is paid on another chain',
    code: 'wrong-chain',
    says: /another chain/,
    prompts: 0,
    make: () => ({ genesis: `0x${'ee'.repeat(32)}` }),
  },
  {
    title: 'the RPC is down at the start',
    code: 'chain-down',
    says: /cannot be reached/,
    prompts: 0,
    make(_world, { port }) {
      port.cut()
      return {}
    },
  },
  {
    title: 'the RPC goes down between plan and prompt',
    code: 'chain-down',
    says: /cannot be reached/,
    prompts: 1,
    make(world, { port }) {
      world.wallet.onPrompt = () => port.cut()
      return {}
    },
  },
  {
    title: 'fees have risen above half of what would be paid',
    code: 'fee-spike',
    says: /Wait until fees have fallen/,
    prompts: 0,
    make(world) {
      world.chain.feeFactor = 5_000n
      world.chain.credit(world.wallet.account, 10n ** 12n)
      return {}
    },
  },
  {
    title: 'the node refuses the bytes',
    code: 'failed',
    says: /Nothing was spent/,
    prompts: 1,
    make(world) {
      world.chain.answerNext({ kind: 'refused', code: 'invalid', reason: 'bad proof' })
      return {}
    },
  },
  {
    title: 'no block takes it before its time runs out',
    code: 'not-included',
    says: /nothing was spent/,
    prompts: 1,
    make(world) {
      world.chain.holdsTransactions = true
      return {}
    },
  },
]

describe('the prompt', () => {
  for (const { title, code, says, make, prompts } of TROUBLES) {
    it(`S-FUND-2 ${title}: said with the next step, and the wallet keeps everything`, async () => {
      const world = PayWorld.create()
      const tab = world.tab()
      const change = make(world, tab)
      const before = world.chain.free(world.wallet.account)
      const opening = world.mine(tab.sessions.open(world.request(change)), 400)
      await expect(opening).rejects.toMatchObject({ code, message: expect.stringMatching(says) })
      expect(world.wallet.prompts).toBe(prompts)
      tab.port.mend()
      world.chain.holdsTransactions = false
      await world.block(8)
      expect(world.chain.free(world.wallet.account)).toBe(before)
      for (const one of await tab.sessions.list()) expect(one.phase).toBe('archived')
    })
  }

  it('S-FUND-1 figures before the prompt, and the wallet parts with exactly what they say', async () => {
    const world = PayWorld.create()
    const { sessions } = world.tab()
    const plan = await sessions.plan(world.request())
    expect(world.wallet.prompts).toBe(0)
    expect(plan).toMatchObject({ seconds: 100, budget: 100_000n, first: 0n, pricePerHour: 3_600_000n })
    expect(plan.words.length).toBeGreaterThan(2)
    const before = world.chain.free(world.wallet.account)
    const session = await world.mine(sessions.open(world.request()))
    expect(before - world.chain.free(world.wallet.account)).toBe(plan.total)
    expect(world.chain.free(session.budgetAccount)).toBe(plan.budget + plan.existentialDeposit)
    expect(world.chain.free(session.id)).toBe(plan.feeReserve)
  })

  it('S-FUND-3 without credit the prompt itself pays for the first keys', async () => {
    const world = PayWorld.create()
    const { sessions } = world.tab()
    const request = world.request({ terms: { price: 1_000n, epochMs: 4_000, creditSeconds: 0 } })
    const { first } = await sessions.plan(request)
    expect(first).toBeGreaterThan(4_000n)
    const before = world.chain.free(world.payout)
    const session = await world.mine(sessions.open(request))
    expect(world.chain.free(world.payout) - before).toBe(first)
    expect(session.figures.paid).toBe(first)
  })

  it('S-FUND-4 a batch that the chain refuses moves nothing but its fee', async () => {
    const world = PayWorld.create()
    const { sessions } = world.tab()
    // While the wallet asks, its owner spends nearly everything elsewhere.
    world.wallet.onPrompt = () => world.chain.credit(world.wallet.account, -9_950_000n)
    const opening = world.mine(sessions.open(world.request()), 100)
    await expect(opening).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/Only its fee/),
    })
    await world.block(8)
    expect(world.chain.free(world.payout)).toBe(5_000n)
    const [summary] = await sessions.list()
    expect(summary).toMatchObject({ phase: 'archived', money: { putIn: 0n } })
  })
})
