import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChildCommand } from './child-command.ts'
import { aborted, type CommandContext } from './command-context.ts'
import { OptionError } from './option-error.ts'
import { packageRoot } from './package-root.ts'
import { watchUrl } from './tracker-address.ts'

export type DemoOptions = {
  readonly host: string
  readonly port: number
  readonly chainPort: number
  /** Whether there is a local chain at all. */
  readonly chain: boolean
}

const READY_TIMEOUT_MS = 30_000
const READY_POLL_MS = 100
const RELAYS = 2
/** //Ferdie of the local chain. */
const DEMO_PAYOUT = '0x1cbd2d43530a44705ad088af313e18f80b53ef16b36177cd4b77b846f2a5f07c'

/** A whole small Vilokanam on this machine: tracker with the site, a chain, the sample clip in a loop, two relays. */
export async function demo(options: DemoOptions, { terminal, signal }: CommandContext): Promise<void> {
  const { host, port, chainPort } = options
  const endpoint = options.chain ? `ws://127.0.0.1:${chainPort}` : undefined
  if (endpoint !== undefined && chainPort === port) {
    throw new OptionError('The site and the local chain need a port each: choose another with --chain-port.')
  }
  await checkPort(host, port, '--port')
  if (endpoint !== undefined) await checkPort('127.0.0.1', chainPort, '--chain-port')
  const root = packageRoot()
  const siteFolder = join(root, 'dist', 'site')
  if (!existsSync(join(siteFolder, 'index.html'))) {
    throw new OptionError('The site is not built yet: run npm run build first, or start with npm start.')
  }
  const parts = endpoint === undefined ? 'a tracker,' : 'a local chain, a tracker,'
  terminal.line(`Starting ${parts} broadcasters and relays…`)
  // The page must be on localhost: elsewhere a browser gives plain http neither WebCodecs nor WebCrypto.
  const site = `http://localhost:${port}/`
  // The local chain is a new one each time, and so is what a creator keeps of it.
  const folder = await mkdtemp(join(tmpdir(), 'vilokanam-demo-'))
  const children: ChildCommand[] = []
  const start: Start = (...args) => {
    const child = new ChildCommand(...args)
    children.push(child)
    return child
  }
  const stopped = aborted(signal)
  try {
    const chain = endpoint === undefined ? undefined : startChain(chainPort, start)
    const tracker = start('tracker', trackerArgs(host, port, siteFolder, endpoint))
    const failed = Promise.race([tracker.failed, ...(chain === undefined ? [] : [chain.child.failed])])
    failed.catch(() => {})
    await Promise.race([Promise.all([answers(site, signal), chain?.ready]), failed, stopped])
    let goLive: (streamId: string) => void = () => {}
    const live = new Promise<string>(resolve => {
      goLive = resolve
    })
    const broadcaster = start('broadcaster', broadcastArgs(root, site), report => {
      if (report.kind === 'live') goLive(report.streamId)
      else if (report.kind === 'status') terminal.status(report.text)
    })
    const streamId = await Promise.race([live, broadcaster.failed, failed, stopped])
    if (streamId === undefined) return
    for (let index = 0; index < RELAYS; index++) {
      start('relay', ['relay', watchUrl(site, streamId)])
    }
    // It forwards what it cannot read: a relay pays nothing.
    if (endpoint !== undefined)
      start('paid broadcaster', paidBroadcastArgs(root, site, folder), report => {
        if (report.kind === 'live') start('relay', ['relay', watchUrl(site, report.streamId)])
      })
    terminal.line(`\n  Open ${site}\n\nCtrl-C stops everything.`)
    await Promise.race([stopped, ...children.map(child => child.failed)])
  } finally {
    terminal.close()
    await Promise.all(children.map(child => child.stop()))
    await rm(folder, { recursive: true, force: true })
  }
}

type Start = (...args: ConstructorParameters<typeof ChildCommand>) => ChildCommand

function startChain(
  port: number,
  start: Start,
): { readonly child: ChildCommand; readonly ready: Promise<void> } {
  let markReady: () => void = () => {}
  const ready = new Promise<void>(resolve => {
    markReady = resolve
  })
  const child = start('local chain', ['devchain', '--port', String(port)], report => {
    if (report.kind === 'chain') markReady()
  })
  return { child, ready }
}

function trackerArgs(host: string, port: number, siteFolder: string, endpoint: string | undefined): string[] {
  const args = ['tracker', '--dev', '--host', host, '--port', String(port), '--site', siteFolder]
  return endpoint === undefined ? args : [...args, '--chain', endpoint]
}

function broadcastArgs(root: string, site: string): string[] {
  const sample = join(root, 'sample', 'sample')
  const texts = ['--title', 'Sample channel', '--category', 'Demo']
  texts.push('--description', 'A clip of 24 seconds in a loop, sent by a machine without a screen.')
  return ['broadcast', `${sample}.mp4`, '--loop', '--picture', `${sample}.webp`, '--tracker', site, ...texts]
}

/** The same clip for play money: 0.36 ROC an hour to //Ferdie. */
function paidBroadcastArgs(root: string, site: string, folder: string): string[] {
  const sample = join(root, 'sample', 'sample')
  const texts = ['--title', 'Paid sample channel', '--category', 'Demo']
  texts.push('--description', 'The same clip, paid by the second with play money: pick the demo wallet.')
  const price = ['--price', '0.0001', '--payout', DEMO_PAYOUT, '--folder', folder]
  return [
    'broadcast',
    `${sample}.mp4`,
    '--loop',
    '--picture',
    `${sample}.webp`,
    '--tracker',
    site,
    ...texts,
    ...price,
  ]
}

/** Throws OptionError with what to do when something else listens there. */
async function checkPort(host: string, port: number, option: string): Promise<void> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EADDRINUSE') {
      throw new OptionError(
        `Port ${port} is in use by another program. Stop that one, or choose another port: npm start -- ${option} ${port + 1}`,
      )
    }
    throw new OptionError(
      `Port ${port} of ${host} cannot be used (${String(code)}). Choose another with ${option}.`,
    )
  } finally {
    server.close()
  }
}

async function answers(site: string, signal: AbortSignal): Promise<void> {
  const end = performance.now() + READY_TIMEOUT_MS
  while (!signal.aborted) {
    const isReady = await fetch(new URL('healthz', site), { signal }).then(
      response => response.ok,
      () => false,
    )
    if (isReady) return
    if (performance.now() > end)
      throw new Error(`the tracker did not answer within ${READY_TIMEOUT_MS / 1000} s`)
    await new Promise(resolve => setTimeout(resolve, READY_POLL_MS))
  }
}
