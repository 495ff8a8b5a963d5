import { seededRandom } from '../shared/overlay/testing/seeded-random.ts'
import {
  type Fault,
  faultsOf,
  type Outcome,
  type Plan,
  randomPlan,
  simulateSession,
} from '../shared/pay/testing/payer-faults.ts'

/** Enough for what six faults leave granted and not shown: see docs/spec/pay.md, SETTLE-5. */
const CREDIT_SECONDS = 40
/** Half-steps of the write-ahead order in a session of half a minute: before and after each effect is carried out. */
const STEPS = 400

export type Tally = {
  sessions: number
  archived: number
  archivedTicks: number
  ticksPlayed: number
  ticksPaid: number
  ticksLost: number
  crashes: number
  /** planck paid above the price of the journaled ticks. */
  doublePaid: bigint
  unaccounted: bigint
  paid: bigint
  fees: bigint
  readonly faults: Map<string, number>
  readonly wrong: string[]
}

export function newTally(): Tally {
  return {
    sessions: 0,
    archived: 0,
    archivedTicks: 0,
    ticksPlayed: 0,
    ticksPaid: 0,
    ticksLost: 0,
    crashes: 0,
    doublePaid: 0n,
    unaccounted: 0n,
    paid: 0n,
    fees: 0n,
    faults: new Map(),
    wrong: [],
  }
}

export function count(tally: Tally, fault: string): void {
  tally.faults.set(fault, (tally.faults.get(fault) ?? 0) + 1)
}

/** Seeded sessions on the fake chain: each with random faults; every fourth dies at its own step; one in fifty is restarted. */
export function simulatedSessions(sessions: number, seed: number, price: bigint): Tally {
  const tally = newTally()
  for (let index = 0; index < sessions; index++) {
    const own = seed * 1_000_003 + index
    add(tally, simulateSession({ seed: own, creditSeconds: CREDIT_SECONDS }, planOf(own, index)), own, price)
  }
  return tally
}

function planOf(seed: number, index: number): Plan {
  const random = seededRandom(seed ^ 0x5eed)
  const plan = randomPlan(random)
  if (index % 50 === 49) return { ...plan, faults: [...plan.faults, restartAt(plan.seconds)] }
  if (index % 4 === 3)
    return { ...plan, faults: plan.faults.slice(0, 2), dieAtMark: 1 + Math.floor(random() * STEPS) }
  return plan
}

function restartAt(seconds: number): { readonly atMs: number; readonly fault: Fault } {
  return { atMs: (seconds - 2) * 1_000, fault: 'chain-restarted' }
}

function add(tally: Tally, outcome: Outcome, seed: number, price: bigint): void {
  tally.sessions++
  tally.crashes += outcome.crashes
  for (const fault of outcome.faults) count(tally, fault)
  if (outcome.phase === 'archived' && outcome.faults.includes('chain-restarted')) {
    tally.archived++
    tally.archivedTicks += outcome.ticks
    return
  }
  const wrong = faultsOf(outcome)
  if (wrong.length > 0) tally.wrong.push(`seed ${seed}: ${wrong.join('; ')}`)
  tally.ticksPlayed += Number(outcome.played / price)
  tally.ticksPaid += Number(outcome.paid / price)
  tally.ticksLost += outcome.ticksLost
  tally.paid += outcome.paid
  tally.fees += outcome.fees
  tally.unaccounted += outcome.unaccounted < 0n ? -outcome.unaccounted : outcome.unaccounted
  if (outcome.paid > outcome.played) tally.doublePaid += outcome.paid - outcome.played
}
