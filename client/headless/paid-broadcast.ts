import { join } from 'node:path'
import { usualCreditSeconds } from '../../shared/pay/access-credit.ts'
import type { Signer } from '../../shared/protocol/crypto-port.ts'
import { hexText } from '../../shared/protocol/hex.ts'
import type { Broadcaster } from '../engine/broadcaster.ts'
import { amountText, planckText } from '../engine/chain/planck-text.ts'
import type { PolkadotChain } from '../engine/chain/polkadot-chain.ts'
import { PaidStream } from '../engine/paid/paid-stream.ts'
import type { EngineDeps } from '../engine/ports.ts'
import { LinesEarningsStore } from '../engine/store/earnings-lines.ts'
import { fileAccessStore } from './access-file.ts'
import { BroadcastRecords, openRecordWriter } from './broadcast-records.ts'
import { accountOf, amountOf, chainOf } from './chain-options.ts'
import type { CommandContext } from './command-context.ts'
import { lockFolder } from './folder-lock.ts'
import { nodeSealKey } from './node-seal-key.ts'
import { OptionError } from './option-error.ts'
import { textFile } from './text-file.ts'

export type PriceFlags = {
  /** Per second, in the chain's unit. */
  readonly price: string
  /** An address; undefined: the account that signs the broadcast. */
  readonly payout: string | undefined
  readonly chain: readonly string[] | undefined
  /** Seconds; undefined: the least that an honest viewer needs. */
  readonly credit: number | undefined
  readonly preview: number
  /** Income read, debts and broadcasts are kept in it. */
  readonly folder: string
  /** Start and end are written on chain, at the cost of the account that signs the broadcast. */
  readonly isRecorded: boolean
}

const EPOCH_MS = 4_000
const STATUS_MS = 10_000

/** What a paid broadcast needs beside the broadcaster; closed after it. */
export type HeadlessPaidStream = {
  readonly paid: PaidStream
  /** Once the stream is live: says income from time to time, and keeps books, until closed. */
  begin(broadcaster: Broadcaster, trackerUsed: string | undefined): void
  /** Just before the stream is stopped. */
  ending(broadcaster: Broadcaster): void
  close(): Promise<void>
}

/** Throws OptionError, PaidStreamError, ChainError. */
export async function openPaidStream(
  flags: PriceFlags,
  {
    deps,
    siteUrl,
    account,
  }: {
    readonly deps: EngineDeps
    readonly siteUrl: string | undefined
    /** Signs the broadcast. */
    readonly account: Signer | undefined
  },
  context: CommandContext,
): Promise<HeadlessPaidStream> {
  const { terminal, signal } = context
  const chain = await chainOf(flags.chain, siteUrl, signal)
  const unlock = await lockFolder(flags.folder).catch(async (error: unknown) => {
    await chain.close()
    throw error
  })
  try {
    const info = await chain.open({ signal })
    const pricePerSecond = amountOf('--price', flags.price, info)
    const payout = payoutOf(flags.payout, account?.publicKey)
    const creditSeconds = flags.credit ?? usualCreditSeconds({ epochMs: EPOCH_MS, blockMs: info.blockMs })
    const paid = await PaidStream.prepare(
      {
        chain,
        earnings: new LinesEarningsStore(textFile(join(flags.folder, 'earnings.jsonl'))),
        access: fileAccessStore(textFile(join(flags.folder, 'access.json'))),
        crypto: deps.crypto,
        clock: deps.clock,
        logger: deps.logger,
        sealKey: nodeSealKey,
      },
      {
        pricePerSecond,
        highestPrice: pricePerSecond,
        payout,
        genesis: info.genesis,
        previewSeconds: flags.preview,
        creditSeconds,
        epochMs: EPOCH_MS,
      },
      { signal },
    )
    terminal.line(
      `Price ${planckText(pricePerSecond, info)} a second (${amountText(pricePerSecond * 3600n, info.decimals)} an hour), paid to ${flags.payout ?? payout} on ${info.name}; ${creditSeconds} s of credit.`,
    )
    const writer = flags.isRecorded ? await openRecordWriter(chain, info, account, context) : undefined
    const records = new BroadcastRecords(deps, flags.folder, writer)
    return new OpenPaidStream(paid, records, chain, unlock, terminal)
  } catch (error) {
    await chain.close()
    await unlock()
    throw error
  }
}

class OpenPaidStream implements HeadlessPaidStream {
  readonly paid: PaidStream
  readonly #records: BroadcastRecords
  readonly #chain: PolkadotChain
  readonly #unlock: () => Promise<void>
  readonly #terminal: CommandContext['terminal']
  #timer: ReturnType<typeof setInterval> | undefined
  #said = ''

  constructor(
    paid: PaidStream,
    records: BroadcastRecords,
    chain: PolkadotChain,
    unlock: () => Promise<void>,
    terminal: CommandContext['terminal'],
  ) {
    this.paid = paid
    this.#records = records
    this.#chain = chain
    this.#unlock = unlock
    this.#terminal = terminal
  }

  begin(broadcaster: Broadcaster, trackerUsed: string | undefined): void {
    this.paid.follow(broadcaster)
    this.#records.begin(broadcaster, this.paid, trackerUsed)
    this.paid.on('view', ({ pause }) => {
      if (pause !== undefined) this.#terminal.note(`Note: ${pause}`)
    })
    this.#timer = setInterval(() => this.#sayIncome(), STATUS_MS)
  }

  ending(broadcaster: Broadcaster): void {
    this.#records.ending(broadcaster)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#sayIncome()
    await this.#records.close()
    await this.paid.close()
    await this.#chain.close()
    await this.#unlock()
  }

  #sayIncome(): void {
    const { chain, viewers } = this.paid.view
    const { income, gaps } = this.paid.earnings.snapshot
    const watching = viewers.filter(({ isWatching }) => isWatching).length
    const text = `Income ${planckText(income.total, chain)} (${planckText(income.final, chain)} final), ${watching} paying`
    if (text === this.#said) return
    this.#said = text
    this.#terminal.note([text, ...gaps].join('\n'))
  }
}

function payoutOf(address: string | undefined, account: Uint8Array | undefined): string {
  if (address !== undefined) return accountOf('--payout', address)
  if (account !== undefined) return hexText(account)
  throw new OptionError(
    'A paid stream needs an account that is paid: name its address with --payout, or sign with --key-file.',
  )
}
