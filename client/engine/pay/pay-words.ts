import type { PayerView, StopReason } from '../../../shared/pay/payer-contract.ts'
import { assertNever } from '../../../shared/protocol/assert-never.ts'
import type { ChainInfo } from '../chain/chain-port.ts'
import { planckText } from '../chain/planck-text.ts'
import type { FundingStep, PaySessionState } from './pay-session-contract.ts'

type Unit = Pick<ChainInfo, 'symbol' | 'decimals'>

const FUNDING: Readonly<Record<FundingStep, string>> = {
  prompt: 'Your wallet asks for one signature. Nothing is spent before you give it.',
  sent: 'Signed and sent; waiting for a block to hold it.',
  included: 'The budget is in place.',
}

/** How a session that this tab pays stands, from its core's own view. */
export function stateOf(
  view: PayerView,
  funding: FundingStep,
  unit: Unit,
  downSinceMs: number,
): PaySessionState {
  const { session, watch } = view
  if (session === undefined) return { kind: 'funding', step: funding, sentence: FUNDING[funding] }
  switch (session.phase.kind) {
    case 'closed':
      return { kind: 'closed', sentence: closedWords(view, unit) }
    case 'archived':
      return { kind: 'closed', sentence: session.phase.sentence }
    case 'closing':
      return {
        kind: 'closing',
        sentence: view.isChainUp
          ? 'The last seconds are paid and the rest goes back to your wallet.'
          : 'The chain cannot be reached. The rest goes back to your wallet as soon as it can, or on your next visit; your wallet alone can also take it.',
      }
    case 'funding':
    case 'open':
      break
    default:
      return assertNever(session.phase)
  }
  if (watch.kind === 'wait') return { kind: 'funding', step: funding, sentence: FUNDING[funding] }
  if (watch.kind === 'stop') {
    if (watch.reason === 'closing' || watch.reason === 'over')
      return { kind: 'closing', sentence: 'The rest of the budget is on its way back to your wallet.' }
    if (watch.reason === 'budget-ended')
      return {
        kind: 'out-of-budget',
        sentence: `The budget is spent: ${planckText(view.committed, unit)} paid for ${view.ticks} seconds. Raise it to go on, or leave and get back what was set aside for fees.`,
      }
    return {
      kind: 'stopped',
      code: watch.reason,
      sentence: stopWords(watch.reason, inUnits(watch.detail, unit)),
    }
  }
  if (!view.isChainUp)
    return {
      kind: 'chain-down',
      sinceMs: downSinceMs,
      sentence:
        'The chain cannot be reached at the moment. The picture goes on as long as the creator gives credit; each second is noted here and paid when the chain is back. Your budget is untouched.',
    }
  return {
    kind: 'active',
    sentence: `${planckText(view.included, unit)} paid, ${planckText(view.spendable, unit)} left.`,
  }
}

function closedWords(view: PayerView, unit: Unit): string {
  const totals = view.session?.totals
  if (totals === undefined) return 'This session is closed and both its accounts are empty.'
  return `${totals.ticks} seconds watched, ${planckText(totals.paid, unit)} paid, ${planckText(totals.fees, unit)} in fees; ${planckText(totals.returned, unit)} came back to your wallet.`
}

/** The core knows no unit: what it says of amounts is `… planck`. */
function inUnits(detail: string, unit: Unit): string {
  return detail.replace(/(\d+) planck/g, (_, planck: string) => planckText(BigInt(planck), unit))
}

function stopWords(reason: StopReason, detail: string): string {
  switch (reason) {
    case 'price-raised':
      return `The creator raised the price above what you accepted (${detail}). Nothing more is paid until you accept it; or leave, and the rest comes back.`
    case 'not-credited':
      return `The creator does not count what you paid (${detail}). Nothing more is paid. What was paid is gone; leave, and the rest comes back.`
    case 'payment-failed':
      return `The chain refused a payment (${detail}). Its fee is gone, the amount is still yours. Leave to get the rest back, or try to go on.`
    case 'payment-refused':
      return `The node refuses this session's payments (${detail}). No money moved. Try another endpoint in the settings and go on, or leave.`
    case 'fee-reserve-ended':
      return `What was set aside for fees is used up (${detail}). Raise the budget, which also adds to it, or leave and get the rest back.`
    case 'fee-too-high':
      return `Fees on the chain have risen too far (${detail}). Seconds are not paid at this price: wait and go on, or leave and get the rest back.`
    case 'ledger-mismatch':
      return `The chain shows a transaction of this session that this browser did not write (${detail}). To be safe nothing more is paid; leave, and the rest comes back.`
    case 'storage':
      return `This browser could not write the payment ledger (${detail}). No second counts that is not written, so nothing more is paid. Free some disk space and load the page again; the session is found again.`
    case 'wallet-refused':
      return `The wallet did not sign (${detail}). Nothing was spent.`
    case 'budget-ended':
    case 'closing':
    case 'over':
      return detail
    default:
      return assertNever(reason)
  }
}

export const IN_ANOTHER_TAB =
  'You are already watching this in another tab, which pays for it. Take over to go on here; the other tab then stops paying.'
