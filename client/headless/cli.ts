#!/usr/bin/env node
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Signer } from '../../shared/protocol/crypto-port.ts'
import { trackerCommand } from '../../tracker/cli.ts'
import { lineLogger } from '../../tracker/logger.ts'
import { ChainError } from '../engine/chain/chain-error.ts'
import { EngineError } from '../engine/engine-error.ts'
import { PaidStreamError } from '../engine/paid/paid-stream-error.ts'
import { PayError } from '../engine/pay/pay-error.ts'
import type { CommandContext } from './command-context.ts'
import type { DemoOptions } from './demo-command.ts'
import type { DevchainCommandOptions } from './devchain-command.ts'
import { accountFromHex, loadAccount } from './key-file.ts'
import { OptionError } from './option-error.ts'
import type { PriceFlags } from './paid-broadcast.ts'
import { endWithParent, shutdownSignal } from './shutdown.ts'
import { isSupervised, supervise } from './supervise.ts'
import { Terminal } from './terminal.ts'

const DEFAULT_TRACKER = 'http://localhost:8080'
const CREATOR_SLOTS = 6
const RELAY_SLOTS = 8
/** Twelve connections are a peer's most (CONNECTIONS_MAX); two are its parent and the next candidate. */
const SLOTS_MAX = 10
const WATCH_SLOTS = 4
const CREATOR_FOLDER = join(homedir(), '.vilokanam', 'creator')
const VIEWER_FOLDER = join(homedir(), '.vilokanam', 'viewer')
/** Errors whose message is written for the user. */
const SENTENCES = [EngineError, OptionError, ChainError, PayError, PaidStreamError]
const DEFAULT_CHAIN_PORT = 9944

type BroadcastFlags = {
  title?: string
  description: string
  category: string
  loop: boolean
  keyFile?: string
  picture?: string
  tracker: string[]
  slots: number
  verbose: boolean
  price?: string
  payout?: string
  chain?: string[]
  credit?: number
  preview: number
  record: boolean
  folder: string
}
type WatchFlags = {
  tracker?: string[]
  slots: number
  output: string
  budget?: string
  wallet?: string
  chain?: string[]
  folder: string
  verbose: boolean
}
type RelayFlags = { tracker?: string[]; slots: number; verbose: boolean }

const trackerOption = (text: string) =>
  new Option('--tracker <addresses>', text).env('VILOKANAM_TRACKER').argParser(addresses)
const slotsOption = (slots: number) =>
  new Option('--slots <count>', `peers served directly, 0 to ${SLOTS_MAX}`)
    .env('VILOKANAM_SLOTS')
    .default(slots)
    .argParser(wholeNumber(0, SLOTS_MAX))
const chainOption = () =>
  new Option('--chain <addresses>', "nodes of the chain, ws:// or wss://; by default the site's own")
    .env('VILOKANAM_CHAIN')
    .argParser(addresses)
const folderOption = (what: string) =>
  new Option('--folder <path>', `${what}; one process at a time`).env('VILOKANAM_FOLDER')
const verboseOption = () =>
  new Option('--verbose', 'log what the mesh does').env('VILOKANAM_VERBOSE').default(false)

// Each command loads what it needs by itself: help comes at once, and an error before WebRTC is up.
const program = new Command('vilokanam')
  .description("Live video that nobody has to host: viewers' machines relay it to each other.")
  .showHelpAfterError('(--help says more)')

program
  .command('broadcast')
  .description('go live with a video file, or with what another program pipes in')
  .argument('<source>', 'an MP4 or WebM file, or - for standard input (WebM)')
  .addOption(
    new Option('--title <text>', 'shown to viewers; the name of the file by default').env('VILOKANAM_TITLE'),
  )
  .addOption(
    new Option('--description <text>', 'shown on the watch page').env('VILOKANAM_DESCRIPTION').default(''),
  )
  .addOption(new Option('--category <text>', 'shown on Home').env('VILOKANAM_CATEGORY').default(''))
  .addOption(new Option('--loop', 'start the file again at its end').env('VILOKANAM_LOOP').default(false))
  .addOption(
    new Option(
      '--key-file <path>',
      "the creator's account key; made on first use. Without one the stream gets a key for this time only",
    ).env('VILOKANAM_KEY_FILE'),
  )
  .addOption(
    new Option(
      '--picture <path>',
      'WebP or JPEG of at most 24 KiB, shown on Home; taken from the file where ffmpeg is installed',
    ).env('VILOKANAM_PICTURE'),
  )
  .addOption(
    trackerOption("trackers, by their sites' addresses or multiaddrs; several with commas between").default(
      [DEFAULT_TRACKER],
      DEFAULT_TRACKER,
    ),
  )
  .addOption(slotsOption(CREATOR_SLOTS))
  .addOption(
    new Option('--price <amount>', 'per second, in the unit of the chain: a paid stream, encrypted').env(
      'VILOKANAM_PRICE',
    ),
  )
  .addOption(
    new Option('--payout <address>', 'the account that is paid; by default the one of --key-file').env(
      'VILOKANAM_PAYOUT',
    ),
  )
  .addOption(chainOption())
  .addOption(
    new Option(
      '--credit <seconds>',
      'that a viewer may owe; 0: pay ahead. By default what honest viewers need, and one unplayed tail',
    )
      .env('VILOKANAM_CREDIT')
      .argParser(wholeNumber(0, 86_400)),
  )
  .addOption(
    new Option('--preview <seconds>', 'free for each wallet that has funded a session')
      .env('VILOKANAM_PREVIEW')
      .default(0)
      .argParser(wholeNumber(0, 86_400)),
  )
  .addOption(
    new Option(
      '--record',
      'write start and end of a paid stream on chain: the account of --key-file signs, and pays the fees that are said before',
    )
      .env('VILOKANAM_RECORD')
      .default(false),
  )
  .addOption(folderOption('what is kept of income, debts and broadcasts').default(CREATOR_FOLDER))
  .addOption(verboseOption())
  .addHelpText(
    'after',
    `
Environment: VILOKANAM_KEY holds the account key itself, 64 hexadecimal digits, instead of --key-file.

Examples:
  vilokanam broadcast --loop film.mp4
  ffmpeg -re -i … -c:v libvpx -deadline realtime -g 30 -c:a libopus -f webm - | vilokanam broadcast -`,
  )
  .action((source: string, flags: BroadcastFlags) =>
    run(flags.verbose, async context => {
      const { title, description, category, picture, tracker, slots } = flags
      const { broadcast } = await import('./broadcast-command.ts')
      await broadcast(
        source,
        {
          title,
          description,
          category,
          picture,
          slots,
          account: await accountOf(flags.keyFile),
          isLooping: flags.loop,
          trackers: tracker,
          price: priceOf(flags),
        },
        context,
      )
    }),
  )

program
  .command('watch')
  .description('write a stream to a file or pipe, paying for each second of it where it asks a price')
  .argument('<stream>', "a stream's id, or the address of its watch page")
  .addOption(
    new Option('--output <path>', 'the file to write, or - for standard output')
      .env('VILOKANAM_OUTPUT')
      .makeOptionMandatory(),
  )
  .addOption(
    new Option('--budget <amount>', 'spent at most, in the unit of the chain; what is left comes back').env(
      'VILOKANAM_BUDGET',
    ),
  )
  .addOption(
    new Option('--wallet <key-file>', 'who pays: a key file, or on a local chain //Alice to //Ferdie').env(
      'VILOKANAM_WALLET',
    ),
  )
  .addOption(chainOption())
  .addOption(folderOption('keys and ledger of sessions').default(VIEWER_FOLDER))
  .addOption(trackerOption(`trackers; by default the site in the stream's address, else ${DEFAULT_TRACKER}`))
  .addOption(slotsOption(WATCH_SLOTS))
  .addOption(verboseOption())
  .addHelpText(
    'after',
    `
Examples:
  vilokanam watch http://localhost:8080/#/watch/… --output stream.webm
  vilokanam watch … --budget 0.5 --wallet my.key --output - | ffplay -`,
  )
  .action((stream: string, flags: WatchFlags) =>
    run(
      flags.verbose,
      async context => {
        const { watch } = await import('./watch-command.ts')
        const { tracker, slots, output, budget, wallet, chain, folder } = flags
        await watch(
          stream,
          {
            trackers: tracker,
            defaultTracker: DEFAULT_TRACKER,
            slots,
            output,
            budget,
            wallet,
            chain,
            folder,
          },
          context,
        )
      },
      // Where the video goes to standard output, words go elsewhere.
      flags.output === '-' ? process.stderr : process.stdout,
    ),
  )

program
  .command('relay')
  .description("lend this machine's bandwidth to a stream: verify and forward it, without playing it")
  .argument('<stream>', "a stream's id, or the address of its watch page")
  .addOption(trackerOption(`trackers; by default the site in the stream's address, else ${DEFAULT_TRACKER}`))
  .addOption(slotsOption(RELAY_SLOTS))
  .addOption(verboseOption())
  .action((stream: string, { tracker, slots, verbose }: RelayFlags) => {
    if (!isSupervised()) return superviseItself()
    return run(verbose, async context => {
      const { relay } = await import('./relay-command.ts')
      await relay(stream, { trackers: tracker, defaultTracker: DEFAULT_TRACKER, slots }, context)
    })
  })

program
  .command('demo')
  .description(
    'try it all on this machine: a tracker with the site, a local chain, the sample clip in a loop, two relays',
  )
  .addOption(
    new Option('--port <number>', 'of the site').env('VILOKANAM_PORT').default(8080).argParser(portNumber),
  )
  .addOption(
    new Option('--host <address>', 'to listen on; beyond this machine a browser needs https')
      .env('VILOKANAM_HOST')
      .default('127.0.0.1'),
  )
  .addOption(
    new Option('--chain-port <number>', 'of the local chain')
      .env('VILOKANAM_CHAIN_PORT')
      .default(DEFAULT_CHAIN_PORT)
      .argParser(portNumber),
  )
  .addOption(new Option('--no-chain', 'without the local chain').env('VILOKANAM_NO_CHAIN'))
  .action((options: DemoOptions) =>
    run(false, async context => {
      const { demo } = await import('./demo-command.ts')
      await demo(options, context)
    }),
  )

program
  .command('devchain')
  .description('a local Asset Hub with play money, on this machine only: for development and tests')
  .addOption(
    new Option('--port <number>', 'for WebSocket and HTTP; 0 takes any free one')
      .env('VILOKANAM_CHAIN_PORT')
      .default(DEFAULT_CHAIN_PORT)
      .argParser(wholeNumber(0, 65_535)),
  )
  .addOption(
    new Option('--block-ms <number>', 'time between blocks; one takes about 250 ms of a core')
      .env('VILOKANAM_BLOCK_MS')
      .default(2_000)
      .argParser(wholeNumber(500, 600_000)),
  )
  .addOption(
    new Option('--finality-lag <blocks>', 'how far finality is behind')
      .env('VILOKANAM_FINALITY_LAG')
      .default(3)
      .argParser(wholeNumber(1, 64)),
  )
  .addOption(
    new Option(
      '--switches',
      'answer devchain_*, with which tests break the chain: re-orgs, outages, refusals',
    )
      .env('VILOKANAM_SWITCHES')
      .default(false),
  )
  .action((options: DevchainCommandOptions) =>
    run(false, async context => {
      const { devchain } = await import('./devchain-command.ts')
      await devchain(options, context)
    }),
  )

program.addCommand(trackerCommand())

async function run(
  isVerbose: boolean,
  command: (context: CommandContext) => Promise<void>,
  out: NodeJS.WriteStream = process.stdout,
): Promise<void> {
  const signal = shutdownSignal()
  const terminal = new Terminal({
    out,
    err: process.stderr,
    nowMs: () => performance.now(),
  })
  const logger = lineLogger(isVerbose ? 'debug' : 'error', line => terminal.note(line.trimEnd()), 'peer')
  const report: CommandContext['report'] = message => {
    if (process.connected) process.send?.(message)
  }
  let exitCode = 0
  try {
    await command({ terminal, logger, signal, report })
  } catch (error) {
    if (!signal.aborted) {
      terminal.note(`vilokanam: ${sentence(error)}`)
      exitCode = 1
    }
  }
  terminal.close()
  // WebRTC's own threads would keep the process up.
  process.exit(exitCode)
}

async function superviseItself(): Promise<void> {
  process.exit(await supervise(text => process.stderr.write(`${text}\n`), shutdownSignal()))
}

function sentence(error: unknown): string {
  if (SENTENCES.some(kind => error instanceof kind)) return (error as Error).message
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return `This should not have happened; please report it.\n${detail}`
}

/** By environment the key itself: on a command line every user of the machine could read it. */
async function accountOf(keyFile: string | undefined): Promise<Signer | undefined> {
  if (keyFile !== undefined) return loadAccount(keyFile)
  const key = process.env['VILOKANAM_KEY']
  return key === undefined ? undefined : accountFromHex(key, 'VILOKANAM_KEY')
}

function priceOf(flags: BroadcastFlags): PriceFlags | undefined {
  const { price, payout, chain, credit, preview, folder, record: isRecorded } = flags
  if (price !== undefined) return { price, payout, chain, credit, preview, folder, isRecorded }
  if (!isRecorded) return undefined
  throw new OptionError('A free stream has no chain to be recorded on: leave out --record.')
}

function addresses(text: string): string[] {
  return text.split(/[\s,]+/).filter(part => part !== '')
}

function portNumber(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new InvalidArgumentError('Give a port from 1 to 65535.')
  }
  return port
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return text => {
    const number = Number(text)
    if (!/^\d+$/.test(text) || number < min || number > max)
      throw new InvalidArgumentError(`Give a number from ${min} to ${max}.`)
    return number
  }
}

endWithParent()
await program.parseAsync()
