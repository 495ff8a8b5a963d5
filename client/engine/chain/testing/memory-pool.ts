import { blake2b } from '@noble/hashes/blake2.js'
import { hexText } from '../../../../shared/protocol/hex.ts'
import type { AccountHex, BlockRef, Call, SubmitResult } from '../chain-port.ts'
import { decodeCall } from './memory-calls.ts'
import type { MemoryLedger } from './memory-ledger.ts'

/** An extrinsic of the memory chain; its bytes are this as JSON. */
export type MemoryExtrinsic = {
  readonly signer: AccountHex
  readonly nonce: number
  readonly birth: BlockRef
  readonly period: number
  /** Hex. */
  readonly call: string
  /** Hex, of the JSON without it. */
  readonly signature: string
}

export type PoolEntry = { readonly hash: string; readonly extrinsic: MemoryExtrinsic; readonly call: Call }

/** What validation needs of the chain that asks. */
export type PoolView = {
  readonly ledger: MemoryLedger
  readonly nextBlock: number
  readonly feeFactor: bigint
  readonly canonicalHash: (number: number) => string | undefined
}

/** Transactions that wait for a block, in the order they came. */
export class MemoryPool {
  readonly #entries = new Map<string, PoolEntry>()

  get entries(): readonly PoolEntry[] {
    return [...this.#entries.values()]
  }

  /** Answers as a node's pool does; takes it in when 'accepted'. */
  submit(entry: PoolEntry, view: PoolView, isBanned: boolean): SubmitResult {
    if (this.#entries.has(entry.hash)) return { kind: 'unknown', reason: '1013: Already imported' }
    if (isBanned) return { kind: 'unknown', reason: '1012: Temporarily banned' }
    const { signer, nonce } = entry.extrinsic
    if (nonce < view.ledger.account(signer).nonce)
      return { kind: 'unknown', reason: '1010: Transaction is outdated' }
    const refusal = refusalOf(entry, view)
    if (refusal !== undefined) return refusal
    for (const { extrinsic } of this.#entries.values()) {
      if (extrinsic.signer === signer && extrinsic.nonce === nonce)
        return { kind: 'unknown', reason: '1014: Priority is too low' }
    }
    this.#entries.set(entry.hash, entry)
    return { kind: 'accepted' }
  }

  /** Those of a retracted block come back, before what arrived since. */
  putBack(entries: readonly PoolEntry[]): void {
    const later = this.entries
    this.#entries.clear()
    for (const entry of [...entries, ...later]) this.#entries.set(entry.hash, entry)
  }

  /** The next one that may enter a block now; those that never can any more are forgotten. */
  takeNext(view: PoolView): PoolEntry | undefined {
    for (const entry of this.#entries.values()) {
      const next = view.ledger.account(entry.extrinsic.signer).nonce
      if (entry.extrinsic.nonce > next) continue
      this.#entries.delete(entry.hash)
      if (entry.extrinsic.nonce === next && refusalOf(entry, view) === undefined) return entry
    }
    return undefined
  }

  clear(): void {
    this.#entries.clear()
  }
}

export function lastBlockOf(birth: BlockRef, period: number): number {
  return birth.number + period - 1
}

export function encodeExtrinsic(extrinsic: MemoryExtrinsic): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(extrinsic))
}

/** Undefined for bytes that are no JSON. */
export function decodeExtrinsic(bytes: Uint8Array): MemoryExtrinsic | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as MemoryExtrinsic
  } catch {
    return undefined
  }
}

/** blake2-256, hex. */
export function extrinsicHash(bytes: Uint8Array): string {
  return hexText(blake2b(bytes, { dkLen: 32 }))
}

/** What is signed. */
export function payloadOf(extrinsic: Omit<MemoryExtrinsic, 'signature'>): Uint8Array {
  const { signer, nonce, birth, period, call } = extrinsic
  return new TextEncoder().encode(JSON.stringify({ signer, nonce, birth, period, call }))
}

export function feeOfCall(call: Call, view: Pick<PoolView, 'ledger' | 'feeFactor'>): bigint {
  return view.ledger.feeOf(decodeCall(call), view.feeFactor)
}

function refusalOf({ extrinsic, call }: PoolEntry, view: PoolView): SubmitResult | undefined {
  const { birth, period, signer } = extrinsic
  if (view.canonicalHash(birth.number) !== birth.hash)
    return { kind: 'refused', code: 'invalid', reason: 'signed for another fork' }
  if (view.nextBlock > lastBlockOf(birth, period))
    return { kind: 'unknown', reason: '1010: its blocks have passed' }
  if (!view.ledger.canPay(signer, feeOfCall(call, view)))
    return {
      kind: 'refused',
      code: 'payment',
      reason: `1010: ${hexText(call).length / 2} bytes not paid for`,
    }
  return undefined
}
