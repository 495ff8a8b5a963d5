import type { AccountSigner } from '../../shared/protocol/account-signature.ts'
import type { Signer } from '../../shared/protocol/crypto-port.ts'
import {
  reviseManifest,
  signManifest,
  type Track,
  type VerifiedManifest,
  verifyManifest,
} from '../../shared/protocol/manifest.ts'
import type { CreatorAccess } from './creator-access.ts'
import {
  type CreatorStreamKeeper,
  type CreatorStreamState,
  CreatorStreamWriter,
  epochAt,
  RESUME_WITHIN_MS,
  resumedEpochBase,
  resumedStreamUs,
  type StoredCreatorStream,
} from './creator-stream.ts'
import { EngineError } from './engine-error.ts'
import type { EngineDeps } from './ports.ts'
import {
  firstManifest,
  resumedManifest,
  type StreamDescription,
  type StreamPrice,
} from './stream-manifest.ts'

export type StartStreamOptions = StreamDescription & {
  /** The creator's account: a wallet's (one prompt) or an Ed25519 key; without one a key is made for this broadcast alone. */
  readonly accountSigner?: Signer | AccountSigner
  /** Absent, or a price of 0: a free stream, in clear. */
  readonly paid?: StreamPrice & { readonly access: CreatorAccess }
  /** So that a reload of the page goes on with the stream; without one it ends with the page. */
  readonly keeper?: CreatorStreamKeeper
  readonly signal?: AbortSignal
}

export type ResumeStreamOptions = {
  readonly keeper: CreatorStreamKeeper
  /** What the source makes now; the tracks of before where absent. */
  readonly tracks?: readonly Track[]
  /** Needed iff the stream is paid: with a new key. */
  readonly access?: CreatorAccess
  readonly signal?: AbortSignal
}

/** A stream as it begins, or goes on. */
export type Opening = {
  readonly manifest: VerifiedManifest
  readonly streamSigner: Signer
  readonly epochBase: number
  /** Undefined: timestamps are as they are pushed; else where the first one shall lie, µs. */
  readonly resume: CreatorStreamState | undefined
  readonly writer: CreatorStreamWriter | undefined
  readonly access: CreatorAccess | undefined
  readonly unlock: () => void
}

export async function openNew(
  deps: EngineDeps,
  { keeper, paid, accountSigner, ...description }: StartStreamOptions,
): Promise<Opening> {
  const { crypto, clock, generateSigner } = deps
  const key = (await keeper?.createKey()) ?? { reference: '', signer: await generateSigner() }
  const account = accountSigner ?? (await generateSigner())
  const price = paid !== undefined && paid.pricePerSecond > 0n ? paid : undefined
  const manifest = firstManifest(
    description,
    {
      creator: 'signRaw' in account ? account.account : { scheme: 'ed25519', publicKey: account.publicKey },
      streamKey: key.signer.publicKey,
      wallMs: clock.wallMs(),
    },
    price === undefined ? undefined : { price, creatorX25519: price.access.publicKey },
  )
  const verified = await signManifest(manifest, account, key.signer, crypto)
  const unlock = (await keeper?.lock(verified.streamId)) ?? (() => {})
  const writer =
    keeper &&
    writerTo(deps, keeper, {
      version: 1,
      streamId: verified.streamId,
      keyReference: key.reference,
      manifest: verified.bytes,
      seqCeilings: [],
      announcementCeiling: 0,
      epochBase: 0,
      epochCeiling: 0,
      streamUs: 0,
      aliveAtMs: clock.wallMs(),
    })
  const { signer: streamSigner } = key
  return {
    manifest: verified,
    streamSigner,
    epochBase: 0,
    resume: undefined,
    writer,
    access: price?.access,
    unlock,
  }
}

/** Throws EngineError `too-late-to-resume`, `live-elsewhere`. */
export async function openAgain(
  deps: EngineDeps,
  stored: StoredCreatorStream,
  { keeper, tracks, access }: ResumeStreamOptions,
): Promise<Opening> {
  const { crypto, clock } = deps
  if (clock.wallMs() - stored.state.aliveAtMs > RESUME_WITHIN_MS) {
    const sentence =
      'This stream was interrupted for more than a minute, so its viewers have gone. Start a new one.'
    throw new EngineError('too-late-to-resume', sentence)
  }
  const unlock = await keeper.lock(stored.state.streamId)
  if (unlock === undefined) {
    const sentence =
      'This stream is live in another tab of this browser. Go on there, or close that tab first.'
    throw new EngineError('live-elsewhere', sentence)
  }
  try {
    // Another tab may have gone on with it until just now.
    const kept = (await keeper.list()).find(one => one.state.streamId === stored.state.streamId)
    const { state, signer } = kept ?? stored
    const now = clock.wallMs()
    const before = await verifyManifest(state.manifest, crypto, now)
    const { manifest } = before
    const isPaid = manifest.pricePerSecond > 0n
    if (isPaid && access === undefined) throw new RangeError('a paid stream resumes with access')
    const epochBase = resumedEpochBase(state, state.streamUs, manifest.epochMs)
    const next = resumedManifest(
      manifest,
      {
        tracks: tracks ?? manifest.tracks,
        creatorX25519: isPaid ? access?.publicKey : undefined,
      },
      {
        epoch: epochAt(state.streamUs, manifest.epochMs, state.epochBase),
        resumedEpoch: epochAt(resumedStreamUs(state, now), manifest.epochMs, epochBase),
      },
    )
    const verified = await reviseManifest(before, next, signer, crypto)
    const writer = writerTo(deps, keeper, { ...state, manifest: verified.bytes, epochBase })
    await writer.manifest(verified.bytes)
    return {
      manifest: verified,
      streamSigner: signer,
      epochBase,
      resume: state,
      writer,
      access: isPaid ? access : undefined,
      unlock,
    }
  } catch (error) {
    unlock()
    throw error
  }
}

function writerTo(
  deps: EngineDeps,
  keeper: CreatorStreamKeeper,
  state: CreatorStreamState,
): CreatorStreamWriter {
  return new CreatorStreamWriter(
    {
      save: row => keeper.save(row),
      wallMs: deps.clock.wallMs,
      onFailed: error =>
        deps.logger.warn('a reload of this page will end the stream', { why: String(error) }),
    },
    state,
  )
}
