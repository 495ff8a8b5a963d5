import type { CryptoPort, Signer } from './crypto-port.ts'
import type { PeerId, StreamId } from './ids.ts'

/** DTLS fingerprints as SDP writes them, e.g. `sha-256 AB:CD:…`, lower-cased algorithm. */
export type LinkBinding = {
  readonly streamId: StreamId
  readonly from: PeerId
  readonly to: PeerId
  readonly fromFingerprint: string
  readonly toFingerprint: string
}
export function signHello(binding: LinkBinding, signer: Signer): Promise<Uint8Array> {
  throw new Error('not built')
}
export function verifyHello(binding: LinkBinding, proof: Uint8Array, crypto: CryptoPort): Promise<boolean> {
  throw new Error('not built')
}
