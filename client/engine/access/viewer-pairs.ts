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
/** Without a funding anybody can come, so these crowd out only each other. */
const STRANGERS_MAX = 1_024

/** Keys shared with one viewer, and what was sealed under them. */
export class Pair {
  readonly keys: PairKeys
  readonly #sent = new Map<number, Promise<Uint8Array>>()

  constructor(keys: PairKeys) {
    this.keys = keys
  }

  /**
   * Each epoch is sealed once; after that the same bytes. Undefined if it was sealed before and is no longer at hand:
   * under this nonce nothing else may be sealed.
   */
  grantBody(epoch: number, isAgain: boolean, grant: () => Grant): Promise<Uint8Array> | undefined {
    const known = this.#sent.get(epoch)
    if (known !== undefined || isAgain) return known
    const body = sealGrant(this.keys.down, epoch, grant())
    this.#sent.set(epoch, body)
    return body
  }

  forgetBefore(epoch: number): void {
    for (const known of this.#sent.keys()) if (known < epoch) this.#sent.delete(known)
  }
}

export type KnownViewer = {
  readonly origin: Uint8Array
  readonly viewerKey: string
  readonly pair: Pair
  /** Newest `up` of that origin: replays are below it, and answers name it. */
  upCounter: number
  /** Of the newest pull or leave that was opened. */
  pullCounter: number
}

type Introduction = Pick<KnownViewer, 'origin' | 'viewerKey' | 'upCounter'> & { readonly keys: PairKeys }

/** Viewers by hex of their origin, pairs by hex of their X25519 key; insertion order is silence. */
type Table = {
  readonly max: number
  readonly viewers: Map<string, KnownViewer>
  readonly pairs: Map<string, Pair>
}

/** Whom the creator's page shares keys with. */
export class ViewerPairs {
  readonly #members: Table = { max: VIEWERS_MAX, viewers: new Map(), pairs: new Map() }
  readonly #strangers: Table = { max: STRANGERS_MAX, viewers: new Map(), pairs: new Map() }
  /** One count for all: a nonce never comes back, whoever comes back. */
  #termsCounter = 0

  viewer(id: string): KnownViewer | undefined {
    for (const { viewers } of [this.#members, this.#strangers]) {
      const viewer = viewers.get(id)
      if (viewer === undefined) continue
      viewers.delete(id)
      viewers.set(id, viewer)
      return viewer
    }
    return undefined
  }

  /** With a viewer key that is known its pair goes on, with what was sent. `isStranger`: of a session without funding. */
  introduce(id: string, introduction: Introduction, isStranger: boolean): void {
    const { keys, ...said } = introduction
    const { viewerKey } = said
    const pair = this.#members.pairs.get(viewerKey) ?? this.#strangers.pairs.get(viewerKey) ?? new Pair(keys)
    this.#forget(id)
    put(isStranger ? this.#strangers : this.#members, id, { ...said, pair, pullCounter: -1 })
  }

  /** It has got a key: no stranger any more. */
  admit(id: string): void {
    const viewer = this.#strangers.viewers.get(id)
    if (viewer === undefined) return
    this.#forget(id)
    put(this.#members, id, viewer)
  }

  async termsBody(viewer: KnownViewer, terms: AccessTerms): Promise<Uint8Array> {
    this.#termsCounter++
    const open = { kind: 'terms', counter: this.#termsCounter, sealed: new Uint8Array() } as const
    const head = accessHead(open)
    const sealed = await viewer.pair.keys.down.seal(encodeTerms(terms), head, nonceOf(head))
    return encodeAccess({ ...open, sealed })
  }

  forgetBefore(epoch: number): void {
    for (const { pairs } of [this.#members, this.#strangers]) {
      for (const pair of pairs.values()) pair.forgetBefore(epoch)
    }
  }

  clear(): void {
    for (const { viewers, pairs } of [this.#members, this.#strangers]) {
      viewers.clear()
      pairs.clear()
    }
  }

  /** Its pair stays until it is crowded out: another origin may still speak under that key. */
  #forget(id: string): void {
    this.#members.viewers.delete(id)
    this.#strangers.viewers.delete(id)
  }
}

function put({ max, viewers, pairs }: Table, id: string, viewer: KnownViewer): void {
  viewers.set(id, viewer)
  pairs.delete(viewer.viewerKey)
  pairs.set(viewer.viewerKey, viewer.pair)
  for (const map of [viewers, pairs]) {
    const oldest = map.size > max ? map.keys().next().value : undefined
    if (oldest !== undefined) map.delete(oldest)
  }
}

async function sealGrant(down: SealKey, epoch: number, grant: Grant): Promise<Uint8Array> {
  const open = { kind: 'grant', epoch, sealed: new Uint8Array() } as const
  const head = accessHead(open)
  return encodeAccess({ ...open, sealed: await down.seal(encodeGrant(grant), head, nonceOf(head)) })
}
