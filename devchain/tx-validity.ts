import type { Blockchain } from './chopsticks.ts'
import type { Hex } from './hex.ts'
import { RpcCode, RpcError } from './rpc-error.ts'
import type { TxValidity } from './tx-pool.ts'

/** In the words of Substrate's own nodes: clients match on them. */
const INVALID_SENTENCES: Readonly<Record<string, string>> = {
  Call: 'Transaction call is not expected',
  Payment: 'Inability to pay some fees (e.g. account balance too low)',
  Future: 'Transaction will be valid in the future',
  Stale: 'Transaction is outdated',
  BadProof: 'Transaction has a bad signature',
  AncientBirthBlock: 'Transaction has an ancient birth block',
  ExhaustsResources: 'Transaction would exhaust the block limits',
  BadMandatory: 'A call was labelled as mandatory, but resulted in an Error.',
  MandatoryValidation: 'Transaction dispatch is mandatory; transactions must not be validated.',
  BadSigner: 'Invalid signing address',
}

/** What the runtime says of it at the best block. Throws RpcError 1001, 1010, 1011. */
export async function validate(chain: Blockchain, extrinsic: Hex): Promise<TxValidity> {
  // The runtime panics on bytes that are no extrinsic, and prints that.
  if (!(await isExtrinsic(chain, extrinsic))) throw badFormat()
  const validity = await chain.validateExtrinsic(extrinsic).catch(() => {
    throw badFormat()
  })
  if (validity.isOk) {
    const { priority, requires, provides } = validity.asOk
    return {
      priority: priority.toBigInt(),
      requires: requires.map(tag => tag.toHex()),
      provides: provides.map(tag => tag.toHex()),
    }
  }
  const error = validity.asErr
  if (error.isInvalid) {
    const reason = error.asInvalid
    const sentence = reason.isCustom ? `Custom error: ${reason.asCustom}` : INVALID_SENTENCES[reason.type]
    throw new RpcError(RpcCode.invalidTransaction, 'Invalid Transaction', sentence ?? reason.type)
  }
  throw new RpcError(RpcCode.unknownValidity, 'Unknown Transaction Validity', error.asUnknown.type)
}

/** Decodes, and to nothing but these bytes. */
async function isExtrinsic(chain: Blockchain, extrinsic: Hex): Promise<boolean> {
  const registry = await chain.head.registry
  try {
    return registry.createType('Extrinsic', extrinsic).toHex() === extrinsic.toLowerCase()
  } catch {
    return false
  }
}

function badFormat(): RpcError {
  return new RpcError(RpcCode.badFormat, 'Extrinsic has invalid format')
}
