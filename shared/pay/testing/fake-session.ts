import type { PayTerms, SessionRow, SlotRow, TickRow } from '../payer-contract.ts'
import { budgetFigures } from '../settlement.ts'
import type { FakeExtrinsic } from './fake-chain.ts'

/** planck a second. */
export const PRICE = 1_000n
/** planck of any extrinsic. */
export const FEE = 100n
/** planck: existential deposit. */
export const DEPOSIT = 500n
const SESSION = `0x${'5e'.repeat(32)}`

/** What survives a crash. */
export type Disk = {
  session: SessionRow | undefined
  readonly slots: Map<number, SlotRow>
  readonly ticks: Map<number, TickRow>
  /** The shell's own row: what the wallet signed. */
  wallet: FakeExtrinsic | undefined
  hasFarewell: boolean
}

export type SessionQuestion = {
  readonly terms: PayTerms
  readonly blockMs: number
  /** planck */
  readonly budget: bigint
  readonly hasMultisig: boolean
  readonly identity: string
}

/** As the shell makes it from what the user was told. */
export function sessionRowOf({ terms, blockMs, budget, hasMultisig, identity }: SessionQuestion): SessionRow {
  const figures = budgetFigures({
    price: terms.price,
    epochMs: terms.epochMs,
    blockMs,
    fee: FEE,
    credit: terms.price * BigInt(terms.creditSeconds),
    budget,
    closingFee: FEE,
    existentialDeposit: DEPOSIT,
  })
  return {
    session: SESSION,
    chain: identity,
    streamId: `0x${'11'.repeat(32)}`,
    title: 'A stream',
    creator: `0x${'cc'.repeat(32)}`,
    wallet: `0x${'aa'.repeat(32)}`,
    budgetAccount: hasMultisig ? `0x${'bb'.repeat(32)}` : SESSION,
    payout: `0x${'c0'.repeat(32)}`,
    budget: figures.toBudgetAccount,
    feeReserve: figures.toSessionAccount,
    first: figures.first,
    existentialDeposit: DEPOSIT,
    usualFee: FEE,
    priceAccepted: terms.price,
    startedAt: 0,
    phase: { kind: 'funding' },
  }
}
