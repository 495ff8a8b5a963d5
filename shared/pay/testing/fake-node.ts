import type { BlockRef } from '../evidence.ts'
import type { PayerCalls, PayerEffect, PayerEvent } from '../payer-contract.ts'
import { type FakeChain, type FakeExtrinsic, fakeBytes } from './fake-chain.ts'

export const CALLS: PayerCalls = {
  payment: amount => fakeBytes({ kind: 'payment', amount }),
  closing: amount => fakeBytes({ kind: 'closing', amount }),
  sweep: () => fakeBytes({ kind: 'sweep' }),
}

export function extrinsicOf(
  signer: FakeExtrinsic['signer'],
  nonce: number,
  call: FakeExtrinsic['call'],
  birth: BlockRef,
  period: number,
): FakeExtrinsic {
  const hash = `${signer} ${nonce} ${birth.hash} ${String(fakeBytes(call))}`
  return { signer, nonce, call, birth, period, hash }
}

type SubmitResult = Extract<PayerEvent, { kind: 'submitted' }>['result']

/** What a node says of the chain, and how it misleads. */
export class FakeNode {
  /** Answers to the next submissions; the second says whether they arrive all the same. */
  readonly answers: ['refused' | 'invalid' | 'rate' | 'unknown' | 'lost', boolean][] = []
  /** So many of the next searches meet a block that cannot be read. */
  unreadable = 0
  readonly #chain: FakeChain
  readonly #hasMultisig: boolean

  constructor(chain: FakeChain, hasMultisig: boolean) {
    this.#chain = chain
    this.#hasMultisig = hasMultisig
  }

  /** Undefined: no answer came. */
  submit(extrinsic: FakeExtrinsic): SubmitResult | undefined {
    const [answer, doesArrive] = this.answers.shift() ?? [undefined, true]
    const pool = doesArrive ? this.#chain.submit(extrinsic) : 'accepted'
    if (answer === 'lost') return undefined
    if (answer === 'unknown') return { kind: 'unknown', reason: '1012' }
    if (answer === 'refused' || pool === 'payment')
      return { kind: 'refused', code: 'payment', reason: 'test' }
    if (answer === 'rate' || answer === 'invalid') return { kind: 'refused', code: answer, reason: 'test' }
    return pool === 'accepted' ? { kind: 'accepted' } : { kind: 'unknown', reason: pool }
  }

  accounts({ block, isFinal }: PayerEffect & { kind: 'read-accounts' }): PayerEvent | undefined {
    const session = this.#chain.account('session', block)
    if (session === undefined) return undefined
    const budget = this.#hasMultisig ? this.#chain.account('budget', block) : session
    return {
      kind: 'accounts',
      accounts: {
        block,
        isFinal,
        sessionFree: session.free,
        sessionNonce: session.nonce,
        budgetFree: budget?.free ?? 0n,
      },
    }
  }

  find({ nonce, at, downTo }: PayerEffect & { kind: 'find' }): PayerEvent {
    if (this.unreadable > 0) {
      this.unreadable--
      return { kind: 'not-found', at, nonce, isUnreadable: true }
    }
    const inclusion = this.#chain.find(nonce, at, downTo)
    return inclusion === undefined
      ? { kind: 'not-found', at, nonce, isUnreadable: false }
      : { kind: 'found', at, inclusion }
  }
}
