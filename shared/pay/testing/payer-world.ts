import { seededRandom } from '../../overlay/testing/seeded-random.ts'
import type { BlockRef } from '../evidence.ts'
import type {
  PayerCore,
  PayerEffect,
  PayerEvent,
  PayTerms,
  SessionRow,
  SlotRow,
  WatchState,
} from '../payer-contract.ts'
import { createPayerCore } from '../payer-core.ts'
import {
  FakeChain,
  type FakeExtrinsic,
  fakeBytes,
  fakeCall,
  fakeExtrinsic,
  lastBlockOf,
} from './fake-chain.ts'
import { FakeCreator } from './fake-creator.ts'
import { CALLS, extrinsicOf, FakeNode } from './fake-node.ts'
import { DEPOSIT, type Disk, FEE, PRICE, sessionRowOf } from './fake-session.ts'

export const EPOCH_MS = 4_000
export const BLOCK_MS = 2_000
const STEP_MS = 50
const POLL_MS = 500
const TICK_MS = 1_000

export type WorldOptions = {
  readonly seed: number
  /** Seconds of price; 12 unless told. 0: prepayment. */
  readonly creditSeconds?: number
  /** planck; a thousand seconds unless told. */
  readonly budget?: bigint
  readonly hasMultisig?: boolean
  readonly finalityLag?: number
  readonly blockMs?: number
}

type Job = {
  readonly dueMs: number
  readonly kind: PayerEffect['kind'] | 'news'
  readonly run: () => void
  /** Of what a crash may or may not have left behind. */
  readonly leave?: () => void
}

/** One viewer's device on a fake chain: the real core, a disk, a shell that takes its time, and a page that can die. */
export class PayerWorld {
  readonly random: () => number
  readonly chain: FakeChain
  readonly node: FakeNode
  readonly creator: FakeCreator
  readonly disk: Disk = {
    session: undefined,
    slots: new Map(),
    ticks: new Map(),
    wallet: undefined,
    hasFarewell: false,
  }
  readonly walletBefore = 10_000_000_000n
  terms: PayTerms
  nowMs = 0
  core: PayerCore = createPayerCore()
  isAlive = false
  /** The player has asked for the picture. */
  isWatching = true
  finished: SessionRow | undefined
  watch: WatchState = { kind: 'wait' }
  /** Ticks that the core took. */
  rendered = 0
  crashes = 0
  /** Effects carried out so far, counted before and after each; a page that is to die there dies. */
  marks = 0
  dieAtMark = Number.POSITIVE_INFINITY
  /** Dies when the next one of this kind was carried out. */
  dieAfter: PayerEffect['kind'] | undefined
  isRpcUp = true
  blocksFromMs = 0
  readonly violations: string[] = []
  storageFails = 0
  identity = '0x9e/1'
  onEffect: (effect: PayerEffect) => void = () => {}
  onEvent: (event: PayerEvent) => void = () => {}
  readonly #options: WorldOptions
  readonly #jobs: Job[] = []
  #nextBlockMs: number
  #commitMs = 0
  #newsMs = 0

  constructor(options: WorldOptions) {
    this.#options = options
    this.random = seededRandom(options.seed)
    const { hasMultisig = true, finalityLag = 3, creditSeconds = 12 } = options
    this.chain = new FakeChain({
      existentialDeposit: DEPOSIT,
      fee: FEE,
      finalityLag,
      wallet: this.walletBefore,
      hasMultisig,
      random: this.random,
    })
    for (let made = 0; made < 5; made++) this.chain.build()
    this.node = new FakeNode(this.chain, hasMultisig)
    this.terms = { price: PRICE, epochMs: EPOCH_MS, creditSeconds }
    this.creator = new FakeCreator(this.terms)
    this.#nextBlockMs = this.blockMs
  }

  get blockMs(): number {
    return this.#options.blockMs ?? BLOCK_MS
  }

  /** Price of what is journaled. */
  get played(): bigint {
    let sum = 0n
    for (const { price } of this.disk.ticks.values()) sum += price
    return sum
  }

  open(): void {
    const { budget = 1_000n * PRICE, hasMultisig = true } = this.#options
    const { blockMs, identity, terms } = this
    this.isAlive = true
    this.step({ kind: 'open', session: sessionRowOf({ terms, blockMs, budget, hasMultisig, identity }) })
    this.#greet()
  }

  /** A page that finds the disk as the last one left it. */
  recover(intent: 'resume' | 'close'): void {
    const { session, slots, ticks, hasFarewell } = this.disk
    this.core = createPayerCore()
    if (session === undefined) return
    this.isAlive = true
    const rows = { session, slots: [...slots.values()], ticks: [...ticks.values()] }
    this.step({ kind: 'recover', rows, intent: hasFarewell ? 'close' : intent })
    this.#greet()
  }

  /** Here and now. Of what was under way, commits are kept up to some one, and submissions arrive or do not. */
  crash(): void {
    this.crashes++
    this.isAlive = false
    this.watch = { kind: 'wait' }
    let isKept = true
    for (const job of this.#jobs.splice(0)) {
      if (job.kind === 'commit') isKept &&= this.random() < 0.5
      if (job.kind === 'commit' ? isKept : this.random() < 0.5) job.leave?.()
    }
    this.core = createPayerCore()
  }

  /** Another tab takes over: this one finishes its writes, then lets go. */
  letGo(): void {
    this.isAlive = false
    for (const job of this.#jobs.splice(0)) if (job.kind === 'commit' || this.random() < 0.5) job.leave?.()
  }

  /** `pagehide`. */
  farewell(doesArrive: boolean): void {
    const { farewell } = this.core.view
    if (farewell.length > 0) this.disk.hasFarewell = true
    if (doesArrive && this.isRpcUp) for (const bytes of farewell) this.chain.submit(fakeExtrinsic(bytes))
    if (farewell.length > 0) this.step({ kind: 'farewell-sent' })
    this.crash()
  }

  step(event: PayerEvent): void {
    if (!this.isAlive) return
    this.onEvent(event)
    const env = { nowMs: this.nowMs, random: this.random, calls: this.isRpcUp ? CALLS : undefined }
    for (const effect of this.core.step(event, env)) {
      this.onEffect(effect)
      this.#carryOut(effect)
    }
  }

  run(ms: number): void {
    for (const end = this.nowMs + ms; this.nowMs < end; ) this.#advance()
  }

  runUntil(isTrue: () => boolean, limitMs: number): boolean {
    for (const end = this.nowMs + limitMs; this.nowMs < end && !isTrue(); ) this.#advance()
    return isTrue()
  }

  dropRpc(): void {
    this.isRpcUp = false
    this.step({ kind: 'chain-down', reason: 'test' })
  }

  restoreRpc(): void {
    this.isRpcUp = true
    this.#greet()
  }

  reorganise(depth: number, loss: number): void {
    const retracted = this.chain.reorganise(depth, loss)
    if (retracted.length > 0) this.#news(retracted)
  }

  #advance(): void {
    this.nowMs += STEP_MS
    if (this.nowMs >= this.#nextBlockMs && this.nowMs >= this.blocksFromMs) {
      this.#nextBlockMs = this.nowMs + this.blockMs
      const { wallet } = this.disk
      if (wallet !== undefined) this.chain.submit(wallet)
      this.chain.build(this.random() < 0.02)
      this.#news([])
    }
    try {
      this.#runJobs()
      if (this.nowMs % POLL_MS === 0) this.step({ kind: 'poll' })
      this.#play()
    } catch (error) {
      if (!(error instanceof PageDied)) throw error
      this.crash()
    }
  }

  #runJobs(): void {
    for (;;) {
      const due = this.#jobs.filter(({ dueMs }) => dueMs <= this.nowMs)
      const first = due.sort((one, other) => one.dueMs - other.dueMs)[0]
      if (first === undefined) return
      this.#mark(first, 'before')
      this.#jobs.splice(this.#jobs.indexOf(first), 1)
      first.run()
      this.#mark(first, 'after')
    }
  }

  #mark({ kind }: Job, when: 'before' | 'after'): void {
    if (kind === 'news') return
    this.marks++
    const isNow = this.marks === this.dieAtMark || (when === 'after' && kind === this.dieAfter)
    if (!isNow || !this.isAlive) return
    this.dieAfter = undefined
    throw new PageDied()
  }

  #play(): void {
    if (!this.isAlive || !this.isWatching || this.core.view.session?.phase.kind === 'closed') return
    const { creator, nowMs, watch, terms } = this
    if (watch.kind !== 'may') return
    if (nowMs % POLL_MS === 0 && this.isRpcUp) {
      const paid = (this.chain.account('payout', this.chain.best)?.free ?? 0n) - DEPOSIT
      const grant = creator.ask(nowMs, paid)
      if (grant !== undefined) this.step({ kind: 'grant', grant })
    }
    if (nowMs % TICK_MS !== 0) return
    const epoch = Math.floor(nowMs / EPOCH_MS)
    if (creator.hasGranted(epoch)) this.step({ kind: 'tick', epoch, price: terms.price })
  }

  #greet(): void {
    if (!this.isRpcUp) return
    const { identity, blockMs } = this
    this.step({ kind: 'chain-ready', identity, isLocal: true, blockMs })
    this.step({ kind: 'terms', terms: this.terms })
    this.step({ kind: 'best', block: this.chain.best, retracted: [] })
    this.step({ kind: 'finalised', block: this.chain.finalised })
  }

  /** In the order it happened. */
  #news(retracted: readonly BlockRef[]): void {
    const { best, finalised } = this.chain
    this.#newsMs = Math.max(this.#newsMs, this.nowMs) + Math.floor(this.random() * 100)
    const run = () => {
      if (!this.isRpcUp) return
      this.step({ kind: 'best', block: best, retracted })
      this.step({ kind: 'finalised', block: finalised })
    }
    this.#jobs.push({ dueMs: this.#newsMs, kind: 'news', run })
  }

  #later(kind: Job['kind'], ms: number, run: () => void, leave?: () => void): void {
    const dueMs = this.nowMs + Math.floor(this.random() * ms)
    this.#jobs.push({ dueMs, kind, run, ...(leave !== undefined && { leave }) })
  }

  #carryOut(effect: PayerEffect): void {
    switch (effect.kind) {
      case 'commit':
        return this.#commit(effect)
      case 'watch':
        this.watch = effect.watch
        return
      case 'finished':
        this.finished = effect.session
        return
      case 'ask-wallet':
        // A prompt for more is left open.
        if (effect.request === 'raise') return
        return this.#later('ask-wallet', 1_000, () => this.#askWallet(effect))
      case 'sign':
        return this.#later('sign', 20, () => this.#sign(effect))
      case 'submit': {
        const extrinsic = fakeExtrinsic(effect.bytes)
        this.#checkWriteAhead(extrinsic, this.disk.slots)
        const arrive = () => void this.chain.submit(extrinsic)
        return this.#later('submit', 200, () => this.#submit(effect.nonce, extrinsic), arrive)
      }
      case 'read-accounts':
        return this.#request(effect.kind, () => this.node.accounts(effect))
      case 'find':
        return this.#request(effect.kind, () => this.node.find(effect))
      case 'estimate-fees':
        return this.#request(effect.kind, () => ({
          kind: 'fees',
          payment: this.chain.fee,
          closing: this.chain.fee,
        }))
    }
  }

  #commit(effect: PayerEffect & { kind: 'commit' }): void {
    // A tick that is written down as free counts as one more that was shown, and so as lost.
    if (effect.ticks !== undefined) this.rendered += effect.ticks.length
    this.#commitMs = Math.max(this.#commitMs, this.nowMs) + Math.floor(this.random() * 30)
    const write = () => {
      if (effect.session !== undefined) this.disk.session = effect.session
      for (const tick of effect.ticks ?? []) this.disk.ticks.set(tick.index, tick)
      for (const slot of effect.slots ?? []) this.#writeSlot(slot)
    }
    const run = () => {
      if (this.storageFails > 0) {
        this.storageFails--
        if (effect.ticks !== undefined) this.rendered -= effect.ticks.length
        this.step({ kind: 'commit-failed', id: effect.id, reason: 'test' })
        return
      }
      write()
      this.#mark({ dueMs: 0, kind: 'commit', run }, 'before')
      this.step({ kind: 'committed', id: effect.id })
    }
    this.#jobs.push({ dueMs: this.#commitMs, kind: 'commit', run, leave: write })
  }

  #writeSlot(slot: SlotRow): void {
    const known = this.disk.slots.get(slot.nonce)
    if (known !== undefined && String(known.call) !== String(slot.call))
      this.violations.push(`nonce ${slot.nonce} got a second call`)
    this.disk.slots.set(slot.nonce, slot)
  }

  /** Nothing is sent that is not journaled, and of a nonce only its one call. */
  #checkWriteAhead(extrinsic: FakeExtrinsic, slots: Disk['slots']): void {
    const row = slots.get(extrinsic.nonce)
    if (row === undefined || String(row.call) !== String(fakeBytes(extrinsic.call)))
      this.violations.push(`nonce ${extrinsic.nonce} was sent before it was journaled`)
  }

  #askWallet({ budget, feeReserve }: PayerEffect & { kind: 'ask-wallet' }): void {
    const first = this.disk.session?.first ?? 0n
    const nonce = this.chain.account('wallet', this.chain.best)?.nonce ?? 0
    const made = extrinsicOf(
      'wallet',
      nonce,
      { kind: 'fund', budget, feeReserve, first },
      this.chain.finalised,
      64,
    )
    this.disk.wallet = made
    this.chain.submit(made)
    this.step({ kind: 'wallet-sent', request: 'fund', hash: made.hash, lastBlock: lastBlockOf(made) })
  }

  #sign({ id, nonce, call, birth, period }: PayerEffect & { kind: 'sign' }): void {
    const made = extrinsicOf('session', nonce, fakeCall(call), birth, period)
    this.step({
      kind: 'signed',
      id,
      bytes: fakeBytes(made),
      hash: made.hash,
      lastBlock: lastBlockOf(made),
    })
  }

  #submit(nonce: number, extrinsic: FakeExtrinsic): void {
    const result = this.isRpcUp ? this.node.submit(extrinsic) : undefined
    if (result === undefined) this.step({ kind: 'request-failed', effect: 'submit', reason: 'test' })
    else this.step({ kind: 'submitted', nonce, result })
  }

  #request(effect: 'read-accounts' | 'find' | 'estimate-fees', answer: () => PayerEvent | undefined): void {
    this.#later(effect, 100, () => {
      const event = this.isRpcUp ? answer() : undefined
      this.step(event ?? { kind: 'request-failed', effect, reason: 'test' })
    })
  }
}

class PageDied extends Error {}
