import type { CryptoPort, Signer } from './crypto-port.ts'
import type { PeerId, StreamId } from './ids.ts'

/** A proven tree edge: the parent vouches that `child` receives from it until stream time `untilS`. */
export type Edge = { readonly child: PeerId; readonly untilS: number; readonly signature: Uint8Array }
/** From the creator down: edge 0 goes from the creator to `edges[0].child`, edge i from `edges[i-1].child`. */
export type EdgeChain = {
  readonly creator: PeerId
  readonly root: Uint8Array
  readonly edges: readonly Edge[]
}

/** The chain's last peer: the creator itself for an empty one. */
export function chainTip(chain: EdgeChain): PeerId {
  throw new Error('not built')
}
/** Edges from the creator: 0 for the creator. */
export function chainDepth(chain: EdgeChain): number {
  throw new Error('not built')
}
/** Creator and every peer down to the tip. */
export function chainPath(chain: EdgeChain): PeerId[] {
  throw new Error('not built')
}
/** The stream key names the creator's peer id: `signingInput('root', streamId, peer)`. */
export function signRoot(streamId: StreamId, creator: PeerId, streamSigner: Signer): Promise<EdgeChain> {
  throw new Error('not built')
}
/** `signingInput('edge', streamId, parent, child, untilS u32)` by the parent's peer key (also level 1: the root names the creator's peer). */
export function signEdge(
  streamId: StreamId,
  parent: PeerId,
  child: PeerId,
  untilS: number,
  parentSigner: Signer,
): Promise<Edge> {
  throw new Error('not built')
}
export function extendChain(chain: EdgeChain, edge: Edge): EdgeChain {
  throw new Error('not built')
}
export function encodeChain(chain: EdgeChain): Uint8Array {
  throw new Error('not built')
}
/** Throws WireError: sizes, count, a peer named twice. */
export function decodeChain(bytes: Uint8Array): EdgeChain {
  throw new Error('not built')
}
/** Remembers verified edge signatures (bounded), so that a re-sent chain costs nothing. */
export interface EdgeCache {
  has(key: string): boolean
  add(key: string): void
}
/** Bounded FIFO of `capacity` keys. */
export function edgeCache(capacity: number): EdgeCache {
  throw new Error('not built')
}
/** True iff the root and every edge verify and none expired before `streamTimeS`. Never throws. */
export function verifyChain(
  chain: EdgeChain,
  streamId: StreamId,
  streamKey: Uint8Array,
  streamTimeS: number,
  crypto: CryptoPort,
  cache?: EdgeCache,
): Promise<boolean> {
  throw new Error('not built')
}
