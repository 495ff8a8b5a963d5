import { creditedOf, creditOf, epochNow } from './access-account.ts'
import { IDLE_MS } from './access-constants.ts'
import type { AccessEnv, AccessRow } from './access-contract.ts'
import { type AccessState, type Session, walletOf } from './access-state.ts'

export function rowsOf(state: AccessState, env: AccessEnv): readonly AccessRow[] {
  const sessions = [...state.sessions.values()].filter(({ isFormer }) => !isFormer)
  return sessions.map(session => {
    const wallet = walletOf(state, session.wallet)
    const isWatching = session.grantedEpoch >= epochNow(state) && session.binding?.hasLeft === false
    return {
      wallet: session.wallet,
      session: session.session,
      origin: session.binding?.viewer,
      grantedSeconds: session.grantedMs / 1_000,
      owed: session.owed,
      paid: creditedOf(state, session),
      credit: creditOf(state, wallet, epochNow(state)),
      isPrepay: wallet.isPrepay || state.options.creditSeconds === 0,
      isWatching,
      state: inWords(state, session, isWatching, env),
    }
  })
}

const HELD: Readonly<Record<string, string>> = {
  'not-funded': 'waits: its funding is not in a block',
  unpaid: 'waits: owes more than its credit covers',
  'chain-down': 'waits: the chain cannot be followed',
  gap: 'waits: some blocks could not be read',
}

function inWords(state: AccessState, session: Session, isWatching: boolean, env: AccessEnv): string {
  const { binding } = session
  if (binding === undefined) return 'not here'
  if (binding.hasLeft) return 'has left'
  if (isWatching) {
    return session.granted.get(session.grantedEpoch)?.isPreview === true ? 'watches the preview' : 'watches'
  }
  const held = [...binding.wants.values()].find(code => code !== undefined)
  if (held !== undefined) return HELD[held] ?? 'waits'
  return env.nowMs - binding.heardAtMs > Math.min(IDLE_MS, 3 * state.options.epochMs) ? 'pauses' : 'asks'
}
