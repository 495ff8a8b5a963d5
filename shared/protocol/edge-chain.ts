import { U32_MAX, u32Bytes } from './big-endian.ts'
import type { CryptoPort, Signer } from './crypto-port.ts'
import { bytesOf, integer, KEY_BYTES, listUpTo, SIGNATURE_BYTES, unique } from './field-checks.ts'
import { ChainRecord, EdgeRecord } from './generated/records.ts'
import { type PeerId, peerIdFromPublicKey, publicKeyOfPeer, type StreamId, streamIdToBytes } from './ids.ts'
import { CHAIN_MAX_BYTES, CHAIN_MAX_EDGES, EDGE_MAX_BYTES, EDGE_VALID_S } from './limits.ts'
import { signingInput } from './signing.ts'
import { decodeStrictly } from './strict-reader.ts'

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
  return chain.edges.at(-1)?.child ?? chain.creator
}

/** Edges from the creator: 0 for the creator. */
export function chainDepth(chain: EdgeChain): number {
  return chain.edges.length
}

/** Creator and every peer down to the tip. */
export function chainPath(chain: EdgeChain): PeerId[] {
  return [chain.creator, ...chain.edges.map(edge => edge.child)]
}

/** The stream key names the creator's peer id: `signingInput('root', streamId, peer)`. */
export async function signRoot(
  streamId: StreamId,
  creator: PeerId,
  streamSigner: Signer,
): Promise<EdgeChain> {
  return { creator, root: await streamSigner.sign(rootInput(streamId, creator)), edges: [] }
}

/** `signingInput('edge', streamId, parent, child, untilS u32)` by the parent's peer key (also level 1: the root names the creator's peer). */
export async function signEdge(
  streamId: StreamId,
  parent: PeerId,
  child: PeerId,
  untilS: number,
  parentSigner: Signer,
): Promise<Edge> {
  integer('edge until', untilS, U32_MAX)
  return { child, untilS, signature: await parentSigner.sign(edgeInput(streamId, parent, child, untilS)) }
}

export function extendChain(chain: EdgeChain, edge: Edge): EdgeChain {
  return { ...chain, edges: [...chain.edges, edge] }
}

export function encodeEdge(edge: Edge): Uint8Array {
  return EdgeRecord.encode(edgeToRecord(edge))
}

/** Throws WireError. */
export function decodeEdge(bytes: Uint8Array): Edge {
  return edgeFromRecord(decodeStrictly(EdgeRecord.codec(), bytes, EDGE_MAX_BYTES))
}

export function encodeChain(chain: EdgeChain): Uint8Array {
  return ChainRecord.encode({
    creator: publicKeyOfPeer(chain.creator),
    root: chain.root,
    edges: chain.edges.map(edgeToRecord),
  })
}

/** Throws WireError: sizes, count, a peer named twice. */
export function decodeChain(bytes: Uint8Array): EdgeChain {
  const record = decodeStrictly(ChainRecord.codec(), bytes, CHAIN_MAX_BYTES)
  const chain: EdgeChain = {
    creator: peerIdFromPublicKey(record.creator),
    root: bytesOf('chain root', record.root, SIGNATURE_BYTES),
    edges: listUpTo('chain edges', record.edges, CHAIN_MAX_EDGES).map(edgeFromRecord),
  }
  unique('chain peers', chainPath(chain), peer => peer)
  return chain
}

/** Remembers verified edge signatures (bounded), so that a re-sent chain costs nothing. */
export interface EdgeCache {
  has(key: string): boolean
  add(key: string): void
}

/** Bounded FIFO of `capacity` keys. */
export function edgeCache(capacity: number): EdgeCache {
  const keys = new Set<string>()
  return {
    has: key => keys.has(key),
    add: key => {
      if (keys.size >= capacity && !keys.has(key)) {
        for (const oldest of keys) {
          keys.delete(oldest)
          break
        }
      }
      keys.add(key)
    },
  }
}

/**
 * True iff the root and every edge verify and none expired before `streamTimeS`. Never throws.
 * Nor may an edge reach further ahead than twice what an honest parent grants, and no peer comes twice.
 */
export async function verifyChain(
  chain: EdgeChain,
  streamId: StreamId,
  streamKey: Uint8Array,
  streamTimeS: number,
  crypto: CryptoPort,
  cache?: EdgeCache,
): Promise<boolean> {
  const latestS = streamTimeS + 2 * EDGE_VALID_S
  if (chain.edges.length > CHAIN_MAX_EDGES) return false
  if (!chain.edges.every(edge => edge.untilS >= streamTimeS && edge.untilS <= latestS)) return false
  if (new Set(chainPath(chain)).size !== chain.edges.length + 1) return false
  try {
    if (!(await isSigned(streamKey, rootInput(streamId, chain.creator), chain.root, crypto, cache)))
      return false
    let parent = chain.creator
    for (const { child, untilS, signature } of chain.edges) {
      const input = edgeInput(streamId, parent, child, untilS)
      if (!(await isSigned(publicKeyOfPeer(parent), input, signature, crypto, cache))) return false
      parent = child
    }
    return true
  } catch {
    // A port that rejects on a malformed key, or an id that was never parsed: not proven either way.
    return false
  }
}

/** The cache's key is the whole of what was verified, so an entry can answer for nothing else. */
async function isSigned(
  key: Uint8Array,
  input: Uint8Array,
  signature: Uint8Array,
  crypto: CryptoPort,
  cache: EdgeCache | undefined,
): Promise<boolean> {
  if (signature.length !== SIGNATURE_BYTES || key.length !== KEY_BYTES) return false
  const entry = cache && `${latin1(key)}${latin1(signature)}${latin1(input)}`
  if (entry !== undefined && cache?.has(entry)) return true
  if (!(await crypto.verify(key, input, signature))) return false
  if (entry !== undefined) cache?.add(entry)
  return true
}

/** One character a byte: fixed-length key and signature first, so two different triples never read alike. */
function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

function rootInput(streamId: StreamId, creator: PeerId): Uint8Array {
  return signingInput('root', streamIdToBytes(streamId), publicKeyOfPeer(creator))
}

function edgeInput(streamId: StreamId, parent: PeerId, child: PeerId, untilS: number): Uint8Array {
  const ids = [streamIdToBytes(streamId), publicKeyOfPeer(parent), publicKeyOfPeer(child)]
  return signingInput('edge', ...ids, u32Bytes(untilS))
}

function edgeToRecord(edge: Edge): EdgeRecord {
  return { child: publicKeyOfPeer(edge.child), until: edge.untilS, signature: edge.signature }
}

function edgeFromRecord(record: EdgeRecord): Edge {
  return {
    child: peerIdFromPublicKey(record.child),
    untilS: record.until,
    signature: bytesOf('edge signature', record.signature, SIGNATURE_BYTES),
  }
}
