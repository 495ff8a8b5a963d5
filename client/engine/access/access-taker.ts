import { AccessAsking, type AskEffect } from '../../../shared/pay/access-asking.ts'
import {
  type AccessDown,
  accessHead,
  decodeAccessDown,
  encodeAccess,
} from '../../../shared/protocol/access-message.ts'
import {
  decodeGrant,
  decodeTerms,
  encodeLeave,
  encodePull,
  type AccessTerms as WireTerms,
} from '../../../shared/protocol/access-plaintext.ts'
import { parseHex } from '../../../shared/protocol/hex.ts'
import { streamIdToBytes } from '../../../shared/protocol/ids.ts'
import { sameBytes } from '../../../shared/protocol/same-bytes.ts'
import type { Clock, Logger } from '../ports.ts'
import { TypedEmitter } from '../typed-emitter.ts'
import {
  AccessError,
  type AccessKey,
  type AccessTaker,
  type AccessTakerEvents,
  type AccessTakerStart,
  type EpochPosition,
} from './access-contract.ts'
import { refusalSentence } from './refusal-sentence.ts'
import { associated, sealRequest } from './request-opener.ts'
import { derivePairKeys, generateAccessKey, nonceOf, type PairKeys } from './sealing.ts'

export type AccessTakerDeps = {
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
}

/** One introduction to one load of the creator's page: own keys, own counters. */
type Talk = {
  readonly creatorKey: Uint8Array
  readonly key: AccessKey
  readonly keys: PairKeys
  /** Of pulls and leaves: the nonce, so it only goes up. */
  counter: number
  /** Claimed under these keys, ms, in all. */
  stalledMs: number
  /** Newest of the creator's words that was heard: a relay may say older ones again. */
  termsCounter: number
  grantEpoch: number
}

/** Answers of a creator that cannot see what was paid: no word about money. */
const BLIND: ReadonlySet<string> = new Set(['not-funded', 'chain-down', 'gap'])
const CLAIM_MAX_MS = 0xffff_ffff

/** Asks the creator for the key of each epoch that is watched, and reads its answers. */
export class AccessTakerShell extends TypedEmitter<AccessTakerEvents> implements AccessTaker {
  readonly #deps: AccessTakerDeps
  #start: AccessTakerStart | undefined
  #asking: AccessAsking | undefined
  #talk: Talk | undefined
  /** Of requests: the chain of a session's requests only goes up, over reloads too. */
  #requestCounter = 0
  readonly #running = new Set<Promise<void>>()
  #isClosed = false

  constructor(deps: AccessTakerDeps) {
    super()
    this.#deps = deps
  }

  async start(start: AccessTakerStart): Promise<void> {
    if (this.#isClosed) throw new AccessError('closed', 'this taker was closed')
    this.#asking = new AccessAsking({ epochMs: start.epochMs, random: this.#deps.random() })
    this.#start = start
    await this.#introduce(start.creatorKey)
  }

  async setCreatorKey(creatorKey: Uint8Array): Promise<void> {
    if (this.#start === undefined || this.#isClosed) return
    if (this.#talk !== undefined && sameBytes(this.#talk.creatorKey, creatorKey)) return
    await this.#introduce(creatorKey)
    this.#asking?.restart(false)
  }

  receiveDown({ body }: { readonly counter: number; readonly body: Uint8Array }): void {
    const talk = this.#talk
    if (talk === undefined || this.#isClosed) return
    this.#run(() => this.#read(talk, decodeAccessDown(body)))
  }

  setPosition({ epoch, intoMs }: EpochPosition, isWatching: boolean, nowMs: number): void {
    this.#asking?.moved(epoch, intoMs, isWatching, nowMs)
  }

  claimStalled(ms: number): void {
    const talk = this.#talk
    if (talk !== undefined && ms > 0) talk.stalledMs = Math.min(CLAIM_MAX_MS, talk.stalledMs + ms)
  }

  retry(nowMs: number): void {
    this.#asking?.restart(true)
    this.tick(nowMs)
  }

  tick(nowMs: number): void {
    if (this.#isClosed || this.#talk === undefined) return
    for (const effect of this.#asking?.tick(nowMs) ?? []) this.#carryOut(effect, this.#talk)
  }

  async leave(unplayedMs: number): Promise<void> {
    const { talk, start } = { talk: this.#talk, start: this.#start }
    if (talk === undefined || start === undefined || this.#isClosed) return
    this.claimStalled(unplayedMs)
    const plain = encodeLeave({ stalledMs: Math.floor(talk.stalledMs) })
    this.#emitUp(await this.#sealed('leave', talk, start, plain), 'parent')
  }

  /** Resolves when everything received and asked so far is through: tests wait for it. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  close(): void {
    this.#isClosed = true
    this.#talk = undefined
  }

  async #introduce(creatorKey: Uint8Array): Promise<void> {
    const start = this.#start
    if (start === undefined) return
    const key = await generateAccessKey()
    const ends = { streamId: streamIdToBytes(start.streamId), creatorKey, viewerKey: key.publicKey }
    const keys = await derivePairKeys(key, creatorKey, ends)
    if (this.#isClosed) return
    this.#talk = { creatorKey, key, keys, counter: 0, stalledMs: 0, termsCounter: -1, grantEpoch: -1 }
    this.#requestCounter = Math.max(this.#requestCounter + 1, Math.floor(this.#deps.clock.wallMs()))
  }

  #carryOut(effect: AskEffect, talk: Talk): void {
    if (effect.kind === 'missing') return this.emit('missing', { epoch: effect.epoch })
    const start = this.#start
    if (start === undefined) return
    const { epoch, via } = effect
    this.#run(async () => {
      if (effect.isFirst) {
        this.#emitUp(await this.#sealedRequest(talk, start, epoch), via)
      } else {
        const plain = encodePull({ epoch, stalledMs: Math.floor(talk.stalledMs) })
        this.#emitUp(await this.#sealed('pull', talk, start, plain), via)
      }
    })
  }

  async #sealedRequest(talk: Talk, start: AccessTakerStart, epoch: number): Promise<Uint8Array> {
    const { origin, session } = start
    const context = { streamId: streamIdToBytes(start.streamId), creatorKey: talk.creatorKey, origin }
    const wallet = parseHex(start.wallet)
    if (wallet === undefined) throw new AccessError('bad-key', `no account: ${start.wallet}`)
    const counter = this.#requestCounter
    const fields = { wallet, viewerKey: talk.key.publicKey, counter, epoch }
    return encodeAccess(await sealRequest(context, fields, session))
  }

  async #sealed(
    kind: 'pull' | 'leave',
    talk: Talk,
    { origin }: AccessTakerStart,
    plain: Uint8Array,
  ): Promise<Uint8Array> {
    talk.counter++
    const open = { kind, counter: talk.counter, sealed: new Uint8Array() } as const
    const sealed = await talk.keys.up.seal(plain, associated(open, origin), nonceOf(accessHead(open)))
    return encodeAccess({ ...open, sealed })
  }

  async #read(talk: Talk, message: AccessDown): Promise<void> {
    const head = accessHead(message)
    const plain = await talk.keys.down.unseal(message.sealed, head, nonceOf(head))
    if (plain === undefined || this.#talk !== talk) return
    if (message.kind === 'terms') {
      if (message.counter <= talk.termsCounter) return
      const terms = decodeTerms(plain)
      talk.termsCounter = message.counter
      return this.#told(terms)
    }
    const { epoch } = message
    const asking = this.#asking
    if (asking === undefined || !asking.isExpected(epoch)) return
    const grant = decodeGrant(plain)
    asking.granted(epoch)
    this.emit('key', { epoch, key: grant.key, isPreview: grant.isPreview })
    if (epoch <= talk.grantEpoch) return
    talk.grantEpoch = epoch
    this.emit('terms', {
      creditedPlanck: grant.credited,
      owedPlanck: grant.owed,
      creditSeconds: grant.isPrepay ? 0 : (this.#start?.creditSeconds ?? 0),
      isPrepay: grant.isPrepay,
      neededPlanck: 0n,
    })
  }

  #told(terms: WireTerms): void {
    const { code, retryMs } = terms
    if (code === 'stale-counter') this.#requestCounter = Math.max(this.#requestCounter, terms.lastCounter) + 1
    this.#asking?.told(terms, this.#deps.clock.nowMs())
    if (!BLIND.has(code)) this.#figures(terms)
    if (code === 'welcome' || code === 'wrong-epoch' || code === 'stale-counter') return
    this.emit('refused', { code, sentence: refusalSentence(code, retryMs), isFinal: code === 'superseded' })
  }

  #figures(terms: WireTerms): void {
    this.emit('terms', {
      creditedPlanck: terms.credited,
      owedPlanck: terms.owed,
      creditSeconds: terms.creditMs / 1_000,
      isPrepay: terms.isPrepay,
      neededPlanck: terms.needed,
    })
  }

  #emitUp(body: Uint8Array, via: 'parent' | 'warm'): void {
    if (!this.#isClosed) this.emit('up', { body, via })
  }

  /** What comes from strangers never throws out of here. */
  #run(work: () => Promise<void>): void {
    const running = start(work)
      .catch((error: unknown) => {
        this.#deps.logger.debug('an access message was dropped', { error: String(error) })
      })
      .finally(() => this.#running.delete(running))
    this.#running.add(running)
  }
}

/** What `work` throws before its first await is caught as well. */
async function start(work: () => Promise<void>): Promise<void> {
  await work()
}
