import { join } from 'node:path'
import type { Signer } from '../../shared/protocol/crypto-port.ts'
import { hexText } from '../../shared/protocol/hex.ts'
import type { Broadcaster } from '../engine/broadcaster.ts'
import { encodeAddress } from '../engine/chain/address.ts'
import type { ChainInfo, ChainPort } from '../engine/chain/chain-port.ts'
import type { PaidStream } from '../engine/paid/paid-stream.ts'
import { recordRows } from '../engine/paid/record-rows.ts'
import { RecordWriter } from '../engine/paid/record-writer.ts'
import type { EngineDeps } from '../engine/ports.ts'
import { LinesStreamRecords } from '../engine/store/stream-records-lines.ts'
import type { CommandContext } from './command-context.ts'
import { OptionError } from './option-error.ts'
import { textFile } from './text-file.ts'

/** The end is waited for so long; what was sent by then may still be included. */
const END_PATIENCE_MS = 60_000

/** What a headless creator keeps of a paid broadcast: rows in its folder and, where wanted, records on chain. */
export class BroadcastRecords {
  readonly #deps: EngineDeps
  readonly #folder: string
  readonly #writer: RecordWriter | undefined
  #rows: Promise<() => Promise<void>> | undefined
  #ending: Promise<void> | undefined

  /** `writer`: where the chain shall say so too. */
  constructor(deps: EngineDeps, folder: string, writer: RecordWriter | undefined) {
    this.#deps = deps
    this.#folder = folder
    this.#writer = writer
  }

  /** Once the stream is live. */
  begin(broadcaster: Broadcaster, paid: PaidStream, trackerUsed: string | undefined): void {
    const { clock } = this.#deps
    const logger = this.#deps.logger.scope('records')
    const records = new LinesStreamRecords(textFile(join(this.#folder, 'streams.jsonl')))
    // The stream key lives in this process only, so no place of it can be named.
    const keys = { streamKeyReference: '', trackerUsed }
    this.#rows = recordRows(broadcaster, paid, { records, clock, logger }, keys)
    this.#rows.catch((error: unknown) => logger.warn('the broadcast is not recorded', { why: String(error) }))
    this.#writer?.start(broadcaster)
  }

  /** While the stream still has its manifest: the end goes out while viewers are told. */
  ending(broadcaster: Broadcaster): void {
    if (this.#rows === undefined) return
    const hash = broadcaster.streamInfo?.verified.hash
    this.#ending ??= this.#writer?.end(hash, { signal: AbortSignal.timeout(END_PATIENCE_MS) })
  }

  /** Resolves when rows and records are written, or never will be. */
  async close(): Promise<void> {
    await Promise.all([
      this.#ending,
      this.#rows?.then(end => end()).catch(() => undefined), // Told when it failed.
    ])
  }
}

/** Says what it will cost, before anything is sent. Throws OptionError. */
export async function openRecordWriter(
  chain: ChainPort,
  info: ChainInfo,
  account: Signer | undefined,
  { terminal, signal }: Pick<CommandContext, 'terminal' | 'signal'>,
): Promise<RecordWriter> {
  if (account === undefined)
    throw new OptionError(
      'A record on chain is signed and paid by the account of the broadcast: name it with --key-file, or leave out --record.',
    )
  const writer = new RecordWriter({
    chain,
    signer: {
      account: hexText(account.publicKey),
      scheme: 'ed25519',
      sign: bytes => account.sign(bytes),
    },
    onSentence: sentence => terminal.note(sentence),
  })
  const address = encodeAddress(hexText(account.publicKey), info.ss58Prefix)
  const quote = await writer.quote({ signal }).catch((error: unknown) => {
    signal.throwIfAborted()
    return `What start and end cost on chain could not be asked (${error instanceof Error ? error.message : String(error)}); they are tried all the same.`
  })
  terminal.line(`${quote} Signed and paid by ${address}.`)
  return writer
}
