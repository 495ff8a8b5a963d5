import { type BudgetFigures, budgetFigures } from '../../../shared/pay/settlement.ts'
import { ChainError } from '../chain/chain-error.ts'
import type { ChainInfo, ChainPort } from '../chain/chain-port.ts'
import { planckText } from '../chain/planck-text.ts'
import { PayError } from './pay-error.ts'
import type { FundPlan, FundRequest } from './pay-session-contract.ts'
import { budgetAccountOf, fundingCall, payerCalls } from './session-calls.ts'

export type FundingSums = {
  readonly plan: FundPlan
  readonly info: ChainInfo
  /** planck to each account, `first` to the creator. */
  readonly amounts: {
    readonly budget: bigint
    readonly feeReserve: bigint
    readonly first: bigint
    readonly usualFee: bigint
  }
}

/** Fees above this share of the budget are not what anybody expects: ask again later, or with a larger budget. */
const FEE_SHARE_MAX = 0.5

/** Stands in for the session key, which is only made once the viewer has said yes: a fee does not depend on its bytes. */
const NO_SESSION = `0x${'5e'.repeat(32)}`

/** The figures to show before the prompt; reads the chain, asks nothing of the wallet. Throws PayError. */
export async function planFunding(
  chain: ChainPort,
  request: FundRequest,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<FundingSums> {
  const options = signal === undefined ? {} : { signal }
  const { payout, terms, budget } = request
  const wallet = request.wallet.account
  try {
    const info = await chain.open(options)
    if (info.genesis !== request.genesis)
      throw new PayError(
        'wrong-chain',
        `This stream is paid on another chain than ${info.name}, which is what your node serves. Choose an endpoint of the right chain in the settings.`,
      )
    const budgetAccount = budgetAccountOf(wallet, NO_SESSION, info.hasMultisig)
    const accounts = { session: NO_SESSION, budgetAccount, wallet, payout }
    const calls = payerCalls(chain.calls, accounts)
    const [paymentFee, closingFee, ofWallet, ofPayout] = await Promise.all([
      chain.fee(calls.payment(budget), wallet, options),
      chain.fee(calls.closing(budget), wallet, options),
      chain.balance(wallet, options),
      chain.balance(payout, options),
    ])
    const figures = budgetFigures({
      price: terms.price,
      epochMs: terms.epochMs,
      blockMs: info.blockMs,
      fee: paymentFee,
      credit: terms.price * BigInt(Math.floor(terms.creditSeconds)),
      budget,
      closingFee,
      existentialDeposit: info.existentialDeposit,
    })
    // One account needs one deposit: it is in what is set aside for fees.
    const spared = info.hasMultisig ? 0n : info.existentialDeposit
    const amounts = {
      budget: figures.toBudgetAccount - spared,
      feeReserve: figures.toSessionAccount,
      first: figures.first,
      usualFee: paymentFee,
    }
    const funding = fundingCall(chain.calls, accounts, amounts, request.streamId, new Uint8Array(32))
    const promptFee = await chain.fee(funding, wallet, options)
    const sums = {
      figures,
      total: figures.total - spared + promptFee,
      promptFee,
      paymentFee,
      closingFee,
      walletFree: ofWallet.free,
    }
    check(request, info, sums, ofPayout.free)
    return { plan: planOf(info, sums), info, amounts }
  } catch (cause) {
    signal?.throwIfAborted()
    throw payErrorOf(cause)
  }
}

type Sums = {
  readonly figures: BudgetFigures
  /** planck that leave the wallet with the prompt. */
  readonly total: bigint
  readonly promptFee: bigint
  readonly paymentFee: bigint
  readonly closingFee: bigint
  readonly walletFree: bigint
}

function check(request: FundRequest, info: ChainInfo, sums: Sums, payoutFree: bigint): void {
  const { figures, paymentFee, walletFree } = sums
  const say = (planck: bigint): string => planckText(planck, info)
  const { existentialDeposit } = info
  if (request.acceptedPrice < request.terms.price)
    throw new PayError(
      'budget-too-small',
      'The price of this stream is above what was accepted. Look at the new price and accept it.',
    )
  if (payoutFree < existentialDeposit)
    throw new PayError(
      'below-deposit',
      `The creator's account holds less than the ${say(existentialDeposit)} that the chain asks of every account, so payments to it would be refused. Tell the creator to put that much on it; nothing was spent.`,
    )
  if (figures.seconds < 1)
    throw new PayError(
      'budget-too-small',
      `A budget of ${say(figures.cap)} does not pay for one second. Choose at least ${say(request.terms.price)}.`,
    )
  if (figures.feeShare > FEE_SHARE_MAX)
    throw new PayError(
      'fee-spike',
      `A payment costs ${say(paymentFee)} in fees at the moment, more than half of what this budget would pay. Wait until fees have fallen, or choose a larger budget.`,
    )
  const needed = sums.total + existentialDeposit
  if (walletFree < needed)
    throw new PayError(
      'no-funds',
      `This wallet holds ${say(walletFree)}; this budget needs ${say(needed)}, of which ${say(existentialDeposit)} stay on the wallet because the chain asks that of every account. Choose a smaller budget, or put funds on the wallet.`,
    )
}

function planOf(info: ChainInfo, sums: Sums): FundPlan {
  const { figures, promptFee, paymentFee, closingFee, walletFree } = sums
  const say = (planck: bigint): string => planckText(planck, info)
  const { hasMultisig } = info
  return {
    pricePerHour: figures.perHour,
    seconds: figures.seconds,
    budget: figures.cap,
    first: figures.first,
    feeReserve: figures.toSessionAccount,
    existentialDeposit: info.existentialDeposit,
    promptFee,
    paymentFee,
    closingFee,
    intervalMs: figures.intervalMs,
    feeShare: figures.feeShare,
    total: sums.total,
    walletFree,
    worstCase: figures.cap + figures.toSessionAccount + promptFee,
    safety: hasMultisig ? 'wallet-can-take-back' : 'this-browser-only',
    words: [
      'You pay for each second that is shown, and never more than the budget. When you leave, or close the tab, the rest comes back to your wallet by itself.',
      `At most ${say(figures.worstCase.ahead)} are paid ahead of what you have seen: that is what is lost if the creator stops at the worst moment.`,
      hasMultisig
        ? `If this browser loses its storage, your wallet alone can take the budget back from any browser, on the Wallet page. Only what is set aside for fees, ${say(figures.worstCase.feeReserve)} at most, is lost then.`
        : 'This chain has no multisig accounts, so the budget lies on an account whose key only this browser has. If its storage is wiped before you leave, the rest of the budget is lost: choose a small budget.',
      'Everybody can read on the chain which wallet paid which creator, and when. Use a separate account if you do not want that.',
    ],
  }
}

/** Of anything that can go wrong around money; keeps what is a PayError already. */
export function payErrorOf(cause: unknown): PayError {
  if (cause instanceof PayError) return cause
  if (cause instanceof ChainError)
    return new PayError(cause.code === 'wrong-chain' ? 'wrong-chain' : 'chain-down', cause.message, { cause })
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new PayError('failed', `It did not work: ${reason}`, { cause })
}
