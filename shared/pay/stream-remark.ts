import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'

/** Says on chain that a stream began or ended, and with which manifest. */
export type StreamRemark = {
  readonly kind: 'start' | 'end'
  /** SHA-256 of the manifest's bytes: what its CID holds. */
  readonly manifestHash: Uint8Array
}

const TITLE = 'vilokanam/stream/1'
const RAW = 0x55
const SHA2_256 = 0x12
/** The title, the longer kind, and the 59 characters of such a CID. */
const MAX_BYTES = TITLE.length + 1 + 5 + 1 + 59

/** CIDv1, raw, sha2-256, base32: `bafkrei…`, as any IPFS node names the same bytes. RangeError unless it has 32 bytes. */
export function manifestCid(manifestHash: Uint8Array): string {
  if (manifestHash.length !== 32) throw new RangeError('a SHA-256 has 32 bytes')
  return CID.createV1(RAW, Digest.create(SHA2_256, manifestHash)).toString()
}

/** Undefined for anything that `manifestCid` does not write. */
export function parseManifestCid(text: string): Uint8Array | undefined {
  if (!/^bafkrei[a-z2-7]{52}$/.test(text)) return undefined
  try {
    const { multihash } = CID.parse(text)
    // Base32 has spare bits at its end: only one spelling of a hash is a CID of ours.
    return manifestCid(multihash.digest) === text ? multihash.digest.slice() : undefined
  } catch {
    return undefined
  }
}

/** ASCII, readable in any explorer: `vilokanam/stream/1 start bafkrei…`. */
export function streamRemark({ kind, manifestHash }: StreamRemark): Uint8Array {
  const text = `${TITLE} ${kind} ${manifestCid(manifestHash)}`
  return Uint8Array.from(text, character => character.charCodeAt(0))
}

/** Undefined for the remarks of other programs. */
export function parseStreamRemark(remark: Uint8Array): StreamRemark | undefined {
  if (remark.length > MAX_BYTES) return undefined
  const text = String.fromCharCode(...remark)
  const match = /^vilokanam\/stream\/1 (start|end) (\S+)$/.exec(text)
  const manifestHash = parseManifestCid(match?.[2] ?? '')
  if (match === null || manifestHash === undefined) return undefined
  return { kind: match[1] === 'start' ? 'start' : 'end', manifestHash }
}
