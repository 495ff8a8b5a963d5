/**
 * `npm run bench:pay -- --simulated 200 --real 10 --seed 1`: sessions of the real payer with faults, on a fake chain and on
 * the local Asset Hub. Afterwards: is what was paid what was played, and where is every planck?
 */
import { parseArgs } from 'node:util'
import { PRICE } from '../shared/pay/testing/fake-session.ts'
import { realSessions } from './pay-real.ts'
import { newTally, simulatedSessions, type Tally } from './pay-simulated.ts'
import { num, printJson, printTable, rounded } from './report.ts'

const { values } = parseArgs({
  options: {
    simulated: { type: 'string', default: '200' },
    real: { type: 'string', default: '10' },
    seed: { type: 'string' },
    json: { type: 'boolean' },
  },
})
const simulated = Number(values.simulated)
const real = Number(values.real)
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000))
if (!(simulated >= 0) || !(real >= 0) || !Number.isSafeInteger(seed))
  throw new RangeError('--simulated and --real are counts, --seed is an integer')

console.log(`seed ${seed}`)
const onFake = simulatedSessions(simulated, seed, PRICE)
const onHub = real > 0 ? await realSessions(real, text => console.log(text)) : newTally()
const both = [onFake, onHub] as const

const line = (name: string, cell: (tally: Tally) => string) => [name, ...both.map(cell)]
printTable(
  ['', 'fake chain', 'local Asset Hub'],
  [
    line('sessions', tally => String(tally.sessions)),
    line('faults', tally => String(faultsOf(tally))),
    line('crashes and reloads', tally => String(tally.crashes)),
    line('ticks played, as journaled', tally => String(tally.ticksPlayed)),
    line('ticks paid, on chain', tally => String(tally.ticksPaid)),
    line('planck paid twice', tally => String(tally.doublePaid)),
    line('planck unaccounted for', tally => String(tally.unaccounted)),
    line('ticks lost to crashes', tally => String(tally.ticksLost)),
    line(
      'archived with a vanished chain (their ticks)',
      tally => `${tally.archived} (${tally.archivedTicks})`,
    ),
    line('fees ÷ (fees + paid)', tally => num(feeShare(tally), 4)),
  ],
)
const kinds = [...new Set(both.flatMap(({ faults }) => [...faults.keys()]))].sort()
console.log()
printTable(
  ['fault', 'fake chain', 'local Asset Hub'],
  kinds.map(kind => [kind, ...both.map(({ faults }) => String(faults.get(kind) ?? 0))]),
)
const wrong = both.flatMap(tally => tally.wrong)
for (const each of wrong) console.log(each)
const sum = (figure: (tally: Tally) => number) => figure(onFake) + figure(onHub)
const sumPlanck = (figure: (tally: Tally) => bigint) => Number(figure(onFake) + figure(onHub))
printJson(values.json, {
  seed,
  sessions: sum(({ sessions }) => sessions),
  realSessions: onHub.sessions,
  ticksPlayed: sum(({ ticksPlayed }) => ticksPlayed),
  ticksPaid: sum(({ ticksPaid }) => ticksPaid),
  doublePaid: sumPlanck(({ doublePaid }) => doublePaid),
  faults: sum(faultsOf),
  feeShare: rounded(feeShare(real > 0 ? onHub : onFake), 4),
  feeShareFakeChain: rounded(feeShare(onFake), 4),
  ticksLost: sum(({ ticksLost }) => ticksLost),
  crashes: sum(({ crashes }) => crashes),
  unaccountedPlanck: sumPlanck(({ unaccounted }) => unaccounted),
  archivedSessions: sum(({ archived }) => archived),
  archivedTicks: sum(({ archivedTicks }) => archivedTicks),
  wrong: wrong.length,
})
if (wrong.length > 0) process.exitCode = 1

function faultsOf({ faults }: Tally): number {
  return [...faults.values()].reduce((all, count) => all + count, 0)
}

function feeShare({ fees, paid }: Tally): number {
  return fees + paid === 0n ? Number.NaN : Number(fees) / Number(fees + paid)
}
