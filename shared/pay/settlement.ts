/** DESIGN §9: fees take at most this share of what is paid, where the creator's credit or prepayment allows it. */
const FEE_SHARE_PERCENT = 5n
/** Grants come this long before their epoch. */
export const GRANT_LEAD_MS = 1_500
/** From signing until the creator's page sees it: the block being built is missed, the next one holds it. */
const INCLUSION_BLOCKS = 2
/** A session that pays less often than this would leave nothing to show for a day. */
const INTERVAL_MAX_MS = 24 * 3_600_000
/** Fees of a session are reserved with this margin, percent: fees follow the load of the chain. */
const FEE_MARGIN_PERCENT = 150n
/** Payments beyond those the interval asks for: the last one, one that fails, one early. */
const SPARE_PAYMENTS = 3n

/** What settlement rests on. planck and ms. */
export type Pace = {
  /** A second. */
  readonly price: bigint
  readonly epochMs: number
  readonly blockMs: number
  /** Of one payment, now. */
  readonly fee: bigint
  /** The least it was in this session, as it is when no load drives it up; `fee` unless told. */
  readonly usualFee?: bigint
  /** What the creator lends now. */
  readonly credit: bigint
}

/** planck. */
export type Standing = {
  /** Price of all journaled ticks. */
  readonly played: bigint
  /** Paid and being paid, the funding batch's share included. */
  readonly committed: bigint
  /** By the creator's count: every epoch granted, less what it forgave. */
  readonly owed: bigint
  /** May still be paid. */
  readonly spendable: bigint
}

export type Settlement =
  | { readonly kind: 'wait' }
  /** `ahead`: of it, what pays for more than the ticks so far. */
  | { readonly kind: 'pay'; readonly amount: bigint; readonly ahead: bigint }
  /** The next key cannot be paid for any more. */
  | { readonly kind: 'budget-ended' }

/** One block where fees are small, else as long as makes the fee 5 % of what it pays for. */
export function settlementIntervalMs(pace: FeePace): number {
  if (pace.price <= 0n) return INTERVAL_MAX_MS
  const feeMs = ceilDivide(pace.fee * 100_000n, FEE_SHARE_PERCENT * pace.price)
  return Math.max(pace.blockMs, Math.min(INTERVAL_MAX_MS, Number(feeMs)))
}

type FeePace = Pick<Pace, 'price' | 'fee' | 'usualFee' | 'blockMs'>

/**
 * Of a usual fee. A spike makes payments rarer only as far as credit reaches: paying hours ahead to save a fee would
 * cost more than the fee.
 */
function usualIntervalMs(pace: FeePace): number {
  return settlementIntervalMs({ ...pace, fee: least(pace.fee, pace.usualFee ?? pace.fee) })
}

/** Whether paying after watching is enough: credit covers epoch, lead, interval and inclusion. */
export function isInArrears(pace: Pace): boolean {
  const ms = pace.epochMs + GRANT_LEAD_MS + usualIntervalMs(pace) + INCLUSION_BLOCKS * pace.blockMs
  return pace.credit >= priceOfMs(pace.price, ms)
}

/**
 * The one rule: keep paid ≥ what the next key needs, in arrears where credit allows, else one interval ahead; never more
 * than is spendable.
 */
export function settle(pace: Pace, standing: Standing): Settlement {
  if (pace.price <= 0n && standing.played <= standing.committed) return { kind: 'wait' }
  const { played, committed, spendable } = standing
  const interval = priceOfMs(pace.price, settlementIntervalMs(pace))
  const ahead = priceOfMs(pace.price, usualIntervalMs(pace))
  const nextKey = keyNeeds(pace, standing.owed, 1)
  const { isDue, target } = isInArrears(pace)
    ? {
        isDue: played - committed >= interval || nextKey > committed,
        target: most(played, nextKey),
      }
    : {
        isDue: keyNeeds(pace, standing.owed, keysUntilSeen(pace)) > committed,
        target: most(played, keyNeeds(pace, standing.owed, keysUntilSeen(pace)) + ahead),
      }
  if (!isDue) return { kind: 'wait' }
  const bounded = least(target, most(played, played + aheadMax(pace)))
  const wanted = bounded - committed
  if (wanted <= 0n) return { kind: 'wait' }
  if (wanted <= spendable) return { kind: 'pay', amount: wanted, ahead: most(0n, bounded - played) }
  // The rest of the budget still buys something: the next key, or what was played.
  const reach = committed + spendable
  const upTo = reach >= nextKey ? reach : least(reach, played)
  if (upTo > committed) return { kind: 'pay', amount: upTo - committed, ahead: most(0n, upTo - played) }
  if (committed >= nextKey) return { kind: 'wait' }
  return { kind: 'budget-ended' }
}

/** What the funding batch itself pays to the creator, planck: nothing where credit covers the first keys. */
export function firstPayment(pace: Pace): bigint {
  if (pace.price <= 0n || isInArrears(pace)) return 0n
  const interval = priceOfMs(pace.price, usualIntervalMs(pace))
  return most(0n, keyNeeds(pace, 0n, keysUntilSeen(pace)) + interval)
}

/** The most that can be paid before it is played, planck: what leaving at the worst moment costs. */
export function aheadMax(pace: Pace): bigint {
  const epochs = (keysUntilSeen(pace) + 1) * pace.epochMs
  return priceOfMs(pace.price, usualIntervalMs(pace) + epochs + GRANT_LEAD_MS)
}

/** What stays behind in both accounts until closing, planck. Where they are one, their sum. */
export type HoldBack = { readonly budget: bigint; readonly session: bigint }

/** The existential deposit and two sweep fees: `transferAll` is refused just above the deposit. */
export function holdBack(existentialDeposit: bigint, closingFee: bigint): HoldBack {
  return { budget: existentialDeposit, session: existentialDeposit + 2n * closingFee }
}

export type BudgetQuestion = Pace & {
  /** planck that the user wants to spend at most on this stream. */
  readonly budget: bigint
  readonly closingFee: bigint
  readonly existentialDeposit: bigint
}

/** Everything the user is told before the prompt, planck unless named otherwise. */
export type BudgetFigures = {
  readonly perSecond: bigint
  readonly perHour: bigint
  /** Reaches the creator at most. */
  readonly cap: bigint
  /** To the budget account: the cap without `first`, and what is held back there. */
  readonly toBudgetAccount: bigint
  /** To the session account: fees with a margin, and what is held back there. */
  readonly toSessionAccount: bigint
  /** To the creator by the prompt itself. */
  readonly first: bigint
  /** Leaves the wallet with the prompt, its own fee not included. */
  readonly total: bigint
  /** What the cap buys. */
  readonly seconds: number
  readonly intervalMs: number
  /** Expected fees ÷ (fees + payments), 0..1, when the whole cap is spent. */
  readonly feeShare: number
  readonly worstCase: {
    /** Paid for and not seen, when the creator stops or the viewer leaves at the worst moment. */
    readonly ahead: bigint
    /** Fee reserve that is lost if this browser's storage is wiped: only the session key could move it. */
    readonly feeReserve: bigint
  }
}

export function budgetFigures(question: BudgetQuestion): BudgetFigures {
  const { price, fee, budget } = question
  const intervalMs = settlementIntervalMs(question)
  const first = least(budget, firstPayment(question))
  const seconds = price <= 0n ? 0n : budget / price
  const payments = ceilDivide(seconds * 1_000n, BigInt(Math.max(1, Math.round(intervalMs)))) + SPARE_PAYMENTS
  const held = holdBack(question.existentialDeposit, question.closingFee)
  const toBudgetAccount = budget - first + held.budget
  const toSessionAccount = held.session + (payments * fee * FEE_MARGIN_PERCENT) / 100n
  const fees = payments * fee + question.closingFee
  return {
    perSecond: price,
    perHour: price * 3_600n,
    cap: budget,
    toBudgetAccount,
    toSessionAccount,
    first,
    total: toBudgetAccount + toSessionAccount + first,
    seconds: Number(seconds),
    intervalMs,
    feeShare: budget + fees === 0n ? 0 : Number((fees * 10_000n) / (budget + fees)) / 10_000,
    worstCase: { ahead: least(budget, aheadMax(question)), feeReserve: toSessionAccount },
  }
}

/** planck of `ms` at `price` a second, rounded up: what a key needs, not what a tick costs. */
export function priceOfMs(price: bigint, ms: number): bigint {
  return ceilDivide(price * BigInt(Math.ceil(ms)), 1_000n)
}

/** What must have been paid before the creator grants `keys` more epochs. */
function keyNeeds(pace: Pace, owed: bigint, keys: number): bigint {
  return owed + priceOfMs(pace.price, keys * pace.epochMs) - pace.credit
}

/** Keys that fall due before a payment made now is seen. */
function keysUntilSeen(pace: Pace): number {
  return Math.max(1, Math.ceil((INCLUSION_BLOCKS * pace.blockMs + GRANT_LEAD_MS) / pace.epochMs))
}

function ceilDivide(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by
}

function most(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other
}
