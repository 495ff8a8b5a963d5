import type { AccountHex, Evidence } from '../../../shared/pay/evidence.ts'
import type { CryptoPort, Signer } from '../../../shared/protocol/crypto-port.ts'
import { hexText } from '../../../shared/protocol/hex.ts'
import { type StreamId, streamIdToBytes } from '../../../shared/protocol/ids.ts'
import type { AccessSnapshot, ContentCipher, ContentHeader } from '../access/access-contract.ts'
import { AccessGiverShell, remarkHash } from '../access/access-giver.ts'
import { AccessTakerShell } from '../access/access-taker.ts'
import { WebContentCipher } from '../access/content-cipher.ts'
import { WebContentOpener } from '../access/content-opener.ts'
import { generateAccessKey } from '../access/sealing.ts'
import type { CreatorAccess } from '../creator-access.ts'
import type { EngineDeps } from '../ports.ts'
import type { StreamPrice } from '../stream-manifest.ts'
import type { ViewerAccessParts } from '../viewer-access.ts'

const account = (fill: number): AccountHex => `0x${fill.toString(16).padStart(2, '0').repeat(32)}`
export const PAYOUT = account(0xaa)
export const WALLET = account(0xbb)

export const testPrice: StreamPrice = {
  pricePerSecond: 1_000n,
  highestPrice: 5_000n,
  payout: PAYOUT,
  genesis: account(0xcc),
  previewSeconds: 0,
  creditSeconds: 12,
  epochMs: 1_000,
}

/** What a cipher was asked to encrypt: no two entries of a run may be alike. */
export type Encrypted = { readonly key: string; readonly track: number; readonly seq: number }

/** The real cipher, with a list of every key and nonce it used. */
class WatchedCipher implements ContentCipher {
  readonly #inner: WebContentCipher
  readonly #log: Encrypted[]

  constructor(streamId: StreamId, log: Encrypted[]) {
    this.#inner = new WebContentCipher(streamId)
    this.#log = log
  }

  encrypt(header: ContentHeader, payload: Uint8Array): Promise<Uint8Array> {
    const { track, seq, epoch } = header
    // The nonce is epoch, track and seq: the key stands for the epoch, and for the load of the page.
    this.#log.push({ key: `${hexText(this.#inner.keyOf(epoch))}/${epoch}`, track, seq })
    return this.#inner.encrypt(header, payload)
  }

  keyOf(epoch: number): Uint8Array {
    return this.#inner.keyOf(epoch)
  }

  forgetBefore(epoch: number): void {
    this.#inner.forgetBefore(epoch)
  }
}

/** The creator's side of a paid stream, with the real giver; a session's account is its own budget. */
export async function testCreatorAccess(
  deps: EngineDeps,
  log: Encrypted[],
  options: { readonly price?: StreamPrice; readonly snapshot?: AccessSnapshot } = {},
): Promise<CreatorAccess & { readonly giver: () => AccessGiverShell }> {
  const key = await generateAccessKey()
  const price = options.price ?? testPrice
  let giver: AccessGiverShell | undefined
  return {
    publicKey: key.publicKey,
    open: ({ streamId, manifest }) => {
      const cipher = new WatchedCipher(streamId, log)
      giver = new AccessGiverShell(deps, {
        streamId,
        key,
        cipher,
        epochMs: manifest.epochMs,
        creditSeconds: price.creditSeconds,
        previewSeconds: price.previewSeconds,
        pricePerSecond: manifest.priceBefore ?? manifest.pricePerSecond,
        payout: price.payout,
        budgetAccount: (_wallet, session) => session,
        ...(options.snapshot && { snapshot: options.snapshot }),
      })
      return { giver, cipher }
    },
    giver: () => {
      if (giver === undefined) throw new Error('the stream is not open yet')
      return giver
    },
  }
}

/** What the chain tells of one funded session that has paid `planck` in advance. */
export function fundedEvidence(streamId: StreamId, session: Signer, planck: bigint): Evidence[] {
  const block = { number: 1, hash: account(1) }
  const budget = hexText(session.publicKey)
  return [
    { kind: 'head', isFollowing: true, best: block },
    {
      kind: 'funded',
      place: { block, index: 0 },
      wallet: WALLET,
      remarkHash: remarkHash(streamIdToBytes(streamId), session.publicKey),
      moved: [{ to: budget, planck: 10_000_000n }],
    },
    { kind: 'paid', place: { block, index: 1 }, from: budget, planck },
    { kind: 'finalised', block },
  ]
}

export function testViewerAccess(deps: EngineDeps & { readonly crypto: CryptoPort }) {
  return (streamId: StreamId): ViewerAccessParts => ({
    taker: new AccessTakerShell(deps),
    opener: new WebContentOpener(streamId),
  })
}
