import type { AccessTerms } from '../protocol/access-plaintext.ts'
import { GRANT_LEAD_MS } from './access-constants.ts'

/** Questions go out so long before their epoch, spread over ASK_SPREAD_MS so that a crowd does not speak at once. */
export const ASK_BEFORE_MS = 2_300
export const ASK_SPREAD_MS = 500
/** A question that is not answered by then is lost: twice the round trip of a deep tree. */
export const ANSWER_PATIENCE_MS = 600
/** Relays let two questions a second of one origin through. */
export const ASK_EVERY_MS = 500
/** Held back with a reason, the creator remembers the question; it is asked again in case its answer is lost. */
export const HELD_ASK_EVERY_MS = 2_000
/** The rest of a running epoch that is not worth its price. */
const WORTH_ASKING_MS = 300
/** A creator that is away answers through no parent: leaving them all would help nobody. */
const MISSING_EVERY_MS = 10_000

export type AskEffect =
  /** `isFirst`: introduce yourself, the creator may not know you (any more). */
  | {
      readonly kind: 'ask'
      readonly epoch: number
      readonly isFirst: boolean
      readonly via: 'parent' | 'warm'
    }
  | { readonly kind: 'missing'; readonly epoch: number }

type Question = { askedAtMs: number; misses: number; isHeld: boolean }

/** When a viewer asks for which epoch's key, and what it makes of silence. Monotonic ms; no clock of its own. */
export class AccessAsking {
  readonly #epochMs: number
  readonly #spreadMs: number
  readonly #questions = new Map<number, Question>()
  readonly #had = new Set<number>()
  #isKnown = false
  #at: { readonly epoch: number; readonly startedAtMs: number } | undefined
  #isWatching = false
  #fromEpoch = 0
  #notBeforeMs = Number.NEGATIVE_INFINITY
  #askedAtMs = Number.NEGATIVE_INFINITY
  #missingAtMs = Number.NEGATIVE_INFINITY
  #isOver = false

  /** `random` in [0, 1): this viewer's place in the crowd. */
  constructor(options: { readonly epochMs: number; readonly random: number }) {
    this.#epochMs = options.epochMs
    this.#spreadMs = options.random * ASK_SPREAD_MS
  }

  moved(epoch: number, intoMs: number, isWatching: boolean, nowMs: number): void {
    if (!isWatching && this.#isWatching) this.#questions.clear()
    this.#isWatching = isWatching
    if (this.#at === undefined || epoch >= this.#at.epoch) this.#at = { epoch, startedAtMs: nowMs - intoMs }
    for (const old of this.#questions.keys()) if (old < epoch) this.#questions.delete(old)
    for (const old of this.#had) if (old < epoch) this.#had.delete(old)
  }

  /** Whether that epoch's key is one that could have been asked for. */
  isExpected(epoch: number): boolean {
    return this.#at !== undefined && epoch >= this.#at.epoch - 1 && epoch <= this.#at.epoch + 3
  }

  granted(epoch: number): void {
    this.#isKnown = true
    this.#had.add(epoch)
    this.#questions.delete(epoch)
  }

  /** The creator answered with something else than a key. */
  told(terms: AccessTerms, nowMs: number): void {
    switch (terms.code) {
      case 'welcome':
        this.#isKnown = true
        this.#fromEpoch = terms.epoch
        return
      case 'wrong-epoch':
        this.#questions.clear()
        this.#fromEpoch = terms.epoch
        return
      case 'superseded':
        this.#isOver = true
        return
      case 'too-soon':
        this.#isKnown = false
        this.#questions.clear()
        this.#notBeforeMs = nowMs + terms.retryMs
        return
      case 'stale-counter':
        this.#isKnown = false
        this.#questions.clear()
        return
      case 'not-funded':
        this.#isKnown = false
        break
      case 'unpaid':
      case 'chain-down':
      case 'gap':
        this.#isKnown = true
    }
    for (const question of this.#questions.values()) question.isHeld = true
  }

  /** The creator's page was loaded again, or the way to it changed: nothing asked so far can be relied on. */
  restart(isKnown: boolean): void {
    this.#isKnown &&= isKnown
    this.#questions.clear()
  }

  tick(nowMs: number): readonly AskEffect[] {
    const at = this.#at
    if (at === undefined || !this.#isWatching || this.#isOver || nowMs < this.#notBeforeMs) return []
    const effects: AskEffect[] = []
    // Frames may have stopped; time has not. One epoch ahead of the newest frame is as far as it is believed.
    const intoMs = nowMs - at.startedAtMs
    const passed = Math.min(1, Math.max(0, Math.floor(intoMs / this.#epochMs)))
    const running = at.epoch + passed
    const leftMs = this.#epochMs * (passed + 1) - intoMs
    if (leftMs > WORTH_ASKING_MS) this.#pursue(running, Number.NEGATIVE_INFINITY, nowMs, effects)
    if (leftMs <= ASK_BEFORE_MS + this.#spreadMs) {
      this.#pursue(running + 1, nowMs + leftMs - GRANT_LEAD_MS, nowMs, effects)
    }
    return effects
  }

  /** `answerableAtMs`: the creator answers no earlier. */
  #pursue(epoch: number, answerableAtMs: number, nowMs: number, effects: AskEffect[]): void {
    if (epoch < this.#fromEpoch || this.#had.has(epoch) || nowMs < this.#askedAtMs + ASK_EVERY_MS) return
    const question = this.#questions.get(epoch)
    if (question === undefined) {
      this.#questions.set(epoch, { askedAtMs: nowMs, misses: 0, isHeld: false })
      return this.#ask(epoch, !this.#isKnown, 'parent', nowMs, effects)
    }
    const waitedFrom = Math.max(question.askedAtMs, answerableAtMs)
    if (nowMs - waitedFrom < (question.isHeld ? HELD_ASK_EVERY_MS : ANSWER_PATIENCE_MS)) return
    const { isHeld } = question
    question.askedAtMs = nowMs
    question.isHeld = false
    // After a reason the same way was good; after silence another one is tried.
    if (isHeld) return this.#ask(epoch, !this.#isKnown, 'parent', nowMs, effects)
    question.misses++
    if (question.misses >= 2) this.#isKnown = false
    if (question.misses === 2 && nowMs - this.#missingAtMs >= MISSING_EVERY_MS) {
      this.#missingAtMs = nowMs
      effects.push({ kind: 'missing', epoch })
    }
    this.#ask(epoch, !this.#isKnown, question.misses % 2 === 1 ? 'warm' : 'parent', nowMs, effects)
  }

  #ask(epoch: number, isFirst: boolean, via: 'parent' | 'warm', nowMs: number, effects: AskEffect[]): void {
    this.#askedAtMs = nowMs
    effects.push({ kind: 'ask', epoch, isFirst, via })
  }
}
