import type { AccessRow, AccessSnapshot } from '../../../shared/pay/access-contract.ts'
import type { AccountHex, Evidence } from '../../../shared/pay/evidence.ts'
import type { TermsCode } from '../../../shared/protocol/access-plaintext.ts'
import type { Signer } from '../../../shared/protocol/crypto-port.ts'
import type { StreamId } from '../../../shared/protocol/ids.ts'

export type { AccessRow, AccessSnapshot } from '../../../shared/pay/access-contract.ts'

/**
 * What Broadcaster and Viewer see of access (docs/spec/access.md). Implemented by `WebContentCipher`
 * (content-cipher.ts), `WebContentOpener` (content-opener.ts), `AccessGiverShell` (access-giver.ts) and
 * `AccessTakerShell` (access-taker.ts). Times are monotonic ms of the host's own clock; epochs are u32.
 */

/** The header fields that encryption binds; a FrameHeader or a ReceivedFrame has them, but for the tag. */
export type ContentHeader = {
  readonly track: number
  readonly seq: number
  readonly epoch: number
  readonly timestampUs: number
  readonly durationUs: number
  readonly isKey: boolean
  readonly temporalLayer: number
}

export const CONTENT_TAG_BYTES = 16

/** Creator. One a load of the page: its keys live as long as it does and are written nowhere. */
export interface ContentCipher {
  /**
   * AES-256-GCM over the whole payload: CONTENT_TAG_BYTES longer than it. The header must go out with `isEncrypted`.
   *
   * @throws AccessError `nonce-repeat` for a `seq` of that track not above the last one: nothing was encrypted.
   */
  encrypt(header: ContentHeader, payload: Uint8Array): Promise<Uint8Array>
  /** The 32 bytes that grants wrap; made when first asked for. Throws AccessError `epoch-over` for one let go of. */
  keyOf(epoch: number): Uint8Array
  /** Forgets the keys of epochs before this one. */
  forgetBefore(epoch: number): void
}

/** Viewer. Holds the keys of the newest 64 epochs. */
export interface ContentOpener {
  addKey(epoch: number, key: Uint8Array): void
  hasKey(epoch: number): boolean
  /** Undefined without the epoch's key, and for what does not authenticate. Frames may come in any order, and again. */
  open(frame: ContentHeader & { readonly payload: Uint8Array }): Promise<Uint8Array | undefined>
  close(): void
}

/** An X25519 key whose private half never leaves WebCrypto. `generateAccessKey()` in sealing.ts makes one. */
export type AccessKey = { readonly publicKey: Uint8Array; readonly privateKey: CryptoKey }

/** One `up` whose origin signature and counter the mesh has checked. */
export type UpMessage = { readonly origin: Uint8Array; readonly counter: number; readonly body: Uint8Array }
/** `counter`: of the newest `up` of that target, so relays can tell which question it answers. */
export type DownMessage = { readonly target: Uint8Array; readonly counter: number; readonly body: Uint8Array }

/** Where the media is now: `intoMs` of `epoch` have passed at `nowMs`. */
export type EpochPosition = { readonly epoch: number; readonly intoMs: number }

export type AccessGiverOptions = {
  readonly streamId: StreamId
  /** Its public half stands in the manifest. New at each load of the page. */
  readonly key: AccessKey
  readonly cipher: ContentCipher
  readonly epochMs: number
  readonly creditSeconds: number
  readonly previewSeconds: number
  readonly pricePerSecond: bigint
  /** Of the payout account: what a funding extrinsic paid it at once counts as paid. */
  readonly payout: AccountHex
  /** client/engine/chain/multisig-account.ts, or `session` itself on a chain without multisig. */
  readonly budgetAccount: (wallet: AccountHex, session: AccountHex) => AccountHex
  /** What an earlier load of this page, or the creator's last stream (`nextStreamSnapshot`), left. */
  readonly snapshot?: AccessSnapshot
}

export type AccessGiverEvents = {
  down: DownMessage
  /** Rows changed; at most once a tick. */
  changed: undefined
  /** Grants are paused for all, with the reason in words; undefined: no longer. */
  paused: string | undefined
  /** Something worth writing to the store changed: take `snapshot()`. At most once a second, and at `close`. */
  save: undefined
}

/** Creator. Nothing a stranger sends throws. */
export interface AccessGiver {
  on<Name extends keyof AccessGiverEvents>(
    name: Name,
    listener: (payload: AccessGiverEvents[Name]) => void,
  ): () => void
  /** False if the body is not of the access family (then it is somebody else's: chat). */
  receiveUp(message: UpMessage): boolean
  evidence(evidence: Evidence): void
  /** Told at least at each epoch's first frame. */
  setPosition(position: EpochPosition, nowMs: number): void
  /** From `fromEpoch` on, at least 30 s ahead; as in the manifest's revision. */
  setPrice(pricePerSecond: bigint, fromEpoch: number): void
  /** Each 50 to 250 ms: grants leave 1.5 s before their epoch. */
  tick(nowMs: number): void
  rows(): readonly AccessRow[]
  snapshot(): AccessSnapshot
  /** Resolves when everything received so far is answered: tests and closing wait for it. */
  idle(): Promise<void>
  close(): void
}

export type AccessTerms = {
  /** Of this session's payments, as far as the creator has counted them; pay no more while it does not follow. */
  readonly creditedPlanck: bigint
  /** Of this session: price × seconds of every epoch granted so far. */
  readonly owedPlanck: bigint
  /** Seconds that may be owed; 0 in prepayment. */
  readonly creditSeconds: number
  /** This wallet gets no credit: pay one interval ahead. */
  readonly isPrepay: boolean
  /** What is still to be paid before the next key, of what the wallet owes; 0n if nothing. Known after a denial. */
  readonly neededPlanck: bigint
}

export type RefusalCode = Exclude<TermsCode, 'welcome' | 'wrong-epoch' | 'stale-counter'>

export type AccessTakerEvents = {
  /** Send it to the creator: through the parent, or when that one did not answer through the warm parent. */
  up: { readonly body: Uint8Array; readonly via: 'parent' | 'warm' }
  /** `isPreview`: its seconds make no tick. */
  key: { readonly epoch: number; readonly key: Uint8Array; readonly isPreview: boolean }
  terms: AccessTerms
  /** `sentence` for the page, with the next step. `isFinal`: this taker asks no more (the session is used elsewhere). */
  refused: { readonly code: RefusalCode; readonly sentence: string; readonly isFinal: boolean }
  /** Two questions for this epoch were not answered: leave that parent. */
  missing: { readonly epoch: number }
}

export type AccessTakerStart = {
  readonly streamId: StreamId
  /** manifest.creatorX25519 */
  readonly creatorKey: Uint8Array
  /** Public key of the per-stream key that signs this peer's `up`s. */
  readonly origin: Uint8Array
  readonly wallet: AccountHex
  /** Ed25519; its public key is the session account. */
  readonly session: Signer
  readonly epochMs: number
  readonly creditSeconds: number
}

/** Viewer. Asks for nothing before `start`, nor while not watching. */
export interface AccessTaker {
  on<Name extends keyof AccessTakerEvents>(
    name: Name,
    listener: (payload: AccessTakerEvents[Name]) => void,
  ): () => void
  start(start: AccessTakerStart): Promise<void>
  /** A new manifest: the creator's page was loaded again. Asks anew with the same session. No effect for the same key. */
  setCreatorKey(creatorKey: Uint8Array): Promise<void>
  receiveDown(message: { readonly counter: number; readonly body: Uint8Array }): void
  /** Newest frame received. Who pauses says `isWatching` false: it does not ask and does not owe. */
  setPosition(position: EpochPosition, isWatching: boolean, nowMs: number): void
  /** Media ms of granted epochs that could not be shown; told to the creator with the next question. */
  claimStalled(ms: number): void
  /** The way up changed (a new parent): what is unanswered is asked again. */
  retry(nowMs: number): void
  /** Each 50 to 250 ms. */
  tick(nowMs: number): void
  /** `unplayedMs`: of granted media. Resolves once the last `up` was emitted; a page that closes may not get so far. */
  leave(unplayedMs: number): Promise<void>
  close(): void
}

export type AccessErrorCode = 'nonce-repeat' | 'epoch-over' | 'bad-key' | 'closed'

export class AccessError extends Error {
  readonly code: AccessErrorCode

  constructor(code: AccessErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'AccessError'
    this.code = code
  }
}
