import type { Clock } from '../ports.ts'
import type { UnreadBlocks } from '../store/earnings-store.ts'
import type { BlockReader } from './block-reader.ts'
import type { BlockReading } from './earnings-book.ts'
import type { EarningsJournal } from './earnings-journal.ts'

export type GapFillerDeps = {
  readonly journal: EarningsJournal
  readonly reader: BlockReader
  readonly clock: Clock
}

/** Between two attempts at the same blocks, ms; doubles while nothing can be read, up to the second. */
const RETRY_MS = 60_000
const RETRY_MAX_MS = 30 * 60_000
/** So many in a row that fail, and the rest is searched for its first readable block: state is pruned from the old end. */
const PATIENCE = 16

/** Reads what is unread, one block at a time, oldest first, so that the newest blocks never wait for old ones. */
export class GapFiller {
  readonly #deps: GapFillerDeps
  /** Where this pass goes on. */
  #from = 0
  #failures = 0
  #isFruitful = false
  #reason = ''
  #retryMs = RETRY_MS
  #passAtMs = Number.NEGATIVE_INFINITY

  constructor(deps: GapFillerDeps) {
    this.#deps = deps
  }

  /** Another endpoint answers: what failed may work now. */
  retryNow(): void {
    this.#passAtMs = Number.NEGATIVE_INFINITY
    this.#retryMs = RETRY_MS
    this.#from = 0
  }

  /** Tries one block. False when there is nothing to do at this moment. Throws ChainError as BlockReader does. */
  async fillOne(signal: AbortSignal): Promise<boolean> {
    const { journal, clock } = this.#deps
    const { unread } = journal.cursor
    if (unread.length === 0 || clock.nowMs() < this.#passAtMs) return false
    const gap = unread.find(({ to }) => to >= this.#from)
    if (gap === undefined) {
      await this.#endPass()
      return false
    }
    const number = Math.max(gap.from, this.#from)
    const failure = await this.#tryBlock(number, signal)
    this.#from = number + 1
    if (failure === undefined) {
      this.#failures = 0
      this.#isFruitful = true
      return true
    }
    this.#reason = failure
    this.#failures += 1
    if (this.#failures >= PATIENCE && number < gap.to) await this.#leap(number + 1, gap, signal)
    return true
  }

  async #endPass(): Promise<void> {
    const { journal, clock } = this.#deps
    await journal.apply({ kind: 'explain', reason: this.#reason })
    this.#passAtMs = clock.nowMs() + this.#retryMs
    this.#retryMs = this.#isFruitful ? RETRY_MS : Math.min(RETRY_MAX_MS, this.#retryMs * 2)
    this.#from = 0
    this.#failures = 0
    this.#isFruitful = false
  }

  /** Undefined when it was read; else why not. */
  async #tryBlock(number: number, signal: AbortSignal): Promise<string | undefined> {
    const found = await this.#read(number, signal)
    if (found === undefined) return 'the endpoint does not know them'
    const { hash, reading } = found
    if (reading.kind === 'unread') return reading.reason
    const isTaken = await this.#deps.journal.apply({ kind: 'fill', block: { number, hash }, reading })
    return isTaken ? undefined : 'the endpoint contradicts the blocks around them'
  }

  async #read(
    number: number,
    signal: AbortSignal,
  ): Promise<{ readonly hash: string; readonly reading: BlockReading } | undefined> {
    const { journal, reader } = this.#deps
    const known = journal.cursor.trail.find(block => block.number === number)
    const hash = known?.hash ?? (await reader.hashAt(number, signal))
    return hash === undefined ? undefined : { hash, reading: await reader.read({ number, hash }, signal) }
  }

  async #leap(from: number, gap: UnreadBlocks, signal: AbortSignal): Promise<void> {
    const isReadable = async (number: number) => (await this.#read(number, signal))?.reading.kind === 'read'
    this.#failures = 0
    let low = from
    let high = gap.to
    if (!(await isReadable(high))) {
      this.#from = gap.to + 1
      return
    }
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (await isReadable(middle)) high = middle
      else low = middle + 1
    }
    this.#from = low
  }
}
