import { basename, extname } from 'node:path'
import type { Signer } from '../../shared/protocol/crypto-port.ts'
import { CATEGORY_MAX_CHARS, DESCRIPTION_MAX_CHARS, TITLE_MAX_CHARS } from '../../shared/protocol/limits.ts'
import { Broadcaster } from '../engine/broadcaster.ts'
import { aborted, type CommandContext } from './command-context.ts'
import { createFileProducer, type FileProducer } from './file-producer.ts'
import type { SourceLocation } from './media-source.ts'
import { createNodeDeps } from './node-deps.ts'
import { OptionError } from './option-error.ts'
import { type HeadlessPaidStream, openPaidStream, type PriceFlags } from './paid-broadcast.ts'
import { grabPicture, readPicture } from './picture.ts'
import { broadcastStatus, type Previous } from './status-line.ts'
import { resolveTrackers, watchUrl } from './tracker-address.ts'

export type BroadcastOptions = {
  readonly title: string | undefined
  readonly description: string
  readonly category: string
  readonly isLooping: boolean
  /** Undefined: a key for this broadcast alone. */
  readonly account: Signer | undefined
  /** Path of a WebP or JPEG. */
  readonly picture: string | undefined
  /** Site addresses or multiaddrs. */
  readonly trackers: readonly string[]
  readonly slots: number
  /** Undefined: a free stream. */
  readonly price: PriceFlags | undefined
}

/** Plays `source` (a path, or `-` for standard input) to everyone who watches. Throws EngineError or OptionError. */
export async function broadcast(
  source: string,
  options: BroadcastOptions,
  context: CommandContext,
): Promise<void> {
  const title = options.title ?? (source === '-' ? 'Live' : basename(source, extname(source)))
  checkTexts({ ...options, title })
  const ownPicture = options.picture === undefined ? undefined : await readPicture(options.picture)
  const producer = await openSource(source, options, context)
  try {
    context.terminal.line(describe(producer))
    const grabbed = source === '-' || ownPicture !== undefined ? undefined : grabPicture(source, context)
    await goLive(producer, { ...options, title, picture: ownPicture ?? grabbed }, context)
  } finally {
    await producer.close()
  }
}

type LiveOptions = Pick<
  BroadcastOptions,
  'description' | 'category' | 'account' | 'trackers' | 'slots' | 'price'
> & {
  readonly title: string
  readonly picture: Uint8Array | Promise<Uint8Array | undefined> | undefined
}

async function goLive(producer: FileProducer, options: LiveOptions, context: CommandContext): Promise<void> {
  const { terminal, logger, signal, report } = context
  const { title, description, category, account, slots, price } = options
  const { multiaddrs, siteUrl } = await resolveTrackers(options.trackers, { signal })
  const deps = await createNodeDeps({ trackers: multiaddrs, logger })
  const broadcaster = new Broadcaster(deps, { slots })
  let money: HeadlessPaidStream | undefined
  try {
    if (price !== undefined) money = await openPaidStream(price, { deps, siteUrl, account }, context)
    const { streamId } = await broadcaster.startStream({
      title,
      description,
      category,
      tracks: producer.tracks,
      trackers: multiaddrs,
      signal,
      ...(account !== undefined && { accountSigner: account }),
      ...(money !== undefined && { paid: money.paid.forBroadcast }),
    })
    money?.begin(broadcaster, multiaddrs[0])
    terminal.line(`Live: ${siteUrl === undefined ? streamId : watchUrl(siteUrl, streamId)}`)
    report({ kind: 'live', streamId })
    showStatus(broadcaster, producer, context)
    const ended = play(producer, broadcaster, signal)
    // Awaited below; here only so that a failure in between is not called unhandled.
    ended.catch(() => {})
    const picture = await options.picture
    if (picture !== undefined) await broadcaster.setPicture(picture)
    const why = await ended
    terminal.close()
    terminal.line(
      why === 'stopped'
        ? 'Stopping: viewers are told that the stream has ended.'
        : 'The source has ended, and the stream with it.',
    )
  } finally {
    money?.ending(broadcaster)
    // Viewers are told of the end also when it is a fault's.
    await broadcaster.stopStream()
    await money?.close()
    await deps.close()
  }
}

function checkTexts({
  title,
  description,
  category,
}: Pick<LiveOptions, 'title' | 'description' | 'category'>): void {
  const texts = [
    ['title', title, TITLE_MAX_CHARS],
    ['description', description, DESCRIPTION_MAX_CHARS],
    ['category', category, CATEGORY_MAX_CHARS],
  ] as const
  for (const [name, text, max] of texts) {
    if (text.length > max)
      throw new OptionError(`The ${name} has ${text.length} characters; shorten it to ${max}.`)
  }
}

async function openSource(
  source: string,
  { isLooping }: BroadcastOptions,
  { terminal, signal }: CommandContext,
): Promise<FileProducer> {
  if (source === '-' && process.stdin.isTTY) {
    throw new OptionError('Nothing is piped in. Use it as in: ffmpeg -i … -f webm - | vilokanam broadcast -')
  }
  if (source === '-' && isLooping) {
    throw new OptionError('A pipe cannot be played again: leave out --loop, or name a file.')
  }
  const location: SourceLocation =
    source === '-' ? { kind: 'pipe', stream: process.stdin } : { kind: 'file', path: source }
  if (location.kind === 'pipe') terminal.line('Waiting for the source…')
  // A pipe that never speaks would otherwise hold Ctrl-C back.
  const onAbort = () => process.stdin.destroy()
  signal.addEventListener('abort', onAbort)
  try {
    return await createFileProducer(location, {
      isLooping,
      onNotice: ({ message }) => terminal.note(`Note: ${message}`),
    })
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function describe({ tracks, keyDistanceMs }: FileProducer): string {
  const texts = tracks.map(track => {
    if (track.kind === 'audio') {
      const channels = track.channels === 1 ? 'mono' : `${track.channels} channels`
      return `sound ${track.codec}, ${track.sampleRate / 1000} kHz, ${channels}`
    }
    const rate = Number(track.frameRate.toFixed(2))
    return `picture ${track.codec}, ${track.width}×${track.height}, ${rate} frames/s`
  })
  if (tracks.length === 1) texts.push('no sound')
  texts.push(
    keyDistanceMs === undefined
      ? 'key frames as they come'
      : `a key frame every ${(keyDistanceMs / 1000).toFixed(1)} s`,
  )
  return texts.join('; ')
}

function showStatus(
  broadcaster: Broadcaster,
  producer: FileProducer,
  { terminal, report }: CommandContext,
): void {
  let previous: Previous | undefined
  broadcaster.on('stats', stats => {
    const nowMs = performance.now()
    const text = broadcastStatus(producer.positionS, stats, previous, nowMs)
    terminal.status(text)
    report({ kind: 'status', text })
    previous = { atMs: nowMs, stats }
  })
  broadcaster.on('violation', ({ peer, reason }) => terminal.note(`Note: left ${peer}: ${reason}`))
}

function play(
  producer: FileProducer,
  broadcaster: Broadcaster,
  signal: AbortSignal,
): Promise<'stopped' | 'source-ended'> {
  return new Promise((resolve, reject) => {
    void aborted(signal).then(() => resolve('stopped'))
    broadcaster.on('state', state => {
      if (state.kind === 'failed') reject(state.error)
    })
    producer.start(
      frame => broadcaster.push(frame),
      error => (error === undefined ? resolve('source-ended') : reject(error)),
    )
  })
}
