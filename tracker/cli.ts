import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError, Option } from 'commander'
import { loadSeed } from './key-file.ts'
import { type LogLevel, lineLogger } from './logger.ts'
import type { TrackerOptions } from './tracker.ts'
import { TrackerError } from './tracker-error.ts'

const DEFAULT_PORT = 8080
/** As pages read it. */
const CHAIN_ENDPOINT_MAX_CHARS = 256
const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']

type Flags = {
  host: string
  port: number
  stunPort?: number
  stun: boolean
  site?: string
  tlsCert?: string
  tlsKey?: string
  announce: string[]
  turnUrl: string[]
  turnSecret?: string
  chain: string[]
  keyFile?: string
  connectionsMax: number
  trustProxy: boolean
  dev: boolean
  logLevel: LogLevel
}

/** `vilokanam tracker`: each option also by environment, VILOKANAM_ and its name in capitals. */
export function trackerCommand(): Command {
  const command = new Command('tracker').description(
    'introduce peers to each other: rooms, the list of streams, STUN, and the site itself, all on one port',
  )
  for (const option of trackerOptions()) command.addOption(option)
  return command.action(run)
}

function trackerOptions(): Option[] {
  const option = (flags: string, text: string, env?: string): Option => {
    const made = new Option(flags, text)
    const name = made.attributeName().replace(/[A-Z]/g, letter => `_${letter}`)
    return made.env(`VILOKANAM_${env ?? name.toUpperCase()}`)
  }
  return [
    option('--host <address>', 'address to listen on; 127.0.0.1 keeps it to this machine').default('0.0.0.0'),
    option('--port <number>', 'TCP port for the site, the API and peers alike; 0 takes any free one')
      .default(DEFAULT_PORT)
      .argParser(portNumber),
    option(
      '--stun-port <number>',
      'UDP port on which peers learn their own address; by default the number of --port',
    ).argParser(portNumber),
    option('--no-stun', 'answer no STUN: peers then need --turn-url, or to be on one network', 'NO_STUN'),
    option('--site <folder>', 'the built client; by default the one in this package'),
    option(
      '--tls-cert <file>',
      'certificate chain in PEM; beyond localhost browsers give plain http no camera',
    ),
    option('--tls-key <file>', 'its private key in PEM'),
    option(
      '--announce <multiaddrs>',
      'where peers find this tracker, as /dns4/tracker.example/tcp/443/tls/ws; several with commas between; by default the host that each request names',
    )
      .default([])
      .argParser(list),
    option(
      '--turn-url <urls>',
      'coturn, as turn:turn.example:3478?transport=udp; several with commas between',
    )
      .default([])
      .argParser(list),
    option(
      '--turn-secret <text>',
      'its static-auth-secret; better by environment, where ps does not show it',
    ),
    option(
      '--chain <urls>',
      'chain nodes that the pages of this site start with, as wss://chain.example; several with commas between; users may choose others',
    )
      .default([])
      .argParser(list),
    option(
      '--key-file <path>',
      'key of the tracker’s peer id, made on first use; without one the id changes at each start',
      // VILOKANAM_KEY_FILE is the creator's account, which is no tracker's business.
      'TRACKER_KEY_FILE',
    ),
    option('--connections-max <number>', 'connections at once; about 150 kB each')
      .default(10_000)
      .argParser(count),
    option(
      '--trust-proxy',
      'believe X-Forwarded-For, -Host and -Proto: only behind a reverse proxy that sets them',
    ).default(false),
    option('--dev', 'on one’s own machine: no limits for loopback, and pages may dial plain ws').default(
      false,
    ),
    option('--log-level <level>', 'how much is said on stderr').default('info').choices(LOG_LEVELS),
  ]
}

async function run(flags: Flags): Promise<void> {
  const logger = lineLogger(flags.logLevel, line => process.stderr.write(line))
  try {
    const options = optionsFrom(flags)
    // Loaded here, so that --help and a wrong option answer at once.
    const { createTracker } = await import('./tracker.ts')
    const tracker = await createTracker(options, { logger })
    process.stdout.write(`Tracker at ${tracker.httpUrl}\n`)
    for (const address of tracker.multiaddrs) process.stdout.write(`Peers dial ${address}\n`)
    await stopSignal()
    await tracker.close()
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error
    process.stderr.write(`vilokanam: ${error.message}\n`)
    process.exitCode = 1
  }
}

/** Resolves on the first; a second one ends the process as if nobody listened. */
function stopSignal(): Promise<void> {
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  return new Promise(resolve => {
    const stop = (): void => {
      for (const name of names) process.off(name, stop)
      resolve()
    }
    for (const name of names) process.on(name, stop)
  })
}

function optionsFrom(flags: Flags): TrackerOptions {
  const { host, port, announce, turnUrl, turnSecret, keyFile, connectionsMax } = flags
  if (turnUrl.length > 0 !== (turnSecret !== undefined)) {
    throw new TrackerError(
      'bad-option',
      'Give --turn-url and --turn-secret together: one is of no use alone.',
    )
  }
  const siteDir = flags.site ?? packagedSite()
  const tls = readTls(flags.tlsCert, flags.tlsKey)
  return {
    host,
    port,
    announce: announce.map(address => address.replace(/\/p2p\/[^/]+$/, '')),
    connectionsMax,
    isDev: flags.dev,
    isTrustingProxy: flags.trustProxy,
    ...(flags.stun && { stunPort: flags.stunPort ?? port }),
    ...(siteDir !== undefined && { siteDir }),
    ...(tls !== undefined && { tls }),
    ...(flags.chain.length > 0 && { chainEndpoints: flags.chain.map(chainEndpoint) }),
    ...(turnSecret !== undefined && { turn: { urls: turnUrl, secret: turnSecret } }),
    ...(keyFile !== undefined && { seed: loadSeed(keyFile) }),
  }
}

function chainEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isEndpoint = url?.protocol === 'wss:' || url?.protocol === 'ws:'
  if (!isEndpoint || url.username !== '' || text.length > CHAIN_ENDPOINT_MAX_CHARS) {
    throw new TrackerError(
      'bad-option',
      `“${text}” is no address of a chain node. Give --chain as wss://chain.example, or ws://127.0.0.1:9944.`,
    )
  }
  return text
}

function readTls(certFile: string | undefined, keyFile: string | undefined): TrackerOptions['tls'] {
  if (certFile === undefined && keyFile === undefined) return undefined
  if (certFile === undefined || keyFile === undefined) {
    throw new TrackerError('bad-option', 'Give --tls-cert and --tls-key together.')
  }
  return { cert: readPem(certFile, '--tls-cert'), key: readPem(keyFile, '--tls-key') }
}

function readPem(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new TrackerError(
      'bad-option',
      `${path} cannot be read. Check ${option} and who may read the file.`,
      { cause },
    )
  }
}

/** Beside this file's package.json, wherever the code was built to. */
function packagedSite(): string | undefined {
  for (
    let folder = dirname(fileURLToPath(import.meta.url));
    folder !== dirname(folder);
    folder = dirname(folder)
  ) {
    if (existsSync(join(folder, 'package.json'))) return join(folder, 'dist', 'site')
  }
  return undefined
}

function list(text: string): string[] {
  return text.split(/[\s,]+/).filter(part => part !== '')
}

function portNumber(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('Give a port from 0 to 65535.')
  return port
}

function count(text: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < 1) throw new InvalidArgumentError('Give a number above 0.')
  return number
}
