import { base58btc } from 'multiformats/bases/base58'
import { WireError } from './wire-error.ts'

/** base58btc text of the 32-byte stream id, as it stands in addresses (`#/watch/<streamId>`). */
export type StreamId = string & { readonly __brand: 'StreamId' }
/** libp2p text form (`12D3KooW…`) of an Ed25519 peer id. */
export type PeerId = string & { readonly __brand: 'PeerId' }

const ID_BYTES = 32
/** base58 writes 32 bytes in 32 (all zero) to 44 characters. */
const STREAM_ID_TEXT = /^[1-9A-HJ-NP-Za-km-z]{32,44}$/
/** Identity multihash (0x00, 36 bytes) of a protobuf public key: type 1 (Ed25519), 32 bytes. The prefix fixes the text's length. */
const PEER_ID_PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20)
const PEER_ID_TEXT = /^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/
/** Ids decoded and remembered. A room of thousands still talks to a dozen peers about one stream. */
const CACHE_IDS = 4_096

const decodedIds = new Map<string, Uint8Array>()

/** Throws WireError('bad-field') unless `bytes` is 32 bytes. */
export function streamIdFromBytes(bytes: Uint8Array): StreamId {
  if (bytes.length !== ID_BYTES) throw new WireError('bad-field', `a stream id is ${ID_BYTES} bytes`)
  return base58btc.baseEncode(bytes) as StreamId
}

/** 32 bytes, shared with other callers: not to be written to. */
export function streamIdToBytes(id: StreamId): Uint8Array {
  return remembered(id, decodeStreamId)
}

/** Reads an address bar: throws WireError('bad-field') with a sentence for anything that is no stream id. */
export function parseStreamId(text: string): StreamId {
  decodeStreamId(text)
  return text as StreamId
}

/** `publicKey`: 32 bytes; throws WireError('bad-field') otherwise. */
export function peerIdFromPublicKey(publicKey: Uint8Array): PeerId {
  if (publicKey.length !== ID_BYTES) throw new WireError('bad-field', `a peer's key is ${ID_BYTES} bytes`)
  const multihash = new Uint8Array(PEER_ID_PREFIX.length + ID_BYTES)
  multihash.set(PEER_ID_PREFIX)
  multihash.set(publicKey, PEER_ID_PREFIX.length)
  return base58btc.baseEncode(multihash) as PeerId
}

/** 32 bytes, shared with other callers: not to be written to. Cached: it is called per message. */
export function publicKeyOfPeer(id: PeerId): Uint8Array {
  return remembered(id, decodePeerId)
}

/** Throws WireError('bad-field') for anything but an Ed25519 identity peer id. */
export function parsePeerId(text: string): PeerId {
  decodePeerId(text)
  return text as PeerId
}

function remembered(id: string, decode: (text: string) => Uint8Array): Uint8Array {
  const known = decodedIds.get(id)
  if (known !== undefined) return known
  const bytes = decode(id)
  if (decodedIds.size >= CACHE_IDS) {
    for (const oldest of decodedIds.keys()) {
      decodedIds.delete(oldest)
      break
    }
  }
  decodedIds.set(id, bytes)
  return bytes
}

function decodeStreamId(text: string): Uint8Array {
  // The pattern comes first: the decoder's work grows with the square of the length.
  if (!STREAM_ID_TEXT.test(text)) {
    throw new WireError('bad-field', 'this is not a stream id: one has 32 to 44 letters and digits')
  }
  const bytes = base58btc.baseDecode(text)
  if (bytes.length !== ID_BYTES) {
    throw new WireError('bad-field', 'this is not a stream id: perhaps a letter was lost when it was copied')
  }
  return bytes
}

function decodePeerId(text: string): Uint8Array {
  if (!PEER_ID_TEXT.test(text)) throw new WireError('bad-field', 'this is not an Ed25519 peer id (12D3KooW…)')
  const bytes = base58btc.baseDecode(text)
  if (
    bytes.length !== PEER_ID_PREFIX.length + ID_BYTES ||
    PEER_ID_PREFIX.some((byte, index) => bytes[index] !== byte)
  ) {
    throw new WireError('bad-field', 'this is not an Ed25519 peer id (12D3KooW…)')
  }
  return bytes.subarray(PEER_ID_PREFIX.length)
}
