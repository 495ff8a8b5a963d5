import type { Hex } from './hex.ts'
import { RpcCode, RpcError } from './rpc-error.ts'

/** As `author_extrinsicUpdate` carries them. */
export type TxStatus =
  | 'ready'
  | 'future'
  | 'invalid'
  | 'dropped'
  | { readonly inBlock: Hex }
  | { readonly retracted: Hex }
  | { readonly finalized: Hex }
  | { readonly usurped: Hex }

export type TxWatcher = (status: TxStatus) => void

/** What the runtime says of a transaction at one block. */
export type TxValidity = {
  readonly priority: bigint
  /** Tags that others must have provided before, hex. For a signed one: its signer with the nonce below. */
  readonly requires: readonly Hex[]
  readonly provides: readonly Hex[]
}

export type PooledTx = {
  readonly hash: Hex
  readonly extrinsic: Hex
  readonly watchers: Set<TxWatcher>
  validity: TxValidity
}

/** Transactions that wait for a block, in the order they came. Duplicates and rivals are answered as real pools do. */
export class TxPool {
  readonly #capacity: number
  #waiting: PooledTx[] = []

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get waiting(): readonly PooledTx[] {
    return this.#waiting
  }

  has(hash: Hex): boolean {
    return this.#waiting.some(tx => tx.hash === hash)
  }

  /** Throws RpcError 1014 when a waiting one with the same nonce has as much priority, 1016 when full. */
  add(tx: PooledTx): void {
    const rivals = this.#waiting.filter(({ validity }) =>
      validity.provides.some(tag => tx.validity.provides.includes(tag)),
    )
    const strongest = rivals.find(rival => rival.validity.priority >= tx.validity.priority)
    if (strongest !== undefined) {
      throw new RpcError(
        RpcCode.tooLowPriority,
        `Priority is too low: (${strongest.validity.priority} vs ${tx.validity.priority})`,
        'The transaction has too low priority to replace another transaction already in the pool.',
      )
    }
    if (this.#waiting.length - rivals.length >= this.#capacity) {
      throw new RpcError(RpcCode.immediatelyDropped, 'Immediately Dropped', 'The pool is full.')
    }
    for (const rival of rivals) {
      this.remove(rival)
      tell(rival, { usurped: tx.hash })
    }
    this.#waiting.push(tx)
    tell(tx, this.ready().includes(tx) ? 'ready' : 'future')
  }

  /** Back from a retracted block: in front of what came later, whatever the capacity. */
  readmit(txs: readonly PooledTx[]): void {
    this.#waiting = [...txs.filter(tx => !this.has(tx.hash)), ...this.#waiting]
  }

  remove(tx: PooledTx): void {
    this.#waiting = this.#waiting.filter(other => other !== tx)
  }

  /** Those whose every requirement is provided by one before them, in an order in which a block can apply them. */
  ready(): PooledTx[] {
    const ready: PooledTx[] = []
    const provided = new Set<Hex>()
    let rest = this.#waiting
    for (;;) {
      const late: PooledTx[] = []
      for (const tx of rest) {
        if (tx.validity.requires.every(tag => provided.has(tag))) {
          ready.push(tx)
          for (const tag of tx.validity.provides) provided.add(tag)
        } else late.push(tx)
      }
      if (late.length === rest.length) return ready
      rest = late
    }
  }
}

export function tell(tx: PooledTx, status: TxStatus): void {
  for (const watcher of tx.watchers) watcher(status)
}
