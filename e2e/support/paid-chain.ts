import type { AccountHex, ChainPort } from '../../client/engine/chain/chain-port.ts'
import { MemoryChain } from '../../client/engine/chain/testing/memory-chain.ts'
import { parseHex } from '../../shared/protocol/hex.ts'
import { nodeCrypto } from '../../tracker/node-crypto.ts'
import type { Disposer } from './disposer.ts'

/** A chain that streams of this process are paid on. */
export interface PaidChain {
  readonly payout: AccountHex
  /** A connection of its own. */
  connect(): ChainPort
  /** Play money, planck. */
  fund(account: AccountHex, planck: bigint): Promise<void>
}

const BLOCK_MS = 250
const PAYOUT = `0x${'c0'.repeat(32)}`

/** A chain in memory whose blocks come by the clock; signatures are checked. */
export class MemoryPaidChain implements PaidChain {
  readonly payout = PAYOUT
  readonly chain: MemoryChain
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(disposer: Disposer) {
    this.chain = new MemoryChain({
      info: { blockMs: BLOCK_MS },
      verify: (signer, payload, signature) =>
        nodeCrypto.verify(parseHex(signer) ?? new Uint8Array(), payload, signature) === true,
    })
    this.chain.credit(PAYOUT, 10_000n)
    this.chain.produceBlocks(8)
    this.resume()
    disposer.defer(() => this.pause())
  }

  connect(): ChainPort {
    return this.chain.connect()
  }

  async fund(account: AccountHex, planck: bigint): Promise<void> {
    this.chain.credit(account, planck)
  }

  /** No block until `resume`, but those the test makes. */
  pause(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  resume(): void {
    this.#timer ??= setInterval(() => this.chain.produceBlock(), BLOCK_MS)
  }

  /** planck that blocks of the best chain show from these accounts to the payout account, at this moment. */
  paidBy(accounts: ReadonlySet<AccountHex>): bigint {
    let paid = 0n
    for (let number = 0; number <= this.chain.best.number; number++) {
      const { extrinsics = [] } = this.chain.find(this.chain.hashAt(number) ?? '')?.block ?? {}
      for (const { from, to, planck } of extrinsics.flatMap(({ transfers }) => transfers))
        if (to === PAYOUT && accounts.has(from)) paid += planck
    }
    return paid
  }
}
