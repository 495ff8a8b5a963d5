import type { SessionTotals } from '../payer-contract.ts'
import { PRICE } from './fake-session.ts'
import { PayerWorld, type WorldOptions } from './payer-world.ts'

export const FAULTS = [
  'reload',
  'reload-in-mid-payment',
  'two-tabs',
  'rpc-drop',
  'delayed-blocks',
  'refused',
  'unknown',
  'answer-lost',
  'dispatch-fails',
  'fee-spike',
  're-org-1',
  're-org-2',
  're-org-3',
  'pool-forgets',
  'storage-refuses',
  'replay-by-a-stranger',
  'unreadable-block',
] as const
export type Fault = (typeof FAULTS)[number] | 'crash-at-a-step' | 'chain-restarted'

export type Plan = {
  readonly seconds: number
  readonly faults: readonly { readonly atMs: number; readonly fault: Fault }[]
  readonly end: 'leave' | 'farewell' | 'farewell-lost' | 'die'
  /** The page dies when it has carried out so many half-steps of the write-ahead order. */
  readonly dieAtMark?: number
  readonly afterwards: 'resume' | 'close'
}

/** planck unless named otherwise; what was paid, fees and returned as the finalised chain tells. */
export type Outcome = {
  readonly phase: string
  readonly faults: readonly Fault[]
  readonly crashes: number
  /** Journaled. */
  readonly ticks: number
  readonly ticksLost: number
  readonly played: bigint
  readonly paid: bigint
  readonly fees: bigint
  readonly putIn: bigint
  /** By the creator's count. */
  readonly owed: bigint
  readonly returned: bigint
  /** Put in and neither paid, nor spent on fees, nor given back. */
  readonly unaccounted: bigint
  readonly totals: SessionTotals | undefined
  readonly violations: readonly string[]
  /** Half-steps that were carried out. */
  readonly marks: number
}

export function randomPlan(random: () => number, faultsMax = 6): Plan {
  const seconds = 20 + Math.floor(random() * 60)
  const count = Math.floor(random() * (faultsMax + 1))
  const faults = Array.from({ length: count }, () => ({
    atMs: Math.floor(random() * seconds * 1_000),
    fault: FAULTS[Math.floor(random() * FAULTS.length)] ?? 'reload',
  }))
  const ends = ['leave', 'farewell', 'farewell-lost', 'die'] as const
  const end = ends[Math.floor(random() * ends.length)] ?? 'leave'
  // Behind a payment that fails once the page is gone, what was signed as a farewell is too little: none can be sent then.
  let failures = 0
  // Two closing batches that fail are enough for the rest to come home without the last payment: one failure a session.
  const isTold = ({ fault }: { readonly fault: Fault }) =>
    fault !== 'dispatch-fails' || (!end.startsWith('farewell') && ++failures === 1)
  return {
    seconds,
    faults: faults.filter(isTold).sort((one, other) => one.atMs - other.atMs),
    end,
    afterwards: random() < 0.7 ? 'resume' : 'close',
  }
}

/** One session from the prompt until both accounts are empty at finality. */
export function simulateSession(options: WorldOptions, plan: Plan): Outcome {
  const world = new PayerWorld(options)
  const done: Fault[] = []
  const plannedFaults = [...plan.faults]
  const until: { readonly atMs: number; readonly end: () => void }[] = []
  const later = (ms: number, end: () => void): void => {
    until.push({ atMs: world.nowMs + ms, end })
  }
  if (plan.dieAtMark !== undefined) world.dieAtMark = plan.dieAtMark
  const turn = (): void => {
    world.run(250)
    for (const each of until.filter(({ atMs }) => atMs <= world.nowMs)) {
      until.splice(until.indexOf(each), 1)
      each.end()
    }
    if (!world.isAlive && world.finished === undefined) {
      if (world.marks >= world.dieAtMark && plan.dieAtMark !== undefined && !done.includes('crash-at-a-step'))
        done.push('crash-at-a-step')
      world.run(Math.floor(world.random() * 8_000))
      world.recover(isOver ? 'close' : plan.afterwards)
      // Nothing was written down yet: there is no session.
      if (world.disk.session === undefined) world.open()
    }
    const { watch } = world
    // What the user of a stopped picture does: try once more.
    const isStuck = watch.kind === 'stop' && watch.reason !== 'closing' && watch.reason !== 'over'
    if (isStuck && world.random() < 0.02) world.step({ kind: 'go-on' })
  }
  let isOver = false
  world.open()
  while (world.nowMs < plan.seconds * 1_000 && world.finished === undefined) {
    while ((plannedFaults[0]?.atMs ?? Number.POSITIVE_INFINITY) <= world.nowMs) {
      const next = plannedFaults.shift()
      if (next === undefined) break
      strike(world, next.fault, later)
      done.push(next.fault)
    }
    turn()
  }
  isOver = true
  world.isWatching = false
  if (world.isAlive) {
    if (plan.end === 'leave') world.step({ kind: 'leave' })
    else if (plan.end === 'die') world.crash()
    else world.farewell(plan.end === 'farewell')
  }
  const limit = world.nowMs + END_MS
  while (world.finished === undefined && world.nowMs < limit) turn()
  // A stranger once more, now that all is over.
  for (const extrinsic of world.chain.seen) if (extrinsic.signer === 'session') world.chain.submit(extrinsic)
  world.run(20_000)
  return outcomeOf(world, done)
}

const END_MS = 900_000

function outcomeOf(world: PayerWorld, faults: readonly Fault[]): Outcome {
  const { chain, disk } = world
  const { paid, fees, putIn, returned, walletFees, dust } = chain.totals()
  const free = (name: string): bigint => chain.account(name, chain.finalised)?.free ?? 0n
  const left = free('session') + free('budget')
  const violations = [...world.violations]
  const wallet = world.walletBefore - putIn - walletFees + returned
  if (free('wallet') !== wallet) violations.push(`the wallet has ${free('wallet')} and not ${wallet}`)
  if (left + dust !== 0n) violations.push(`${left} are left on the accounts, ${dust} are dust`)
  const totals = disk.session?.totals
  if (totals !== undefined) {
    if (totals.paid !== paid) violations.push(`the ledger says ${totals.paid} were paid, the chain ${paid}`)
    if (totals.returned !== returned) violations.push(`ledger ${totals.returned} returned, chain ${returned}`)
    if (totals.fees !== fees) violations.push(`ledger ${totals.fees} of fees, chain ${fees}`)
    if (totals.played !== world.played) violations.push('the ledger has lost ticks')
  }
  return {
    phase: disk.session?.phase.kind ?? 'none',
    faults,
    crashes: world.crashes,
    ticks: disk.ticks.size,
    ticksLost: world.rendered - disk.ticks.size,
    played: world.played,
    paid,
    fees,
    putIn,
    owed: world.creator.owed,
    returned,
    unaccounted: putIn - paid - fees - returned,
    totals,
    violations,
    marks: world.marks,
  }
}

function strike(world: PayerWorld, fault: Fault, later: (ms: number, end: () => void) => void): void {
  const { random } = world
  switch (fault) {
    case 'reload':
      if (world.isAlive) world.crash()
      return
    case 'reload-in-mid-payment':
      world.dieAfter = random() < 0.5 ? 'submit' : 'sign'
      return
    case 'two-tabs':
      if (world.isAlive) world.letGo()
      return
    case 'rpc-drop':
      world.dropRpc()
      later(2_000 + random() * 10_000, () => world.restoreRpc())
      return
    case 'delayed-blocks':
      world.blocksFromMs = world.nowMs + 4_000 + Math.floor(random() * 12_000)
      return
    case 'refused':
      for (let count = 1 + random() * 3; count > 0; count--)
        world.node.answers.push([random() < 0.5 ? 'rate' : 'refused', random() < 0.2])
      return
    case 'unknown':
      for (let count = 1 + random() * 3; count > 0; count--)
        world.node.answers.push(['unknown', random() < 0.5])
      return
    case 'answer-lost':
      for (let count = 1 + random() * 2; count > 0; count--) world.node.answers.push(['lost', random() < 0.5])
      return
    case 'dispatch-fails':
      world.chain.doomed += 1
      return
    case 'fee-spike':
      world.chain.feeFactor = BigInt(5 + Math.floor(random() * 300))
      later(5_000 + random() * 15_000, () => {
        world.chain.feeFactor = 1n
      })
      return
    case 're-org-1':
    case 're-org-2':
    case 're-org-3':
      world.reorganise(Number(fault.slice(-1)), random() < 0.5 ? 0 : 0.5)
      return
    case 'pool-forgets':
      for (const { hash } of world.chain.pool) world.chain.drop(hash)
      return
    case 'storage-refuses':
      world.storageFails = 1 + Math.floor(random() * 3)
      return
    case 'replay-by-a-stranger':
      for (const extrinsic of world.chain.seen) world.chain.submit(extrinsic)
      return
    case 'unreadable-block':
      world.node.unreadable = 1 + Math.floor(random() * 2)
      return
    case 'crash-at-a-step':
      world.dieAtMark = world.marks + 1
      return
    case 'chain-restarted':
      world.identity = '0x9e/2'
      world.step({ kind: 'chain-ready', identity: world.identity, isLocal: true, blockMs: world.blockMs })
      return
  }
}

/** What must hold of every session, in words; empty when it does. `isInArrears`: credit covers what is not paid yet. */
export function faultsOf(outcome: Outcome): string[] {
  const wrong = [...outcome.violations]
  // Funded, refused by storage, said goodbye to: all is back, and no row ever told that it was there.
  const isUntold = outcome.phase === 'archived' && outcome.ticks === 0 && outcome.paid === 0n
  if (outcome.phase !== 'closed' && outcome.putIn > 0n && !isUntold)
    wrong.push(`the session is ${outcome.phase}`)
  if (outcome.paid !== outcome.played) wrong.push(`played ${outcome.played}, paid ${outcome.paid}`)
  if (outcome.unaccounted !== 0n) wrong.push(`${outcome.unaccounted} planck are nowhere`)
  if (outcome.ticksLost > outcome.crashes)
    wrong.push(`${outcome.ticksLost} lost by ${outcome.crashes} crashes`)
  return wrong
}

export function ticksPaid(outcome: Outcome): number {
  return Number(outcome.paid / PRICE)
}
