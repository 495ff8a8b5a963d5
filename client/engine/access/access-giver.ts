import { blake2b } from '@noble/hashes/blake2.js'
import type { AccessEffect, AccessEvent, AccessPolicy } from '../../../shared/pay/access-contract.ts'
import { createAccessPolicy } from '../../../shared/pay/access-policy.ts'
import type { Evidence } from '../../../shared/pay/evidence.ts'
import { sessionRemark } from '../../../shared/pay/session-remark.ts'
import {
  type AccessUp,
  accessHead,
  decodeAccessUp,
  isAccessBody,
} from '../../../shared/protocol/access-message.ts'
import { decodeLeave, decodePull } from '../../../shared/protocol/access-plaintext.ts'
import type { CryptoPort } from '../../../shared/protocol/crypto-port.ts'
import { hexText } from '../../../shared/protocol/hex.ts'
import { streamIdToBytes } from '../../../shared/protocol/ids.ts'
import { UP_BODY_MAX_BYTES } from '../../../shared/protocol/limits.ts'
import type { Clock, Logger } from '../ports.ts'
import { TypedEmitter } from '../typed-emitter.ts'
import type {
  AccessGiver,
  AccessGiverEvents,
  AccessGiverOptions,
  AccessRow,
  AccessSnapshot,
  EpochPosition,
  UpMessage,
} from './access-contract.ts'
import { associated, openRequest } from './request-opener.ts'
import { derivePairKeys, type MakeSealKey, nonceOf } from './sealing.ts'
import { type KnownViewer, ViewerPairs } from './viewer-pairs.ts'

export type AccessGiverDeps = {
  readonly crypto: CryptoPort
  readonly clock: Clock
  readonly logger: Logger
  /** WebCrypto's by default; in Node `nodeSealKey` does the same for a fifth of the work. */
  readonly sealKey?: MakeSealKey
}

/**
 * Requests being opened at once, a quarter of a millisecond each: a crowd that comes back after a reload fits, more are
 * dropped, and asked again by who meant it.
 */
const REQUESTS_AT_ONCE_MAX = 1_024
/** A snapshot of a thousand sessions is not for every tick; what a crash loses is a second of debts. */
const SAVE_EVERY_MS = 1_000
/** Pulls being opened at once. */
const PULLS_AT_ONCE_MAX = 4_096

/** Opens what viewers ask, has the policy decide, and seals what it grants. */
export class AccessGiverShell extends TypedEmitter<AccessGiverEvents> implements AccessGiver {
  readonly #deps: AccessGiverDeps
  readonly #options: AccessGiverOptions
  readonly #streamId: Uint8Array
  readonly #policy: AccessPolicy
  readonly #pairs = new ViewerPairs()
  readonly #running = new Set<Promise<void>>()
  #requestsOpening = 0
  #pullsOpening = 0
  #epoch = -1
  #hasChanged = false
  #isUnsaved = false
  #savedAtMs = Number.NEGATIVE_INFINITY
  #isClosed = false

  /** Throws RangeError for options out of range. */
  constructor(deps: AccessGiverDeps, options: AccessGiverOptions) {
    super()
    this.#deps = deps
    this.#options = options
    this.#streamId = streamIdToBytes(options.streamId)
    this.#policy = createAccessPolicy(options)
  }

  receiveUp({ origin, counter, body }: UpMessage): boolean {
    if (!isAccessBody(body)) return false
    if (this.#isClosed || body.length > UP_BODY_MAX_BYTES) return true
    const id = hexText(origin)
    const viewer = this.#pairs.viewer(id)
    if (viewer !== undefined) {
      if (counter <= viewer.upCounter) return true
      viewer.upCounter = counter
    }
    this.#run(async () => {
      const message = decodeAccessUp(body)
      if (message.kind === 'request') await this.#openRequest(id, origin, counter, message)
      else if (viewer !== undefined) await this.#openPull(id, viewer, message)
    })
    return true
  }

  evidence(evidence: Evidence): void {
    this.#step({ kind: 'evidence', evidence })
  }

  setPosition({ epoch, intoMs }: EpochPosition, nowMs: number): void {
    if (epoch > this.#epoch) {
      this.#epoch = epoch
      // One more than can be asked for, so that a late answer is still the same bytes.
      this.#pairs.forgetBefore(epoch - 1)
      this.#options.cipher.forgetBefore(epoch - 1)
    }
    this.#step({ kind: 'position', epoch, startedAtMs: nowMs - intoMs }, nowMs)
  }

  setPrice(pricePerSecond: bigint, fromEpoch: number): void {
    this.#step({ kind: 'price', pricePerSecond, fromEpoch })
  }

  tick(nowMs: number): void {
    this.#step({ kind: 'tick' }, nowMs)
    if (this.#hasChanged) this.emit('changed', undefined)
    this.#isUnsaved ||= this.#hasChanged
    this.#hasChanged = false
    if (this.#isUnsaved && nowMs - this.#savedAtMs >= SAVE_EVERY_MS) this.#save(nowMs)
  }

  rows(): readonly AccessRow[] {
    return this.#policy.rows({ nowMs: this.#deps.clock.nowMs() })
  }

  snapshot(): AccessSnapshot {
    return this.#policy.snapshot()
  }

  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  close(): void {
    if (this.#isClosed) return
    if (this.#isUnsaved || this.#hasChanged) this.#save(this.#deps.clock.nowMs())
    this.#isClosed = true
    this.#pairs.clear()
  }

  #save(nowMs: number): void {
    this.#isUnsaved = false
    this.#savedAtMs = nowMs
    this.emit('save', undefined)
  }

  async #openRequest(
    id: string,
    origin: Uint8Array,
    upCounter: number,
    message: Extract<AccessUp, { kind: 'request' }>,
  ): Promise<void> {
    if (this.#requestsOpening >= REQUESTS_AT_ONCE_MAX) return
    this.#requestsOpening++
    try {
      const { key, budgetAccount } = this.#options
      const from = { streamId: this.#streamId, origin }
      const request = await openRequest(message, key, from, this.#deps.crypto)
      const { viewerKey } = request
      const ends = { streamId: this.#streamId, creatorKey: key.publicKey, viewerKey }
      const keys = await derivePairKeys(key, viewerKey, ends, this.#deps.sealKey)
      const [wallet, session] = [hexText(request.wallet), hexText(request.session)]
      const event: AccessEvent = {
        kind: 'request',
        viewer: id,
        viewerKey: hexText(viewerKey),
        wallet,
        session,
        budget: budgetAccount(wallet, session),
        remarkHash: remarkHash(this.#streamId, request.session),
        counter: request.counter,
        epoch: request.epoch,
      }
      // A later message of the same origin may have been opened first.
      const known = this.#pairs.viewer(id)
      if (known !== undefined && known.upCounter > upCounter) return
      const effects = this.#decide(event)
      const isStranger = effects.some(effect => effect.kind === 'terms' && effect.terms.code === 'not-funded')
      const viewer = { origin: new Uint8Array(origin), upCounter, viewerKey: event.viewerKey, keys }
      this.#pairs.introduce(id, viewer, isStranger)
      for (const effect of effects) this.#carryOut(effect)
    } finally {
      this.#requestsOpening--
    }
  }

  async #openPull(
    id: string,
    viewer: KnownViewer,
    message: Exclude<AccessUp, { kind: 'request' }>,
  ): Promise<void> {
    const { counter, kind } = message
    if (counter <= viewer.pullCounter || this.#pullsOpening >= PULLS_AT_ONCE_MAX) return
    this.#pullsOpening++
    try {
      const head = accessHead(message)
      const plain = await viewer.pair.keys.up.unseal(
        message.sealed,
        associated(message, viewer.origin),
        nonceOf(head),
      )
      if (plain === undefined || counter <= viewer.pullCounter) return
      viewer.pullCounter = counter
      if (kind === 'pull') this.#step({ kind, viewer: id, counter, ...decodePull(plain) })
      else this.#step({ kind, viewer: id, counter, ...decodeLeave(plain) })
    } finally {
      this.#pullsOpening--
    }
  }

  #step(event: AccessEvent, nowMs?: number): void {
    for (const effect of this.#decide(event, nowMs)) this.#carryOut(effect)
  }

  #decide(event: AccessEvent, nowMs: number = this.#deps.clock.nowMs()): readonly AccessEffect[] {
    return this.#isClosed ? [] : this.#policy.step(event, { nowMs })
  }

  #carryOut(effect: AccessEffect): void {
    switch (effect.kind) {
      case 'grant':
        return this.#grant(effect)
      case 'terms':
        return this.#run(async () => {
          const viewer = this.#pairs.viewer(effect.viewer)
          if (viewer === undefined) return
          this.#send(viewer, await this.#pairs.termsBody(viewer, effect.terms))
        })
      case 'paused':
        return this.emit('paused', effect.reason)
      case 'changed':
        this.#hasChanged = true
    }
  }

  #grant(effect: Extract<AccessEffect, { kind: 'grant' }>): void {
    const { epoch, isPrepay, isPreview, credited, owed } = effect
    this.#run(async () => {
      const viewer = this.#pairs.viewer(effect.viewer)
      if (viewer === undefined) return
      this.#pairs.admit(effect.viewer)
      const body = await viewer.pair.grantBody(epoch, effect.isAgain, () => ({
        key: this.#options.cipher.keyOf(epoch),
        isPrepay,
        isPreview,
        credited,
        owed,
      }))
      if (body !== undefined) this.#send(viewer, body)
    })
  }

  #send(viewer: KnownViewer, body: Uint8Array): void {
    if (!this.#isClosed) this.emit('down', { target: viewer.origin, counter: viewer.upCounter, body })
  }

  /** What strangers send never throws out of here. */
  #run(work: () => Promise<void>): void {
    const running = start(work)
      .catch((error: unknown) => {
        this.#deps.logger.debug('an access message was dropped', { error: String(error) })
      })
      .finally(() => this.#running.delete(running))
    this.#running.add(running)
  }
}

/** What the wallet's remark about this session hashes to on chain: blake2-256, hex. */
export function remarkHash(streamId: Uint8Array, session: Uint8Array): string {
  return hexText(blake2b(sessionRemark(streamId, session), { dkLen: 32 }))
}

/** What `work` throws before its first await is caught as well. */
async function start(work: () => Promise<void>): Promise<void> {
  await work()
}
