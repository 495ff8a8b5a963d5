import type { LedgerRows, PayerView, SessionRow, SlotRow } from '../../../shared/pay/payer-contract.ts'
import { assertNever } from '../../../shared/protocol/assert-never.ts'
import { planckText } from '../chain/planck-text.ts'
import type { WalletRow } from '../store/ledger-store.ts'
import type { Unit } from './pay-deps.ts'
import type { SessionPayment, SessionSummary } from './pay-session-contract.ts'

export type SummaryInput = {
  readonly rows: LedgerRows
  readonly wallet: readonly WalletRow[]
  /** What this tab's own core knows, if it pays. */
  readonly view: PayerView | undefined
  /** planck on chain now; undefined when it cannot be read. */
  readonly onBudgetAccount: bigint | undefined
  readonly onSessionAccount: bigint | undefined
  readonly isElsewhere: boolean
  readonly hasKey: boolean
  readonly unit: Unit
}

/** One line of the Wallet page. */
export function summaryOf(input: SummaryInput): SessionSummary {
  const { rows, wallet, isElsewhere } = input
  const session = input.view?.session ?? rows.session
  const { totals, phase } = session
  const landed = rows.slots.filter(({ state }) => state.kind === 'landed')
  const isOver = phase.kind === 'closed' || phase.kind === 'archived'
  const paid = landed.reduce((sum, { amount }) => sum + amount, session.first)
  const slotFees = rows.slots.reduce((sum, { state }) => sum + ('fee' in state ? state.fee : 0n), 0n)
  const isFunded = session.baseNonce !== undefined
  return {
    id: session.session,
    streamId: session.streamId,
    title: session.title,
    wallet: session.wallet,
    payout: session.payout,
    budgetAccount: session.budgetAccount,
    createdAt: session.startedAt,
    phase: isElsewhere && !isOver ? 'paying-in-another-tab' : phaseOf(session),
    sentence: words(session, input),
    ticks: totals?.ticks ?? rows.ticks.length,
    owed: totals?.played ?? rows.ticks.reduce((sum, { price }) => sum + price, 0n),
    money: {
      putIn: isFunded ? session.first + session.budget + session.feeReserve : 0n,
      paid: totals?.paid ?? (isFunded ? maxOf(paid, input.view?.included ?? 0n) : 0n),
      onBudgetAccount: isOver ? 0n : input.onBudgetAccount,
      onSessionAccount: isOver ? 0n : input.onSessionAccount,
      returned:
        (totals?.returned ?? 0n) + wallet.reduce((sum, row) => sum + (row.outcome?.returned ?? 0n), 0n),
      sessionFees: totals?.fees ?? maxOf(slotFees, input.view?.fees ?? 0n),
      walletFees: wallet.reduce((sum, row) => sum + (row.outcome?.fee ?? 0n), 0n),
    },
    payments: rows.slots.filter(isMoney).map(paymentOf),
  }
}

/** Money that is in the best chain is there for the user; the ledger waits for finality. */
function phaseOf({ phase, baseNonce }: SessionRow): SessionRow['phase']['kind'] {
  return phase.kind === 'funding' && baseNonce !== undefined ? 'open' : phase.kind
}

function isMoney({ use, amount }: SlotRow): boolean {
  return use === 'payment' || amount > 0n
}

function paymentOf({ nonce, ticks, amount, state }: SlotRow): SessionPayment {
  switch (state.kind) {
    case 'pending':
      return { nonce, ticks, amount, outcome: { kind: 'pending' } }
    case 'landed':
      return {
        nonce,
        ticks,
        amount,
        outcome: { kind: 'paid', block: state.block, fee: state.fee, isFinal: true },
      }
    case 'failed':
      return { nonce, ticks, amount, outcome: { kind: 'failed', block: state.block, fee: state.fee } }
    case 'void':
      return { nonce, ticks, amount, outcome: { kind: 'void' } }
    default:
      return assertNever(state)
  }
}

function words(session: SessionRow, { isElsewhere, hasKey, unit, onBudgetAccount }: SummaryInput): string {
  const { phase, totals } = session
  switch (phase.kind) {
    case 'archived':
      return phase.sentence
    case 'closed':
      return totals === undefined
        ? 'Closed: both accounts are empty.'
        : `Closed: ${planckText(totals.returned, unit)} came back.`
    case 'funding':
    case 'open':
    case 'closing':
      break
    default:
      return assertNever(phase)
  }
  if (isElsewhere) return 'Another tab is paying this session.'
  if (!hasKey)
    return 'The key of this session is gone from this browser. Search with your wallet below: it can take the budget back by itself.'
  if (onBudgetAccount === undefined)
    return 'The chain cannot be read at the moment, so what lies on its accounts is not known.'
  if (phaseOf(session) === 'funding')
    return 'The wallet was asked; whether the chain took it is known in some blocks.'
  if (phase.kind === 'closing') return 'The rest is on its way back to the wallet.'
  return 'Open. It is closed by itself when you leave the stream, or here by hand.'
}

function maxOf(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}
