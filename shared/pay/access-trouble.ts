import { creditOf, epochNow, standingOf } from './access-account.ts'
import { CHAIN_GRACE_MS } from './access-constants.ts'
import type { Step, Trouble } from './access-state.ts'
import type { Evidence } from './evidence.ts'

export function headTold(step: Step, head: Extract<Evidence, { kind: 'head' }>): void {
  const { state } = step
  state.isFollowing = head.isFollowing
  if (head.isFollowing && state.trouble?.kind === 'lost') state.trouble = undefined
  if (!head.isFollowing && state.trouble?.kind !== 'lost') {
    // A gap that was there before goes on counting: grace is not had twice.
    state.trouble = begin(step, 'lost', head.reason ?? 'no endpoint answers', state.trouble)
  }
  watchTrouble(step)
}

/** Opens and closes what depends on time and on gaps. */
export function watchTrouble(step: Step): void {
  const { state, env, effects } = step
  if (state.trouble === undefined && state.book.hasGap) {
    state.trouble = begin(step, 'gap', 'blocks could not be read', undefined)
  }
  if (state.trouble?.kind === 'gap' && !state.book.hasGap) state.trouble = undefined
  const { trouble } = state
  const isPaused = trouble?.kind === 'lost' && env.nowMs - trouble.sinceMs >= CHAIN_GRACE_MS
  if (isPaused === state.isPaused) return
  state.isPaused = isPaused
  const reason = isPaused
    ? `The chain has not been followed for a while (${trouble.reason}), so payments cannot be seen and no keys are given out. They go out again as soon as it is back.`
    : undefined
  effects.push({ kind: 'paused', reason })
}

function begin(step: Step, kind: Trouble['kind'], reason: string, before: Trouble | undefined): Trouble {
  if (before !== undefined) return { ...before, kind, reason }
  const { state, env } = step
  const epoch = epochNow(state)
  const paidUp = [...state.wallets.values()].filter(
    wallet => standingOf(state, wallet).balance <= creditOf(state, wallet, epoch),
  )
  return { kind, reason, sinceMs: env.nowMs, paidUp: new Set(paidUp.map(({ wallet }) => wallet)) }
}
