import type { GrantFigures, PayerView, SessionRow } from '../../../shared/pay/payer-contract.ts'
import type { PayFigures } from './pay-session-contract.ts'

/** Before anything is known. */
export function noFigures(row: SessionRow): PayFigures {
  return {
    budget: row.first + row.budget,
    ticks: 0,
    owed: 0n,
    paid: 0n,
    paidFinal: 0n,
    pending: 0n,
    credited: undefined,
    fees: 0n,
    left: 0n,
    secondsLeft: 0,
  }
}

export function figuresOf(view: PayerView, row: SessionRow, grant: GrantFigures | undefined): PayFigures {
  const session = view.session ?? row
  const deposit = session.budgetAccount === session.session ? 0n : session.existentialDeposit
  return {
    budget: session.first + session.budget - deposit,
    ticks: view.ticks,
    owed: view.played,
    paid: view.included,
    paidFinal: view.final,
    pending: view.committed - view.included,
    credited: grant?.credited,
    fees: view.fees,
    left: view.spendable,
    secondsLeft: view.secondsLeft,
  }
}

export function isSameFigures(one: PayFigures, other: PayFigures): boolean {
  return (
    one.budget === other.budget &&
    one.ticks === other.ticks &&
    one.owed === other.owed &&
    one.paid === other.paid &&
    one.paidFinal === other.paidFinal &&
    one.pending === other.pending &&
    one.credited === other.credited &&
    one.fees === other.fees &&
    one.left === other.left &&
    one.secondsLeft === other.secondsLeft
  )
}
