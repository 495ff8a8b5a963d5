import type { AccountHex } from '../../../shared/pay/evidence.ts'
import type { EarningsBlock } from '../store/earnings-store.ts'
import type { PaymentRow, SessionBinding } from './earnings-contract.ts'

export type AttributedPayment = PaymentRow & { readonly isKnown: boolean }

/** Every payment with who made it, in chain order. */
export function paymentRows(
  blocks: readonly EarningsBlock[],
  final: number,
  bindings: Iterable<SessionBinding>,
): readonly AttributedPayment[] {
  const who = new Attribution(blocks, bindings)
  return blocks.flatMap(({ block, atMs, isAtReckoned, price, paid }) =>
    paid.map(({ index, from, planck, remarkHash }) => ({
      block,
      index,
      atMs,
      isAtReckoned,
      ...who.of(from, remarkHash),
      from,
      planck,
      price,
      isFinal: block.number <= final,
    })),
  )
}

class Attribution {
  readonly #byBudget = new Map<AccountHex, SessionBinding>()
  readonly #byRemark = new Map<string, SessionBinding>()
  /** Wallet by the account it funded. The first to fund an account counts: later money to it proves nothing. */
  readonly #funders = new Map<AccountHex, AccountHex>()
  readonly #wallets = new Set<AccountHex>()

  constructor(blocks: readonly EarningsBlock[], bindings: Iterable<SessionBinding>) {
    for (const binding of bindings) {
      this.#byBudget.set(binding.budget, binding)
      if (binding.remarkHash !== undefined) this.#byRemark.set(binding.remarkHash, binding)
    }
    for (const { wallet, moved } of blocks.flatMap(({ funded }) => funded)) {
      this.#wallets.add(wallet)
      for (const { to } of moved) if (!this.#funders.has(to)) this.#funders.set(to, wallet)
    }
  }

  /** A session's signed word before what the chain suggests. */
  of(
    from: AccountHex,
    remarkHash: string | undefined,
  ): { readonly viewer: AccountHex; readonly session: AccountHex | undefined; readonly isKnown: boolean } {
    const byRemark = remarkHash === undefined ? undefined : this.#byRemark.get(remarkHash)
    const binding = this.#byBudget.get(from) ?? (byRemark?.wallet === from ? byRemark : undefined)
    if (binding !== undefined) return { viewer: binding.wallet, session: binding.session, isKnown: true }
    if (this.#wallets.has(from)) return { viewer: from, session: undefined, isKnown: true }
    const funder = this.#funders.get(from)
    return { viewer: funder ?? from, session: undefined, isKnown: funder !== undefined }
  }
}
