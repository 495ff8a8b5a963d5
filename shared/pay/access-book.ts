import { UNCLAIMED_FUNDINGS_MAX, UNCLAIMED_SNAPSHOT_MAX } from './access-constants.ts'
import type { AccessSnapshot } from './access-contract.ts'
import type { AccountHex, BlockRef, Evidence } from './evidence.ts'

/** Money that reached the payout account. Undefined block: counted in an earlier load. */
type Payment = { readonly block: BlockRef; readonly planck: bigint }
type Funding = {
  readonly wallet: AccountHex
  readonly remarkHash: string
  readonly block: BlockRef
  readonly moved: readonly AccountHex[]
  /** Paid to the payout account by the same extrinsic. */
  readonly first: bigint
}
type Account = { finalPaid: bigint; recent: Payment[] }
/** planck; `unfinalised` may yet be undone by a re-org. */
export type Paid = { readonly final: bigint; readonly unfinalised: bigint }

/** A funding moves money to two accounts; a batch of thousands is not one. */
const MOVED_MAX = 16
const OLD: BlockRef = { number: -1, hash: '' }

/**
 * What the chain says of sessions: which were funded by which wallet, and what their budget accounts paid since. A
 * payment counts only after a funding that moved money to the account it comes from: what a session paid before it was
 * bound to this stream bought something else.
 */
export class AccessBook {
  readonly #payout: AccountHex
  /** By wallet and remark; insertion order is age. */
  readonly #fundings = new Map<string, Funding[]>()
  readonly #claimed = new Set<string>()
  /**
   * By budget account, the wallet that its session is bound for: another one may send money there too, and would else
   * watch by the same payments. They outlive such a funding.
   */
  readonly #claimedAccounts = new Map<AccountHex, AccountHex>()
  readonly #accounts = new Map<AccountHex, Account>()
  readonly #gaps = new Map<number, number>()
  #finalNumber = -1
  /** Blocks up to here were counted by an earlier load. */
  readonly #skipUpTo: number

  constructor(payout: AccountHex, snapshot: AccessSnapshot | undefined) {
    this.#payout = payout
    this.#skipUpTo = snapshot?.countedUpTo ?? -1
    this.#finalNumber = this.#skipUpTo
    for (const { wallet, remarkHash, moved, first } of snapshot?.fundings ?? []) {
      this.#addFunding({ wallet, remarkHash, block: OLD, moved, first: BigInt(first) })
    }
    for (const { account, paid } of snapshot?.accounts ?? []) {
      this.#accounts.set(account, { finalPaid: BigInt(paid), recent: [] })
    }
  }

  get hasGap(): boolean {
    return this.#gaps.size > 0
  }

  isFunded(wallet: AccountHex, remarkHash: string, budget: AccountHex): boolean {
    if ((this.#claimedAccounts.get(budget) ?? wallet) !== wallet) return false
    const fundings = this.#fundings.get(keyOf(wallet, remarkHash)) ?? []
    return fundings.some(({ moved }) => moved.includes(budget))
  }

  /** A session was bound to it: it is kept as long as this book. */
  claim(wallet: AccountHex, remarkHash: string, budget: AccountHex): void {
    this.#claimed.add(keyOf(wallet, remarkHash))
    if (!this.#claimedAccounts.has(budget)) this.#claimedAccounts.set(budget, wallet)
  }

  paid(wallet: AccountHex, remarkHash: string, budget: AccountHex): Paid {
    const account = this.#accounts.get(budget)
    let final = account?.finalPaid ?? 0n
    let unfinalised = 0n
    const count = (block: BlockRef, planck: bigint): void => {
      if (block.number <= this.#finalNumber) final += planck
      else unfinalised += planck
    }
    for (const { block, planck } of account?.recent ?? []) count(block, planck)
    for (const { block, first, moved } of this.#fundings.get(keyOf(wallet, remarkHash)) ?? []) {
      if (moved.includes(budget)) count(block, first)
    }
    return { final, unfinalised }
  }

  /** True if anybody's standing may have changed by it. */
  take(evidence: Exclude<Evidence, { kind: 'head' }>): boolean {
    switch (evidence.kind) {
      case 'funded': {
        const { wallet, remarkHash, moved, place } = evidence
        if (place.block.number <= this.#skipUpTo) return false
        const toBudget = moved
          .filter(({ to, planck }) => to !== this.#payout && planck > 0n)
          .slice(0, MOVED_MAX)
        let first = 0n
        for (const { to, planck } of moved) if (to === this.#payout) first += planck
        this.#addFunding({
          wallet,
          remarkHash,
          block: place.block,
          moved: toBudget.map(({ to }) => to),
          first,
        })
        return true
      }
      case 'paid': {
        const account = evidence.isFirst === true ? undefined : this.#accounts.get(evidence.from)
        if (account === undefined || evidence.place.block.number <= this.#skipUpTo) return false
        account.recent.push({ block: evidence.place.block, planck: evidence.planck })
        return true
      }
      case 'retracted':
        return this.#retract(evidence.block.hash)
      case 'finalised':
        this.#finalNumber = Math.max(this.#finalNumber, evidence.block.number)
        this.#fold()
        return true
      case 'gap':
        this.#gaps.set(evidence.from, Math.max(evidence.to, this.#gaps.get(evidence.from) ?? -1))
        return true
      case 'gap-closed':
        this.#closeGap(evidence.from, evidence.to)
        this.#fold()
        return true
    }
  }

  snapshot(): Pick<AccessSnapshot, 'countedUpTo' | 'fundings' | 'accounts'> {
    const upTo = this.#countedUpTo()
    const keys = [...this.#fundings.keys()]
    const unclaimed = keys.filter(key => !this.#claimed.has(key)).slice(-UNCLAIMED_SNAPSHOT_MAX)
    const kept = [...keys.filter(key => this.#claimed.has(key)), ...unclaimed]
    const fundings = kept
      .flatMap(key => this.#fundings.get(key) ?? [])
      .filter(({ block }) => block.number <= upTo)
    const named = new Set(fundings.flatMap(({ moved }) => moved))
    return {
      countedUpTo: upTo < 0 ? undefined : upTo,
      fundings: fundings.map(({ wallet, remarkHash, moved, first }) => ({
        wallet,
        remarkHash,
        moved,
        first: String(first),
      })),
      accounts: [...named].flatMap(account => {
        const paid = this.#accounts.get(account)?.finalPaid ?? 0n
        return paid > 0n ? [{ account, paid: String(paid) }] : []
      }),
    }
  }

  /** A block that is final, with no unread one at or below it. */
  #countedUpTo(): number {
    let upTo = this.#finalNumber
    for (const from of this.#gaps.keys()) upTo = Math.min(upTo, from - 1)
    return Math.max(upTo, this.#skipUpTo)
  }

  #addFunding(funding: Funding): void {
    const key = keyOf(funding.wallet, funding.remarkHash)
    this.#fundings.set(key, [...(this.#fundings.get(key) ?? []), funding])
    for (const account of funding.moved) {
      if (!this.#accounts.has(account)) this.#accounts.set(account, { finalPaid: 0n, recent: [] })
    }
    if (this.#fundings.size - this.#claimed.size > UNCLAIMED_FUNDINGS_MAX) this.#dropOldest()
  }

  #dropOldest(): void {
    for (const [key, fundings] of this.#fundings) {
      if (this.#claimed.has(key)) continue
      this.#fundings.delete(key)
      for (const account of fundings.flatMap(({ moved }) => moved)) {
        if (!this.#claimedAccounts.has(account)) this.#accounts.delete(account)
      }
      return
    }
  }

  #retract(hash: string): boolean {
    let isTouched = false
    for (const [key, fundings] of this.#fundings) {
      const rest = fundings.filter(({ block }) => block.hash !== hash)
      if (rest.length === fundings.length) continue
      isTouched = true
      if (rest.length > 0 || this.#claimed.has(key)) this.#fundings.set(key, rest)
      else this.#fundings.delete(key)
    }
    for (const account of this.#accounts.values()) {
      const rest = account.recent.filter(({ block }) => block.hash !== hash)
      isTouched ||= rest.length < account.recent.length
      account.recent = rest
    }
    return isTouched
  }

  #closeGap(from: number, to: number): void {
    for (const [start, end] of [...this.#gaps]) {
      if (start > to || end < from) continue
      this.#gaps.delete(start)
      if (start < from) this.#gaps.set(start, from - 1)
      if (end > to) this.#gaps.set(to + 1, end)
    }
  }

  /** Payments that no later load has to be told again become one number. */
  #fold(): void {
    const upTo = this.#countedUpTo()
    for (const account of this.#accounts.values()) {
      if (account.recent.length === 0) continue
      const rest: Payment[] = []
      for (const payment of account.recent) {
        if (payment.block.number <= upTo) account.finalPaid += payment.planck
        else rest.push(payment)
      }
      account.recent = rest
    }
  }
}

function keyOf(wallet: AccountHex, remarkHash: string): string {
  return `${wallet}/${remarkHash}`
}
