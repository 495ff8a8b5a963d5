import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { Meter } from '../../shared/pay/meter.ts'
import { createPayerCore } from '../../shared/pay/payer-core.ts'
import type { StreamId } from '../../shared/protocol/ids.ts'
import type { Manifest } from '../../shared/protocol/manifest.ts'
import { AccessTakerShell } from '../engine/access/access-taker.ts'
import { WebContentOpener } from '../engine/access/content-opener.ts'
import type { ChainInfo } from '../engine/chain/chain-port.ts'
import { planckText } from '../engine/chain/planck-text.ts'
import type { PolkadotChain } from '../engine/chain/polkadot-chain.ts'
import { ViewerPayment } from '../engine/paid/paid-viewing.ts'
import { recordWords } from '../engine/paid/record-check.ts'
import { followRecord } from '../engine/paid/record-watch.ts'
import { REAL_TIME } from '../engine/pay/pay-deps.ts'
import type { PaySessions } from '../engine/pay/pay-session-contract.ts'
import { createPaySessions } from '../engine/pay/pay-sessions.ts'
import { MemorySessionLocks } from '../engine/pay/session-locks.ts'
import type { EngineDeps } from '../engine/ports.ts'
import { LinesLedger } from '../engine/store/ledger-lines.ts'
import { Viewer } from '../engine/viewer.ts'
import { amountOf, chainOf, payerOf } from './chain-options.ts'
import { aborted, type CommandContext } from './command-context.ts'
import { lockFolder } from './folder-lock.ts'
import { openLedgerFolder } from './ledger-folder.ts'
import { createNodeDeps } from './node-deps.ts'
import { OptionError } from './option-error.ts'
import { type Previous, watchStatus } from './status-line.ts'
import { parseStreamAddress } from './stream-address.ts'
import { StreamWriter } from './stream-writer.ts'
import { resolveTrackers } from './tracker-address.ts'

export type WatchCommandOptions = {
  readonly trackers: readonly string[] | undefined
  readonly defaultTracker: string
  readonly slots: number
  /** A path, or `-` for standard output. */
  readonly output: string
  /** In the chain's unit; undefined: nothing is paid. */
  readonly budget: string | undefined
  /** A key file, or `//Alice` on a local chain. */
  readonly wallet: string | undefined
  readonly chain: readonly string[] | undefined
  /** Ledger and session keys. */
  readonly folder: string
}

/** The last payment and the way back of the budget are waited for so long; after that the next start does it. */
const CLOSING_MS = 60_000

/** Writes a stream to a file or pipe, paying for it where it asks a price, until it ends or the signal aborts. */
export async function watch(
  stream: string,
  options: WatchCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { terminal, logger, signal } = context
  const { streamId, siteUrl } = parseStreamAddress(stream)
  const addresses = options.trackers ?? [siteUrl ?? options.defaultTracker]
  const resolved = await resolveTrackers(addresses, { signal })
  const deps = await createNodeDeps({ trackers: resolved.multiaddrs, logger })
  const viewer = new Viewer(deps, {
    slots: options.slots,
    access: id => ({ taker: new AccessTakerShell(deps), opener: new WebContentOpener(id) }),
  })
  try {
    const { manifest } = await viewer.joinStream(streamId, { signal })
    const isPaid = manifest.pricePerSecond > 0n
    const into = outputOf(options.output)
    const writer = await StreamWriter.open(manifest.tracks, into)
    terminal.line(`Watching “${manifest.title}”; writing ${writer.container === 'webm' ? 'WebM' : 'MP4'}.`)
    const run = { deps, viewer, streamId, manifest, writer }
    try {
      if (isPaid) await watchPaid(run, options, resolved.siteUrl ?? siteUrl, context)
      else await writeUntilEnd(run, undefined, context)
    } finally {
      viewer.leave()
      await writer.close().catch((error: unknown) => {
        throw new OptionError(`${options.output} could not be written to its end (${String(error)}).`)
      })
    }
  } finally {
    viewer.close()
    await deps.close()
  }
}

type Run = {
  readonly deps: EngineDeps
  readonly viewer: Viewer
  readonly streamId: StreamId
  readonly manifest: Manifest
  readonly writer: StreamWriter
}

async function watchPaid(
  run: Run,
  options: WatchCommandOptions,
  siteUrl: string | undefined,
  context: CommandContext,
): Promise<void> {
  const { signal } = context
  const chain = await chainOf(options.chain, siteUrl, signal)
  const unlock = await lockFolder(options.folder)
  let sessions: PaySessions | undefined
  const stopLooking = followRecord(run.viewer, chain, check => {
    const words = recordWords(check)
    if (words !== undefined) context.terminal.line(words)
  })
  try {
    const info = await chain.open({ signal })
    const asked = `${planckText(run.manifest.pricePerSecond, info)} a second`
    if (options.budget === undefined || options.wallet === undefined)
      throw new OptionError(
        `This stream costs ${asked}. Say with --budget how much may be spent at most, and with --wallet who pays.`,
      )
    sessions = createPaySessions({
      ...REAL_TIME,
      chain,
      ledger: new LinesLedger(await openLedgerFolder(join(options.folder, 'sessions'))),
      locks: new MemorySessionLocks(),
      makeCore: createPayerCore,
    })
    const own = sessions
    const payment = new ViewerPayment({
      viewer: run.viewer,
      streamId: run.streamId,
      sessions: () => Promise.resolve(own),
    })
    payment.meet(run.manifest)
    try {
      await settleEarlier(sessions, context)
      await fund(payment, options.budget, options.wallet, info, chain, context)
      await writeUntilEnd(run, payment, context, info)
    } finally {
      await settle(payment, info, context)
    }
  } finally {
    stopLooking()
    await sessions?.close()
    await chain.close()
    await unlock()
  }
}

/** What an earlier run left open is closed first; one that cannot be closed now does not keep this one waiting. */
async function settleEarlier(sessions: PaySessions, { terminal, signal }: CommandContext): Promise<void> {
  try {
    await sessions.recover({ signal: AbortSignal.any([signal, AbortSignal.timeout(CLOSING_MS)]) })
  } catch {
    signal.throwIfAborted()
    terminal.note('Note: an earlier session could not be closed yet; the next start tries again.')
  }
}

async function fund(
  payment: ViewerPayment,
  budgetText: string,
  wallet: string,
  info: ChainInfo,
  chain: PolkadotChain,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const budget = amountOf('--budget', budgetText, info)
  const payer = await payerOf(wallet, info)
  const plan = await payment.plan(payer, budget, { signal })
  terminal.line(
    `Budget ${planckText(plan.budget, info)}, enough for ${plan.seconds} s; ${planckText(plan.feeReserve, info)} for fees. What is not used comes back.`,
  )
  for (const words of plan.words) terminal.line(words)
  await payment.pay(payer, budget, { signal })
  terminal.line(
    `Paid from session ${payment.sessionId} on ${chain.state.kind === 'ready' ? info.name : 'the chain'}.`,
  )
}

/** Frames go to the writer, ticks to the payment, until the stream ends, payment stops for good, or the signal aborts. */
async function writeUntilEnd(
  { viewer, writer, manifest, deps }: Run,
  payment: ViewerPayment | undefined,
  { terminal, signal }: CommandContext,
  info?: ChainInfo,
): Promise<void> {
  const meter = new Meter(payment === undefined ? {} : { priceOf: payment.priceOf })
  const pictures = manifest.tracks.find(({ kind }) => kind === 'video') ?? manifest.tracks[0]
  let previous: Previous | undefined
  await new Promise<void>((resolve, reject) => {
    void aborted(signal).then(resolve)
    viewer.on('frame', frame => {
      try {
        writer.push(frame)
      } catch (error) {
        return reject(new OptionError(`The output cannot be written any more (${String(error)}).`))
      }
      if (frame.track !== pictures?.id) return
      // What is written is had, however late it came: a file's clock is the media's own.
      for (const { epoch, price } of meter.advance(frame.timestampUs, frame.timestampUs / 1_000, true))
        payment?.played(epoch, price)
    })
    viewer.on('state', state => {
      if (state.kind === 'ended') resolve()
      else if (state.kind === 'failed' && state.error.code !== 'tracker-unreachable') reject(state.error)
    })
    viewer.on('stats', stats => {
      const nowMs = deps.clock.nowMs()
      const figures = payment?.figures
      const paid =
        figures === undefined || info === undefined ? undefined : `${planckText(figures.paid, info)} paid`
      terminal.status(watchStatus(payment?.state.kind ?? viewer.state.kind, stats, paid, previous, nowMs))
      previous = { atMs: nowMs, stats }
    })
    let said = ''
    payment?.on('state', state => {
      // Of a state that stays only the figures change, and those stand in the status line.
      if ('sentence' in state && state.kind !== said) terminal.note(state.sentence)
      said = state.kind
      if (state.kind === 'out-of-budget' || state.kind === 'stopped' || state.kind === 'price-raised')
        resolve()
    })
  })
  terminal.close()
}

async function settle(payment: ViewerPayment, info: ChainInfo, { terminal }: CommandContext): Promise<void> {
  if (payment.figures === undefined) return payment.close()
  terminal.line('Paying the rest and taking the budget back…')
  try {
    await payment.leave({ signal: AbortSignal.timeout(CLOSING_MS) })
    const { ticks, paid, fees } = payment.figures
    terminal.line(`Watched ${ticks} s, paid ${planckText(paid, info)}, fees ${planckText(fees, info)}.`)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    terminal.note(`The session is not closed yet: ${why} The next start of this command closes it.`)
  } finally {
    payment.close()
  }
}

function outputOf(path: string): Writable {
  if (path === '-') {
    if (process.stdout.isTTY)
      throw new OptionError('The video would go to the terminal: name a file with --output, or pipe it on.')
    return process.stdout
  }
  const stream = createWriteStream(path, { flags: 'wx', mode: 0o644 })
  // Told where it is awaited.
  stream.on('error', () => {})
  return stream
}
