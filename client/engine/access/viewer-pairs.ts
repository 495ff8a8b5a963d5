import { accessHead, encodeAccess } from '../../../shared/protocol/access-message.ts'
import {
  type AccessTerms,
  encodeGrant,
  encodeTerms,
  type Grant,
} from '../../../shared/protocol/access-plaintext.ts'
import { nonceOf, type PairKeys, type SealKey } from './sealing.ts'

/** More than a creator's page can serve; the one that was silent longest is forgotten, and introduces itself again. */
const VIEWERS_MAX = 16_384

export type Pair = {
  readonly keys: PairKeys
  /** Bodies of grants by epoch: each is sealed once, and the same bytes are sent again. */
  readonly sent: Map<number, Promise<Uint8Array>>
}
export type KnownViewer = {
  readonly origin: Uint8Array
  readonly pair: Pair
  /** Newest `up` of that origin: replays are below it, and answers name it. */
  upCounter: number
  /** Of the newest pull or leave that was opened. */
  pullCounter: number
}

/** The keys that the creator's page shares with each viewer, and what it sent under them. */
export class ViewerPairs {
  /** By hex of the viewer's X25519 key, so that two sessions with one key still get one body an epoch. */
  readonly #pairs = new Map<string, Pair>()
  /** By hex of the origin; insertion order is silence. */
  readonly #viewers = new Map<string, KnownViewer>()
  /** One count for all: a nonce never comes back, whoever comes back. */
  #termsCounter = 0

  viewer(id: string): KnownViewer | undefined {
    const viewer = this.#viewers.get(id)
    if (viewer === undefined) return undefined
    this.#viewers.delete(id)
    this.#viewers.set(id, viewer)
    return viewer
  }

  introduce(id: string, origin: Uint8Array, upCounter: number, viewerKey: string, keys: PairKeys): void {
    const pair = this.#pairs.get(viewerKey) ?? { keys, sent: new Map() }
    this.#pairs.delete(viewerKey)
    this.#pairs.set(viewerKey, pair)
    this.#viewers.delete(id)
    this.#viewers.set(id, { origin, pair, upCounter, pullCounter: -1 })
    dropOldest(this.#pairs)
    dropOldest(this.#viewers)
  }

  /** Undefined if it was sealed before and is no longer at hand: under this nonce nothing else may be sealed. */
  grantBody(
    viewerKey: string,
    epoch: number,
    isAgain: boolean,
    grant: () => Grant,
  ): Promise<Uint8Array> | undefined {
    const pair = this.#pairs.get(viewerKey)
    const known = pair?.sent.get(epoch)
    if (pair === undefined || known !== undefined || isAgain) return known
    const body = sealGrant(pair.keys.down, epoch, grant())
    pair.sent.set(epoch, body)
    return body
  }

  async termsBody(viewer: KnownViewer, terms: AccessTerms): Promise<Uint8Array> {
    this.#termsCounter++
    const open = { kind: 'terms', counter: this.#termsCounter, sealed: new Uint8Array() } as const
    const head = accessHead(open)
    const sealed = await viewer.pair.keys.down.seal(encodeTerms(terms), head, nonceOf(head))
    return encodeAccess({ ...open, sealed })
  }

  forgetBefore(epoch: number): void {
    for (const { sent } of this.#pairs.values()) {
      for (const known of sent.keys()) if (known < epoch) sent.delete(known)
    }
  }

  clear(): void {
    this.#pairs.clear()
    this.#viewers.clear()
  }
}

async function sealGrant(down: SealKey, epoch: number, grant: Grant): Promise<Uint8Array> {
  const open = { kind: 'grant', epoch, sealed: new Uint8Array() } as const
  const head = accessHead(open)
  return encodeAccess({ ...open, sealed: await down.seal(encodeGrant(grant), head, nonceOf(head)) })
}

function dropOldest(map: Map<string, unknown>): void {
  const oldest = map.size > VIEWERS_MAX ? map.keys().next().value : undefined
  if (oldest !== undefined) map.delete(oldest)
}
