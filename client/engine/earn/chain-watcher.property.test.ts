import fc from 'fast-check'
import { expect, it } from 'vitest'
import { A_LONG_WHILE_MS, PAYOUT, type PageLoad, testAccount, WatchedChain } from './testing/watched-chain.ts'

const PAYERS = ['1', '2', '3'].map(testAccount)

type Move =
  | { readonly kind: 'pay'; readonly who: number; readonly planck: number }
  | { readonly kind: 'blocks'; readonly count: number; readonly isSettled: boolean }
  | { readonly kind: 'reorg'; readonly depth: number; readonly drops: boolean }
  | {
      readonly kind:
        | 'cut'
        | 'mend'
        | 'prune'
        | 'unprune'
        | 'reload'
        | 'abrupt-reload'
        | 'repeat-head'
        | 'long-away'
    }
  | { readonly kind: 'hold-finality' | 'release-finality' | 'spend' }
  | { readonly kind: 'pass'; readonly ms: number }

const plain = (...kinds: Exclude<Move['kind'], 'pay' | 'blocks' | 'reorg' | 'pass'>[]) =>
  fc.constantFrom(...kinds).map(kind => ({ kind }) as Move)

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('pay' as const),
      who: fc.nat(2),
      planck: fc.integer({ min: 1_000, max: 9_999 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('blocks' as const),
      count: fc.integer({ min: 1, max: 4 }),
      isSettled: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('reorg' as const),
      depth: fc.integer({ min: 1, max: 3 }),
      drops: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: plain('cut', 'mend', 'mend', 'prune', 'unprune', 'repeat-head') },
  { weight: 3, arbitrary: plain('reload', 'abrupt-reload', 'hold-finality', 'release-finality', 'spend') },
  { weight: 1, arbitrary: plain('long-away') },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 500, max: 90_000 }) }),
  },
)

class Run {
  readonly world = new WatchedChain()
  page: PageLoad | undefined
  #start = 0

  async begin(): Promise<void> {
    for (const payer of PAYERS) this.world.chain.credit(payer, 10_000_000n)
    this.world.chain.credit(PAYOUT, 5_000_000n)
    this.world.chain.produceBlocks(4)
    this.#start = this.world.chain.finalised.number
    this.page = await this.world.load()
  }

  async do(next: Move): Promise<void> {
    const { chain } = this.world
    switch (next.kind) {
      case 'pay':
        return this.world.pay(PAYERS[next.who] ?? PAYOUT, BigInt(next.planck))
      case 'spend':
        return this.world.submit(PAYOUT, port => port.calls.transfer(PAYERS[0] ?? PAYOUT, 5_000n))
      case 'blocks':
        chain.produceBlocks(next.count)
        return next.isSettled ? this.world.settle() : undefined
      case 'reorg': {
        const depth = Math.min(next.depth, chain.best.number - chain.finalised.number)
        if (depth > 0) chain.reorg(depth, { drops: next.drops })
        return
      }
      case 'cut':
        this.page?.port.cut()
        return
      case 'mend':
        this.page?.port.mend()
        return
      case 'prune':
        chain.pruneBelow = chain.best.number + 1
        return
      case 'unprune':
        chain.pruneBelow = 0
        return
      case 'repeat-head':
        for (const port of [this.page?.port]) port?.mend()
        return
      case 'reload':
        await this.page?.close()
        this.page = await this.world.load()
        return
      case 'abrupt-reload': {
        // The old page is not waited for: what it was about to store may or may not come first.
        const gone = this.page?.close()
        this.page = await this.world.load()
        await gone
        return
      }
      case 'long-away':
        await this.page?.close()
        for (let block = 0; block < 90; block += 10) {
          await this.world.pay(PAYERS[1] ?? PAYOUT, 1_000n)
          chain.produceBlocks(10)
        }
        this.page = await this.world.load()
        return
      case 'hold-finality':
      case 'release-finality':
        chain.holdsFinality = next.kind === 'hold-finality'
        return
      case 'pass':
        return this.world.pass(next.ms)
    }
  }

  /** All faults end; some blocks later everything must be known, exactly. */
  async end(): Promise<void> {
    const { world } = this
    world.chain.pruneBelow = 0
    world.chain.holdsFinality = false
    this.page?.port.mend()
    world.chain.produceBlocks(5)
    for (let pass = 0; pass < 3; pass++) await world.pass(A_LONG_WHILE_MS)
    await world.block()
    await world.pass(20_000)
    const truth = await world.truth(this.#start)
    const page = this.page
    expect(page?.sum.unread).toEqual([])
    expect(page?.sum.total).toBe(truth.total)
    expect(page?.sum.finalTotal).toBe(truth.final)
    expect(page?.watcher.check.kind).toBe('matches')
    await world.closeAll()
    const later = await world.load()
    expect([later.sum.total, later.sum.finalTotal]).toEqual([truth.total, truth.final])
    await world.closeAll()
  }
}

it('E-FOLLOW-1 E-FOLLOW-6 whatever the chain, its endpoint and the page do, the sum told is what the final chain says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { maxLength: 40 }), async moves => {
      const run = new Run()
      await run.begin()
      try {
        for (const next of moves) await run.do(next)
        await run.end()
      } finally {
        await run.world.closeAll()
      }
    }),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 150) },
  )
}, 120_000)
