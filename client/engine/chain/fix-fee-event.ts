/** An event of one extrinsic, decoded as far as fees need. */
export type FeeEvent = { readonly name: string; readonly account: string; readonly planck: bigint }

const AFTER_DISPATCH = new Set(['balances.Deposit', 'balances.Endowed', 'system.NewAccount'])

/**
 * What the signer paid for an extrinsic, planck. Runtimes since 2022 say it (`TransactionFeePaid`); before, and so on
 * the local chain, it is the withdrawal before the dispatch less what comes back to the signer after it, among the
 * deposits that share out the fee at the extrinsic's very end.
 */
export function feePaid(events: readonly FeeEvent[], signer: string | undefined): bigint {
  const said = events.find(({ name }) => name === 'transactionPayment.TransactionFeePaid')
  if (said !== undefined) return said.planck
  if (signer === undefined) return 0n
  const [withdrawn] = events.filter(({ name, account }) => name === 'balances.Withdraw' && account === signer)
  if (withdrawn === undefined) return 0n
  const rest = events.filter(({ name }) => !name.startsWith('system.Extrinsic'))
  const last = rest.findLastIndex(({ name }) => !AFTER_DISPATCH.has(name))
  const refunds = rest
    .slice(last + 1)
    .filter(({ name, account }) => name === 'balances.Deposit' && account === signer)
  return refunds.reduce((fee, { planck }) => fee - planck, withdrawn.planck)
}
