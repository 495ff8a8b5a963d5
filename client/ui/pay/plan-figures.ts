import { html } from 'lit'
import type { FundPlan } from '../../engine/pay/pay-session-contract.ts'
import { durationText } from '../quantity.ts'
import { figure } from './figure.ts'
import { type MoneyUnit, moneyText, shareText } from './money-text.ts'

/** Everything that has to be on screen before the wallet's prompt (DESIGN §9). */
export function planFigures(plan: FundPlan, unit: MoneyUnit) {
  const money = (planck: bigint) => moneyText(planck, unit)
  return html`
    <dl class="figures">
      ${figure('It pays for', durationText(plan.seconds * 1_000), 'at the present price')}
      ${figure('Never more than', money(plan.budget), 'reaches the creator')}
      ${plan.first === 0n ? '' : figure('Paid at once', money(plan.first), 'for the first keys, in advance')}
      ${figure('Set aside for fees', money(plan.feeReserve), 'what is left of it comes back')}
      ${figure('Fees', shareText(plan.feeShare), `of what is paid, one payment every ${durationText(plan.intervalMs)}`)}
      ${figure('Leaves your wallet now', money(plan.total), `of ${money(plan.walletFree)}, fee of the prompt included`)}
      ${figure('Lost at the very worst', money(plan.worstCase), 'if you watch to the end and all fees are spent')}
    </dl>
    <div class="words small">${plan.words.map(sentence => html`<p>${sentence}</p>`)}</div>
  `
}
