import { blake2b } from '@noble/hashes/blake2.js'
import { afterEach, expect, it } from 'vitest'
import type { Evidence } from '../../../shared/pay/evidence.ts'
import { sessionRemark } from '../../../shared/pay/session-remark.ts'
import { hexText, parseHex } from '../../../shared/protocol/hex.ts'
import type { MemoryPort } from '../chain/testing/memory-port.ts'
import { MemoryEarningsStore } from '../store/earnings-memory.ts'
import { A_LONG_WHILE_MS, PAYOUT, testAccount, WatchedChain } from './testing/watched-chain.ts'
import { READ_AT_ONCE_MAX } from './trail-sync.ts'

const [WALLET, SESSION, OTHER] = [testAccount('1'), testAccount('2'), testAccount('3')]
const STREAM = new Uint8Array(32).fill(9)
const worlds: WatchedChain[] = []

function begin(options = {}, store = new MemoryEarningsStore()): WatchedChain {
  const world = new WatchedChain(options, store)
  for (const account of [WALLET, OTHER, PAYOUT]) world.chain.credit(account, 50_000_000n)
  world.chain.produceBlocks(4)
  worlds.push(world)
  return world
}

afterEach(async () => {
  for (const world of worlds.splice(0)) await world.closeAll()
})

const remarkOf = (session: string) => sessionRemark(STREAM, parseHex(session) ?? new Uint8Array())
const remarkHash = (session: string) => hexText(blake2b(remarkOf(session), { dkLen: 32 }))

it('E-FUND-1 a session: the wallet’s own remark and what it moved in the same extrinsic, then its first payment, each once', async () => {
  const world = begin()
  const page = await world.load()
  const told: Evidence[] = []
  page.watcher.on('evidence', each => told.push(each))
  await world.submit(WALLET, ({ calls }) =>
    calls.batchAll([
      calls.transfer(SESSION, 70_000n),
      calls.transfer(PAYOUT, 4_000n),
      calls.remarkWithEvent(remarkOf(SESSION)),
    ]),
  )
  await world.block()
  expect(told.filter(({ kind }) => kind === 'funded' || kind === 'paid')).toEqual([
    {
      kind: 'funded',
      place: expect.objectContaining({ block: world.chain.best }),
      wallet: WALLET,
      remarkHash: remarkHash(SESSION),
      moved: [
        { to: SESSION, planck: 70_000n },
        { to: PAYOUT, planck: 4_000n },
      ],
    },
    { kind: 'paid', place: expect.anything(), from: WALLET, planck: 4_000n, isFirst: true },
  ])
})

it('E-FUND-2 a remark that moves nothing, one by another than the signer, and a batch that failed open no session', async () => {
  const world = begin()
  const page = await world.load()
  await world.submit(WALLET, ({ calls }) => calls.remarkWithEvent(remarkOf(SESSION)))
  // Signed by OTHER for the multisig of OTHER and WALLET: the remark's sender signed nothing.
  await world.submit(OTHER, ({ calls }) =>
    calls.batchAll([
      calls.transfer(SESSION, 5_000n),
      calls.asMultiThreshold1(WALLET, calls.remarkWithEvent(remarkOf(SESSION))),
    ]),
  )
  await world.block()
  await world.submit(WALLET, ({ calls }) =>
    calls.batchAll([
      calls.remarkWithEvent(remarkOf(SESSION)),
      calls.transfer(PAYOUT, 4_000n),
      calls.transfer(SESSION, 10n ** 15n),
    ]),
  )
  await world.block()
  expect(page.sum.funded).toEqual([])
  expect(page.sum.total).toBe(0n)
})

it('E-FOLLOW-2 a payment counts at the best block, is taken back when it is retracted, and stands at finality', async () => {
  const world = begin()
  const page = await world.load()
  await world.pay(WALLET, 5_000n)
  await world.block()
  expect([page.sum.total, page.sum.finalTotal]).toEqual([5_000n, 0n])
  world.chain.reorg(1, { drops: true })
  await world.settle()
  expect(page.sum.total).toBe(0n)
  await world.pay(WALLET, 7_000n)
  for (let block = 0; block < 4; block++) await world.block()
  expect([page.sum.total, page.sum.finalTotal]).toEqual([7_000n, 7_000n])
})

it('E-FOLLOW-3 an endpoint that is a block behind retracts nothing', async () => {
  const world = begin()
  const behind: { value: boolean } = { value: false }
  const page = await world.load({
    wrap: port =>
      new Proxy(port, {
        get(target, name) {
          if (name === 'best' && behind.value) {
            const { number } = world.chain.best
            return () => ({ number: number - 1, hash: world.chain.hashAt(number - 1) })
          }
          const value: unknown = Reflect.get(target, name, target)
          return typeof value === 'function' ? value.bind(target) : value
        },
      }),
  })
  await world.pay(WALLET, 5_000n)
  await world.block()
  behind.value = true
  await world.pass(1_000)
  expect(page.sum.total).toBe(5_000n)
})

it('E-GAP-1 a block whose state is gone is a gap, never nothing; read later, its payments count and it closes', async () => {
  const world = begin()
  const page = await world.load()
  page.port.cut()
  await world.pay(WALLET, 5_000n)
  const missed = world.chain.produceBlock().block.number
  world.chain.produceBlocks(5)
  world.chain.pruneBelow = missed + 1
  page.port.mend()
  await world.settle()
  expect(page.sum.unread).toEqual([missed])
  expect(page.sum.total).toBe(0n)
  await world.pass(20_000)
  expect(page.watcher.check.kind).toBe('open')
  world.chain.pruneBelow = 0
  await world.pass(A_LONG_WHILE_MS)
  expect(page.sum.unread).toEqual([])
  expect([page.sum.total, page.sum.finalTotal]).toEqual([5_000n, 5_000n])
})

it('E-GAP-2 another endpoint is asked before anything is called a gap', async () => {
  const world = begin()
  const page = await world.load({ archives: [archiveOf(world)] })
  page.port.cut()
  await world.pay(WALLET, 5_000n)
  world.chain.produceBlock()
  world.chain.produceBlocks(5)
  world.chain.pruneBelow = world.chain.best.number
  page.port.mend()
  await world.settle()
  expect(page.sum.unread).toEqual([])
  expect(page.sum.total).toBe(5_000n)
})

it('E-GAP-3 after a long absence the newest blocks come first, and old ones are a gap until they are read', async () => {
  const world = begin()
  await (await world.load()).close()
  await world.pay(WALLET, 5_000n)
  world.chain.produceBlocks(READ_AT_ONCE_MAX + 10)
  await world.pay(OTHER, 6_000n)
  world.chain.produceBlock()
  const page = await world.load()
  const kinds: string[] = []
  page.watcher.follow(({ kind }) => kinds.push(kind))
  await world.settle()
  expect(page.sum.total).toBe(11_000n)
  expect(page.sum.unread).toEqual([])
  expect(page.watcher.book?.blocks.map(({ isAtReckoned }) => isAtReckoned)).toEqual([true, false])
})

it('E-GAP-4 of a stretch that is mostly pruned the readable end is found without asking for each block', async () => {
  const world = begin()
  await (await world.load()).close()
  world.chain.produceBlocks(3_000)
  await world.pay(WALLET, 5_000n)
  world.chain.produceBlocks(40)
  world.chain.pruneBelow = world.chain.best.number - 50
  let reads = 0
  const page = await world.load({
    wrap: port => {
      const read = port.block.bind(port)
      port.block = (...passed: Parameters<typeof read>) => {
        reads += 1
        return read(...passed)
      }
      return port
    },
  })
  await world.settle()
  expect(page.sum.total).toBe(5_000n)
  expect(page.sum.unread).toHaveLength(world.chain.pruneBelow - 6)
  expect(reads).toBeLessThan(150)
})

it('E-HEAD-1 a head older than 10 s is not followed, says why, and is again with the next block', async () => {
  const world = begin()
  const page = await world.load()
  await world.pass(9_000)
  expect(page.sum.heads.at(-1)?.isFollowing).toBe(true)
  await world.pass(1_001)
  expect(page.sum.heads.at(-1)).toMatchObject({
    isFollowing: false,
    reason: expect.stringContaining('no new block'),
  })
  page.port.cut('the cable is out')
  await world.pass(1_000)
  await world.block()
  expect(page.watcher.state.kind).toBe('behind')
  page.port.mend()
  await world.settle()
  expect(page.sum.heads.at(-1)).toMatchObject({ isFollowing: true, best: world.chain.best })
  expect(page.sum.heads.filter(({ isFollowing }) => !isFollowing)).toHaveLength(1)
})

it('E-HEAD-2 a chain that does not answer at the start is told after 10 s and found when it does', async () => {
  const world = begin()
  const page = await world.load({
    isAwaited: false,
    wrap: port => {
      port.cut('refused')
      return port
    },
  })
  await world.pass(10_001)
  expect(page.sum.heads).toMatchObject([{ isFollowing: false, reason: expect.stringContaining('refused') }])
  page.port.mend()
  await world.pass(1_000)
  expect(page.watcher.state.kind).toBe('following')
})

it('E-FOLLOW-5 a second page on the same account stops with a sentence; what is stored stays one writer’s', async () => {
  const world = begin()
  const first = await world.load()
  const second = await world.load()
  await world.pay(WALLET, 5_000n)
  await world.block()
  for (let second = 0; second < 12; second++) await world.pass(1_000)
  const states = [first, second].map(({ watcher }) => watcher.state)
  expect(states.some(state => state.kind === 'behind' && state.sentence.startsWith('Another tab'))).toBe(true)
  expect((await world.store.list())[0]?.blocks).toHaveLength(1)
})

it('E-FOLLOW-4 nothing is told that was not stored: a store that fails loses and doubles nothing', async () => {
  const store = new MemoryEarningsStore()
  const commit = store.commit.bind(store)
  let isFailing = false
  store.commit = async (...passed) => {
    if (isFailing) throw new DOMException('full', 'QuotaExceededError')
    return commit(...passed)
  }
  const world = begin({}, store)
  const page = await world.load({ isQuiet: true })
  isFailing = true
  await world.pay(WALLET, 5_000n)
  await world.block()
  await world.pass(11_000)
  expect(page.sum.total).toBe(0n)
  expect(page.watcher.state).toMatchObject({
    kind: 'behind',
    sentence: expect.stringContaining('does not keep'),
  })
  isFailing = false
  await world.pass(1_000)
  expect(page.sum.total).toBe(5_000n)
})

it('E-VANISH-1 a chain started anew ends the watch with a sentence, and its payments never mix with the new one’s', async () => {
  const store = new MemoryEarningsStore()
  const world = begin({}, store)
  const page = await world.load()
  await world.pay(WALLET, 5_000n)
  await world.block()
  world.chain.restart()
  await world.settle()
  expect(page.watcher.state).toMatchObject({ kind: 'vanished' })
  expect(page.sum.heads.at(-1)).toMatchObject({ isFollowing: false })
  world.chain.produceBlocks(5)
  const next = await world.load()
  expect(next.sum.total).toBe(0n)
  expect(next.watcher.book?.archived).toEqual([expect.stringContaining('one payment')])
  expect((await store.list()).map(({ archived }) => archived !== undefined)).toEqual([true, false])
})

it('E-VANISH-1 a chain that was started anew while no page was open is archived by the next one', async () => {
  const world = begin()
  const page = await world.load()
  await world.pay(WALLET, 5_000n)
  await world.block()
  await page.close()
  world.chain.restart()
  world.chain.produceBlocks(5)
  await world.load()
  expect((await world.store.list()).map(({ archived }) => archived !== undefined)).toEqual([true, false])
})

it('E-CHECK-1 the balance is compared with what was read; money that came another way shows', async () => {
  const world = begin()
  const page = await world.load()
  await world.pay(WALLET, 5_000n)
  await world.submit(PAYOUT, ({ calls }) => calls.transfer(OTHER, 2_000n))
  for (let block = 0; block < 5; block++) await world.block()
  await world.pass(20_000)
  expect(page.watcher.check).toMatchObject({ kind: 'matches' })
  world.chain.credit(PAYOUT, 123n)
  for (let block = 0; block < 5; block++) await world.block()
  await world.pass(20_000)
  expect(page.watcher.check).toMatchObject({ kind: 'differs', extra: 123n })
})

it('E-FOLLOW-7 who remembers everything up to a block is not told it again', async () => {
  const world = begin()
  const page = await world.load()
  await world.pay(WALLET, 5_000n)
  await world.block()
  const above = world.chain.best.number
  await world.pay(WALLET, 6_000n)
  await world.block()
  const told: Evidence[] = []
  page.watcher.follow(each => told.push(each), { above })
  expect(told.flatMap(each => (each.kind === 'paid' ? [each.planck] : []))).toEqual([6_000n])
})

function archiveOf(world: WatchedChain): MemoryPort {
  // Reads past the pruning of the node that the page is connected to.
  const port = world.chain.connect()
  const read = port.block.bind(port)
  port.block = async (...passed: Parameters<typeof read>) => {
    const { pruneBelow } = world.chain
    world.chain.pruneBelow = 0
    try {
      return await read(...passed)
    } finally {
      world.chain.pruneBelow = pruneBelow
    }
  }
  return port
}
