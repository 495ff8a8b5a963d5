import type { PayerEvent } from './payer-contract.ts'
import { backOffMs, type LiveSlot, type LiveStep, nextNonce, request, type Step } from './payer-state.ts'

/** Blocks that a signature is good for: long enough for a slow chain, short enough to sign again after a fault. */
export const ERA_BLOCKS = 64
/** A submission without a word of inclusion is repeated after this many blocks: a pool may have lost it. */
const RESEND_BLOCKS = 3
/** The node refuses the bytes themselves: another signature is tried this often before the user is told. */
const REFUSALS_MAX = 4

/** Signs and sends what is journaled and not in the best chain. */
export function driveSending(step: LiveStep): void {
  const { state } = step
  if (state.chain.kind !== 'up') return
  for (const slot of state.live) {
    if (!slot.isJournaled || slot.isSettling || slot.inclusion !== undefined) continue
    if (isVoid(step)) continue
    if (step.env.nowMs < slot.nextTryMs && slot.refusals > 0) continue
    if (needsSignature(step, slot)) sign(step, slot)
    else if (slot.version !== undefined && step.env.nowMs >= slot.nextTryMs) {
      request(step, `submit:${slot.row.nonce}`, {
        kind: 'submit',
        nonce: slot.row.nonce,
        bytes: slot.version.bytes,
      })
    }
  }
}

/** An emptied account sends nothing more; nor may anything be tried on it. */
function isVoid({ state, row }: LiveStep): boolean {
  return row.baseNonce !== undefined && state.atBest?.sessionFree === 0n
}

/** None yet in this life, or its era has passed at finality: before that it may still be included. */
function needsSignature({ state }: LiveStep, slot: LiveSlot): boolean {
  if (slot.version === undefined) return true
  return state.finalised !== undefined && state.finalised.number > slot.version.lastBlock
}

function sign(step: LiveStep, slot: LiveSlot): void {
  const { state } = step
  const { nonce, call } = slot.row
  if (state.finalised === undefined || [...state.signing.values()].some(isOf(nonce))) return
  const id = state.nextId
  const isAsked = request(step, `sign:${id}`, {
    kind: 'sign',
    id,
    nonce,
    call,
    birth: state.finalised,
    period: ERA_BLOCKS,
  })
  if (!isAsked) return
  state.nextId++
  state.signing.set(id, { kind: 'slot', nonce })
}

function isOf(nonce: number) {
  return (signing: { readonly kind: string; readonly nonce: number }) =>
    signing.kind === 'slot' && signing.nonce === nonce
}

/** Keeps the closing batch signed for what is journaled now. */
export function driveReadyClosing(step: LiveStep, amount: bigint): void {
  const { state, env, row } = step
  const nonce = nextNonce(state)
  if (state.chain.kind !== 'up' || env.calls === undefined || nonce === undefined) return
  const { atBest } = state
  if (atBest === undefined || atBest.sessionFree === 0n) return
  if (state.finalised === undefined || row.phase.kind === 'closing') return
  const { ready } = state
  const isFresh = ready !== undefined && ready.lastBlock - state.finalised.number > ERA_BLOCKS / 2
  if (isFresh && ready.nonce === nonce && ready.amount === amount) return
  if ([...state.signing.values()].some(({ kind }) => kind === 'closing')) return
  const call = env.calls.closing(amount)
  const id = state.nextId
  const birth = state.finalised
  if (!request(step, `sign:${id}`, { kind: 'sign', id, nonce, call, birth, period: ERA_BLOCKS })) return
  state.nextId++
  state.signing.set(id, { kind: 'closing', nonce, amount, call })
}

export function signed(step: Step, event: Extract<PayerEvent, { kind: 'signed' }>): void {
  const { state } = step
  const signing = state.signing.get(event.id)
  state.signing.delete(event.id)
  state.inFlight.delete(`sign:${event.id}`)
  if (signing === undefined) return
  const { bytes, lastBlock } = event
  if (signing.kind === 'closing') {
    const { nonce, amount, call } = signing
    state.ready = { nonce, amount, call, bytes, lastBlock }
    return
  }
  const slot = state.live.find(({ row }) => row.nonce === signing.nonce)
  if (slot === undefined) return
  slot.version = { bytes, lastBlock }
  slot.nextTryMs = step.env.nowMs
}

export function submitted(step: Step, event: Extract<PayerEvent, { kind: 'submitted' }>): void {
  const { state, env } = step
  state.inFlight.delete(`submit:${event.nonce}`)
  const slot = state.live.find(({ row }) => row.nonce === event.nonce)
  if (slot === undefined) return
  slot.tries++
  const blockMs = state.chain.kind === 'up' ? state.chain.blockMs : 6_000
  const { result } = event
  switch (result.kind) {
    case 'accepted':
    case 'unknown':
      slot.refusals = 0
      // Either may be in a block by now: only the chain can say, and the same bytes do no harm twice.
      slot.nextTryMs = env.nowMs + RESEND_BLOCKS * blockMs + backOffMs(slot.tries, env.random)
      return
    case 'refused':
      slot.nextTryMs = env.nowMs + backOffMs(slot.tries + 2, env.random)
      if (result.code === 'rate') return
      slot.refusals++
      if (result.code === 'payment') state.stops.set('fee-too-high', result.reason)
      else {
        slot.version = undefined
        if (slot.refusals >= REFUSALS_MAX) state.stops.set('payment-refused', result.reason)
      }
      return
  }
}
