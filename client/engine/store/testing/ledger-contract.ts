import type { SessionRow, SlotRow, TickRow } from '../../../../shared/pay/payer-contract.ts'
import { hexText } from '../../../../shared/protocol/hex.ts'
import { LedgerError, type LedgerStore, type WalletRow } from '../ledger-store.ts'

/** Opens the store on the same storage again, as after a crash: nothing in memory is shared. */
export type ReopenLedger = () => Promise<LedgerStore>

/** A rule and how to see that it holds: throws where it does not. Run on every implementation, in Node and in a page. */
export type LedgerRule = {
  readonly title: string
  readonly check: (reopen: ReopenLedger) => Promise<void>
}

const ONE = `0x${'11'.repeat(32)}`
const OTHER = `0x${'22'.repeat(32)}`

export function sessionRow(session: string, phase: SessionRow['phase'] = { kind: 'open' }): SessionRow {
  return {
    session,
    chain: '0xaa/0xbb',
    streamId: 'cc'.repeat(32),
    title: 'Größe 🎥',
    creator: `0x${'33'.repeat(32)}`,
    wallet: `0x${'44'.repeat(32)}`,
    budgetAccount: `0x${'55'.repeat(32)}`,
    payout: `0x${'66'.repeat(32)}`,
    budget: 2n ** 70n + 1n,
    feeReserve: 9_007_199_254_740_993n,
    first: 0n,
    existentialDeposit: 1_000n,
    priceAccepted: 7n,
    startedAt: 1,
    phase,
  }
}

function slotRow(session: string, nonce: number, call: readonly number[]): SlotRow {
  return {
    session,
    nonce,
    use: 'payment',
    amount: 12n,
    ticks: 3,
    ahead: 0n,
    call: Uint8Array.from(call),
    madeAt: 5,
    state: { kind: 'pending' },
  }
}

function tickRow(session: string, index: number, epoch = 4): TickRow {
  return { session, index, epoch, price: 4n }
}

function walletRow(session: string): WalletRow {
  return {
    session,
    hash: `0x${'77'.repeat(32)}`,
    use: 'fund',
    bytes: Uint8Array.from([1, 2, 3]),
    nonce: 8,
    birth: { number: 1, hash: `0x${'88'.repeat(32)}` },
    lastBlock: 64,
    budget: 5n,
    feeReserve: 6n,
  }
}

export const LEDGER_RULES: readonly LedgerRule[] = [
  {
    title: 'S-LEDGER-1 what was acknowledged is there after a crash, exactly',
    async check(reopen) {
      const ledger = await reopen()
      const slots = [slotRow(ONE, 0, [1]), slotRow(ONE, 1, [2, 255])]
      const ticks = [tickRow(ONE, 1), tickRow(ONE, 2)]
      await ledger.commit({ session: sessionRow(ONE) })
      await ledger.commit({ slots, ticks, wallet: [walletRow(ONE)] })
      await ledger.commit({ session: sessionRow(OTHER, { kind: 'closing', reason: 'left' }) })
      const after = await reopen()
      same(await after.read(ONE), { session: sessionRow(ONE), slots, ticks })
      same(await after.walletRows(ONE), [walletRow(ONE)])
      same((await after.sessions()).map(row => row.session).toSorted(), [ONE, OTHER])
      same(await after.read(`0x${'99'.repeat(32)}`), undefined)
    },
  },
  {
    title: 'S-LEDGER-2 a nonce never gets a second call, and nothing of that commit is kept',
    async check(reopen) {
      const ledger = await reopen()
      await ledger.commit({ session: sessionRow(ONE), slots: [slotRow(ONE, 0, [1])] })
      await conflicts(() => ledger.commit({ ticks: [tickRow(ONE, 1)], slots: [slotRow(ONE, 0, [9])] }))
      const landed: SlotRow = {
        ...slotRow(ONE, 0, [1]),
        state: { kind: 'landed', block: { number: 3, hash: '0x03' }, fee: 2n },
      }
      await ledger.commit({ slots: [landed] })
      const after = await reopen()
      same(await after.read(ONE), { session: sessionRow(ONE), slots: [landed], ticks: [] })
    },
  },
  {
    title: 'S-LEDGER-3 a second counted by one tab is not counted again by another',
    async check(reopen) {
      const [one, other] = [await reopen(), await reopen()]
      await one.commit({ session: sessionRow(ONE), ticks: [tickRow(ONE, 1)] })
      await conflicts(() => other.commit({ ticks: [tickRow(ONE, 1, 5), tickRow(ONE, 2, 5)] }))
      same((await (await reopen()).read(ONE))?.ticks, [tickRow(ONE, 1)])
    },
  },
  {
    title:
      'S-LEDGER-4 a key is kept before it is handed out, signs the same after a crash, and can be dropped',
    async check(reopen) {
      const made = await (await reopen()).makeKey()
      const session = hexText(made.publicKey)
      const message = Uint8Array.from([1, 2, 3])
      const kept = await (await reopen()).key(session)
      same(kept?.publicKey, made.publicKey)
      same(await kept?.sign(message), await made.sign(message))
      await (await reopen()).dropKey(session)
      same(await (await reopen()).key(session), undefined)
    },
  },
  {
    title: 'S-LEDGER-5 a farewell is noted at once',
    async check(reopen) {
      const ledger = await reopen()
      same(ledger.hasFarewell(ONE), false)
      ledger.noteFarewell(ONE)
      same((await reopen()).hasFarewell(ONE), true)
    },
  },
]

async function conflicts(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (error instanceof LedgerError && error.code === 'conflict') return
    throw error
  }
  throw new Error('a conflict was let through')
}

function same(found: unknown, wanted: unknown): void {
  const [one, other] = [text(found), text(wanted)]
  if (one !== other) throw new Error(`found ${one}\nwanted ${other}`)
}

/** Fields in one order, whatever order a store gives them back in. */
function text(value: unknown): string {
  return (
    JSON.stringify(value, (_key, field: unknown) => {
      if (typeof field === 'bigint') return `${field}n`
      if (field instanceof Uint8Array) return hexText(field)
      if (typeof field !== 'object' || field === null || Array.isArray(field)) return field
      return Object.fromEntries(Object.entries(field).toSorted(([one], [other]) => (one < other ? -1 : 1)))
    }) ?? 'undefined'
  )
}
