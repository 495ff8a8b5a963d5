import { blake2b } from '@noble/hashes/blake2.js'
import type { ApiPromise } from '@polkadot/api'
import { hexText, parseHex } from '../../../shared/protocol/hex.ts'
import { ChainError } from './chain-error.ts'
import type { Call, Era, Extrinsic, ExtrinsicSigner, SignerPayload } from './chain-port.ts'
import { lastBlockOfEra, mortalEra } from './fix-mortal-era.ts'

/** Of the extrinsic format: every chain takes 4, some take 5 as well. */
export const EXTRINSIC_VERSION = 4
/** Longer payloads are signed by their blake2-256. */
const PAYLOAD_MAX_BYTES = 256
/** Prefix of a MultiSignature. */
const SCHEME_BYTE = { ed25519: 0, sr25519: 1, ecdsa: 2 } as const

/** What the chain wants signed besides the call. All read when the connection was made: signing makes no request. */
type SigningChain = Pick<ApiPromise, 'registry' | 'genesisHash' | 'runtimeVersion'>

/** Throws ChainError('bad-answer') when a wallet returns something that is no signature. */
export async function signExtrinsic(
  chain: SigningChain,
  call: Call,
  signer: ExtrinsicSigner,
  { nonce, era }: { readonly nonce: number; readonly era: Era },
): Promise<Extrinsic> {
  const payload = signerPayload(chain, call, signer.account, nonce, era)
  const encoded = chain.registry.createType('ExtrinsicPayload', payload, { version: EXTRINSIC_VERSION })
  const signature = await multiSignature(payload, encoded.toU8a({ method: true }), signer)
  const method = chain.registry.createType('Call', call)
  const extrinsic = chain.registry.createType('Extrinsic', method, { version: EXTRINSIC_VERSION })
  extrinsic.addSignature(signer.account, signature, encoded.toU8a())
  const bytes = extrinsic.toU8a()
  return { bytes, hash: extrinsicHash(bytes), lastBlock: lastBlockOfEra(era) }
}

/** blake2-256, hex. */
export function extrinsicHash(bytes: Uint8Array): string {
  return hexText(blake2b(bytes, { dkLen: 32 }))
}

/** The payload in the form wallets take, and the one our own keys' bytes are made of. */
export function signerPayload(
  { registry, genesisHash, runtimeVersion }: SigningChain,
  call: Call,
  account: string,
  nonce: number,
  era: Era,
): SignerPayload {
  return {
    address: account,
    blockHash: registry.createType('Hash', era.birth.hash).toHex(),
    blockNumber: registry.createType('BlockNumber', era.birth.number).toHex(),
    era: mortalEra(registry, era).toHex(),
    genesisHash: genesisHash.toHex(),
    method: registry.createType('Call', call).toHex(),
    mode: 0,
    nonce: registry.createType('Compact<Index>', nonce).toHex(),
    signedExtensions: [...registry.signedExtensions],
    specVersion: runtimeVersion.specVersion.toHex(),
    tip: registry.createType('Compact<Balance>', 0).toHex(),
    transactionVersion: runtimeVersion.transactionVersion.toHex(),
    version: EXTRINSIC_VERSION,
  }
}

/** `bytes`: the payload with the call's bytes as they stand, without their length, as chains check it. */
async function multiSignature(
  payload: SignerPayload,
  bytes: Uint8Array,
  signer: ExtrinsicSigner,
): Promise<Uint8Array> {
  if (signer.signPayload !== undefined) {
    const signature = parseHex(await signer.signPayload(payload))
    if (signature === undefined || signature.length < 65 || signature.length > 66)
      throw new ChainError(
        'bad-answer',
        'The wallet returned no signature. Try again, or use another wallet.',
      )
    return signature
  }
  const short = bytes.length > PAYLOAD_MAX_BYTES ? blake2b(bytes, { dkLen: 32 }) : bytes
  return Uint8Array.of(SCHEME_BYTE[signer.scheme], ...(await signer.sign(short)))
}
