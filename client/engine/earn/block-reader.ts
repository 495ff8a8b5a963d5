import type { AccountHex, BlockRef } from '../../../shared/pay/evidence.ts'
import { ChainError } from '../chain/chain-error.ts'
import type { Block, ChainPort } from '../chain/chain-port.ts'
import { earningsOf, type ReadStamp } from './block-evidence.ts'
import type { BlockReading } from './earnings-book.ts'

export type BlockReaderDeps = {
  readonly chain: ChainPort
  /** Asked in this order for what the first one cannot read. */
  readonly archives: readonly ChainPort[]
  readonly payout: AccountHex
  readonly stamp: (block: BlockRef) => ReadStamp
}

/** Reads blocks by hash from whichever endpoint still has their state. Never takes what it cannot read for empty. */
export class BlockReader {
  readonly #deps: BlockReaderDeps
  readonly #opened = new Set<ChainPort>()

  constructor(deps: BlockReaderDeps) {
    this.#deps = deps
  }

  /** Throws ChainError `chain-down`, `not-open` or `wrong-chain` of the chain itself: then nothing is known, try later. */
  async read(ref: BlockRef, signal: AbortSignal): Promise<BlockReading> {
    const { chain, archives } = this.#deps
    let reason: string
    try {
      return this.#reading(ref, await chain.block(ref.hash, { signal }))
    } catch (error) {
      reason = reasonOf(error, signal)
    }
    for (const archive of archives) {
      try {
        return this.#reading(ref, await (await this.#open(archive, signal)).block(ref.hash, { signal }))
      } catch (error) {
        // An archive that does not answer is no reason to wait: the gap says that its block is unread.
        if (!(error instanceof ChainError)) throw error
      }
    }
    return { kind: 'unread', reason }
  }

  /** Of the best chain; undefined where the endpoint has no such height (yet, or any more). Throws as `read`. */
  async hashAt(number: number, signal: AbortSignal): Promise<string | undefined> {
    try {
      return await this.#deps.chain.blockHash(number, { signal })
    } catch (error) {
      reasonOf(error, signal)
      return undefined
    }
  }

  #reading(ref: BlockRef, block: Block): BlockReading {
    if (block.block.hash !== ref.hash || block.block.number !== ref.number) {
      return { kind: 'unread', reason: 'the endpoint answered with another block' }
    }
    const content = earningsOf(block, this.#deps.payout, this.#deps.stamp(ref))
    return { kind: 'read', parent: block.parent, content }
  }

  async #open(archive: ChainPort, signal: AbortSignal): Promise<ChainPort> {
    if (!this.#opened.has(archive)) {
      await archive.open({ signal })
      this.#opened.add(archive)
    }
    return archive
  }
}

/** Why a block cannot be read, in words; throws on what says nothing about that block. */
function reasonOf(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted()
  if (!(error instanceof ChainError)) throw error
  switch (error.code) {
    case 'state-pruned':
      return 'the endpoint no longer keeps their state'
    case 'no-such-block':
      return 'the endpoint does not know them'
    case 'bad-answer':
      return 'the endpoint’s answer cannot be read'
    default:
      throw error
  }
}
