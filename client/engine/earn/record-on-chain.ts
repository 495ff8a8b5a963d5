import { blake2b } from '@noble/hashes/blake2.js'
import type { AccountHex, BlockRef } from '../../../shared/pay/evidence.ts'
import { manifestCid, type StreamRemark, streamRemark } from '../../../shared/pay/stream-remark.ts'
import { hexText } from '../../../shared/protocol/hex.ts'
import { ChainError } from '../chain/chain-error.ts'
import type { BlockExtrinsic, ChainPort, ExtrinsicSigner } from '../chain/chain-port.ts'

type Signalled = { readonly signal?: AbortSignal }

/** Where a record stands. */
export type RecordPlace = { readonly block: BlockRef; readonly extrinsic: string }

/** The blocks that can hold an extrinsic: above `birth`, up to `lastBlock`. */
export type SentRecord = { readonly birth: BlockRef; readonly lastBlock: number }

export type RecordOutcome =
  /** In a block; `fee` in planck. */
  | ({
      readonly kind: 'recorded'
      readonly cid: string
      readonly fee: bigint
      readonly sent: SentRecord
    } & RecordPlace)
  /** Nothing was recorded; a fee may have been paid where `fee` is above 0n. */
  | { readonly kind: 'failed'; readonly fee: bigint; readonly sentence: string }

export type RecordCheck =
  | { readonly kind: 'verified'; readonly cid: string; readonly place: RecordPlace }
  /** The block was read and does not say so. */
  | { readonly kind: 'not-there'; readonly sentence: string }
  /** Nothing is known: the block cannot be read. */
  | { readonly kind: 'unread'; readonly sentence: string }

/** Blocks within which a record is included or never will be. */
const PERIOD = 64

/** planck that `recordOnChain` would cost now. */
export function recordFee(
  chain: ChainPort,
  account: AccountHex,
  remark: StreamRemark,
  options: Signalled = {},
): Promise<bigint> {
  return chain.fee(chain.calls.remarkWithEvent(streamRemark(remark)), account, options)
}

/**
 * The creator's account says on chain that the stream began or ended. Sent once; resolves when it stands in a best
 * block, or never can. Throws ChainError where the chain does not answer before it was sent.
 */
export async function recordOnChain(
  chain: ChainPort,
  signer: ExtrinsicSigner,
  remark: StreamRemark,
  { signal }: Signalled = {},
): Promise<RecordOutcome> {
  signal?.throwIfAborted()
  const passed = signal === undefined ? {} : { signal }
  const birth = chain.finalised()
  if (birth === undefined) throw new ChainError('not-open', 'The chain has not said yet what is final.')
  const { nonce } = await chain.balance(signer.account, passed)
  const call = chain.calls.remarkWithEvent(streamRemark(remark))
  const extrinsic = await chain.sign(call, signer, { nonce, era: { birth, period: PERIOD }, ...passed })
  const answer = await chain.submit(extrinsic.bytes, passed)
  if (answer.kind === 'refused') {
    return { kind: 'failed', fee: 0n, sentence: `The chain did not take the record: ${answer.reason}.` }
  }
  const sent = { birth, lastBlock: extrinsic.lastBlock }
  const found = await inclusion(chain, extrinsic.hash, sent, { isFinal: false, signal })
  if (found === undefined) {
    return {
      kind: 'failed',
      fee: 0n,
      sentence: 'No block took the record in time: nothing was written or paid.',
    }
  }
  const { isOk, fee, error = 'it failed' } = found.extrinsic
  if (!isOk) return { kind: 'failed', fee, sentence: `The chain refused the record: ${error}.` }
  const cid = manifestCid(remark.manifestHash)
  return { kind: 'recorded', cid, fee, sent, block: found.block, extrinsic: extrinsic.hash }
}

/**
 * Where a record stands once that cannot change any more: another block than at first, where the chain was re-organised.
 * Undefined when it was dropped for good, or failed there.
 */
export async function finalRecord(
  chain: ChainPort,
  { extrinsic, sent }: Extract<RecordOutcome, { kind: 'recorded' }>,
  { signal }: Signalled = {},
): Promise<RecordPlace | undefined> {
  signal?.throwIfAborted()
  const found = await inclusion(chain, extrinsic, sent, { isFinal: true, signal })
  return found?.extrinsic.isOk === true ? { block: found.block, extrinsic } : undefined
}

/** For viewers: does this extrinsic of this block, signed by this account, record this manifest? Never throws but for `signal`. */
export async function verifyRecord(
  chain: ChainPort,
  place: RecordPlace,
  expected: StreamRemark & { readonly account: AccountHex },
  { signal }: Signalled = {},
): Promise<RecordCheck> {
  let extrinsics: readonly BlockExtrinsic[]
  try {
    const read = await chain.block(place.block.hash, signal === undefined ? {} : { signal })
    extrinsics = read.block.number === place.block.number ? read.extrinsics : []
    if (
      (await chain.blockHash(place.block.number, signal === undefined ? {} : { signal })) !== place.block.hash
    ) {
      return { kind: 'not-there', sentence: 'The block that was named is not part of the chain.' }
    }
  } catch (error) {
    signal?.throwIfAborted()
    if (!(error instanceof ChainError)) throw error
    return { kind: 'unread', sentence: `The record could not be looked up: ${error.message}` }
  }
  const hash = hexText(blake2b(streamRemark(expected), { dkLen: 32 }))
  const isThere = extrinsics.some(
    extrinsic =>
      extrinsic.hash === place.extrinsic &&
      extrinsic.isOk &&
      extrinsic.remarks.some(remark => remark.sender === expected.account && remark.hash === hash),
  )
  if (isThere) return { kind: 'verified', cid: manifestCid(expected.manifestHash), place }
  return { kind: 'not-there', sentence: 'The chain holds no such record of this creator for this stream.' }
}

/** Looks at each canonical block from `birth` on until one (a final one) has it, or its era has passed at finality. */
async function inclusion(
  chain: ChainPort,
  hash: string,
  { birth, lastBlock }: SentRecord,
  { isFinal, signal }: { readonly isFinal: boolean; readonly signal: AbortSignal | undefined },
): Promise<{ readonly block: BlockRef; readonly extrinsic: BlockExtrinsic } | undefined> {
  const passed = signal === undefined ? {} : { signal }
  const looked = new Set<string>()
  const look = async () => {
    const newest = isFinal ? chain.finalised() : chain.best()
    const last = Math.min(newest?.number ?? birth.number, lastBlock)
    for (let number = birth.number + 1; number <= last; number++) {
      const at = await chain.blockHash(number, passed)
      if (looked.has(at)) continue
      const { block, extrinsics } = await chain.block(at, passed)
      const extrinsic = extrinsics.find(other => other.hash === hash)
      if (extrinsic !== undefined) return { block, extrinsic }
      looked.add(at)
    }
    return undefined
  }
  for (;;) {
    const news = nextBlock(chain, signal)
    try {
      const isOver = (chain.finalised()?.number ?? 0) >= lastBlock
      const found = await look()
      if (found !== undefined || isOver) return found
      await news.next
    } catch (error) {
      signal?.throwIfAborted()
      // Down for a while: it was sent, so its block is looked for until it cannot come any more.
      if (!(error instanceof ChainError)) throw error
      await news.next
    } finally {
      news.end()
    }
    signal?.throwIfAborted()
  }
}

/** Listening begins at once: a block that comes while others are read is not missed. */
function nextBlock(
  chain: ChainPort,
  signal: AbortSignal | undefined,
): { readonly next: Promise<void>; end(): void } {
  const disposers: (() => void)[] = []
  const next = new Promise<void>(resolve => {
    const wake = () => resolve()
    disposers.push(chain.on('best', wake), chain.on('finalised', wake), chain.on('state', wake))
    signal?.addEventListener('abort', wake, { once: true })
    disposers.push(() => signal?.removeEventListener('abort', wake))
  })
  return { next, end: () => disposers.forEach(dispose => void dispose()) }
}
