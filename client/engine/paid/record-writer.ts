import type { ChainPlace } from '../../../shared/protocol/chain-place.ts'
import { parseHex } from '../../../shared/protocol/hex.ts'
import type { ChainPort, ExtrinsicSigner } from '../chain/chain-port.ts'
import { planckText } from '../chain/planck-text.ts'
import { finalRecord, type RecordPlace, recordFee, recordOnChain } from '../earn/record-on-chain.ts'
import type { StreamInfo } from '../events.ts'

export type RecordWriterDeps = {
  readonly chain: ChainPort
  /** The account of the certificate: a record by any other proves nothing. */
  readonly signer: ExtrinsicSigner
  /** How it went, in a sentence. */
  onSentence(sentence: string): void
}

/** What a Broadcaster is to a record. */
export interface RecordedStream {
  readonly streamInfo: StreamInfo | undefined
  setRecord(place: ChainPlace): Promise<void>
}

type Signalled = { readonly signal?: AbortSignal }

/**
 * Writes one broadcast's start and end on chain, by the creator's account and at its cost, and has its announcements say
 * where. Whatever fails is a sentence: nothing here throws into a broadcast, or holds it up.
 */
export class RecordWriter {
  readonly #deps: RecordWriterDeps
  /** In a block; the end waits for it, since both spend a nonce of one account. */
  #start: Promise<boolean> = Promise.resolve(false)
  #end: Promise<void> | undefined
  readonly #closed = new AbortController()

  constructor(deps: RecordWriterDeps) {
    this.#deps = deps
  }

  /** What it costs, by the chain's word now, and whether the account has it. Throws ChainError. */
  async quote(options: Signalled = {}): Promise<string> {
    const { chain, signer } = this.#deps
    const info = await chain.open(options)
    // Every hash has the same length, so every record the same fee.
    const remark = { kind: 'start' as const, manifestHash: new Uint8Array(32) }
    const fee = await recordFee(chain, signer.account, remark, options)
    const { free } = await chain.balance(signer.account, options)
    const words = `Start and end will be written on chain for about ${planckText(fee, info)} each`
    const needed = 2n * fee + info.existentialDeposit
    if (free >= needed) return `${words}.`
    const lack = planckText(needed - free, info)
    return `${words}, but the account that signs lacks ${lack} for it: the stream goes on without, unless it gets that first.`
  }

  /** Once the stream is live. Returns at once; its place is announced when it is final. */
  start(stream: RecordedStream): void {
    const { streamInfo } = stream
    if (streamInfo === undefined) return
    const manifestHash = streamInfo.verified.hash
    const signal = this.#closed.signal
    this.#start = this.#write('start', manifestHash, async recorded => {
      try {
        // A place that a re-organisation takes back would make its creator a liar.
        const place = await finalRecord(this.#deps.chain, recorded, { signal })
        if (place !== undefined) await stream.setRecord(chainPlace(place, manifestHash))
        else this.#deps.onSentence('The start is not on chain any more: its block was dropped.')
      } catch (error) {
        if (!signal.aborted) this.#deps.onSentence(`Viewers are not told of the record: ${words(error)}`)
      }
    })
  }

  /**
   * As the stream ends, of its newest manifest, and only where the start is on chain. Resolves when it is in a block, or
   * is not; `signal` is for whoever cannot wait: what was sent by then may still be included. Idempotent.
   */
  end(manifestHash: Uint8Array | undefined, options: Signalled = {}): Promise<void> {
    this.#end ??= this.#writeEnd(manifestHash, options)
    return this.#end
  }

  async #writeEnd(manifestHash: Uint8Array | undefined, { signal }: Signalled): Promise<void> {
    const stop = () => this.#closed.abort()
    if (signal?.aborted === true) stop()
    signal?.addEventListener('abort', stop, { once: true })
    try {
      if (manifestHash !== undefined && (await this.#start)) await this.#write('end', manifestHash)
    } finally {
      signal?.removeEventListener('abort', stop)
      stop()
    }
  }

  async #write(
    kind: 'start' | 'end',
    manifestHash: Uint8Array,
    then?: (recorded: Recorded) => Promise<void>,
  ): Promise<boolean> {
    const { chain, signer, onSentence } = this.#deps
    const what = kind === 'start' ? 'The start' : 'The end'
    const { signal } = this.#closed
    try {
      const outcome = await recordOnChain(chain, signer, { kind, manifestHash }, { signal })
      if (outcome.kind === 'failed') {
        onSentence(`${what} is not on chain: ${outcome.sentence}`)
        return false
      }
      const { state } = chain
      const fee = state.kind === 'ready' ? `, fee ${planckText(outcome.fee, state.info)}` : ''
      onSentence(`${what} is written in block ${outcome.block.number} (${outcome.cid}${fee}).`)
      void then?.(outcome)
      return true
    } catch (error) {
      const why = signal.aborted ? 'nobody waited for a block to take it.' : words(error)
      onSentence(`${what} is not known to be on chain: ${why}`)
      return false
    }
  }
}

type Recorded = Extract<Awaited<ReturnType<typeof recordOnChain>>, { kind: 'recorded' }>

function chainPlace({ block, extrinsic }: RecordPlace, manifestHash: Uint8Array): ChainPlace {
  const [blockHash, extrinsicHash] = [parseHex(block.hash), parseHex(extrinsic)]
  if (blockHash === undefined || extrinsicHash === undefined) throw new RangeError('a hash is hex')
  return { block: block.number, blockHash, extrinsicHash, manifestHash }
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
