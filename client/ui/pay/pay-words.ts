import type { StopReason } from '../../../shared/pay/payer-contract.ts'
import type { PaidViewingState } from '../../engine/paid/paid-viewing-contract.ts'
import type { FundingStep } from '../../engine/pay/pay-session-contract.ts'

/** Said before the wallet's first prompt of all. */
export const PUBLIC_SENTENCE =
  'Anyone can read on chain which wallet paid which account, and when. If you would rather not be recognised, use a separate account for watching.'

/** `busy`: something is under way; `good`: all is well; `ask`: the user decides; `over`: nothing more happens by itself. */
export type PayTone = 'busy' | 'good' | 'ask' | 'over'
export type PayWords = { readonly heading: string; readonly sentence: string; readonly tone: PayTone }

/** How the money of this viewing stands, in words; undefined where there is nothing to say (free, or not known yet). */
export function payWords(state: PaidViewingState): PayWords | undefined {
  switch (state.kind) {
    case 'unknown':
    case 'free':
      return undefined
    case 'offer':
      return {
        heading: 'Pay as you watch',
        sentence:
          'You pay the creator directly, second by second, for what you are shown. Choose what it may cost at most; what you do not watch comes back.',
        tone: 'ask',
      }
    case 'resuming':
      return {
        heading: 'Looking for a budget of yours',
        sentence: 'If a budget of yours for this stream is still open, it goes on without another prompt.',
        tone: 'busy',
      }
    case 'funding':
      return { heading: FUNDING[state.step], sentence: state.sentence, tone: 'busy' }
    case 'asking':
      return { heading: 'Asking for the key', sentence: state.sentence, tone: 'busy' }
    case 'preview':
      return { heading: 'Preview, not charged', sentence: state.sentence, tone: 'good' }
    case 'paying':
      return { heading: 'Paying as you watch', sentence: state.sentence, tone: 'good' }
    case 'held':
      return { heading: 'The creator waits for payment', sentence: state.sentence, tone: 'busy' }
    case 'price-raised':
      return { heading: 'The price went up', sentence: state.sentence, tone: 'ask' }
    case 'out-of-budget':
      return { heading: 'Your budget is used up', sentence: state.sentence, tone: 'ask' }
    case 'stopped':
      return { heading: STOPPED[state.code], sentence: state.sentence, tone: 'ask' }
    case 'chain-down':
      return { heading: 'The chain does not answer', sentence: state.sentence, tone: 'busy' }
    case 'in-another-tab':
      return { heading: 'Already watching in another tab', sentence: state.sentence, tone: 'ask' }
    case 'closing':
      return { heading: 'Taking the rest back', sentence: state.sentence, tone: 'busy' }
    case 'closed':
      return { heading: 'Settled', sentence: state.sentence, tone: 'over' }
    case 'failed':
      return { heading: 'Paying did not work', sentence: state.sentence, tone: 'over' }
    default:
      return state satisfies never
  }
}

const FUNDING: Record<FundingStep, string> = {
  prompt: 'Your wallet asks you to sign',
  sent: 'Sent, waiting for a block',
  included: 'In a block',
}

const STOPPED: Record<StopReason, string> = {
  'budget-ended': 'Your budget is used up',
  'fee-reserve-ended': 'What was set aside for fees is used up',
  'fee-too-high': 'The chain’s fee went up',
  'price-raised': 'The price went up',
  'not-credited': 'The creator does not count your payments',
  'payment-failed': 'A payment failed',
  'payment-refused': 'The chain refuses a payment',
  'ledger-mismatch': 'The chain and this browser disagree',
  storage: 'This browser cannot keep its books',
  'wallet-refused': 'Your wallet said no',
  closing: 'Taking the rest back',
  over: 'This session is over',
}

/** More money mends these; going on without it would stop at once again. */
const RAISABLE: ReadonlySet<StopReason> = new Set(['budget-ended', 'fee-reserve-ended', 'wallet-refused'])

/** Nothing is lost by trying once more; it stops again if nothing has changed. */
const RETRIABLE: ReadonlySet<StopReason> = new Set([
  'not-credited',
  'payment-failed',
  'payment-refused',
  'fee-too-high',
  'storage',
])

export function isRetriable(state: PaidViewingState): boolean {
  return state.kind === 'stopped' && RETRIABLE.has(state.code)
}

export function isRaisable(state: PaidViewingState): boolean {
  switch (state.kind) {
    case 'paying':
    case 'preview':
    case 'asking':
    case 'held':
    case 'out-of-budget':
      return true
    case 'stopped':
      return RAISABLE.has(state.code)
    default:
      return false
  }
}

/** There is money to take back. */
export function isLeavable(state: PaidViewingState): boolean {
  switch (state.kind) {
    case 'asking':
    case 'preview':
    case 'paying':
    case 'held':
    case 'price-raised':
    case 'out-of-budget':
    case 'chain-down':
      return true
    case 'stopped':
      return state.code !== 'closing' && state.code !== 'over'
    default:
      return false
  }
}

/** What stands over the picture while payment is why there is none. */
export function payOverlay(
  state: PaidViewingState,
): { readonly text: string; readonly isBusy: boolean } | undefined {
  if (state.kind === 'paying' || state.kind === 'preview') return undefined
  const words = payWords(state)
  if (words === undefined) return undefined
  return { text: words.heading, isBusy: words.tone === 'busy' }
}
