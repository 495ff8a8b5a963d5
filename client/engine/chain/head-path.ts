import type { BlockRef } from './chain-port.ts'

export type Head = { readonly block: BlockRef; readonly parent: string }

export type HeadPathDeps = {
  readonly header: (hash: string) => Promise<Head>
  /** Of the node's best chain. */
  readonly hashAt: (number: number) => Promise<string | undefined>
}

/** Blocks remembered below the best one: many times what any chain takes back. */
const KEPT = 1_024
/** Headers fetched one by one before the node is asked which of the remembered blocks it still has. */
const WALK_MAX = 256

/**
 * The best chain as it was told so far, and what each new head retracts of it. Nodes skip heads when they are busy, and
 * name no ancestor that they left behind, so the parents are walked.
 */
export class HeadPath {
  readonly #deps: HeadPathDeps
  readonly #hashes = new Map<number, string>()
  #best: BlockRef | undefined

  constructor(deps: HeadPathDeps) {
    this.#deps = deps
  }

  get best(): BlockRef | undefined {
    return this.#best
  }

  /** Undefined when the head is the best block already. Rejects as the deps do, and then nothing has changed. */
  async advance(
    head: Head,
  ): Promise<{ readonly block: BlockRef; readonly retracted: readonly BlockRef[] } | undefined> {
    if (head.block.hash === this.#best?.hash) return undefined
    const lowest = Math.min(...this.#hashes.keys())
    const fresh = [head.block]
    let { parent } = head
    let common = head.block.number - 1
    while (common >= lowest && this.#hashes.get(common) !== parent) {
      if (fresh.length > WALK_MAX) {
        common = await this.#stillThere(common)
        break
      }
      const above = await this.#deps.header(parent)
      fresh.push(above.block)
      parent = above.parent
      common -= 1
    }
    const retracted = [...this.#hashes]
      .filter(([number]) => number > common)
      .map(([number, hash]) => ({ number, hash }))
      .sort((one, other) => other.number - one.number)
    for (const { number } of retracted) this.#hashes.delete(number)
    for (const { number, hash } of fresh) this.#hashes.set(number, hash)
    for (const number of this.#hashes.keys())
      if (number < head.block.number - KEPT) this.#hashes.delete(number)
    this.#best = head.block
    return { block: head.block, retracted }
  }

  /** The highest remembered block at or below `number` that the node's best chain has. */
  async #stillThere(number: number): Promise<number> {
    const remembered = [...this.#hashes].filter(([at]) => at <= number).sort(([one], [other]) => other - one)
    for (const [at, hash] of remembered) if ((await this.#deps.hashAt(at)) === hash) return at
    return -1
  }
}
