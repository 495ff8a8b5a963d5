import { blake2b } from '@noble/hashes/blake2.js'
import { nextStreamSnapshot } from '../../../shared/pay/access-snapshot.ts'
import type { AccountHex, BlockRef } from '../../../shared/pay/evidence.ts'
import { sessionRemark } from '../../../shared/pay/session-remark.ts'
import type { CryptoPort } from '../../../shared/protocol/crypto-port.ts'
import { hexText, parseHex } from '../../../shared/protocol/hex.ts'
import { type StreamId, streamIdToBytes } from '../../../shared/protocol/ids.ts'
import type { Manifest } from '../../../shared/protocol/manifest.ts'
import type { AccessGiver, AccessKey, AccessSnapshot, ContentCipher } from '../access/access-contract.ts'
import { AccessGiverShell } from '../access/access-giver.ts'
import { WebContentCipher } from '../access/content-cipher.ts'
import { generateAccessKey, type MakeSealKey } from '../access/sealing.ts'
import type { Broadcaster } from '../broadcaster.ts'
import type { ChainInfo, ChainPort } from '../chain/chain-port.ts'
import { multisigAccount } from '../chain/multisig-account.ts'
import { planckText } from '../chain/planck-text.ts'
import type { CreatorAccess } from '../creator-access.ts'
import { PayoutWatcher } from '../earn/chain-watcher.ts'
import type { Earnings } from '../earn/earnings-contract.ts'
import { PayoutEarnings } from '../earn/payout-earnings.ts'
import { EngineError } from '../engine-error.ts'
import type { Clock, Logger } from '../ports.ts'
import type { EarningsStore } from '../store/earnings-store.ts'
import type { StreamPrice } from '../stream-manifest.ts'
import { TypedEmitter } from '../typed-emitter.ts'
import type { AccessStore, StoredAccess } from './access-store.ts'
import type { PaidBroadcast, PaidBroadcastView, PaidViewer, PriceOptions } from './paid-broadcast-contract.ts'
import { PaidStreamError } from './paid-stream-error.ts'

export type PaidStreamDeps = {
  readonly chain: ChainPort
  /** Asked for blocks whose state the first one no longer has. */
  readonly archives?: readonly ChainPort[]
  readonly earnings: EarningsStore
  readonly access: AccessStore
  readonly crypto: CryptoPort
  readonly clock: Clock
  readonly logger: Logger
  /** What seals keys; WebCrypto where absent. */
  readonly sealKey?: MakeSealKey
}

/** Nodes that are no archives keep the state of 256 blocks; so far back an earlier stream's late payments are read. */
const CATCH_UP_MAX_BLOCKS = 200

type Open = {
  readonly giver: AccessGiver
  readonly watcher: PayoutWatcher
  readonly earnings: PayoutEarnings
}

/**
 * A creator's side of a paid stream: made before the broadcast, handed to it as `paid`, closed after it.
 *
 * ```ts
 * const paid = await PaidStream.prepare(deps, price)
 * await broadcaster.startStream({ …, paid: paid.forBroadcast })
 * paid.follow(broadcaster)
 * ```
 */
export class PaidStream
  extends TypedEmitter<{ view: PaidBroadcastView }>
  implements PaidBroadcast, CreatorAccess
{
  readonly publicKey: Uint8Array
  readonly #deps: PaidStreamDeps
  readonly #options: PriceOptions
  readonly #info: ChainInfo
  readonly #key: AccessKey
  readonly #stored: StoredAccess | undefined
  readonly #countedUpTo: BlockRef | undefined
  #opened: Open | undefined
  #broadcaster: Broadcaster | undefined
  #price: bigint
  #pause: string | undefined
  #saving: Promise<void> = Promise.resolve()

  private constructor(
    deps: PaidStreamDeps,
    options: PriceOptions,
    info: ChainInfo,
    key: AccessKey,
    stored: StoredAccess | undefined,
    countedUpTo: BlockRef | undefined,
  ) {
    super()
    this.#deps = deps
    this.#options = options
    this.#info = info
    this.#key = key
    this.#stored = stored
    this.#countedUpTo = countedUpTo
    this.#price = options.pricePerSecond
    this.publicKey = key.publicKey
  }

  /**
   * Asks the chain whether this stream can be paid at all.
   *
   * @throws PaidStreamError `wrong-chain`, `payout-empty`; ChainError where no endpoint answers.
   */
  static async prepare(
    deps: PaidStreamDeps,
    options: PriceOptions,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<PaidStream> {
    signal?.throwIfAborted()
    const asked = signal === undefined ? {} : { signal }
    const info = await deps.chain.open(asked)
    if (info.genesis !== options.genesis) throw new PaidStreamError('wrong-chain', wrongChain(info.name))
    const { free } = await deps.chain.balance(options.payout, asked)
    if (free < info.existentialDeposit) {
      const least = planckText(info.existentialDeposit, info)
      throw new PaidStreamError(
        'payout-empty',
        `The payout account holds less than ${least}, the least that ${info.name} keeps an account for: small payments to it would be lost. Send it at least that much once, then go live.`,
      )
    }
    const stored = await deps.access.load(info.identity, options.payout)
    const countedUpTo = await lastCounted(deps.chain, stored, asked)
    return new PaidStream(deps, options, info, await generateAccessKey(), stored, countedUpTo)
  }

  /** For `Broadcaster.startStream({ paid })`. */
  get forBroadcast(): StreamPrice & { readonly access: CreatorAccess } {
    return { ...this.#options, access: this }
  }

  get earnings(): Earnings {
    if (this.#opened === undefined) throw new EngineError('closed', 'The stream is not live yet.')
    return this.#opened.earnings
  }

  get view(): PaidBroadcastView {
    const rows = this.#opened?.giver.rows() ?? []
    return { chain: this.#info, price: this.#price, viewers: rows.map(viewerOf), pause: this.#pause }
  }

  /** Called by the broadcaster as soon as the stream has its id. */
  open({ streamId, manifest }: { readonly streamId: StreamId; readonly manifest: Manifest }): {
    readonly giver: AccessGiver
    readonly cipher: ContentCipher
  } {
    const { chain, crypto, clock, logger, archives, sealKey } = this.#deps
    const { payout } = this.#options
    const snapshot = this.#snapshotFor(streamId, manifest)
    this.#price = manifest.pricePerSecond
    const cipher = new WebContentCipher(streamId)
    const budgetAccount = (wallet: AccountHex, session: AccountHex): AccountHex =>
      this.#info.hasMultisig ? multisigAccount(wallet, session) : session
    const giver = new AccessGiverShell(
      { crypto, clock, logger, ...(sealKey !== undefined && { sealKey }) },
      {
        streamId,
        key: this.#key,
        cipher,
        epochMs: manifest.epochMs,
        creditSeconds: manifest.creditSeconds,
        previewSeconds: manifest.previewSeconds,
        pricePerSecond: manifest.priceBefore ?? manifest.pricePerSecond,
        payout,
        budgetAccount,
        ...(snapshot !== undefined && { snapshot }),
      },
    )
    const watcher = new PayoutWatcher(
      { chain, store: this.#deps.earnings, clock, logger, ...(archives !== undefined && { archives }) },
      {
        payout,
        streamId: hexText(streamIdToBytes(streamId)).slice(2),
        price: () => this.#price,
        ...(this.#countedUpTo !== undefined && { fromBlock: this.#countedUpTo }),
      },
    )
    const earnings = new PayoutEarnings({ watcher, clock })
    // Ten times a second with every session there ever was: two hashes each are worth remembering.
    const bound = new Set<string>()
    giver.on('changed', () => {
      for (const { wallet, session } of giver.rows()) {
        const key = `${wallet}/${session}`
        if (bound.has(key)) continue
        bound.add(key)
        const budget = budgetAccount(wallet, session)
        earnings.bind({ wallet, session, budget, remarkHash: remarkHashOf(streamId, session) })
      }
      this.emit('view', this.view)
    })
    giver.on('paused', reason => {
      this.#pause = reason
      this.emit('view', this.view)
    })
    giver.on('save', () => this.#save(streamId, giver))
    const above = snapshot?.countedUpTo
    watcher.follow(evidence => giver.evidence(evidence), above === undefined ? {} : { above })
    watcher.start().catch((error: unknown) => logger.error('income cannot be read', { why: String(error) }))
    this.#opened = { giver, watcher, earnings }
    return { giver, cipher }
  }

  /** So that `changePrice` works. */
  follow(broadcaster: Broadcaster): void {
    this.#broadcaster = broadcaster
  }

  async changePrice(price: bigint): Promise<number> {
    if (this.#broadcaster === undefined) throw new EngineError('closed', 'The stream is not live.')
    const epoch = await this.#broadcaster.changePrice(price)
    this.#price = price
    this.emit('view', this.view)
    return epoch
  }

  /** Resolves when nothing more will be stored. Idempotent. */
  async close(): Promise<void> {
    const opened = this.#opened
    this.removeAllListeners()
    if (opened === undefined) return
    opened.earnings.close()
    await opened.watcher.close()
    opened.giver.close()
    await this.#saving
  }

  /** Of the same stream after a reload as it was; of the stream before only who owes. */
  #snapshotFor(streamId: StreamId, manifest: Manifest): AccessSnapshot | undefined {
    const stored = this.#stored
    if (stored === undefined) return undefined
    if (stored.streamId === streamId) return stored.snapshot
    // What was paid since is not known: better to lend once more than to be paid twice.
    if (this.#countedUpTo === undefined) return undefined
    const { epochMs, creditSeconds, previewSeconds, pricePerSecond } = manifest
    const { payout } = this.#options
    return nextStreamSnapshot(
      { epochMs, creditSeconds, previewSeconds, pricePerSecond, payout },
      stored.snapshot,
    )
  }

  #save(streamId: StreamId, giver: AccessGiver): void {
    const { access, logger } = this.#deps
    const stored = { streamId, snapshot: giver.snapshot() }
    this.#saving = this.#saving
      .then(() => access.save(this.#info.identity, this.#options.payout, stored))
      .catch((error: unknown) => logger.warn('a reload will forget who owes', { why: String(error) }))
  }
}

/** The block that the stored debts stand at; undefined where what followed cannot be read any more. */
async function lastCounted(
  chain: ChainPort,
  stored: StoredAccess | undefined,
  options: { readonly signal?: AbortSignal },
): Promise<BlockRef | undefined> {
  const number = stored?.snapshot.countedUpTo
  const finalised = chain.finalised()
  if (number === undefined || finalised === undefined) return undefined
  if (number > finalised.number || finalised.number - number > CATCH_UP_MAX_BLOCKS) return undefined
  const hash = await chain.blockHash(number, options).catch(() => undefined)
  options.signal?.throwIfAborted()
  return hash === undefined ? undefined : { number, hash }
}

function viewerOf(row: ReturnType<AccessGiver['rows']>[number]): PaidViewer {
  const { wallet, session, isWatching, grantedSeconds, owed, paid, credit, state } = row
  return { wallet, session, isWatching, grantedSeconds, owed, paid, credit, sentence: state }
}

/** As `Evidence` names the session that a wallet opened. */
function remarkHashOf(streamId: StreamId, session: AccountHex): string {
  const account = parseHex(session)
  if (account === undefined) throw new RangeError('a session account is hex')
  return hexText(blake2b(sessionRemark(streamIdToBytes(streamId), account), { dkLen: 32 }))
}

function wrongChain(name: string): string {
  return `Your node serves ${name}, which is another chain than the one chosen for payments. Choose a node of the right chain in the settings.`
}
