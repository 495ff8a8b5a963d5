import type { CryptoPort, Signer } from './crypto-port.ts'
import { SIGNATURE_BYTES } from './field-checks.ts'
import { fingerprintBytes } from './fingerprint.ts'
import { type PeerId, publicKeyOfPeer, type StreamId, streamIdToBytes } from './ids.ts'
import { signingInput } from './signing.ts'
import { WireError } from './wire-error.ts'

/** DTLS fingerprints as SDP writes them, e.g. `sha-256 AB:CD:…`; the case of letters does not matter. */
export type LinkBinding = {
  readonly streamId: StreamId
  readonly from: PeerId
  readonly to: PeerId
  readonly fromFingerprint: string
  readonly toFingerprint: string
}

/** `binding.from` signs. Throws WireError('bad-field') for fingerprints other than SHA-256. */
export async function signHello(binding: LinkBinding, signer: Signer): Promise<Uint8Array> {
  return signer.sign(helloInput(binding))
}

/** True iff `binding.from` signed exactly this link. Never throws: what cannot be read is not proven. */
export async function verifyHello(
  binding: LinkBinding,
  proof: Uint8Array,
  crypto: CryptoPort,
): Promise<boolean> {
  if (proof.length !== SIGNATURE_BYTES) return false
  try {
    return await crypto.verify(publicKeyOfPeer(binding.from), helloInput(binding), proof)
  } catch (error) {
    if (error instanceof WireError) return false
    throw error
  }
}

/** Five fields of 32 bytes each, so that none can be read as part of its neighbour. */
function helloInput(binding: LinkBinding): Uint8Array {
  return signingInput(
    'hello',
    streamIdToBytes(binding.streamId),
    publicKeyOfPeer(binding.from),
    publicKeyOfPeer(binding.to),
    fingerprintBytes(binding.fromFingerprint),
    fingerprintBytes(binding.toFingerprint),
  )
}
