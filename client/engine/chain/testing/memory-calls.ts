import { hexText, parseHex } from '../../../../shared/protocol/hex.ts'
import type { AccountHex, Call, ChainCalls } from '../chain-port.ts'

/** What a call of the memory chain says; its bytes are this as JSON, amounts as text. */
export type MemoryCall =
  | {
      readonly kind: 'transfer'
      readonly to: AccountHex
      readonly planck: bigint
      readonly keepsAlive: boolean
    }
  | { readonly kind: 'transfer-all'; readonly to: AccountHex }
  | { readonly kind: 'batch'; readonly calls: readonly MemoryCall[] }
  | { readonly kind: 'multisig'; readonly other: AccountHex; readonly call: MemoryCall }
  | { readonly kind: 'remark'; readonly remark: Uint8Array }

export const memoryCalls: ChainCalls = {
  transferKeepAlive: (to, planck) => encodeCall({ kind: 'transfer', to, planck, keepsAlive: true }),
  transfer: (to, planck) => encodeCall({ kind: 'transfer', to, planck, keepsAlive: false }),
  transferAll: to => encodeCall({ kind: 'transfer-all', to }),
  batchAll: calls => encodeCall({ kind: 'batch', calls: calls.map(decodeCall) }),
  asMultiThreshold1: (other, call) => encodeCall({ kind: 'multisig', other, call: decodeCall(call) }),
  remarkWithEvent: remark => encodeCall({ kind: 'remark', remark }),
}

/** What a test reads out of a ledger's slot or of a block. Throws SyntaxError for bytes of another chain. */
export function decodeCall(call: Call): MemoryCall {
  const end = call.indexOf(0)
  const text = new TextDecoder().decode(end < 0 ? call : call.subarray(0, end))
  return JSON.parse(text, (name, value: unknown) => {
    if (name === 'planck') return BigInt(String(value))
    if (name === 'remark') return parseHex(String(value))
    return value
  }) as MemoryCall
}

/** How many calls run in it, itself included: what its fee grows with. */
export function callCount(call: MemoryCall): number {
  if (call.kind === 'batch') return call.calls.reduce((sum, inner) => sum + callCount(inner), 1)
  return call.kind === 'multisig' ? 1 + callCount(call.call) : 1
}

function encodeCall(call: MemoryCall): Call {
  const text = JSON.stringify(call, (_name, value: unknown) => {
    if (typeof value === 'bigint') return String(value)
    return value instanceof Uint8Array ? hexText(value) : value
  })
  // A real call has its remark's bytes among its own, where readers of blocks look for them.
  return Uint8Array.from([
    ...new TextEncoder().encode(text),
    ...remarksOf(call).flatMap(remark => [0, ...remark]),
  ])
}

function remarksOf(call: MemoryCall): readonly Uint8Array[] {
  if (call.kind === 'remark') return [call.remark]
  if (call.kind === 'batch') return call.calls.flatMap(remarksOf)
  return call.kind === 'multisig' ? remarksOf(call.call) : []
}
