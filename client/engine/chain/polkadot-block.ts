import type { GenericExtrinsic, Vec } from '@polkadot/types'
import type { DispatchError, EventRecord } from '@polkadot/types/interfaces'
import type { Registry } from '@polkadot/types/types'
import { parseHex } from '../../../shared/protocol/hex.ts'
import { ChainError } from './chain-error.ts'
import type { Block, BlockExtrinsic, BlockRef, TransferEvent } from './chain-port.ts'
import { type FeeEvent, feePaid } from './fix-fee-event.ts'
import { checkEventsComplete } from './fix-pruned-events.ts'
import { extrinsicHash } from './polkadot-extrinsic.ts'

/** `chain_getBlock` as JSON, and the SCALE bytes of `system.events` at that block. */
export type RawBlock = {
  readonly block: BlockRef
  readonly parent: string
  /** Hex. */
  readonly extrinsics: readonly string[]
  /** Hex; undefined where the node has none. */
  readonly events: string | undefined
}

/** Their second field is an amount. */
const FEE_EVENTS = new Set(['balances.Withdraw', 'balances.Deposit', 'transactionPayment.TransactionFeePaid'])

type Events = {
  readonly results: { readonly isOk: boolean; readonly error?: string }[]
  readonly fees: FeeEvent[][]
  readonly transfers: TransferEvent[][]
  readonly remarks: BlockExtrinsic['remarks'][number][][]
}

/** Decodes by the runtime of that block. Throws ChainError('state-pruned', 'bad-answer'). */
export function decodeBlock(registry: Registry, raw: RawBlock): Block {
  const events = readEvents(registry, raw.events)
  checkEventsComplete(
    raw.block.number,
    raw.extrinsics.length,
    events.results.map(result => result.isOk),
  )
  const extrinsics = raw.extrinsics.map((hex, index): BlockExtrinsic => {
    const bytes = parseHex(hex)
    if (bytes === undefined) throw new ChainError('bad-answer', 'The chain sent a block that cannot be read.')
    const result = events.results[index] ?? { isOk: false }
    const signed = envelope(registry, bytes)
    return {
      index,
      hash: extrinsicHash(bytes),
      ...signed,
      isOk: result.isOk,
      ...(result.error !== undefined && { error: result.error }),
      fee: feePaid(events.fees[index] ?? [], signed.signer),
      transfers: events.transfers[index] ?? [],
      remarks: events.remarks[index] ?? [],
    }
  })
  return { block: raw.block, parent: raw.parent, extrinsics }
}

/** An extrinsic in a form we do not know still has events, so it is kept, as its bytes. */
function envelope(registry: Registry, bytes: Uint8Array): Pick<BlockExtrinsic, 'signer' | 'nonce' | 'call'> {
  let extrinsic: GenericExtrinsic
  try {
    extrinsic = registry.createType('Extrinsic', bytes) as unknown as GenericExtrinsic
  } catch {
    return { signer: undefined, nonce: undefined, call: bytes }
  }
  const call = extrinsic.method.toU8a()
  if (!extrinsic.isSigned) return { signer: undefined, nonce: undefined, call }
  const account = registry.createType('AccountId', extrinsic.signer.value.toU8a())
  return { signer: account.toHex(), nonce: extrinsic.nonce.toNumber(), call }
}

function readEvents(registry: Registry, hex: string | undefined): Events {
  const events: Events = { results: [], fees: [], transfers: [], remarks: [] }
  if (hex === undefined) return events
  const records = registry.createType('Vec<EventRecord>', hex) as unknown as Vec<EventRecord>
  records.forEach(({ event, phase }, index) => {
    if (!phase.isApplyExtrinsic) return
    const at = phase.asApplyExtrinsic.toNumber()
    const [first, second, third] = event.data
    const name = `${event.section}.${event.method}`
    listAt(events.fees, at).push({
      name,
      account: String(first?.toHex()),
      planck: FEE_EVENTS.has(name) ? BigInt(String(second)) : 0n,
    })
    switch (name) {
      case 'system.ExtrinsicSuccess':
        events.results[at] = { isOk: true }
        break
      case 'system.ExtrinsicFailed':
        events.results[at] = {
          isOk: false,
          error: dispatchError(registry, first as unknown as DispatchError),
        }
        break
      case 'balances.Transfer':
        listAt(events.transfers, at).push({
          index,
          from: String(first?.toHex()),
          to: String(second?.toHex()),
          planck: BigInt(String(third)),
        })
        break
      case 'system.Remarked':
        listAt(events.remarks, at).push({
          index,
          sender: String(first?.toHex()),
          hash: String(second?.toHex()),
        })
        break
      default:
    }
  })
  return events
}

function listAt<Item>(lists: Item[][], at: number): Item[] {
  const list = lists[at] ?? []
  lists[at] = list
  return list
}

function dispatchError(registry: Registry, error: DispatchError): string {
  if (!error.isModule) return error.toString()
  try {
    const { section, name } = registry.findMetaError(error.asModule)
    return `${section}.${name}`
  } catch {
    return error.toString()
  }
}
