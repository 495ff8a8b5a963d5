import type { PayerCalls } from '../../../shared/pay/payer-contract.ts'
import { sessionRemark } from '../../../shared/pay/session-remark.ts'
import type { AccountHex, Call, ChainCalls } from '../chain/chain-port.ts'
import { multisigAccount } from '../chain/multisig-account.ts'

export type SessionAccounts = {
  readonly session: AccountHex
  /** Equal to `session` on a chain without the multisig pallet. */
  readonly budgetAccount: AccountHex
  readonly wallet: AccountHex
  readonly payout: AccountHex
}

/** Where the budget of a session of that wallet lies. */
export function budgetAccountOf(wallet: AccountHex, session: AccountHex, hasMultisig: boolean): AccountHex {
  return hasMultisig ? multisigAccount(wallet, session) : session
}

/** What a session key signs. */
export function payerCalls(calls: ChainCalls, accounts: SessionAccounts): PayerCalls {
  const { session, budgetAccount, wallet, payout } = accounts
  const isMultisig = budgetAccount !== session
  const last = (amount: bigint): Call[] => (amount > 0n ? [calls.transfer(payout, amount)] : [])
  return {
    payment(amount) {
      const transfer = calls.transfer(payout, amount)
      return isMultisig ? calls.asMultiThreshold1(wallet, transfer) : transfer
    },
    closing(amount) {
      const inner = calls.batchAll([...last(amount), calls.transferAll(wallet)])
      if (!isMultisig) return inner
      return calls.batchAll([calls.asMultiThreshold1(wallet, inner), calls.transferAll(wallet)])
    },
    sweep: () => calls.transferAll(wallet),
  }
}

/** The one extrinsic of the wallet's prompt: amounts in planck. */
export function fundingCall(
  calls: ChainCalls,
  accounts: SessionAccounts,
  amounts: { readonly budget: bigint; readonly feeReserve: bigint; readonly first: bigint },
  streamId: Uint8Array,
  sessionKey: Uint8Array,
): Call {
  const { first } = amounts
  return calls.batchAll([
    ...deposits(calls, accounts, amounts),
    ...(first > 0n ? [calls.transferKeepAlive(accounts.payout, first)] : []),
    calls.remarkWithEvent(sessionRemark(streamId, sessionKey)),
  ])
}

/** One more prompt: puts more on both accounts. */
export function raiseCall(
  calls: ChainCalls,
  accounts: SessionAccounts,
  amounts: { readonly budget: bigint; readonly feeReserve: bigint },
): Call {
  return calls.batchAll(deposits(calls, accounts, amounts))
}

/** What the wallet alone can do, from any machine. */
export function takeBackCall(calls: ChainCalls, session: AccountHex, wallet: AccountHex): Call {
  return calls.asMultiThreshold1(session, calls.transferAll(wallet))
}

function deposits(
  calls: ChainCalls,
  { session, budgetAccount }: SessionAccounts,
  { budget, feeReserve }: { readonly budget: bigint; readonly feeReserve: bigint },
): Call[] {
  if (budgetAccount === session) return [calls.transferKeepAlive(session, budget + feeReserve)]
  return [
    ...(budget > 0n ? [calls.transferKeepAlive(budgetAccount, budget)] : []),
    ...(feeReserve > 0n ? [calls.transferKeepAlive(session, feeReserve)] : []),
  ]
}
