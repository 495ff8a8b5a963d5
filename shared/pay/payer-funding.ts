import type { SessionRow } from './payer-contract.ts'
import { commitFinish, commitRow, type LiveStep } from './payer-state.ts'

/** Wallets sign for 64 blocks; what was sent before a crash, without our noting it, is dead after that. */
const WALLET_ERA_BLOCKS = 64

const SENTENCES = {
  'never-funded':
    'This session holds no money: the wallet never funded it, so there is nothing to give back.',
  'chain-vanished':
    'The local chain that held this session was started anew: its play money is gone with it.',
} as const

/** From the prompt until the money is there at finality. */
export function driveFunding(step: LiveStep): void {
  const { state, row } = step
  if (row.phase.kind !== 'funding' || !state.isRowSafe) return
  if (!state.hasAsked) {
    state.hasAsked = true
    step.effects.push({ kind: 'ask-wallet', request: 'fund', budget: row.budget, feeReserve: row.feeReserve })
    return
  }
  const { atBest, atFinal } = state
  if (row.baseNonce === undefined && atBest !== undefined && atBest.sessionFree > 0n) {
    commitRow(step, { ...row, baseNonce: atBest.sessionNonce })
    return
  }
  if (atFinal === undefined) return
  if (atFinal.sessionFree > 0n && row.baseNonce !== undefined) {
    commitRow(step, { ...row, phase: { kind: 'open' } })
    return
  }
  const lastBlock = row.phase.lastBlock ?? fundingEndsAt(step)
  if (lastBlock === undefined || atFinal.block.number <= lastBlock) return
  // The session may have been funded, closed by its farewell and emptied between two visits.
  if (atFinal.sessionFree === 0n && row.baseNonce === undefined) archive(step, 'never-funded')
}

export function archive(step: LiveStep, why: 'never-funded' | 'chain-vanished'): void {
  const row: SessionRow = {
    ...step.row,
    phase: { kind: 'archived', why, sentence: SENTENCES[why] },
  }
  step.state.stops.set('over', SENTENCES[why])
  commitFinish(step, row, [])
}

/** Of a prompt whose answer was never noted. */
function fundingEndsAt(step: LiveStep): number | undefined {
  const { state } = step
  if (!state.isRecovered || state.best === undefined) return undefined
  state.fundingEndsAt ??= state.best.number + WALLET_ERA_BLOCKS
  return state.fundingEndsAt
}
