import type { Evidence } from '../../../../shared/pay/evidence.ts'

type Payment = {
  readonly block: string
  readonly number: number
  readonly from: string
  readonly planck: bigint
}

/**
 * What a listener that keeps no memory of its own makes of evidence: the sum that access would rest on. Throws when a
 * payment that still stands is told again.
 */
export class EvidenceSum {
  readonly #payments = new Map<string, Payment>()
  readonly #funded = new Map<string, Extract<Evidence, { kind: 'funded' }>>()
  readonly #unread = new Set<number>()
  readonly heads: Extract<Evidence, { kind: 'head' }>[] = []
  final = 0

  take(evidence: Evidence): void {
    switch (evidence.kind) {
      case 'paid': {
        const { block, index } = evidence.place
        const key = `${block.hash}/${index}`
        if (this.#payments.has(key)) throw new Error(`a payment of block ${block.number} was told twice`)
        const { from, planck } = evidence
        this.#payments.set(key, { block: block.hash, number: block.number, from, planck })
        return
      }
      case 'funded': {
        const { block, index } = evidence.place
        const key = `${block.hash}/${index}`
        if (this.#funded.has(key)) throw new Error(`a session of block ${block.number} was told twice`)
        this.#funded.set(key, evidence)
        return
      }
      case 'retracted':
        for (const [key, { block }] of this.#payments)
          if (block === evidence.block.hash) this.#payments.delete(key)
        for (const [key, { place }] of this.#funded)
          if (place.block.hash === evidence.block.hash) this.#funded.delete(key)
        return
      case 'finalised':
        if (evidence.block.number < this.final) throw new Error('finality went back')
        this.final = evidence.block.number
        return
      case 'gap':
        for (let number = evidence.from; number <= evidence.to; number++) this.#unread.add(number)
        return
      case 'gap-closed':
        for (let number = evidence.from; number <= evidence.to; number++) this.#unread.delete(number)
        return
      case 'head':
        this.heads.push(evidence)
    }
  }

  get total(): bigint {
    return this.#sum(() => true)
  }

  get finalTotal(): bigint {
    return this.#sum(({ number }) => number <= this.final)
  }

  get unread(): readonly number[] {
    return [...this.#unread].toSorted((a, b) => a - b)
  }

  get funded(): readonly Extract<Evidence, { kind: 'funded' }>[] {
    return [...this.#funded.values()]
  }

  get payments(): readonly Payment[] {
    return [...this.#payments.values()]
  }

  #sum(counts: (payment: Payment) => boolean): bigint {
    return this.payments.filter(counts).reduce((sum, { planck }) => sum + planck, 0n)
  }
}
