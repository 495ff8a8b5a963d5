import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { Income, SessionIncome, ViewerIncome } from './earnings-contract.ts'
import type { AttributedPayment } from './payment-rows.ts'

/** planck. */
export function incomeOf(payments: readonly AttributedPayment[]): Income {
  let total = 0n
  let final = 0n
  for (const { planck, isFinal } of payments) {
    total += planck
    if (isFinal) final += planck
  }
  return { total, final, notYetFinal: total - final }
}

/** Highest total first. */
export function incomeByViewer(payments: readonly AttributedPayment[]): readonly ViewerIncome[] {
  const viewers = [...groupBy(payments, ({ viewer }) => viewer)].map(([viewer, theirs]): ViewerIncome => {
    const sessions = [...groupBy(theirs, ({ session, from }) => session ?? from).values()]
      .map(sessionIncome)
      .toSorted((a, b) => b.firstAtMs - a.firstAtMs)
    return {
      viewer,
      isKnown: theirs.some(({ isKnown }) => isKnown),
      ...incomeOf(theirs),
      ticks: ticksOf(theirs),
      lastAtMs: Math.max(...sessions.map(({ lastAtMs }) => lastAtMs)),
      sessions,
    }
  })
  return viewers.toSorted((a, b) => (b.total > a.total ? 1 : b.total < a.total ? -1 : 0))
}

function sessionIncome(payments: readonly AttributedPayment[]): SessionIncome {
  const [first] = payments
  let firstAtMs = Number.POSITIVE_INFINITY
  let lastAtMs = 0
  for (const { atMs } of payments) {
    firstAtMs = Math.min(firstAtMs, atMs)
    lastAtMs = Math.max(lastAtMs, atMs)
  }
  return {
    session: first?.session,
    from: first?.from ?? '0x',
    ...incomeOf(payments),
    ticks: ticksOf(payments),
    payments: payments.length,
    firstAtMs,
    lastAtMs,
  }
}

/** Whole ticks; payments of unknown price pay for none. */
function ticksOf(payments: readonly AttributedPayment[]): bigint {
  const byPrice = groupBy(payments, ({ price }) => price)
  let ticks = 0n
  for (const [price, priced] of byPrice) if (price > 0n) ticks += incomeOf(priced).total / price
  return ticks
}

function groupBy<Key extends AccountHex | bigint>(
  payments: readonly AttributedPayment[],
  keyOf: (payment: AttributedPayment) => Key,
): Map<Key, AttributedPayment[]> {
  const groups = new Map<Key, AttributedPayment[]>()
  for (const payment of payments) {
    const key = keyOf(payment)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [payment])
    else group.push(payment)
  }
  return groups
}
