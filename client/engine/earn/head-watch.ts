import type { BlockRef, Evidence } from '../../../shared/pay/evidence.ts'
import { assertNever } from '../../../shared/protocol/assert-never.ts'
import type { ChainState } from '../chain/chain-port.ts'
import type { SyncResult } from './trail-sync.ts'

type Head = Extract<Evidence, { kind: 'head' }>

/** A head older than this is no longer followed (DESIGN §9). */
const HEAD_MAX_AGE_MS = 10_000
/** Of the chain's own time between blocks: slow chains would else be lost and found at each block. */
const BLOCKS_OF_PATIENCE = 1.5

/** Knows how old the newest block is, by the monotonic clock and the moment it was read. */
export class HeadWatch {
  #head: Head | undefined
  #movedAtMs: number
  #maxAgeMs = HEAD_MAX_AGE_MS

  constructor(nowMs: number) {
    this.#movedAtMs = nowMs
  }

  get head(): Head | undefined {
    return this.#head
  }

  /** Monotonic ms at which the newest block was read, or following began. */
  get movedAtMs(): number {
    return this.#movedAtMs
  }

  setBlockMs(blockMs: number): void {
    this.#maxAgeMs = Math.max(HEAD_MAX_AGE_MS, BLOCKS_OF_PATIENCE * blockMs)
  }

  /** The head to tell, when this block is another one than before. */
  moved(best: BlockRef, nowMs: number): Head | undefined {
    if (this.#head?.best?.hash === best.hash) return undefined
    this.#movedAtMs = nowMs
    this.#head = { kind: 'head', isFollowing: true, best }
    return this.#head
  }

  /** The head to tell, once, when it has grown old. */
  aged(nowMs: number, reason: () => string): Head | undefined {
    if (this.#head?.isFollowing === false || nowMs - this.#movedAtMs <= this.#maxAgeMs) return undefined
    return this.lost(reason())
  }

  lost(reason: string): Head {
    this.#head = { kind: 'head', isFollowing: false, best: this.#head?.best, reason }
    return this.#head
  }
}

/** Why nothing new is known of the chain, and what happens next: a sentence for the creator. */
export function whyBehind(chain: ChainState, last: SyncResult | undefined): string {
  switch (chain.kind) {
    case 'idle':
    case 'connecting':
      return 'No endpoint of the chain has answered yet: payments cannot be seen until one does. It is tried again by itself.'
    case 'down':
      return `No endpoint of the chain answers (${chain.reason}): payments cannot be seen. It is tried again by itself; if it lasts, set another endpoint.`
    case 'wrong-chain':
      return 'Every endpoint that answers serves another chain than the one viewers pay on: set an endpoint of the right chain.'
    case 'ready':
      return last === undefined || last === 'done'
        ? 'The chain has made no new block for a while, or this endpoint does not pass them on: payments cannot be seen. Set another endpoint if it lasts.'
        : 'What this endpoint says does not fit what was final before: it is behind, or it is not to be trusted. Set another endpoint if it lasts.'
    default:
      return assertNever(chain)
  }
}
