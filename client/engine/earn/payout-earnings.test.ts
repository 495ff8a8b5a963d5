import { afterEach, expect, it } from 'vitest'
import { amountText } from '../chain/planck-text.ts'
import { consoleLogger } from '../console-logger.ts'
import { MemoryStreamRecords } from '../store/stream-records.ts'
import { csvField } from './earnings-csv.ts'
import { gapText, PayoutEarnings } from './payout-earnings.ts'
import { StreamRecorder } from './stream-recorder.ts'
import { PAYOUT, testAccount, WatchedChain } from './testing/watched-chain.ts'

const [WALLET, BUDGET, SESSION, STRANGER] = ['1', '2', '3', '4'].map(testAccount) as [
  string,
  string,
  string,
  string,
]
const worlds: WatchedChain[] = []

afterEach(async () => {
  for (const world of worlds.splice(0)) await world.closeAll()
})

/** WALLET funds BUDGET and pays 4,000 at once; BUDGET pays 300 (price 10), STRANGER 5. */
async function paidWorld() {
  const world = new WatchedChain()
  worlds.push(world)
  for (const account of [WALLET, STRANGER, PAYOUT]) world.chain.credit(account, 50_000_000n)
  world.chain.produceBlocks(4)
  const page = await world.load()
  const earnings = new PayoutEarnings({ watcher: page.watcher, clock: world.clock, every: () => () => {} })
  await world.submit(WALLET, ({ calls }) =>
    calls.batchAll([
      calls.transfer(BUDGET, 700_000n),
      calls.transfer(PAYOUT, 4_000n),
      calls.remarkWithEvent(new Uint8Array(3)),
    ]),
  )
  await world.block()
  await world.pay(BUDGET, 300n)
  await world.pay(STRANGER, 5n)
  await world.block()
  return { world, page, earnings }
}

it('E-VIEW-1 income by viewer and session: the chain’s own suggestion first, a session’s signed word over it', async () => {
  const { earnings } = await paidWorld()
  const income = { total: 4_305n, final: 0n, notYetFinal: 4_305n }
  expect(earnings.snapshot).toMatchObject({ income, lastMinute: 4_305n, perSecond: 71n, perHour: 258_300n })
  expect(earnings.snapshot.viewers).toMatchObject([
    { viewer: WALLET, isKnown: true, total: 4_300n, ticks: 430n },
    { viewer: STRANGER, isKnown: false, total: 5n, ticks: 0n },
  ])
  earnings.bind({ wallet: WALLET, session: SESSION, budget: BUDGET })
  const sessions = earnings.snapshot.viewers[0]?.sessions.map(({ session, from, total }) => [
    session,
    from,
    total,
  ])
  expect(sessions).toContainEqual([SESSION, BUDGET, 300n])
  expect(sessions).toContainEqual([undefined, WALLET, 4_000n])
})

it('E-VIEW-2 money that somebody else sends to a budget account does not make its payments theirs', async () => {
  const { world, earnings } = await paidWorld()
  await world.submit(STRANGER, ({ calls }) =>
    calls.batchAll([calls.transfer(BUDGET, 1_000n), calls.remarkWithEvent(new Uint8Array(9))]),
  )
  await world.block()
  await world.pay(BUDGET, 600n)
  await world.block()
  expect(earnings.snapshot.viewers[0]).toMatchObject({ viewer: WALLET, total: 4_900n })
})

it('E-VIEW-3 the rate forgets after a minute, the graph keeps its bars, the total stays', async () => {
  const { world, earnings } = await paidWorld()
  await world.pass(61_000)
  expect(earnings.snapshot).toMatchObject({ lastMinute: 0n, perHour: 0n, income: { total: 4_305n } })
  const series = earnings.series({ widthMs: 10_000, points: 12 })
  expect(series).toHaveLength(12)
  expect(series.reduce((sum, { planck }) => sum + planck, 0n)).toBe(4_305n)
})

it('E-VIEW-4 a snapshot comes with each block that pays, once; a gap is a sentence', async () => {
  const { world, earnings } = await paidWorld()
  const totals: bigint[] = []
  earnings.on('snapshot', ({ income }) => totals.push(income.total))
  await world.pay(STRANGER, 7n)
  await world.pay(BUDGET, 10n)
  await world.block()
  await world.block()
  expect(totals).toEqual([4_322n])
  const gap = { below: undefined, last: undefined, reason: 'the endpoint no longer keeps their state' }
  expect(gapText({ from: 3, to: 9, ...gap })).toBe(
    'Blocks 3–9 are unread (the endpoint no longer keeps their state): what was paid there is unknown, not zero. It is tried again by itself; an archive endpoint may still have it.',
  )
})

it('E-CSV-1 one line a payment, exact in units and planck, CRLF, and final once it is', async () => {
  const { world, earnings } = await paidWorld()
  const lines = earnings.exportCsv().split('\r\n')
  expect(lines).toHaveLength(5)
  expect(lines[0]).toBe(
    'time (UTC),time is,block,block hash,event index,viewer,session,paid from,ticks,amount (MEM),amount (planck),status',
  )
  expect(lines[2]).toMatch(
    new RegExp(
      `^2023-11-14T22:13:20.000Z,seen,7,0x\\w{64},\\d+,${WALLET},,${BUDGET},30,0.0000000003,300,not yet final$`,
    ),
  )
  expect(lines[3]).toContain(`,${STRANGER},,${STRANGER},0.5,`)
  for (let block = 0; block < 4; block++) await world.block()
  expect(earnings.exportCsv()).not.toContain('not yet')
})

it('E-CSV-2 quotes as RFC 4180 says, and no field is a formula', () => {
  expect(csvField('a,"b"\n')).toBe('"a,""b""\n"')
  for (const start of ['=', '+', '-', '@', '\t', '\r'])
    expect(csvField(`${start}1+1`).replace('"', '')).toMatch(/^'/)
  expect(amountText(1_000_000_000_001n, 12)).toBe('1.000000000001')
  expect([amountText(0n, 12), amountText(5n, 0), amountText(-25n, 1)]).toEqual(['0', '5', '-2.5'])
})

it('E-STORE-3 a broadcast leaves its rows: who watched, ticks and amounts; a re-org takes them back; a reload goes on', async () => {
  const { world, earnings } = await paidWorld()
  const records = new MemoryStreamRecords()
  const broadcast = {
    ...{ streamId: 'ab'.repeat(32), creator: 'c', title: 't', description: '', category: '' },
    ...{ streamKeyReference: 'key', isRecorded: false, trackerUsed: '/ip4/127.0.0.1' },
  }
  const deps = { records, clock: world.clock, logger: consoleLogger('error'), every: () => () => {} }
  const recorder = await StreamRecorder.begin(deps, broadcast)
  earnings.bind({ wallet: WALLET, session: SESSION, budget: BUDGET })
  recorder.setViewers(7)
  recorder.setViewers(2)
  recorder.setSessions([{ wallet: WALLET, session: SESSION, isWatching: true }])
  recorder.setEarnings(earnings.snapshot)
  await recorder.end()
  const kept = await records.get(broadcast.streamId)
  expect(kept?.stream).toMatchObject({ status: 'ended', viewerCount: 7, totalTicks: 430 })
  expect(kept?.viewers.find(({ viewer }) => viewer === SESSION)).toMatchObject({
    wallet: WALLET,
    totalTicks: 30,
    paidAmount: 300n,
  })
  await world.pass(60_000)
  const resumed = await StreamRecorder.begin(deps, broadcast)
  world.chain.reorg(1, { drops: true })
  await world.settle()
  resumed.setEarnings(earnings.snapshot)
  await resumed.end()
  const after = await records.get(broadcast.streamId)
  expect(after?.sessions).toHaveLength(2)
  expect(after?.stream.startedAt).toBe(kept?.stream.startedAt)
  expect(after?.viewers.find(({ viewer }) => viewer === SESSION)).toMatchObject({
    totalTicks: 0,
    paidAmount: 0n,
  })
})
