import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom } from '../overlay/testing/seeded-random.ts'
import { AccessAsking } from './access-asking.ts'
import type { AccessEffect } from './access-contract.ts'
import { leastCreditSeconds } from './access-credit.ts'
import { AccessDriver, EPOCH_MS, grantsOf, PRICE } from './testing/access-driver.ts'

const STEP_MS = 50
const BLOCK_MS = 2_000
/** One way through the tree, either direction. */
const WAY_MS = 150
/** What is shown is behind what the creator sends by the way and the jitter buffer. */
const PLAYOUT_MS = 300
/** Between a block's time and what each side knows of it. */
const HEARD_MS = 200

type Told = { readonly atMs: number; readonly run: () => void }

/** An honest viewer on the real rules: asks, plays, ticks, pays each block what it has played. */
function watchHonestly(seed: number, minutes: number, stallShare: number, lossShare = 0) {
  const random = seededRandom(seed)
  const creditSeconds = leastCreditSeconds({ epochMs: EPOCH_MS, blockMs: BLOCK_MS })
  const driver = new AccessDriver({ creditSeconds })
  driver.fund('alice', 's1')
  const asking = new AccessAsking({ epochMs: EPOCH_MS, random: random() })
  const later: Told[] = []
  const keys = new Set<number>()
  const joinedMs = Math.floor(random() * EPOCH_MS)
  let playedMs = 0
  let ticks = 0
  let paid = 0
  /** Submitted, not in a block yet. */
  let pending = 0
  let stalledUntilMs = 0
  let stalledMs = 0
  let cutMs = 0
  let firstAtMs: number | undefined
  const answer = (effects: readonly AccessEffect[]): void => {
    const atMs = driver.nowMs + WAY_MS
    for (const effect of effects) {
      if (random() < lossShare) continue
      if (effect.kind === 'grant') {
        later.push({
          atMs,
          run: () => {
            asking.granted(effect.epoch)
            keys.add(effect.epoch)
          },
        })
      }
      if (effect.kind === 'terms') later.push({ atMs, run: () => asking.told(effect.terms, driver.nowMs) })
    }
  }
  for (let nowMs = 0; nowMs < minutes * 60_000; nowMs += STEP_MS) {
    answer(driver.at(nowMs))
    for (const told of later.splice(0)) {
      if (told.atMs <= nowMs) told.run()
      else later.push(told)
    }
    if (nowMs % BLOCK_MS === 0) {
      driver.mine()
      if (driver.height > 3) driver.finalise(driver.height - 3)
      const amount = pending
      const { height } = driver
      if (amount > 0) {
        later.push({ atMs: nowMs + HEARD_MS, run: () => answer(driver.pay('s1', BigInt(amount) * PRICE)) })
      }
      paid += amount
      pending = 0
      // Having seen this block, the viewer sends what it has played by now for the next one.
      later.push({
        atMs: nowMs + HEARD_MS,
        run: () => {
          if (driver.height === height) pending = ticks - paid
        },
      })
    }
    if (nowMs < joinedMs) continue
    const liveMs = nowMs - WAY_MS
    if (liveMs < 0) continue
    const epoch = driver.firstEpoch + Math.floor(liveMs / EPOCH_MS)
    asking.moved(epoch, liveMs % EPOCH_MS, true, nowMs)
    for (const effect of asking.tick(nowMs)) {
      if (effect.kind !== 'ask' || random() < lossShare) continue
      const claimed = Math.floor(stalledMs)
      later.push({
        atMs: nowMs + WAY_MS,
        run: () => {
          if (effect.isFirst) answer(driver.request('v', 'alice', 's1', { epoch: effect.epoch, counter: 1 }))
          else answer(driver.pull('v', effect.epoch, claimed))
        },
      })
    }
    const shown = driver.firstEpoch + Math.floor((nowMs - PLAYOUT_MS) / EPOCH_MS)
    if (!keys.has(shown)) {
      if (firstAtMs !== undefined) cutMs += STEP_MS
      continue
    }
    firstAtMs ??= nowMs
    // Stalls of 100 to 600 ms; what was not shown is over when it goes on.
    if (nowMs >= stalledUntilMs && random() < (stallShare * STEP_MS) / 350) {
      stalledUntilMs = nowMs + 100 + random() * 500
    }
    if (nowMs < stalledUntilMs) {
      stalledMs += STEP_MS
      continue
    }
    playedMs += STEP_MS
    ticks = Math.floor(playedMs / 1_000)
  }
  const row = driver.policy.rows({ nowMs: driver.nowMs })[0]
  return { cutMs, firstAfterMs: (firstAtMs ?? Number.NaN) - joinedMs, ticks, stalledMs, row }
}

test('A-HONEST-1 with the least sensible credit, on 2 s blocks, an honest viewer is not cut in 10 minutes', () => {
  for (const seed of Array.from({ length: 24 }, (_, index) => index + 1)) {
    const { cutMs, firstAfterMs, ticks } = watchHonestly(seed, 10, 0)
    expect({ seed, cutMs }).toEqual({ seed, cutMs: 0 })
    expect(firstAfterMs).toBeLessThan(1_200)
    expect(ticks).toBeGreaterThan(594)
  }
})

test('A-HONEST-2 nor with 2 % of stalls', () => {
  for (const seed of Array.from({ length: 24 }, (_, index) => index + 1)) {
    const { cutMs, stalledMs } = watchHonestly(seed, 10, 0.02)
    expect({ seed, cutMs }).toEqual({ seed, cutMs: 0 })
    expect(stalledMs).toBeGreaterThan(5_000)
  }
})

test('A-HONEST-3 with 3 % of questions and of answers lost less than a second of four hours is missed', () => {
  let missedMs = 0
  for (let seed = 1; seed <= 24; seed++) missedMs += watchHonestly(seed, 10, 0, 0.03).cutMs
  // One in six thousand epochs loses question or answer three times over.
  expect(missedMs).toBeLessThan(1_000)
})

const WALLETS = ['alice', 'bob']
const SESSIONS = ['s1', 's2', 's3', 's4']
const VIEWERS = ['u', 'v', 'w']

type Move =
  | { readonly kind: 'pass'; readonly ms: number }
  | {
      readonly kind: 'fund' | 'request'
      readonly wallet: string
      readonly session: string
      readonly viewer: string
    }
  | {
      readonly kind: 'pull' | 'leave'
      readonly viewer: string
      readonly ahead: number
      readonly stalledMs: number
    }
  | { readonly kind: 'pay'; readonly session: string; readonly seconds: number }
  | { readonly kind: 'mine' | 'finalise' | 'reload' }
  | { readonly kind: 'retract'; readonly depth: number }

const moves: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 9_000 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('fund' as const, 'request' as const),
      wallet: fc.constantFrom(...WALLETS),
      session: fc.constantFrom(...SESSIONS),
      viewer: fc.constantFrom(...VIEWERS),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('pull' as const, 'pull' as const, 'pull' as const, 'leave' as const),
      viewer: fc.constantFrom(...VIEWERS),
      ahead: fc.integer({ min: -1, max: 3 }),
      stalledMs: fc.constantFrom(0, 500, 60_000, 4_000_000_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('pay' as const),
      session: fc.constantFrom(...SESSIONS),
      seconds: fc.integer({ min: 1, max: 90 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('mine' as const, 'finalise' as const) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reload' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('retract' as const), depth: fc.integer({ min: 1, max: 3 }) }),
  },
)

type Payment = { readonly session: string; readonly height: number; readonly planck: bigint }

test('A-BOUND-1 whatever is tried, unpaid seconds granted to a wallet stay within preview and credit', () => {
  const creditSeconds = 12
  const previewSeconds = 8
  const seed = Number(process.env['VILOKANAM_SEED'] ?? Date.now() % 2 ** 31)
  // biome-ignore lint/suspicious/noConsole: a failing run is repeated by its seed
  console.info(`A-BOUND-1 seed ${seed}`)
  fc.assert(
    fc.property(fc.array(moves, { minLength: 20, maxLength: 160 }), list => {
      const driver = new AccessDriver({ creditSeconds, previewSeconds })
      driver.fund('alice', 's1')
      driver.fund('bob', 's2')
      driver.fund('alice', 's3')
      /** Kept by the test alone: money by block, and every grant made. */
      let payments: Payment[] = []
      let finalised = 0
      const ownerOf = new Map<string, string>([
        ['s1', 'alice'],
        ['s2', 'bob'],
        ['s3', 'alice'],
      ])
      const fundedAt = new Map<string, number>([
        ['s1', 1],
        ['s2', 1],
        ['s3', 1],
      ])
      const holders = new Map<string, string>()
      /** Media seconds from the moment of each grant, and whole, by wallet; preview apart. */
      const spent = new Map(WALLETS.map(wallet => [wallet, { ms: 0, wholeMs: 0, previewMs: 0 }]))
      const check = (effects: readonly AccessEffect[]): void => {
        for (const grant of grantsOf(effects)) {
          const session = grant.session
          const wallet = grant.wallet.slice(2)
          const holder = holders.get(`${session}/${grant.epoch}`)
          expect(holder ?? grant.viewerKey).toBe(grant.viewerKey)
          holders.set(`${session}/${grant.epoch}`, grant.viewerKey)
          if (grant.isAgain) continue
          const sum = spent.get(wallet)
          expect(sum).toBeDefined()
          if (sum === undefined) continue
          const passedMs = Math.max(0, driver.nowMs - (grant.epoch - driver.firstEpoch) * EPOCH_MS)
          if (grant.isPreview) sum.previewMs += EPOCH_MS
          else {
            sum.ms += EPOCH_MS - passedMs
            sum.wholeMs += EPOCH_MS
          }
          const paidMs = payments
            .filter(payment => ownerOf.get(payment.session) === wallet)
            .reduce((ms, { planck }) => ms + Number(planck), 0)
          const finalMs = payments
            .filter(payment => ownerOf.get(payment.session) === wallet && payment.height <= finalised)
            .reduce((ms, { planck }) => ms + Number(planck), 0)
          const countedMs = Math.min(paidMs, finalMs + 60_000)
          expect(sum.previewMs).toBeLessThanOrEqual(previewSeconds * 1_000)
          expect(sum.ms - countedMs * 1.05).toBeLessThanOrEqual(creditSeconds * 1_000)
          // Counting also what had passed of running epochs: one epoch more, once.
          expect(sum.wholeMs - countedMs * 1.05).toBeLessThanOrEqual(creditSeconds * 1_000 + EPOCH_MS)
        }
      }
      for (const move of list) {
        switch (move.kind) {
          case 'pass':
            check(driver.at(driver.nowMs + move.ms))
            break
          case 'fund':
            if ((ownerOf.get(move.session) ?? move.wallet) !== move.wallet) break
            ownerOf.set(move.session, move.wallet)
            if (!fundedAt.has(move.session)) fundedAt.set(move.session, driver.height)
            check(driver.fund(move.wallet, move.session))
            break
          case 'request':
            check(driver.request(move.viewer, move.wallet, move.session))
            break
          case 'pull':
            check(driver.pull(move.viewer, driver.epoch + move.ahead, move.stalledMs))
            break
          case 'leave':
            check(driver.leave(move.viewer, move.stalledMs))
            break
          case 'pay':
            if (!fundedAt.has(move.session)) break
            payments.push({
              session: move.session,
              height: driver.height,
              planck: BigInt(move.seconds) * PRICE,
            })
            check(driver.pay(move.session, BigInt(move.seconds) * PRICE))
            break
          case 'mine':
            driver.mine()
            break
          case 'finalise':
            finalised = driver.height
            check(driver.finalise())
            break
          case 'reload': {
            // Only what is final is kept; a feed tells the rest again, here: nothing is left to tell.
            if (finalised !== driver.height) break
            const { policy } = driver
            driver.reload(policy.snapshot())
            driver.mine()
            check(driver.at(driver.nowMs))
            break
          }
          case 'retract': {
            const depth = Math.min(move.depth, driver.height - Math.max(finalised, 1))
            if (depth <= 0) break
            driver.retract(depth)
            payments = payments.filter(({ height }) => height <= driver.height)
            for (const [session, height] of [...fundedAt])
              if (height > driver.height) fundedAt.delete(session)
            driver.fork++
            driver.mine()
            break
          }
        }
      }
    }),
    { seed, numRuns: 400 },
  )
})
