import { blake2b } from '@noble/hashes/blake2.js'
import type { AccountHex, BlockRef } from '../../../shared/pay/evidence.ts'
import { parseSessionRemark, sessionRemark } from '../../../shared/pay/session-remark.ts'
import { hexText } from '../../../shared/protocol/hex.ts'
import { ChainError } from '../chain/chain-error.ts'
import type { BlockExtrinsic, ChainPort } from '../chain/chain-port.ts'
import { planckText } from '../chain/planck-text.ts'
import type { FoundSession, SearchProgress, SearchResult } from './pay-session-contract.ts'
import { budgetAccountOf } from './session-calls.ts'

/** A day of blocks of 6 s. */
const BLOCKS = 14_400
/** `title ‖ 0`, then stream id and session account: what a remark of ours is found by among a call's bytes. */
const EXAMPLE = sessionRemark(new Uint8Array(32), new Uint8Array(32))
const REMARK_BYTES = EXAMPLE.length
const PREFIX = EXAMPLE.subarray(0, REMARK_BYTES - 64)

type Options = {
  readonly blocks?: number
  readonly onProgress?: (progress: SearchProgress) => void
  readonly signal?: AbortSignal
}

type Range = { readonly from: number; readonly to: number }
type Gap = Range & { readonly reason: string }

/**
 * Sessions that a wallet opened in the last blocks, from the chain alone: by its own signed remarks. Every extrinsic
 * raises its signer's nonce, so a range over which the wallet's nonce stands still is skipped unread, and a month costs
 * some dozens of requests. (A wallet that was emptied and filled again within the range starts at nonce 0 again; where
 * the nonce fell, everything is read.) Throws ChainError.
 */
export async function findSessionsOf(
  chain: ChainPort,
  wallet: AccountHex,
  { blocks = BLOCKS, onProgress, signal }: Options = {},
): Promise<SearchResult> {
  const options = signal === undefined ? {} : { signal }
  await chain.open(options)
  const best = chain.best()
  if (best === undefined)
    throw new ChainError('chain-down', 'The chain has told no block yet. Try again in a few seconds.')
  const oldest = Math.max(0, best.number - blocks)
  const found: FoundSession[] = []
  const gaps: Gap[] = []
  const nonces = new Map<number, number | string>()
  let searched = 0
  const progress = (block: number, count: number): void => {
    searched += count
    onProgress?.({ block, searched, total: best.number - oldest, found })
  }

  /** Nonce after that block, or why it cannot be read. */
  const nonceAt = async (number: number): Promise<number | string> => {
    signal?.throwIfAborted()
    const known = nonces.get(number)
    if (known !== undefined) return known
    const nonce = await readable(async () => {
      const at = await chain.blockHash(number, options)
      return (await chain.balance(wallet, { at, ...options })).nonce
    })
    nonces.set(number, nonce)
    return nonce
  }

  // Newest first: what a viewer looks for is most often recent.
  const pending: Range[] = [{ from: oldest, to: best.number }]
  for (let range = pending.pop(); range !== undefined; range = pending.pop()) {
    const { from, to } = range
    if (to <= from) continue
    const [before, after] = [await nonceAt(from), await nonceAt(to)]
    if (typeof after === 'string') {
      gaps.push({ from: from + 1, to, reason: after })
      progress(from, to - from)
    } else if (before === after) progress(from, to - from)
    else if (to - from > 1) {
      const middle = Math.floor((from + to) / 2)
      pending.push({ from, to: middle }, { from: middle, to })
    } else {
      const block = await readable(async () => chain.block(await chain.blockHash(to, options), options))
      if (typeof block === 'string') gaps.push({ from: to, to, reason: block })
      else
        for (const extrinsic of block.extrinsics)
          found.push(...(await sessionsIn(chain, wallet, block.block, extrinsic, options)))
      progress(to, 1)
    }
  }
  return { found, gaps: joined(gaps), oldest }
}

/** The value, or in words why this node cannot tell it: pruned state is a gap, never an empty answer. */
async function readable<T>(read: () => Promise<T>): Promise<T | string> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ChainError && (error.code === 'state-pruned' || error.code === 'no-such-block'))
      return error.message
    throw error
  }
}

async function sessionsIn(
  chain: ChainPort,
  wallet: AccountHex,
  openedAt: BlockRef,
  { call, isOk, remarks }: BlockExtrinsic,
  options: { readonly signal?: AbortSignal },
): Promise<FoundSession[]> {
  if (!isOk) return []
  const own = new Set(remarks.filter(({ sender }) => sender === wallet).map(({ hash }) => hash))
  const info = await chain.open(options)
  const sessions: FoundSession[] = []
  for (const remark of remarksIn(call)) {
    const parsed = parseSessionRemark(remark)
    if (parsed === undefined || !own.has(hexText(blake2b(remark, { dkLen: 32 })))) continue
    const session = hexText(parsed.session)
    const budgetAccount = budgetAccountOf(wallet, session, info.hasMultisig)
    const [budget, reserve] = await Promise.all([
      chain.balance(budgetAccount, options),
      chain.balance(session, options),
    ])
    const onBudgetAccount = budgetAccount === session ? 0n : budget.free
    sessions.push({
      session,
      streamId: hexText(parsed.streamId).slice(2),
      wallet,
      budgetAccount,
      openedAt,
      onBudgetAccount,
      onSessionAccount: reserve.free,
      isKnownHere: false,
      sentence: words(onBudgetAccount, reserve.free, info),
    })
  }
  return sessions
}

/** The event has only the remark's hash; the remark itself stands among the bytes of the call. */
function* remarksIn(call: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start + REMARK_BYTES <= call.length; start++)
    if (PREFIX.every((byte, index) => call[start + index] === byte))
      yield call.slice(start, start + REMARK_BYTES)
}

function words(
  onBudgetAccount: bigint,
  onSessionAccount: bigint,
  unit: { readonly symbol: string; readonly decimals: number },
): string {
  if (onBudgetAccount === 0n && onSessionAccount === 0n)
    return 'This session is closed: both its accounts are empty.'
  const rest = planckText(onSessionAccount, unit)
  if (onBudgetAccount === 0n)
    return `Nothing is left for the wallet to take. ${rest} for fees lie on the session account: only the browser that opened it has the key; open this site there, and they come back by themselves. If its storage is gone, they are lost.`
  return `Your wallet alone can take back ${planckText(onBudgetAccount, unit)}. The ${rest} that were set aside for fees can only be moved by the browser that opened the session: open this site there and everything comes back by itself. If its storage is gone, that part is lost.`
}

function joined(gaps: readonly Gap[]): Gap[] {
  const ordered = [...gaps].sort((one, other) => one.from - other.from)
  const result: Gap[] = []
  for (const gap of ordered) {
    const last = result.at(-1)
    if (last !== undefined && last.to + 1 >= gap.from && last.reason === gap.reason)
      result[result.length - 1] = { ...last, to: Math.max(last.to, gap.to) }
    else result.push(gap)
  }
  return result
}
